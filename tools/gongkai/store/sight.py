"""A portal's folder looked at again and again: only what differs from the last look is read.

A file is known again by its size, inode and times. One that has just changed is read once more at the next look, for two
changes may fall into one tick of the file system's clock.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from gongkai.model.corpus import FileEntry
from gongkai.store.files import blob_id
from gongkai.store.tree import HIDDEN, FolderTree

FOLDERS = ("content", "schemas", "site_config")
FRAME = "mkdocs.yml"
Stamp = tuple[int, ...]
Known = dict[str, tuple[Stamp, FileEntry]]
"""What is known of a file as long as its stamp is this one: size, and the blob id once it was read."""
_KINDS: Mapping[Stamp, str] = {(-1,): "symlink", (-2,): "other"}
_SYMLINK, _OTHER = _KINDS


class Sight:
    """What one look saw: a `Tree`. Files are read when asked for; their bytes may be newer than the look."""

    def __init__(self, root: Path, stamps: Mapping[str, Stamp], known: Known) -> None:
        self._folder = FolderTree(root)
        self.stamps = stamps
        self._known = known

    @cached_property
    def _paths(self) -> list[str]:
        return sorted(path for path in self.stamps if path != FRAME)

    def entries(self, under: str = "") -> list[FileEntry]:
        """See `Tree`; only what lies below `FOLDERS`."""
        prefix = f"{under.rstrip('/')}/" if under else ""
        start = bisect_left(self._paths, prefix)
        end = bisect_left(self._paths, f"{prefix[:-1]}0") if prefix else len(self._paths)
        return [self._entry(path) for path in self._paths[start:end]]

    def _entry(self, path: str) -> FileEntry:
        stamp = self.stamps[path]
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        kind = _KINDS.get(stamp, "file")
        entry = FileEntry(path, stamp[0] if kind == "file" else 0, kind=kind)
        self._known[path] = (stamp, entry)
        return entry

    def read(self, path: str) -> bytes:
        """See `Tree`; the file's blob id is known from then on."""
        raw = self._folder.read(path)
        if path in self.stamps:
            stamp = self.stamps[path]
            self._known[path] = (stamp, FileEntry(path, stamp[0], blob_id(raw)))
        return raw


class Watchman:
    """Looks at one portal's folder, and remembers what it read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: Known = {}
        self._stamps: Mapping[str, Stamp] = {}
        self._young: frozenset[str] = frozenset()

    def look(self) -> tuple[Sight, frozenset[str]]:
        """What is there now, and the paths that differ from the look before: new, changed, gone.

        OSError when a folder cannot be read; what vanishes while it is looked at was not there.
        """
        stamps = dict(_stamps(self._root))
        old, self._stamps = self._stamps, stamps
        differ = {path for path in old.keys() | stamps.keys() if old.get(path) != stamps.get(path)}
        young, self._young = self._young, frozenset(differ)
        differ |= {path for path in young - differ if self._is_other(path)}
        for path in differ & self._known.keys():
            del self._known[path]
        return Sight(self._root, stamps, self._known), frozenset(differ)

    def _is_other(self, path: str) -> bool:
        """Whether a file that was read holds other bytes than were read, whatever its times say."""
        known = self._known.get(path)
        if known is None or not known[1].blob:
            return False
        try:
            return blob_id((self._root / path).read_bytes()) != known[1].blob
        except OSError:
            return True


def _stamps(root: Path) -> Iterable[tuple[str, Stamp]]:
    frame = root / FRAME
    if frame.is_file():
        yield FRAME, _stamp(frame.stat())
    for name in FOLDERS:
        top = root / name
        if top.is_dir() and not top.is_symlink():
            yield from _below(str(top), name)


def _below(folder: str, prefix: str) -> Iterable[tuple[str, Stamp]]:
    try:
        with os.scandir(folder) as children:
            entries = [c for c in children if c.name not in HIDDEN and not c.name.startswith(".gongkai-")]
    except (FileNotFoundError, NotADirectoryError):
        return
    for child in entries:
        path = f"{prefix}/{child.name}"
        try:
            if child.is_symlink():
                yield path, _SYMLINK
            elif child.is_dir():
                yield from _below(child.path, path)
            else:
                yield path, _stamp(child.stat()) if child.is_file() else _OTHER
        except FileNotFoundError:
            continue


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
