"""Objects read and proven: each one is hashed again before anything is believed of it.

git itself serves a rewritten loose object without a word (`cat-file` exits 0), follows replace refs and grafts, and
trusts commit-graphs. Here parents and trees are read from the raw bytes, and the bytes must have the id asked for.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.model.corpus import FileEntry
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.rehash import first_wrong

if TYPE_CHECKING:
    from git import Git

FOLDER, FILE = "40000", "100644"
Listing = Mapping[str, tuple[str, str]]
"""A tree object: mode and id by name."""
_PLAIN = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull, "GIT_OPTIONAL_LOCKS": "0"}


class NotProven(GongkaiError):
    """An object that is missing, unreadable, of another kind, or not what its id says."""

    def __init__(self, says: Message) -> None:
        hint = msg(
            "compare the repository with a backup or another clone; `git fsck --full` lists the damage"
        )
        super().__init__(says, hint, Exit.FINDINGS)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its bytes say it: tree, parents, the committer's time in seconds since 1970, and the message."""

    id: str
    tree: str
    parents: tuple[str, ...]
    stamp: int
    message: str


class Proven:
    """The objects of a repository, bare or not, through one `git cat-file --batch` without replace refs and grafts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._proven: set[str] = set()
        self._trees: dict[str, Listing] = {}

    def forget(self) -> None:
        """Let go of the trees that were read: who stays would in the end hold them all."""
        self._trees.clear()

    def read(self, oid: str, kind: str) -> bytes:
        """The bytes of an object; NotProven when they are not those that the id names."""
        try:
            found, data = self._asked(oid)
        except (ValueError, OSError, AssertionError) as error:
            raise NotProven(
                msg("the object {id} is missing or cannot be read ({kind})", id=oid, kind=kind)
            ) from error
        name = str(found.decode() if isinstance(found, bytes) else found)
        if name != kind:
            raise NotProven(msg("the object {id} is a {found}, not a {kind}", id=oid, found=name, kind=kind))
        if object_id(kind, data) != oid:
            raise NotProven(msg("the object {id} does not hold what its id says: it was replaced", id=oid))
        self._proven.add(oid)
        return bytes(data)

    def _asked(self, oid: str) -> tuple[str | bytes, bytes]:
        """Kind and bytes of an object as git gives them; asked once more of a new child: the one there may have died."""
        try:
            return self._git.get_object_data(oid)[1::2]
        except (ValueError, OSError, AssertionError):
            del self._git
        return self._git.get_object_data(oid)[1::2]

    @cached_property
    def _git(self) -> Git:
        from git import Git  # a tenth of a quick command's time, for those that prove nothing

        found = Git(str(self._folder))
        found.update_environment(**_PLAIN)
        return found

    @property
    def seen(self) -> frozenset[str]:
        """The ids of all objects that were hashed and found right."""
        return frozenset(self._proven)

    def prove_many(self, oids: Iterable[str], kind: str = "") -> None:
        """Hash these objects (of one kind, or of any) again, but for those that were hashed already; all in one go.

        NotProven names the first that is missing, of another kind, or not what its id says.
        """
        left = sorted(set(oids) - self._proven)
        wrong = first_wrong(self._folder, left, _PLAIN, kind) if left else ""
        if wrong:
            if kind:
                self.read(wrong, kind)  # it tells what is wrong with it
            raise NotProven(msg("the object {id} does not hold what its id says: it was replaced", id=wrong))
        self._proven.update(left)

    def prove_tree(self, tree: str, known: str = "") -> None:
        """Hash every file of a tree again, but for those that were hashed already, as all of the tree `known` were."""
        self.prove_many(self._beyond(tree, known), "blob")

    def _beyond(self, tree: str, known: str) -> Iterator[str]:
        """The blobs of a tree that are not at the same place in another; folders that are the same are not looked into."""
        if tree == known:
            return
        there = self.tree(known)
        for name, (mode, oid) in self.tree(tree).items():
            old_mode, old = there.get(name, ("", ""))
            if mode == FOLDER:
                yield from self._beyond(oid, old if old_mode == FOLDER else "")
            elif (mode, oid) != (old_mode, old):
                yield oid

    def believe(self, oids: Iterable[str]) -> None:
        """Take these objects for proven, as an earlier audit of this very repository found them."""
        self._proven.update(oids)

    def commit(self, oid: str) -> Commit:
        """A commit; NotProven when its bytes are no commit of ours."""
        head, _, text = self.read(oid, "commit").partition(b"\n\n")
        rows = [line.partition(b" ")[::2] for line in head.split(b"\n")]
        values = {name: value.decode("utf-8", "replace") for name, value in rows}
        try:
            stamp = int(values[b"committer"].rsplit(" ", 2)[1])
            parents = tuple(value.decode() for name, value in rows if name == b"parent")
            return Commit(oid, values[b"tree"], parents, stamp, text.decode())
        except (KeyError, ValueError, IndexError) as error:
            raise NotProven(msg("the commit {id} cannot be read", id=oid)) from error

    def tree(self, oid: str) -> Listing:
        """A tree's entries; the tree of nothing for an empty id."""
        if oid not in self._trees:
            self._trees[oid] = dict(_entries(oid, self.read(oid, "tree"))) if oid else {}
        return self._trees[oid]

    def files(self, tree: str, prefix: str = "") -> Iterator[tuple[str, str, str]]:
        """Path, mode and id of everything in a tree that is not itself a folder."""
        for name, (mode, oid) in self.tree(tree).items():
            if mode == FOLDER:
                yield from self.files(oid, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}", mode, oid

    def at(self, tree: str, path: str) -> tuple[str, str]:
        """Mode and id of what stands at a path of a tree; two empty texts when there is nothing."""
        mode, oid = FOLDER, tree
        for part in path.split("/"):
            mode, oid = self.tree(oid).get(part, ("", "")) if mode == FOLDER else ("", "")
        return mode, oid

    def overlaid(self, tree: str, changes: Mapping[str, str]) -> str:
        """The id of the tree that `tree` becomes with these paths set to these blobs ("" takes one away).

        The same as `Objects.overlay`, computed from the bytes alone: nothing is written, git is not asked.
        """
        return self._overlaid(tree, changes) or object_id("tree", b"")

    def _overlaid(self, tree: str, changes: Mapping[str, str]) -> str:
        entries = dict(self.tree(tree))
        below: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for path, blob in changes.items():
            name, _, rest = path.partition("/")
            if rest:
                below[name][rest] = blob
            elif blob:
                entries[name] = (FILE, blob)
            else:
                entries.pop(name, None)
        for name, rows in below.items():
            mode, oid = entries.pop(name, ("", ""))
            changed = self._overlaid(oid if mode == FOLDER else "", rows)
            if changed:
                entries[name] = (FOLDER, changed)
        return object_id("tree", bytes_of(entries)) if entries else ""


