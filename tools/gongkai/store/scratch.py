"""Folders for what is half made: each goes when its maker is done, and what a killed one left goes before the next begins."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.store import clock

YOUNG = 3600.0
"""A folder changed less than so many seconds ago is left alone: its maker may not hold it yet, or be of a version that held none."""
_FOLDER: int = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def scratch(place: Path, start: str) -> Iterator[Path]:
    """A folder in `place` whose name begins with `start`; in the end it is gone, with all that is in it.

    Its maker holds it by a lock that the system lets go of when a process dies: so others know what nobody will finish.
    """
    for left in place.glob(f"{start}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=start, dir=place) as folder:
        handle = _held(Path(folder))
        try:
            yield Path(folder)
        finally:
            if handle is not None:
                os.close(handle)


def _is_left(folder: Path) -> bool:
    try:
        if clock.now().timestamp() - folder.lstat().st_mtime < YOUNG:
            return False
    except OSError:
        return False
    handle = _held(folder)
    if handle is None:
        return False
    os.close(handle)
    return True


def _held(folder: Path) -> int | None:
    """The folder, open and locked; None when somebody else holds it, it is a link, or the system has no such locks."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY | _FOLDER)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
