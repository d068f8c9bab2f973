"""One at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg

STEP = 0.002
"""So many seconds pass between two tries for a lock: a publication waits for a decision to end."""


@contextmanager
def locked(path: Path, seconds: float = 60.0) -> Iterator[timedelta]:
    """Hold the lock file `path`; wait for at most `seconds`, then GongkaiError (exit 3). A killed holder lets go.

    Gives how long it was waited for, zero when it was free: who took the time before has to add that, or what others recorded meanwhile is
    later than their "now".
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _wait(handle, path, seconds)
    finally:
        os.close(handle)


def abandoned(files: Iterable[Path], seconds: float = 1.0) -> list[Path]:
    """Those of git's `.lock` files that stay unchanged for so long: a live git holds one for milliseconds."""
    before = {file: stamp for file in files if (stamp := _stamp(file))}
    if before:
        time.sleep(seconds)
    return [file for file, stamp in before.items() if _stamp(file) == stamp]


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _wait(handle: int, path: Path, seconds: float) -> timedelta:
    begun, waited = time.monotonic(), 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return timedelta(seconds=waited)
        except OSError as error:
            if waited > seconds:
                raise GongkaiError(
                    msg("somebody else is at work here for a long time ({lock})", lock=str(path)),
                    msg("wait a minute and try again"),
                    Exit.BROKEN,
                ) from error
            time.sleep(STEP)
            waited = time.monotonic() - begun
