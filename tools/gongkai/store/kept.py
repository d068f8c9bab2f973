"""What was computed once, kept by the digests of everything it was computed from: deletable at any time, never wrong.

One SQLite file beside the repository. A value comes back only under the very key it was kept under, with its checksum
right; keys hold the engine's own fingerprint, so another version finds nothing. A file that is locked, broken, of another
format or on a full disk is no fault: then nothing is kept and everything is computed.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from gongkai.store import clock
from gongkai.store.resources import PACKAGE

NAME = "gongkai-kept-"
"""Files begin with this; the engine's fingerprint follows, so that another version begins with an empty one."""
WAIT = 2.0
"""So many seconds a second process waits for the first to have written."""
OLD = 86_400
"""So many seconds after its last use another version's file goes."""
MOST = 4_000_000_000
"""A larger file (bytes) is thrown away and begun anew."""


CODE = (".py", ".json", ".mo", ".html", ".css", ".js", ".svg", ".yml")
"""Files of the package that decide what is computed."""


@cache
def engine() -> str:
    """A fingerprint of the code that computes: this package's files, Python, and the versions of all libraries."""
    seen = hashlib.sha256(sys.version.encode())
    for folder, _, names in sorted(os.walk(PACKAGE)):
        for name in sorted(n for n in names if n.endswith(CODE)):
            at = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - called for each of 300 files at every start
            seen.update(f"{folder}/{name} {at.st_size} {at.st_mtime_ns}\n".encode())
    for line in sorted(_libraries()):
        seen.update(line.encode("utf-8", "surrogateescape"))
    return seen.hexdigest()[:16]


def _libraries() -> Iterator[str]:
    """The folders that name each library and its version."""
    for folder in sys.path:
        with suppress(OSError):
            names = os.listdir(folder)  # noqa: PTH208 - at every start, and only names are wanted
            yield from (f"{folder}/{name}" for name in names if name.endswith((".dist-info", ".egg-info")))


