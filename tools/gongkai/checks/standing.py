"""What is known of every item of a portal, carried over from one tree to the next: only what differs is read and asked.

The value that is kept holds, for one set of settings, schemas and rules and one engine: each item's blob and brief, what
could not be read, and what the rules found with the questions that they asked. An item is looked at again when its file
changed or an answer to one of its questions did (`watched`). What the rules find of the moment is found at every run.
"""

from __future__ import annotations

import hashlib
import marshal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from errno import ESTALE
from functools import cached_property, partial
from os import strerror
from typing import Any

from gongkai.checks.answers import Answers, blob_of
from gongkai.checks.brief import Brief
from gongkai.checks.looking import Asks, Batch, Found, Seen, kept_rules, look, look_now, see_together
from gongkai.checks.packed import CodedHit, Row, unpack_hits, unpack_unread
from gongkai.checks.portal import Meanwhile, Portal
from gongkai.checks.watched import Answer, Ask, Question, Watched
from gongkai.items.front import Rest
from gongkai.items.lazy import LazyCorpus
from gongkai.items.packed import Shelf
from gongkai.items.read import CONTENT, is_item_path, read_tree_item
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.item import Item
from gongkai.store.crew import uncounted
from gongkai.store.files import blob_id
from gongkai.store.kept import Kept
from gongkai.store.tree import CommitTree, FolderTree, Tree

KIND = "standing"
MOST = 4
"""So many settings' standings are kept beside each other: main's, and those of changes of settings under review."""
FEW = 400
"""Fewer files than this are read faster than workers start."""
SPARE = 8
"""So many files may differ from what is kept before it is written anew."""
WHOLE = "all"
UNASKED: Asks = ((("unasked", ""), True),)
"""Stands for questions about items that were not known yet."""
_TURN = threading.Lock()
"""A preview's one thread looks at items while another goes on from what is known of them."""
_Rows = dict[str, tuple[str, Row | None]]


@dataclass
class Stock:
    """What is kept. `rows`: path to (blob, brief or None); `mark` and `apart` say of which tree (see `FolderTree.since`).

    `alone` and `cross` hold packed hits, `asks` the questions with their answers, `unread` packed reasons; all by path.
    `unsure` are the paths of items whose findings cannot be kept. `sound`: no schema says anything against the settings.
    """

    mark: str = ""
    apart: dict[str, tuple[str, str]] = field(default_factory=dict)
    rows: _Rows = field(default_factory=dict)
    files: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    unread: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    alone: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    cross: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    asks: dict[str, Asks] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    sound: bool = False

    def copy(self) -> Stock:
        """One that can be changed without changing this one."""
        with _TURN:
            return replace(
                self, **{n: v.copy() for n, v in self.__dict__.items() if not isinstance(v, str | bool)}
            )

    def forget(self, path: str) -> None:
        """Nothing is known of this path any longer."""
        for part in (self.rows, self.files, self.unread):
            part.pop(path, None)
        self.unlearn(path)

    def unlearn(self, path: str) -> None:
        """What the rules said of this path does not hold any longer."""
        for part in (self.alone, self.cross, self.asks):
            part.pop(path, None)
        self.unsure.discard(path)

    def learn(self, path: str, found: Found) -> None:
        """Put down what the rules said."""
        parts: tuple[tuple[dict[str, Any], Any], ...] = (
            (self.alone, found.alone), (self.cross, found.cross), (self.asks, found.asks),
        )  # fmt: skip
        for part, said in parts:
            if said:
                part[path] = said
        if not found.sure:
            self.unsure.add(path)


class Standing:
    """A portal's items as they stand: in brief, and with what the rules found of each."""

    def __init__(self, stock: Stock, corpus: Corpus) -> None:
        self.stock, self.corpus = stock, corpus
        self._of: tuple[Any, ...] = ()

    @cached_property
    def briefs(self) -> tuple[Brief, ...]:
        """The items in brief, in the order of their paths; a build asks for none."""
        return tuple(Brief(*row) for _, row in self.stock.rows.values() if row is not None)

    def settle(self, portal: Portal) -> None:
        """Remember of which portal this is the standing."""
        self._of = _things(portal)

    def fits(self, portal: Portal) -> bool:
        """Whether this is the standing of just this portal, at its moment: not of a copy with other items or another day."""
        return all(one is other for one, other in zip(self._of, _things(portal), strict=False)) and bool(
            self._of
        )

    def hits(
        self, portal: Portal, touched: Collection[str] | None, wanted: Callable[[str], bool] | None
    ) -> Iterator[CodedHit]:
        """What the rules found; of items that are not `touched` only what depends on others.

        Of a folder that somebody is writing in, the items at `wanted` paths are looked at now (`_looks_at_once`).
        """
        stock = self.stock
        if not _looks_at_once(portal.tree):
            _ask_again(portal, stock, wanted)
        for path in stock.alone if touched is None else (p for p in touched if p in stock.alone):
            yield from unpack_hits(stock.alone[path])
        for rows in stock.cross.values():
            yield from unpack_hits(rows)
        for path in sorted(p for p in stock.unsure if wanted is None or wanted(p)):
            yield from look_now(self.corpus.by_path[path], portal)


