"""Every item of a commit in outline: only the fields that say how it stands towards the public, no text.

What a publication asks of all items (shown or not, until when, under which title) is asked of outlines by the very
functions that ask whole items, and ten thousand of them are read at once. The value that is kept holds, for one engine,
the outline of each item under its blob's id; from one commit to the next only items whose files differ are read.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat
from typing import Any

from gongkai.checks.portal import Portal, frame
from gongkai.gate.repository import Gate
from gongkai.items.packed import Shelf
from gongkai.items.read import CONTENT, is_item_path, read_tree_item
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.item import REMOVAL, Item
from gongkai.store.kept import Kept
from gongkai.store.tree import CommitTree

FIELDS = (
    "id", "type", "title", "stage", "secrecy", "openness", "publish_at", "expires_at", "opens_on", "closes_on",
    "effective_to", "withdrawal", REMOVAL, "legacy",
)  # fmt: skip
KIND, WHOLE = "outline", "all"
SPARE = 8
"""So many files may differ from what is kept before it is written anew."""


@dataclass
class Stock:
    """What is known of all items: of which commit; the outlines by path, and the other files. Its tables are never changed."""

    mark: str = ""
    items: dict[str, Item] = field(default_factory=dict)
    files: dict[str, FileEntry] = field(default_factory=dict)


def outlined(gate: Gate, commit: str, now: datetime, stock: Stock | None = None) -> Portal:
    """The portal of a commit at a moment, with the ledger's facts, its items in outline.

    `stock` is what its owner knows from an earlier commit; it is brought to this one.
    """
    tree = CommitTree(gate.folder, commit, gate.kept)
    found = _found(gate, tree, now, stock or Stock())
    if stock is not None:
        stock.mark, stock.items, stock.files = found.mark, found.items, found.files
    corpus = Corpus(tuple(found.items.values()), (), found.files)
    return replace(frame(tree, now), corpus=corpus, facts=gate.state.facts, kept=gate.kept)


def whole(portal: Portal, outlines: Iterable[Item]) -> Iterator[Item]:
    """The items that these are the outlines of, with all their fields and texts."""
    wanted = list(outlines)
    rows = [(item.path, item.blob) for item in wanted]
    known = Shelf.of(portal.kept).passing(rows) if portal.kept is not None else repeat(None)
    for item, there in zip(wanted, known, strict=False):
        found = there or read_tree_item(portal.tree, FileEntry(item.path, blob=item.blob))[0]
        if found is None:
            raise KeyError(item.path)
        yield found


def _found(gate: Gate, tree: CommitTree, now: datetime, known: Stock) -> Stock:
    """What is known, brought to this commit. When much differs the items are read as for a build, by all processors."""
    before = known if known.mark else _stored(gate.kept)
    moved = tree.since(before.mark, {}, CONTENT) if before.mark else None
    if moved is None or len(moved) > SPARE:
        corpus = gate.portal(tree.commit, now).corpus
        outlines = {item.path: _outline(item) for item in corpus.items}
        found = Stock(tree.commit, outlines, dict(corpus.files))
        if (
            tree.commit == gate.state.main
        ):  # an older release that is renewed must not drive out what main needs
            gate.kept.put(KIND, {WHOLE: _packed(found)}, alone=True)
        return found
    items = {**before.items}
    files = before.files if all(map(is_item_path, moved)) else {**before.files}
    for path, entry in moved.items():
        _follow(items, files, tree, path, entry)
    is_new = any(path not in before.items for path in items.keys() & moved.keys())
    return Stock(tree.commit, dict(sorted(items.items())) if is_new else items, files)


def _follow(
    items: dict[str, Item], files: dict[str, FileEntry], tree: CommitTree, path: str, entry: FileEntry | None
) -> None:
    """Put down what became of one file."""
    if not is_item_path(path):
        files.pop(path, None)
        files.update({path: FileEntry(path, 0, entry.blob, entry.kind)} if entry is not None else {})
        return
    item = read_tree_item(tree, entry)[0] if entry is not None else None
    if item is None:
        items.pop(path, None)
    else:
        items[path] = _outline(item)


def _outline(item: Item) -> Item:
    fields: Mapping[str, Any] = item.fields
    return Item(
        item.path, item.form, {name: fields[name] for name in FIELDS if name in fields}, blob=item.blob
    )


def _packed(stock: Stock) -> bytes:
    rows = [(path, i.blob, i.form, i.fields) for path, i in stock.items.items()]
    files = [(path, entry.blob, entry.kind) for path, entry in stock.files.items()]
    return marshal.dumps((stock.mark, rows, files))


def _stored(kept: Kept) -> Stock:
    raw = kept.get(KIND, WHOLE)
    with suppress(ValueError, EOFError, TypeError):
        if raw:
            mark, rows, files = marshal.loads(raw)
            items = {path: Item(path, form, fields, blob=blob) for path, blob, form, fields in rows}
            return Stock(mark, items, {path: FileEntry(path, 0, blob, kind) for path, blob, kind in files})
    return Stock()
