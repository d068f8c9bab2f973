"""A tree of files, whether a folder or a commit: an officer's copy, a CI checkout and a bare repository look alike."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, lru_cache, partial, wraps
from operator import methodcaller
from pathlib import Path
from typing import Protocol, TypeVar

from gongkai.model.corpus import FileEntry
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.apart import Apart, forks
from gongkai.store.crew import hands
from gongkai.store.files import blob_id
from gongkai.store.git import Repository
from gongkai.store.kept import Kept
from gongkai.store.listing import Entry, below, differences, sizes
from gongkai.store.worktree import Look, WorkTree

_READ = (".md", ".yml", ".json")
_KINDS = {"120000": "symlink", "160000": "other"}
HIDDEN = frozenset({".git", ".venv", ".nox", "__pycache__", ".portal"})
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
"""Has the system itself refuse to open a link; 0 where it cannot, and then somebody must look first."""
_READING: int = os.O_RDONLY | _NO_LINK | getattr(os, "O_BINARY", 0)
_BLOCK = 1 << 16
_Row = tuple[str, int, str]
"""A file of a folder: its path, size and kind (see `FileEntry`)."""


class Tree(Protocol):
    """Paths with `/` and their bytes."""

    def entries(self, under: str = "") -> list[FileEntry]:
        """All files below the folder `under`, sorted by path; nothing when there is no such folder."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file; FileNotFoundError when there is none, OSError when it cannot be read."""
        ...


