"""From files to items. What cannot be read is a value of its own, and the others go on."""

from __future__ import annotations

import re
from typing import Literal

from gongkai.items.decode import DecodeFault, decode
from gongkai.items.strict import Loaded, YamlFault, load
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.finding import Place
from gongkai.model.item import Item, Unread
from gongkai.store.files import blob_id
from gongkai.store.tree import CommitTree, Tree

CONTENT = "content"
MAX_BYTES = 8_000_000
"""Larger item files are refused before they are read: a long law has 200 kB, the rest belongs in attachments."""

_ITEM_PATH = re.compile(r"content/[^/]+/[^/]+/[^/]+\.(?:md|yml|yaml)\Z", re.IGNORECASE)
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_OPENING = re.compile(r"---[ \t]*(?:\n|\Z)")
_BLANK = re.compile("\n*")


def read_corpus(tree: Tree) -> Corpus:
    """Read every item under content/ of the tree, in the order of paths; never raises for what a file holds."""
    items: list[Item] = []
    unread: list[Unread] = []
    files: dict[str, FileEntry] = {}
    for entry in tree.entries(CONTENT):
        if not is_item_path(entry.path):
            files[entry.path] = entry
            continue
        item, faults, _ = read_tree_item(tree, entry)
        unread.extend(faults)
        if item is not None:
            items.append(item)
    return Corpus(tuple(items), tuple(unread), files)


def is_item_path(path: str) -> bool:
    """Whether a file at this path is meant to be an item: content/<department>/<year>/<name>.md or .yml."""
    return bool(_ITEM_PATH.match(path))


def read_item(path: str, raw: bytes, blob: str = "") -> tuple[Item | None, tuple[Unread, ...]]:
    """Read one item of its bytes; None and the reason when it makes no sense."""
    if len(raw) > MAX_BYTES:
        return None, (_unread(path, YamlFault("size", 1, 1, limit=MAX_BYTES)),)
    try:
        text, warnings = decode(raw)
        item, faults = _parse(path, text, blob or blob_id(raw))
    except DecodeFault as error:
        return None, (Unread(Place(path, error.line, error.column), error.fault, error.holes),)
    except YamlFault as error:
        return None, (_unread(path, error),)
    soft = [Unread(Place(path), name, {}, fatal=False) for name in warnings]
    return item, (*soft, *(_unread(path, f, fatal=False) for f in faults))


def read_tree_item(tree: Tree, entry: FileEntry) -> tuple[Item | None, tuple[Unread, ...], str]:
    """Read the item of one file of a tree: None and the reason when it makes no sense; and the blob id of what was read."""
    if entry.kind != "file":
        return None, (Unread(Place(entry.path), "symlink"),), ""
    if entry.size > MAX_BYTES:
        return None, (Unread(Place(entry.path), "size", {"limit": MAX_BYTES}),), entry.blob
    try:
        raw = tree.repository.blob(entry.blob) if isinstance(tree, CommitTree) else tree.read(entry.path)
    except FileNotFoundError:
        return None, (Unread(Place(entry.path), "unreadable", {"reason": "not found"}),), ""
    except OSError as error:
        return None, (Unread(Place(entry.path), "unreadable", {"reason": error.strerror or str(error)}),), ""
    # A folder's file may have been written since git looked at it: then its id is another.
    blob = entry.blob if entry.blob and isinstance(tree, CommitTree) else blob_id(raw)
    return *read_item(entry.path, raw, blob), blob


def _unread(path: str, error: YamlFault, *, fatal: bool = True) -> Unread:
    return Unread(Place(path, error.line, error.column), error.fault, error.holes, fatal)


def _parse(path: str, text: str, blob: str) -> tuple[Item, tuple[YamlFault, ...]]:
    form: Literal["md", "yml"] = "md" if path.lower().endswith(".md") else "yml"
    front, body, body_line = split(text) if form == "md" else (text, "", 1)
    loaded = load(front, first_line=2 if form == "md" else 1)
    if not isinstance(loaded.data, dict):
        raise YamlFault("shape", *loaded.marks.get((), (1, 1)))
    return _item(path, form, loaded, body, body_line, blob)


def _item(
    path: str, form: Literal["md", "yml"], loaded: Loaded, body: str, body_line: int, blob: str
) -> tuple[Item, tuple[YamlFault, ...]]:
    fields, faults = dict(loaded.data), loaded.faults
    if "body" in fields and form == "md":
        faults = (*faults, YamlFault("body_twice", *loaded.keys[("body",)]))
        del fields["body"]
    elif isinstance(fields.get("body"), str):
        body, body_line = fields.pop("body"), loaded.marks[("body",)][0]
    return Item(path, form, fields, body, body_line, loaded.marks, loaded.keys, blob), faults


def split(text: str) -> tuple[str, str, int]:
    """Front matter, body, and the body's first line of a Markdown item. Raises YamlFault without a front matter."""
    if not _OPENING.match(text):
        raise YamlFault("no_front_matter", 1, 1)
    start = text.find("\n") + 1
    fence = text.find("\n---", start - 1) if start else -1
    end = _FENCE.search(text, fence + 1) if fence >= 0 else None
    if end is None:
        raise YamlFault("open_front_matter", 1, 1)
    front, at = text[start : end.start()], end.end() + 1
    first = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere, if only nothing
    return front, text[first:], front.count("\n") + 3 + max(first - at, 0)