class Kept:
    """Values by kind and key, in a file of the folder. `Kept(None)` keeps nothing beyond this process."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._base: sqlite3.Connection | None = None
        self._pid = 0
        self._inherited: list[sqlite3.Connection] = []
        self.memory: dict[str, Any] = {}
        """What this process made of the values, for those who read them more than once."""

    def all(self, kind: str) -> dict[str, bytes]:
        """Every value of a kind, by key; those whose checksum is wrong are left out."""
        return self._rows("SELECT key, value, sum FROM kept WHERE kind = ?", (kind,))

    def each(self, kind: str) -> Iterator[bytes]:
        """Every value of a kind, one after another: never all of them at once."""
        with suppress(sqlite3.Error, OSError, UnicodeError, OverflowError):
            if (base := self._open()) is not None:
                found = base.execute("SELECT value, sum FROM kept WHERE kind = ?", (kind,))
                yield from (value for value, sum_ in found if zlib.crc32(value) == sum_)

    def get(self, kind: str, key: str) -> bytes | None:
        """One value; None when it is not kept."""
        return self._rows("SELECT key, value, sum FROM kept WHERE kind = ? AND key = ?", (kind, key)).get(key)

    def keys(self, kind: str) -> list[str]:
        """The keys of a kind; their values are not read."""
        return self._kinds("SELECT key FROM kept WHERE kind = ?", kind)

    def put(self, kind: str, rows: Mapping[str, bytes], *, alone: bool = False) -> None:
        """Keep these values, one transaction; `alone`: in place of all others of the kind. What fails is not kept."""
        data = ((kind, key, value, zlib.crc32(value)) for key, value in rows.items())
        old = "DELETE FROM kept WHERE kind = ?" if alone else ""
        if rows or alone:
            self._write("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", data, old, (kind,))

    def drop(self, kind: str, keys: Iterable[str]) -> None:
        """Forget these values."""
        self._write("DELETE FROM kept WHERE kind = ? AND key = ?", ((kind, key) for key in keys))

    def whole(self, kind: str, key: str) -> bytes | None:
        """A large value in a file of its own, as `put_whole` left it; the reader must see by itself whether it is sound."""
        with suppress(OSError):
            return None if (file := self._file(kind, key)) is None else file.read_bytes()
        return None

    def put_whole(self, kind: str, key: str, value: bytes) -> None:
        """Keep a large value in a file of its own: a database would copy it thrice. What fails is not kept."""
        file = self._file(kind, key)
        if file is None:
            return
        part = file.with_name(f"{file.name}-{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(value)
            part.replace(file)
        except OSError:
            _remove([part])

    def tidy_wholes(self, kind: str, keys: Iterable[str], spare: int) -> None:
        """Forget the large values of a kind that others than these keys have, once they are `spare` times as many."""
        needed = {self._file(kind, key) for key in keys}
        if self.folder is not None:
            old = set(self.folder.glob(f"{NAME}{engine()}-{kind}-*")) - needed
            if len(old) > spare * len(needed):
                _remove(old)

    def _file(self, kind: str, key: str) -> Path | None:
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self.folder / f"{NAME}{engine()}-{kind}-{name}" if self.folder else None

    def crowd_out(self, start: str, kind: str, most: int) -> None:
        """Forget the kinds that begin with `start`, but for `kind`, when there are more than `most` of them."""
        count = "SELECT kind, kind, 0 FROM (SELECT DISTINCT kind FROM kept WHERE kind GLOB ?)"
        others = [name for name in self._kinds(count, f"{start} *") if name != kind]
        if len(others) >= most:
            self._write("DELETE FROM kept WHERE kind = ?", ((name,) for name in others))

    def _kinds(self, query: str, pattern: str) -> list[str]:
        with suppress(sqlite3.Error, OSError, UnicodeError, OverflowError):
            if (base := self._open()) is not None:
                return [row[0] for row in base.execute(query, (pattern,))]
        return []

    def _write(
        self, order: str, rows: Iterable[tuple[Any, ...]], first: str = "", about: tuple[str, ...] = ()
    ) -> None:
        with suppress(sqlite3.Error, OSError, UnicodeError, OverflowError):
            if (base := self._open()) is not None:
                with base:
                    if first:
                        base.execute(first, about)
                    base.executemany(order, rows)

    def _rows(self, query: str, values: tuple[str, ...]) -> dict[str, bytes]:
        with suppress(sqlite3.Error, OSError, UnicodeError, OverflowError):
            if (base := self._open()) is not None:
                found = base.execute(query, values)
                return {key: value for key, value, sum_ in found if zlib.crc32(value) == sum_}
        return {}

    def _open(self) -> sqlite3.Connection | None:
        if self._pid != os.getpid():
            # A connection is its own process's: a forked one opens another, and does not even close what it inherited.
            self._inherited += [self._base] if self._base is not None else []
            self._base, self._pid = None, os.getpid()
        if self.folder is None or self._base is not None:
            return self._base
        file = self.folder / f"{NAME}{engine()}.sqlite"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _remove(f for f in self.folder.glob(f"{NAME}*") if _idle(f))
        elif file.stat().st_size > MOST:
            _remove(self.folder.glob(f"{file.name}*"))
        try:
            self._base = _connected(file)
        except sqlite3.DatabaseError:
            _remove(self.folder.glob(f"{file.name}*"))
            self._base = _connected(file)
        return self._base


def kept_for(folder: Path) -> Kept:
    """Where a repository or a plain folder keeps what was computed: in its git folder, else in the user's cache.

    `GONGKAI_KEPT=off` in the environment keeps nothing.
    """
    if os.environ.get("GONGKAI_KEPT") == "off":
        return Kept(None)
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        return Kept(folder / "gongkai")
    if (folder / ".git").is_dir():
        return Kept(folder / ".git" / "gongkai")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(str(folder.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Kept(home / "gongkai" / name)


def _idle(file: Path) -> bool:
    """Whether what another version of the engine kept was not written for a day: two may be at work side by side."""
    try:
        return clock.now().timestamp() - file.stat().st_mtime > OLD
    except OSError:
        return False


def _remove(files: Iterable[Path]) -> None:
    for file in list(files):
        with suppress(OSError):
            file.unlink()


def _connected(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=WAIT)
    try:
        # Most values are some kilobytes long: on pages of 4 kB each would be spread over several.
        base.execute("PRAGMA page_size = 16384")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = OFF")
        # What is still to be taken over into the file itself is at the processor's hand then: a fifth of the time of many values.
        base.execute("PRAGMA wal_autocheckpoint = 200")
        # With row ids: without them the large values are moved about whenever a key comes between two others.
        base.execute(
            "CREATE TABLE IF NOT EXISTS kept"
            " (kind TEXT, key TEXT, value BLOB, sum INTEGER, PRIMARY KEY (kind, key))"
        )
    except BaseException:
        base.close()  # its files stay open else, and on a full disk this is tried again for every item
        raise
    return base