def _things(portal: Portal) -> tuple[Any, ...]:
    return (portal.corpus, portal.facts, portal.now, portal.settings, portal.library, portal.tree)


def stand(portal: Portal, kept: Kept, meanwhile: Meanwhile | None = None) -> Portal:
    """The portal with its items, known from what is kept as far as that holds; `meanwhile`: see `read_portal`."""
    with uncounted():  # ten thousand rows that all stay
        return _stood(portal, kept, meanwhile)


def _stood(portal: Portal, kept: Kept, meanwhile: Meanwhile | None) -> Portal:
    kind = f"{KIND} {_context(portal)}"
    stored = _stored(kept, kind)
    stock = stored.copy() if stored is not None else Stock()
    shelf = Shelf.of(kept)
    shelf.leave()
    fresh = _differing(portal.tree, stock)
    files = {path: FileEntry(path, *row) for path, row in stock.files.items()}
    bare, fetch = _with(portal, corpus=Corpus((), (), files)), partial(_rest, portal.tree, shelf)
    listed = {entry.path: entry.blob for entry in fresh}
    for batch in _seen(fresh, bare, meanwhile, judge=_looks_at_once(portal.tree)):
        shelf.put_fronts(batch.fronts)
        for seen in batch.seen:
            _put(seen, stock, shelf)
            if seen.blob and listed[seen.path] not in ("", seen.blob):
                stock.mark = ""  # written since git looked: the next time every file is looked at
        if meanwhile is not None:
            meanwhile.came(shelf.hold(batch.fronts, [(seen.path, seen.blob) for seen in batch.seen], fetch))
    shelf.close()
    if fresh:  # in the order of paths, whatever was new
        stock.rows = dict(sorted(stock.rows.items()))
    portal = _with_items(portal, stock, shelf, files)
    again = _ask_again(portal, stock) if _looks_at_once(portal.tree) else 0
    _keep(kept, kind, stock, portal, shelf, many=len(fresh) + again > SPARE or stored is None)
    return portal


def _seen(
    fresh: list[FileEntry], portal: Portal, meanwhile: Meanwhile | None, *, judge: bool
) -> Iterable[Batch]:
    """Every one of these files, seen: a few here, many by worker processes."""
    if len(fresh) < FEW:
        watched = Watched.of(portal, Answers(portal).answer)
        return [see_together(fresh, watched, judge=judge)] if fresh else []
    # What starts workers takes longer to import than to see some files.
    from gongkai.checks.many import see_all

    return see_all(fresh, portal, judge=judge, meanwhile=meanwhile.begun if meanwhile else None)


def _looks_at_once(tree: Tree) -> bool:
    """Whether all items are looked at when they are read; a preview shows a page first, and looks when it is asked to."""
    return isinstance(tree, FolderTree | CommitTree)


def _with(portal: Portal, **changes: Any) -> Portal:
    """A copy with these changes that has its attachments read by the same child process."""
    copied = replace(portal, **changes)
    copied.__dict__["readings"] = portal.readings
    return copied


def _with_items(portal: Portal, stock: Stock, shelf: Shelf, files: dict[str, FileEntry]) -> Portal:
    unread = tuple(unpack_unread(row) for path in sorted(stock.unread) for row in stock.unread[path])
    load = _loader(portal.tree, stock, shelf)
    if _looks_at_once(portal.tree):
        ids = {path: row[0] for path, (_, row) in stock.rows.items() if row is not None}
        blobs = [(path, stock.rows[path][0]) for path in ids]
        fetch = partial(_rest, portal.tree, shelf)
        corpus: Corpus = LazyCorpus(ids, unread, files, load, lambda: shelf.every(blobs, load, fetch))
    else:
        shelf.fetch_all()
        items = tuple(load(path) for path, (_, row) in stock.rows.items() if row is not None)
        corpus = Corpus(items, unread, files)
    standing = Standing(stock, corpus)
    portal = _with(portal, corpus=corpus, standing=standing)
    standing.settle(portal)
    return portal


def _loader(tree: Tree, stock: Stock, shelf: Shelf) -> Callable[[str], Item]:
    def load(path: str) -> Item:
        blob = stock.rows[path][0]
        found = shelf.find(path, blob)
        if found is None:  # somebody deleted it, or it could not be written
            found, _, _ = read_tree_item(tree, FileEntry(path, blob=blob))
            if found is None:
                raise KeyError(path)
            shelf.add(found)
        return found

    return load


def _rest(tree: Tree, shelf: Shelf, path: str, blob: str) -> Rest:
    """What an item is besides its fields. OSError when its file is another one by now, and it is not kept."""
    rest = shelf.rest(path, blob)
    if rest is not None:
        return rest
    found, _, _ = read_tree_item(tree, FileEntry(path, blob=blob if isinstance(tree, CommitTree) else ""))
    if found is None or found.blob != blob:
        raise OSError(ESTALE, strerror(ESTALE), path)
    return Rest(found.body, found.body_line, found.marks, found.keys)


