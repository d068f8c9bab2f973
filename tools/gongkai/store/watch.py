"""Waiting for a save: a bell on a portal's folders, and a look now and then where no bell rings (network drives).

The bell only says that it is time to look. What changed is found by looking (`sight`), so a lost or a doubled ring does no
harm, and it does not matter by which steps an editor saves.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path

from gongkai.store.bell import Bell
from gongkai.store.sight import FOLDERS

QUIET, LONGEST = 0.03, 0.4
"""Seconds without a ring after which a save counts as finished; seconds after which we look in any case."""
_BESIDE = re.compile(
    r"(^|/)(\.[^/]*|~\$[^/]*|#[^/]*#|4913|[^/]*~|[^/]*\.(swp|swx|tmp|temp|bak|part|crswap|crdownload))$",
    re.IGNORECASE,
)


def is_beside(path: str) -> bool:
    """Whether a file is one that editors and office programs put down beside what they write, and take away again."""
    return _BESIDE.search(path) is not None


class Saves:
    """Waits for saves below one portal's folders, also those that are made later. A context."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._bell: Bell | None = None
        self._heard: frozenset[tuple[Path, int]] = frozenset()

    def wait(self, seconds: float) -> bool:
        """Wait for a save to be finished, at most so long; whether there was one."""
        self._attach()
        if self._bell is None:
            time.sleep(seconds)
            return False
        if not self._bell.wait(seconds):
            return False
        until = time.monotonic() + LONGEST
        while self._bell.wait(QUIET) and time.monotonic() < until:
            pass
        return True

    def _attach(self) -> None:
        """Hang the bell anew when one of the folders came, went, or is another one of the same name."""
        there = frozenset((self._root / name, _inode(self._root / name)) for name in FOLDERS)
        there = frozenset((folder, inode) for folder, inode in there if inode)
        if there == self._heard:
            return
        self._detach()
        self._heard = there
        with suppress(OSError):  # no watches left in the system: looking now and then must do
            bell = Bell(sorted(folder for folder, _ in there))
            bell.__enter__()
            self._bell = bell

    def _detach(self) -> None:
        if self._bell is not None:
            self._bell.__exit__()
            self._bell = None

    def __enter__(self) -> Saves:
        self._attach()
        return self

    def __exit__(self, *_: object) -> None:
        self._detach()


def _inode(folder: Path) -> int:
    try:
        return 0 if folder.is_symlink() or not folder.is_dir() else folder.stat().st_ino
    except OSError:
        return 0
