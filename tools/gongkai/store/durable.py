"""What must be on disk, and what changes at one instant: syncing, links, and the symbolic link that visitors go by."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FRESH = ".new"


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every plain file below a folder with its path from there, sorted; symbolic links are not followed and not listed."""
    return ((path, folder / path) for path in paths_of(folder))


def paths_of(folder: Path) -> list[str]:
    """The same, the paths alone."""
    return sorted(path for path, _ in _walked(folder))


def stats_of(folder: Path) -> list[tuple[str, os.stat_result]]:
    """The same paths, each with what the file system says of the file. OSError when one vanishes meanwhile."""
    return sorted((path, entry.stat(follow_symlinks=False)) for path, entry in _walked(folder))


def _walked(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    waiting = [(str(folder), "")]
    while waiting:
        where, prefix = waiting.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(where) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                elif not entry.is_symlink():
                    yield f"{prefix}{entry.name}", entry


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


def share_bytes(fresh: Path, old: Path) -> bool:
    """Put a hard link to `old` in the place of `fresh` when both hold the same bytes; whether that was done."""
    data = fresh.read_bytes()
    try:
        if os.path.samestat(fresh.lstat(), old.lstat()):
            return True  # and no rename: that of one name of a file to another does nothing, and leaves both
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