def _put(seen: Seen, stock: Stock, shelf: Shelf) -> None:
    stock.forget(seen.path)
    stock.rows[seen.path] = (seen.blob, seen.brief)
    if seen.unread:
        stock.unread[seen.path] = seen.unread
    if seen.raw is not None:
        shelf.put(seen.path, seen.blob, seen.raw)
        stock.learn(seen.path, seen.found)
        if not seen.found.whole:
            stock.asks[seen.path] = UNASKED


def _ask_again(portal: Portal, stock: Stock, wanted: Callable[[str], bool] | None = None) -> int:
    """Look again at the items (at `wanted` paths) of which a question has another answer now; how many there were."""
    if not stock.asks and not stock.unsure:
        return 0
    blobs = {path: blob for path, (blob, row) in stock.rows.items() if row is not None}
    ids = {row[0]: path for path, (_, row) in reversed(stock.rows.items()) if row is not None}
    answer = Answers(portal, ids, blobs).answer
    known: dict[Question, Answer] = {UNASKED[0][0]: not UNASKED[0][1]}
    stale = [
        path
        for path, asks in stock.asks.items()
        if (wanted is None or wanted(path)) and not _hold(asks, known, answer)
    ]
    stale.extend(path for path in sorted(stock.unsure) if wanted is None or wanted(path))
    watched = Watched.of(portal, answer)
    for path in stale:
        found = look(portal.corpus.by_path[path], watched)
        with _TURN:
            stock.unlearn(path)
            stock.learn(path, found)
    return len(stale)


def _hold(asks: Asks, known: dict[Question, Answer], answer: Ask) -> bool:
    """Whether every question has the answer that it had; asked once for all items (`known`), for most items at every start."""
    for question, said in asks:
        now = known.get(question)
        if now is None:
            now = known[question] = answer(*question)
        if now != said:
            return False
    return True


def _differing(tree: Tree, stock: Stock) -> list[FileEntry]:
    """The items' files that are new or changed; all else that differs is put down in `stock`."""
    found = (
        tree.since(stock.mark, stock.apart, CONTENT) if isinstance(tree, FolderTree | CommitTree) else None
    )
    if found is None:
        entries = {entry.path: entry for entry in tree.entries(CONTENT)}
        found = dict.fromkeys((*stock.rows, *stock.files)) | entries
    fresh: list[FileEntry] = []
    for path, entry in sorted(found.items()):
        if entry is None:
            stock.forget(path)
        elif not is_item_path(path):
            stock.files[path] = (entry.size, entry.blob, entry.kind)
        elif not _is_known(tree, entry, stock):
            fresh.append(entry)
    if isinstance(tree, FolderTree | CommitTree):
        stock.mark, stock.apart = tree.mark, tree.apart(CONTENT) if tree.mark else {}
    return fresh


def _is_known(tree: Tree, entry: FileEntry, stock: Stock) -> bool:
    """Whether the file holds the very bytes that are known of this path."""
    blob = stock.rows[entry.path][0] if entry.path in stock.rows else ""
    if not blob or entry.kind != "file":
        return False
    try:
        return blob == (entry.blob or blob_id(tree.read(entry.path)))
    except OSError:
        return False


def _context(portal: Portal) -> str:
    """The digest of the rules' codes, all of schemas/ and site_config/, what readings depend on, and whether there is a ledger."""
    codes = (code for looks in kept_rules() for _, group in looks for code, _ in group)
    seen = hashlib.sha256(" ".join((*codes, portal.readings.key("", ""), str(bool(portal.facts)))).encode())
    for folder in ("schemas", "site_config"):
        for entry in portal.tree.entries(folder):
            blob = entry.blob or (blob_of(portal, entry.path) if entry.kind == "file" else entry.kind)
            seen.update(f"{entry.path} {blob}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()[:32]


def _stored(kept: Kept, kind: str) -> Stock | None:
    """What is kept under these settings; None when there is nothing."""
    if kind not in kept.memory:
        raw = kept.get(kind, WHOLE)
        with suppress(ValueError, EOFError, TypeError):
            kept.memory[kind] = Stock(*marshal.loads(raw)) if raw else None
    found: Stock | None = kept.memory.get(kind)
    return found


def _keep(kept: Kept, kind: str, stock: Stock, portal: Portal, shelf: Shelf, *, many: bool) -> None:
    """Keep it for later runs when it is far from what is kept; a folder that is looked at again goes on from here."""
    if many or not isinstance(portal.tree, CommitTree):
        others = [name for name in [*kept.memory] if name.startswith(f"{KIND} ") and name != kind]
        for name in others[: 1 - MOST]:
            kept.memory.pop(name, None)
        kept.memory[kind] = stock
    if many:
        stock.sound = not any(map(portal.config_faults, portal.settings.files))
        kept.crowd_out(KIND, kind, MOST)
        kept.put(kind, {WHOLE: marshal.dumps(tuple(stock.__dict__.values()))}, alone=True)
        shelf.clear_out((path, row[0]) for path, row in stock.rows.items())
