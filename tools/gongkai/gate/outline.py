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
MANY = 1000
"""More items than this are fetched all at once."""
_Row = tuple[str, Any, dict[str, Any]]


@dataclass
class _Stock:
    """What is kept: of which commit; each item's blob, form and fields by path; each other file's blob and kind."""

    mark: str = ""
    rows: dict[str, _Row] = field(default_factory=dict)
    files: dict[str, tuple[str, str]] = field(default_factory=dict)


def outlined(gate: Gate, commit: str, now: datetime) -> Portal:
    """The portal of a commit at a moment, with the ledger's facts, its items in outline."""
    tree = CommitTree(gate.folder, commit, gate.kept)
    stock = _stock(gate, tree, now)
    items = tuple(Item(path, form, fields, blob=blob) for path, (blob, form, fields) in stock.rows.items())
    files = {path: FileEntry(path, 0, blob, kind) for path, (blob, kind) in stock.files.items()}
    return replace(frame(tree, now), corpus=Corpus(items, (), files), facts=gate.state.facts, kept=gate.kept)


def whole(portal: Portal, outlines: Iterable[Item]) -> Iterator[Item]:
    """The items that these are the outlines of, with all their fields and texts."""
    shelf, wanted = Shelf.of(portal.kept) if portal.kept is not None else None, list(outlines)
    if shelf is not None and len(wanted) > MANY:
        shelf.fetch_all()
    for item in wanted:
        found = shelf.find(item.path, item.blob) if shelf is not None else None
        if found is None:
            found = read_tree_item(portal.tree, FileEntry(item.path, blob=item.blob))[0]
        if found is None:
            raise KeyError(item.path)
        yield found


def _stock(gate: Gate, tree: CommitTree, now: datetime) -> _Stock:
    """What is known, brought to this commit. When much differs the items are read as for a build, by all processors."""
    stock = _stored(gate.kept) or _Stock()
    moved = tree.since(stock.mark, {}, CONTENT) if stock.mark else None
    if moved is None or len(moved) > SPARE:
        corpus = gate.portal(tree.commit, now).corpus
        stock = _Stock(
            tree.commit,
            {item.path: _row(item) for item in corpus.items},
            {path: (entry.blob, entry.kind) for path, entry in corpus.files.items()},
        )
        if (
            tree.commit == gate.state.main
        ):  # an older release that is renewed must not drive out what main needs
            value = marshal.dumps((stock.mark, stock.rows, stock.files))
            gate.kept.put(KIND, {WHOLE: value}, alone=True)
        return stock
    for path, entry in moved.items():
        _follow(stock, tree, path, entry)
    if moved:
        stock.rows = dict(sorted(stock.rows.items()))
    return stock


def _follow(stock: _Stock, tree: CommitTree, path: str, entry: FileEntry | None) -> None:
    """Put down what became of one file."""
    stock.rows.pop(path, None)
    stock.files.pop(path, None)
    if entry is not None and is_item_path(path):
        item = read_tree_item(tree, entry)[0]
        if item is not None:
            stock.rows[path] = _row(item)
    elif entry is not None:
        stock.files[path] = (entry.blob, entry.kind)


def _row(item: Item) -> _Row:
    fields: Mapping[str, Any] = item.fields
    return item.blob, item.form, {name: fields[name] for name in FIELDS if name in fields}


def _stored(kept: Kept) -> _Stock | None:
    raw = kept.get(KIND, WHOLE)
    with suppress(ValueError, EOFError, TypeError):
        return _Stock(*marshal.loads(raw)) if raw else None
    return None
