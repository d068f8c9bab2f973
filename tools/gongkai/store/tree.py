"""A tree of files, whether a folder or a commit: an officer's copy, a CI checkout and a bare repository look alike."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Protocol

from gongkai.model.corpus import FileEntry
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.git import Repository, unchanged_blobs
from gongkai.store.listing import listing, sizes

_READ = (".md", ".yml", ".json")
_KINDS = {"120000": "symlink", "160000": "other"}
HIDDEN = frozenset({".git", ".venv", ".nox", "__pycache__", ".portal"})


class Tree(Protocol):
    """Paths with `/` and their bytes."""

    def entries(self, under: str = "") -> list[FileEntry]:
        """All files below the folder `under`, sorted by path; nothing when there is no such folder."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file; FileNotFoundError when there is none, OSError when it cannot be read."""
        ...


class FolderTree:
    """A folder on disk. Symbolic links are listed as such and never followed or read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def _known(self) -> dict[str, str]:
        return unchanged_blobs(self.root)

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`. Files and folders whose names begin with a dot are left out below the top."""
        top = self.root / under
        if not top.is_dir() or top.is_symlink():
            return []
        found: list[FileEntry] = []
        self._walk(str(top), under.rstrip("/"), found)
        return sorted(found, key=lambda e: e.path)

    def _walk(self, folder: str, prefix: str, found: list[FileEntry]) -> None:
        try:
            with os.scandir(folder) as children:
                entries = list(children)
        except OSError as error:
            raise _unreadable(folder, error) from error
        for child in entries:
            if child.name in HIDDEN or child.name.startswith(".gongkai-"):
                continue
            path = f"{prefix}/{child.name}" if prefix else child.name
            if child.is_symlink():
                found.append(FileEntry(path, kind="symlink"))
            elif child.is_dir():
                self._walk(child.path, path, found)
            elif child.is_file():
                found.append(FileEntry(path, child.stat().st_size, self._known.get(path, "")))
            else:
                found.append(FileEntry(path, kind="other"))

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        full = self.root / path
        if full.is_symlink():
            raise FileNotFoundError(path)
        return full.read_bytes()


class CommitTree:
    """A commit of a git repository, bare or not; read through one persistent `git cat-file --batch`."""

    def __init__(self, repo: Path, revision: str) -> None:
        self.repository = Repository(repo)
        self.commit = self.repository.resolve(revision)

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`. Submodules are of kind "other"."""
        prefix = under.rstrip("/") + "/" if under else ""
        return [e for e in self._listing.values() if e.path.startswith(prefix)]

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        entry = self._listing.get(path)
        if entry is None or entry.kind != "file":
            raise FileNotFoundError(path)
        return self.repository.blob(entry.blob)

    @property
    def _listing(self) -> dict[str, FileEntry]:
        key = (str(self.repository.folder), self.commit)
        if key not in _ENTRIES:
            if len(_ENTRIES) >= _MOST:
                _ENTRIES.pop(next(iter(_ENTRIES)))
            _ENTRIES[key] = _entries(self.repository.folder, self.commit)
        return _ENTRIES[key]


_ENTRIES: dict[tuple[str, str], dict[str, FileEntry]] = {}
"""Entries of commits already read by this process: a commit's id says for ever what it holds."""
_MOST = 4


def _entries(folder: Path, commit: str) -> dict[str, FileEntry]:
    rows = listing(folder, commit)
    # Items are read anyway, and what is too large is seen then; other files may never be read.
    others = sizes(folder, (e.blob for path, e in rows.items() if not path.endswith(_READ)))
    # Git sorts by bytes, which for UTF-8 is the order of code points: what `sorted` would give.
    return {
        path: FileEntry(path, others.get(e.blob, 0), e.blob, _KINDS.get(e.mode, "file"))
        for path, e in rows.items()
    }


def _unreadable(path: str, error: OSError) -> GongkaiError:
    return GongkaiError(
        msg("{path} cannot be read: {reason}", path=path, reason=error.strerror or str(error)),
        msg("check the permissions of the file and the state of the disk"),
        Exit.BROKEN,
    )