class FolderTree:
    """A folder on disk. Symbolic links are listed as such and never followed or read.

    `kept`: where what was read of its settings and schemas before lies.
    """

    def __init__(self, root: Path, kept: Kept | None = None) -> None:
        self.root, self.kept = root, kept
        self._look: Look | None = None
        self._ahead: tuple[str, Apart[list[_Row]]] | None = None
        self._listed: dict[str, list[FileEntry]] | None = None

    def begin(self) -> None:
        """Have git look at the folder from now on: whoever asks for `work` later waits the less for it.

        What is listed from now on is listed once: as git looks once, so each folder below is gone through once.
        """
        self._look, self._listed = Look(self.root), {}

    def list_ahead(self, under: str) -> None:
        """Have the files below a folder listed by a process of its own while this one does something else."""
        if hands() > 1 and forks():
            with suppress(OSError):  # no other process can be had: then they are listed here
                self._ahead = under, Apart(partial(self._rows, under))

    def end(self) -> None:
        """Have no process left that lists for nobody."""
        if self._ahead is not None:
            self._ahead[1].end()
            self._ahead = None

    @cached_property
    def work(self) -> WorkTree | None:
        """How the folder differs from its repository's last commit; None where there is none."""
        return (self._look or Look(self.root)).found()

    @property
    def mark(self) -> str:
        """What `since` counts from: git's id of the last commit's tree; empty where git cannot tell what differs."""
        return self.work.tree if self.work is not None and self.work.plain else ""

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`. Files and folders whose names begin with a dot are left out below the top."""
        under = under.rstrip("/")
        if self._listed is None:
            return self._list(under)
        if under not in self._listed:
            self._listed[under] = self._list(under)
        return [*self._listed[under]]

    def _list(self, under: str) -> list[FileEntry]:
        known = self.work.blobs(under) if self.work is not None else {}
        rows = self._rows_ahead(under)
        if rows is None or self._knows_more(under, known, rows):
            rows = self._rows(under)
        return [FileEntry(path, size, known.get(path, ""), kind) for path, size, kind in rows]

    def _knows_more(self, under: str, known: Iterable[str], rows: Iterable[_Row]) -> bool:
        """Whether git, which looked meanwhile, tells of files that were not there yet when these rows were listed.

        A checkout at that moment would hide them from every later build too: for git nothing differs any more.
        """
        listed = {path for path, _, _ in rows}
        told = {*known, *self._named(under)} - listed
        return any(not _is_below_hidden(p) and self._is_news(p, listed) for p in told)

    def _is_news(self, path: str, listed: Iterable[str]) -> bool:
        """Whether something stands at this path, in a folder that git does not look into: something that is not listed."""
        if path.endswith("/") and any(map(methodcaller("startswith", path), listed)):
            return False
        return os.path.lexists(self.root / path)

    def _rows_ahead(self, under: str) -> list[_Row] | None:
        """What a process of its own has listed; None when there is none, or it failed: then it fails here again."""
        if self._ahead is None or self._ahead[0] != under:
            return None
        with self._ahead[1] as child:
            self._ahead = None
            return child.answer()

    def _rows(self, under: str) -> list[_Row]:
        top = self.root / under
        if not top.is_dir() or top.is_symlink():
            return []
        found: list[_Row] = []
        self._walk(str(top), under, found)
        return sorted(found)

    def _walk(self, folder: str, prefix: str, found: list[_Row]) -> None:
        try:
            with os.scandir(folder) as children:
                entries = list(children)
        except OSError as error:
            raise _unreadable(folder, error) from error
        for child in entries:
            if _is_hidden(child.name):
                continue
            path = f"{prefix}/{child.name}" if prefix else child.name
            if child.is_symlink():
                found.append((path, 0, "symlink"))
            elif child.is_dir():
                self._walk(child.path, path, found)
            elif child.is_file():
                found.append((path, child.stat().st_size, "file"))
            else:
                found.append((path, 0, "other"))

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        full = f"{self.root}/{path}"  # read for every item: a `Path` would take longer than the reading
        if not _NO_LINK and os.path.islink(full):  # noqa: PTH114
            raise FileNotFoundError(path)
        try:
            return _bytes_of(full)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise FileNotFoundError(path) from error
            raise

    def blobs(self, under: str) -> dict[str, str] | None:
        """The blob ids of all files below a folder as they are now, by path, from git's look; None: it must be gone through.

        Files whose names begin with a dot may be among them.
        """
        if not self.mark or self.work is None or self.work.has_links:
            return None
        there = {path: self._present(path) for path in self.apart(under)}
        if not all(entry.blob for entry in there.values() if entry is not None):
            return None
        return self.work.blobs(under) | {
            path: entry.blob for path, entry in there.items() if entry is not None
        }

    def apart(self, under: str) -> dict[str, tuple[str, str]]:
        """The files below a folder that are not as in the last commit, each with its mode and blob there (see `since`)."""
        return {p: at for p, at in self._apart(under) if not _is_below_hidden(p)}

    def _apart(self, under: str) -> Iterator[tuple[str, tuple[str, str]]]:
        for path, at in self._named(under).items():
            if path.endswith("/"):
                yield from ((e.path, at) for e in self.entries(path.rstrip("/")))
            else:
                yield path, at

    def _named(self, under: str) -> dict[str, tuple[str, str]]:
        """What git names below a folder: see `WorkTree.differs`."""
        rows = self.work.differs.items() if self.work is not None else ()
        return {path: at for path, at in rows if path.startswith(f"{under}/")}

    def since(
        self, mark: str, apart: Mapping[str, tuple[str, str]], under: str
    ) -> dict[str, FileEntry | None] | None:
        """What is not as it was below a folder when its `mark` and its files `apart` were these; None: git cannot tell.

        A path may be named that is as it was. Blob ids are given for what can be read; None stands for what is gone.
        """
        if not mark or not self.mark:
            return None
        moved = differences(self.root, mark, self.mark, under)
        if moved is None:
            return None
        rows = {path: Entry(*at) if at[0] else None for path, at in apart.items()} | {
            p: e for p, (_, e) in moved.items()
        }
        found = {p: self._sized(p, e) for p, e in rows.items() if not _is_below_hidden(p)}
        return found | {path: self._present(path) for path in self.apart(under)}

    def _sized(self, path: str, entry: Entry | None) -> FileEntry | None:
        there = self._there(path) if entry is not None else None
        is_file = there is not None and there.kind == "file"
        return replace(there, blob=entry.blob) if there and entry and is_file else there

    def _there(self, path: str) -> FileEntry | None:
        full = self.root / path
        above = path.split("/")[:-1]
        if any((self.root / "/".join(above[: end + 1])).is_symlink() for end in range(len(above))):
            return None  # whoever lists the folder does not look through a link, either
        if full.is_symlink():
            return FileEntry(path, kind="symlink")
        if full.is_file():
            return FileEntry(path, full.stat().st_size)
        return FileEntry(path, kind="other") if full.exists() and not full.is_dir() else None

    def _present(self, path: str) -> FileEntry | None:
        """The file as it is now, with the blob id of its bytes where they can be read."""
        there = self._there(path)
        if there is None or there.kind != "file":
            return there
        try:
            return replace(there, blob=blob_id(self.read(path)))
        except OSError:
            return there


def _bytes_of(path: str) -> bytes:
    """All bytes of a file by bare calls: a file object around them takes twice as long as they do."""
    handle = os.open(path, _READING)
    try:
        blocks = [os.read(handle, _BLOCK)]
        while blocks[-1]:
            blocks.append(os.read(handle, _BLOCK))
        return blocks[0] if len(blocks) == 2 else b"".join(blocks)
    finally:
        os.close(handle)


def _is_hidden(name: str) -> bool:
    return name in HIDDEN or name.startswith(".gongkai-")


def _is_below_hidden(path: str) -> bool:
    return any(map(_is_hidden, path.split("/")))


class CommitTree:
    """A commit of a git repository, bare or not; read through one persistent `git cat-file --batch`. `kept`: see `FolderTree`."""

    def __init__(self, repo: Path, revision: str, kept: Kept | None = None) -> None:
        self.kept = kept
        self.repository = Repository(repo)
        self.commit = self.repository.resolve(revision)
        self._listed: dict[str, Mapping[str, FileEntry]] = {}

    @property
    def mark(self) -> str:
        """What `since` counts from: the commit."""
        return self.commit

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`. Submodules are of kind "other"."""
        prefix = under.rstrip("/") + "/" if under else ""
        rows = self._list(under.rstrip("/"))
        return [e for e in rows.values() if e.path.startswith(prefix)]

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        known = (rows[path] for under, rows in self._listed.items() if path in rows)
        entry = next(known, None) or self._list(path, keep=False).get(path)
        if entry is None or entry.kind != "file":
            raise FileNotFoundError(path)
        return self.repository.blob(entry.blob)

    def apart(self, under: str) -> dict[str, tuple[str, str]]:
        """Nothing: a commit is as it is. See `FolderTree.apart`."""
        return {}

    def since(
        self, mark: str, apart: Mapping[str, tuple[str, str]], under: str
    ) -> dict[str, FileEntry | None] | None:
        """What differs below a folder from the commit `mark`; see `FolderTree.since`."""
        folder = self.repository.folder
        moved = differences(folder, mark, self.commit, under) if mark else None
        if moved is None:
            return None
        rows = {path: Entry(*at) if at[0] else None for path, at in apart.items()} | {
            p: e for p, (_, e) in moved.items()
        }
        there = _with_sizes(folder, {path: entry for path, entry in rows.items() if entry is not None})
        return {path: there.get(path) for path in rows}

    def _list(self, under: str, *, keep: bool = True) -> Mapping[str, FileEntry]:
        rows = self._listed.get(under) or _entries(self.repository.folder, self.commit, under)
        if keep:
            self._listed[under] = rows
        return rows


@lru_cache(maxsize=16)
def _entries(folder: Path, commit: str, under: str) -> dict[str, FileEntry]:
    """The entries of a commit, kept for this process: its id says for ever what it holds."""
    return _with_sizes(folder, below(folder, commit, under))


def _with_sizes(folder: Path, rows: Mapping[str, Entry]) -> dict[str, FileEntry]:
    # Items are read anyway, and what is too large is seen then; other files may never be read.
    others = sizes(folder, (e.blob for path, e in rows.items() if not path.endswith(_READ)))
    # Git sorts by bytes, which for UTF-8 is the order of code points: what `sorted` would give.
    return {
        path: FileEntry(path, others.get(e.blob, 0), e.blob, _KINDS.get(e.mode, "file"))
        for path, e in rows.items()
    }


_T = TypeVar("_T")
_MOST = 8


def once_read(folder: str) -> Callable[[Callable[[Tree], _T]], Callable[[Tree], _T]]:
    """Let what is read of the files below `folder` be read once in a process while their paths and blob ids stay the same.

    Where a file's blob id is not known (a folder on disk whose files changed), everything is read anew.
    """

    def keeping(read: Callable[[Tree], _T]) -> Callable[[Tree], _T]:
        known: dict[tuple[tuple[str, str], ...], _T] = {}

        @wraps(read)
        def reader(tree: Tree) -> _T:
            key = tuple((entry.path, entry.blob) for entry in tree.entries(folder))
            if not all(blob for _, blob in key):
                return read(tree)
            if key not in known:
                if len(known) >= _MOST:
                    known.clear()
                known[key] = read(tree)
            return known[key]

        return reader

    return keeping


def _unreadable(path: str, error: OSError) -> GongkaiError:
    return GongkaiError(
        msg("{path} cannot be read: {reason}", path=path, reason=error.strerror or str(error)),
        msg("check the permissions of the file and the state of the disk"),
        Exit.BROKEN,
    )