class ProvenTree:
    """A tree as `store.tree.Tree` sees one, every byte of it hashed again."""

    def __init__(self, proven: Proven, tree: str) -> None:
        self.proven = proven
        self.id = tree

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`."""
        prefix = under.rstrip("/")
        mode, oid = self.proven.at(self.id, prefix) if prefix else (FOLDER, self.id)
        if mode != FOLDER:
            return []
        rows = self.proven.files(oid, f"{prefix}/" if prefix else "")
        return sorted((FileEntry(p, 0, b, _kind(m)) for p, m, b in rows), key=lambda e: e.path)

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        mode, oid = self.proven.at(self.id, path)
        if _kind(mode) != "file":
            raise FileNotFoundError(path)
        return self.proven.read(oid, "blob")


def object_id(kind: str, data: bytes) -> str:
    """The id that git gives an object: SHA-1 of its kind, length and bytes."""
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def _kind(mode: str) -> str:
    return "file" if mode.startswith("100") else "symlink" if mode == "120000" else "other"


def _entries(oid: str, raw: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    at = 0
    while at < len(raw):
        space, end = raw.find(b" ", at), raw.find(b"\0", at)
        if not at < space < end or len(raw) < end + 21:
            raise NotProven(msg("the tree {id} cannot be read", id=oid))
        name = raw[space + 1 : end].decode("utf-8", "surrogateescape")
        yield name, (raw[at:space].decode(), raw[end + 1 : end + 21].hex())
        at = end + 21


def bytes_of(entries: Listing) -> bytes:
    """A tree object in git's order: by name, a folder as if its name ended in a slash."""
    rows = [(name.encode("utf-8", "surrogateescape"), mode, oid) for name, (mode, oid) in entries.items()]
    rows.sort(key=lambda row: row[0] + (b"/" if row[1] == FOLDER else b""))
    return b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for name, mode, oid in rows)
