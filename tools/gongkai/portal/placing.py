"""Files in the folder that is being printed: written, or linked from the build before where they are the very same.

What is there already is never written through: a link shares its bytes with an earlier release.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from gongkai.portal.past import Done, Past, Row

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Placing:
    """Puts files into the folder `site`; what is as in the `past` is linked from there."""

    def __init__(self, site: Path, past: Past | None) -> None:
        self._site, self._past = str(site), past
        self._folders: set[str] = set()
        self.linked: set[str] = set()
        """The sheets to be made anew whose files of the past lie in the folder already, all as they were left."""

    def put(self, path: str, data: bytes, before: Row | None = None) -> Row:
        """A file with these bytes; the one that the past has there, as the row `before` says, if it has the same."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(f"{self._site}/{folder}", exist_ok=True)  # noqa: PTH103 - called for each of many files
            self._folders.add(folder)
        if before is not None and self._is_as_before(before, data):
            return before
        try:
            return self._written(path, data)
        except FileExistsError:
            os.unlink(f"{self._site}/{path}")  # noqa: PTH108
            return self._written(path, data)

    def _written(self, path: str, data: bytes) -> Row:
        # Bare calls of the system: a file object around them takes a fifth of the time of writing a page.
        file = os.open(f"{self._site}/{path}", _NEW, 0o666)
        try:
            done = os.write(file, data)
            while done < len(data):
                done += os.write(file, data[done:])
            at = os.fstat(file)
        finally:
            os.close(file)
        return path, at.st_size, at.st_mtime_ns

    def _is_as_before(self, row: Row, data: bytes) -> bool:
        """Whether the past's file of this row has these bytes; then it is linked."""
        path, size, changed = row
        if self._past is None or size != len(data):
            return False
        old = f"{self._past.site}/{path}"
        try:
            at = os.lstat(old)
            if not stat.S_ISREG(at.st_mode) or (at.st_size, at.st_mtime_ns) != (size, changed):
                return False
            with open(old, "rb", buffering=0) as file:  # noqa: PTH123
                if file.read() != data:
                    return False
            os.link(old, f"{self._site}/{path}", follow_symlinks=False)
        except OSError:  # gone, another file system, something lies there: then it is written
            return False
        return True

    def taken_over(self, done: Done) -> bool:
        """Link a sheet's files of the past; False when one of them is not as it was left."""
        return self._past is not None and self._past.taken_over(done, self._site, self._folders)

    def stand(self, name: str, done: Done) -> bool:
        """Let the sheet's files of the past lie in the folder; False, and none of them, when one is not as it was left."""
        if name in self.linked or self.taken_over(done):
            return True
        self.clear(done)
        return False

    def read(self, path: str) -> bytes:
        """The bytes of a file that lies in the folder."""
        return Path(self._site, path).read_bytes()

    def clear(self, done: Done) -> None:
        """Take a sheet's files of the past away again: it is to be made anew, in the same folders."""
        for path, _, _ in done.rows:
            with suppress(FileNotFoundError):
                os.unlink(f"{self._site}/{path}")  # noqa: PTH108
