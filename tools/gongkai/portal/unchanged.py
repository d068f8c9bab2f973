"""What a portal is made from, told by git's listing and digests: that nothing changed is found out without reading items."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from gongkai.evidence.chain import Record
from gongkai.model.corpus import FileEntry
from gongkai.model.facts import Facts
from gongkai.model.item import Item
from gongkai.store.files import blob_id
from gongkai.store.kept import engine
from gongkai.store.tree import CommitTree, FolderTree, Tree

CONTENT = "content"
SETTINGS = ("site_config", "schemas")
FILES = ("mkdocs.yml",)
MANY = 500
"""So many files that git does not know are not read only to learn that nothing changed."""
_BEYOND = (b"INHERIT", b"!ENV")
"""What makes mkdocs.yml depend on more than itself."""
_SIZE = 16


class Everything(NamedTuple):
    """All that a portal is made from: its digest, and the blob ids of files by path as they were listed; None of a commit,
    whose files are what they are.

    No digest when many files have no id of git's, a record no ledger, or there is no mkdocs.yml: then it cannot be told, or
    what follows says what is wrong.
    """

    digest: bytes = b""
    blobs: Mapping[str, str] | None = None

    def was_read(self, items: Iterable[Item]) -> bool:
        """Whether these items are of the very bytes that were listed: somebody may have written into a folder since."""
        blobs = self.blobs
        return blobs is None or all(blobs.get(item.path) == item.blob for item in items)


def of_everything(tree: Tree, facts: Facts, record: Record) -> Everything:
    """All that a portal is made from, as it is listed now."""
    try:
        frame = [tree.read(name) for name in FILES]
    except FileNotFoundError:
        return Everything()
    if any(word in text for word in _BEYOND for text in frame) or (record.proofs and not record.ledger):
        return Everything()
    shown = (record.ledger, len(record.proofs), record.checkpoints, sorted(record.earlier))
    # All facts are the ledger's, and its last event names all that came before.
    rows = [engine(), repr(shown), "" if record.ledger else repr(sorted(facts.items())), *map(blob_id, frame)]
    if isinstance(tree, CommitTree):
        return Everything(digest(map(as_bytes, (*rows, tree.commit))))
    blobs = _blobs(tree, CONTENT)
    if blobs is None:
        return Everything()
    entries = [e for under in SETTINGS for e in tree.entries(under)]
    rows += (f"{e.path} {e.kind} {blob_of(e, tree)}" for e in entries)
    paths = sorted(blobs)
    rows += ("\0".join(paths), "\0".join(map(blobs.__getitem__, paths)))
    return Everything(digest(map(as_bytes, rows)), blobs)


def _blobs(tree: Tree, under: str) -> Mapping[str, str] | None:
    """What is below a folder, by path: git's id of a file, its kind for what is none. None when too many have no id of git's."""
    if isinstance(tree, FolderTree):
        known = tree.blobs(under) if len(tree.apart(under)) <= MANY else None
        if known is not None:
            return known
    entries = tree.entries(under)
    if sum(e.kind == "file" and not e.blob for e in entries) > MANY:
        return None
    return {e.path: blob_of(e, tree) or e.kind for e in entries}


def of_the_house(tree: Tree) -> bytes:
    """The digest of all that is behind every page: the engine, and all settings, schemas, templates and fixed pages."""
    entries = [e for under in SETTINGS for e in tree.entries(under) if e.kind == "file"]
    rows = [engine(), *(f"{e.path} {blob_of(e, tree)}" for e in entries)]
    for name in FILES:
        with suppress(FileNotFoundError):  # MkDocs' adapter says that it is missing
            rows.append(f"{name} {blob_id(tree.read(name))}")
    return digest(map(as_bytes, rows))


def blob_of(entry: FileEntry, tree: Tree) -> str:
    """Git's id of a file's bytes, whether git knows it or not; empty for what is no file."""
    return entry.blob or (blob_id(tree.read(entry.path)) if entry.kind == "file" else "")


def as_bytes(row: str) -> bytes:
    """A row for a digest: file names of old systems need not be UTF-8."""
    return row.encode("utf-8", "surrogateescape")


def digest(rows: Iterable[bytes]) -> bytes:
    """One digest of several values; the lengths before them say where each ends."""
    values = tuple(rows)
    lengths = repr(tuple(map(len, values))).encode()
    return hashlib.blake2b(lengths + b"".join(values), digest_size=_SIZE).digest()
