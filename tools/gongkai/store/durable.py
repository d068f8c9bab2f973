"""What must be on disk, and what changes at one instant: syncing, links, and the symbolic link that visitors go by."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FRESH = ".new"
Stand = tuple[int, int, int]
"""How a file lies there: its size, its last change (nanoseconds), its inode. The same: nobody has written into it."""
Rows = tuple[tuple[str, int, int], ...]
"""Files as they were left: the path of each, its size in bytes, and when it was last changed (nanoseconds)."""
Stands = dict[str, dict[str, Stand]]
"""The files of many folders: by folder (its path with a slash at the end, empty for the topmost), then by name."""


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every plain file below a folder with its path from there, sorted; symbolic links are not followed and not listed."""
    return ((path, folder / path) for path in paths_of(folder))


def paths_of(folder: Path) -> list[str]:
    """The same, the paths alone."""
    return sorted(prefix + entry.name for prefix, entries in _walked(folder) for entry in entries)


def stands_of(folder: Path) -> Stands:
    """How each of the same files lies there, folder by folder. OSError when one vanishes meanwhile."""
    found: Stands = {}
    for prefix, entries in _walked(folder):
        here = found[prefix] = {}
        for entry in entries:
            here[entry.name] = lies(entry.stat(follow_symlinks=False))
    return found


def stand_of(file: Path) -> Stand:
    """How one file lies there."""
    return lies(file.lstat())


def lies(at: os.stat_result) -> Stand:
    """What the system says of a file, as far as it is asked."""
    return at.st_size, at.st_mtime_ns, at.st_ino


def _walked(folder: Path) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        files: list[os.DirEntry[str]] = []
        with listed(f"{folder}/{prefix}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{prefix}{entry.name}/")
                elif not entry.is_symlink():
                    files.append(entry)
            yield prefix, files


@contextmanager
def listed(folder: str) -> Iterator[Iterable[os.DirEntry[str]]]:
    """What lies in a folder, nothing when it is not there. By its handle: else each file is looked up from the root on."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        yield ()
        return
    try:
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def settle_disk(folder: Path) -> None:
    """Wait until all that was written to the folder's file system is on disk. OSError when it cannot be written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "syncfs"):
            os.sync()
        elif libc.syncfs(handle):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(handle)


def settle_folder(folder: Path) -> None:
    """Wait until the names in this folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def are_linked(rows: Rows, old: str, new: str, folders: set[str]) -> bool:
    """Link files from the folder `old` into `new`, in which `folders` are there; False when one is not as its row says."""
    try:
        for path, size, changed in rows:
            at = os.lstat(f"{old}/{path}")
            if at.st_size != size or at.st_mtime_ns != changed:
                return False
            folder = path.rpartition("/")[0]
            if folder not in folders:
                os.makedirs(f"{new}/{folder}", exist_ok=True)  # noqa: PTH103 - for each of many files
                folders.add(folder)
            os.link(f"{old}/{path}", f"{new}/{path}", follow_symlinks=False)
    except OSError:  # gone, another file system, too many links, or one lies there
        return False
    return True


def share_bytes(fresh: Path, old: Path) -> bool:
    """Put a hard link to `old` in the place of `fresh` when both hold the same bytes; whether that was done."""
    with suppress(FileNotFoundError):
        if os.path.samestat(fresh.lstat(), old.lstat()):
            return True  # and no rename: that of one name of a file to another does nothing, and leaves both
    data = fresh.read_bytes()
    try:
        if old.is_symlink() or old.read_bytes() != data:
            return False
        link = fresh.with_name(f"{fresh.name}{FRESH}")
        os.link(old, link)
    except OSError:  # another file system, too many links: then the file simply stays its own
        return False
    link.replace(fresh)
    return True


def point(link: Path, target: str, *, now: bool = True) -> None:
    """Let the symbolic link `link` lead to `target` from one instant to the next.

    With `now` off only the room for it is taken: a full disk is found out before anything depends on it.
    """
    fresh = link.with_name(f".{link.name}{FRESH}")
    if not fresh.is_symlink() or str(fresh.readlink()) != target:
        with suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(target)
    if now:
        fresh.replace(link)
        settle_folder(link.parent)


def clear(folder: Path) -> None:
    """Take a folder away with all that is in it; nothing when it is not there."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def clearing(*folders: Path) -> Iterator[None]:
    """Take folders away by a program of its own while this process does something else.

    In the end nothing of them is left, whatever became of that program, and where there is none.
    """
    child = None
    there = [str(folder) for folder in folders if folder.exists()]
    with suppress(OSError):
        child = subprocess.Popen(["rm", "-rf", "--", *there], stderr=subprocess.DEVNULL) if there else None
    try:
        yield
    finally:
        if child is not None:
            child.wait()
        for folder in folders:
            clear(folder)
