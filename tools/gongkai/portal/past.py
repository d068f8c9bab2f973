"""What an earlier build left: which files each sheet made, and under which key. Reused by hard links, or not at all.

A file is taken over only when the key says it would be the same and the file is as it was left (size and time of its last
change, as git judges its own work tree). A record that cannot be read is no record: then everything is made.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gongkai.portal.glance import Seen
from gongkai.portal.lines import CSV, JSON, Earlier, Lines
from gongkai.portal.page import BrokenLink
from gongkai.store.crew import uncounted
from gongkai.store.durable import are_linked

_HEAD = b"gongkai built 7\n"


Asked = tuple[tuple[str, str], ...]
"""What a page's text asked for, sorted: by what ("id", "path", "address"), and which."""
Row = tuple[str, int, int]
"""A file of a sheet: its path on the portal, its size in bytes, and when it was last changed (nanoseconds)."""


class Done(NamedTuple):
    """A sheet that was made: its key, what it asked for, its files, how many pages and attachments, its broken links."""

    key: bytes
    asked: Asked
    rows: tuple[Row, ...]
    pages: int = 0
    attachments: int = 0
    broken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Past:
    """The sheets of a finished build by name, in the folder where their files stand, and what its pages led to."""

    site: Path
    sheets: Mapping[str, Done] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    house: bytes = b""
    """The digest of what is behind every page: when it changes, nothing can be taken over."""
    lines: Lines = field(default_factory=Lines, compare=False)
    """Where the items' lines stand in the catalogue's files."""
    made_paths: set[str] | None = field(default=None, compare=False)
    """All files by their paths, as this process counted them."""
    mark: object = field(default=None, compare=False)
    """Tells a record that this process made from every other one."""
    whole: tuple[bytes, str, str, tuple[str, ...], tuple[tuple[str, str], ...]] | None = None
    """The digest of all that it was made from, from when until when it holds, MkDocs' remarks, the server's settings."""

    @property
    def paths(self) -> set[str]:
        """All files, by their paths on the portal."""
        return self.made_paths if self.made_paths is not None else paths_of(self.sheets.values())

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return sum(done.pages for done in self.sheets.values())

    @property
    def attachments(self) -> int:
        """How many files of items there are."""
        return sum(done.attachments for done in self.sheets.values())

    @property
    def broken(self) -> tuple[BrokenLink, ...]:
        """The links that stand on pages as text."""
        pairs = {pair for done in self.sheets.values() for pair in done.broken}
        return tuple(BrokenLink(*pair) for pair in sorted(pairs))

    def holds(self, digest: bytes, now: datetime) -> bool:
        """Whether the whole portal is as it would be made now, and every file as it was left."""
        if self.whole is None or self.whole[0] != digest:
            return False
        since, until = map(datetime.fromisoformat, self.whole[1:3])
        return since <= now < until and all(map(self.is_left, self.sheets.values()))

    def catalogue(self) -> Earlier | None:
        """The catalogue's files; None when they are not as they were left."""
        done = self.sheets.get(JSON)
        if done is None or not self.is_left(done):
            return None
        sizes = {path: size for path, size, _ in done.rows}
        try:
            table, data = (Path(self.site, path).read_bytes() for path in (CSV, JSON))
        except OSError:
            return None
        is_whole = (len(table), len(data)) == (sizes.get(CSV), sizes.get(JSON))
        return Earlier(self.lines, table, data) if is_whole else None

    def is_left(self, done: Done) -> bool:
        """Whether the sheet's files are as they were left."""
        try:
            found = (os.lstat(f"{self.site}/{path}") for path, _, _ in done.rows)
            return [(at.st_size, at.st_mtime_ns) for at in found] == [row[1:] for row in done.rows]
        except OSError:
            return False

    def taken_over(self, done: Done, into: str, folders: set[str]) -> bool:
        """Link the sheet's files into the folder `into`; False when one of them is not as it was left."""
        return are_linked(done.rows, str(self.site), into, folders)

    def exchanged(self, changed: Mapping[str, int]) -> Past:
        """The same after some files gave way to their twins: paths, and when those were last changed (nanoseconds)."""
        if not changed:
            return self
        sheets = dict(self.sheets)
        for name, done in self.sheets.items():
            if any(path in changed for path, _, _ in done.rows):
                rows = tuple((path, size, changed.get(path, at)) for path, size, at in done.rows)
                sheets[name] = done._replace(rows=rows)
        return replace(self, sheets=sheets)

    def packed(self) -> bytes:
        """The record as bytes; the folder is not in them."""
        # Plain tuples: what is packed here is unpacked by C code, thousands at once.
        rows = {name: tuple(done) for name, done in self.sheets.items()}
        seen = (tuple(self.seen.files), tuple(self.seen.anchors), self.seen.wrong)
        body = marshal.dumps((rows, seen, self.house, tuple(self.lines), self.whole))
        return b"".join((_HEAD, hashlib.sha256(body).digest(), body))


def paths_of(sheets: Iterable[Done]) -> set[str]:
    """The paths of all files of some sheets."""
    return {path for done in sheets for path, _, _ in done.rows}


def read_past(site: Path, record: Path) -> Past:
    """The past whose files stand in `site` and whose record is the file `record`; an empty one where there is none."""
    try:
        return unpacked(site, record.read_bytes())
    except OSError:
        return Past(site)


def unpacked(site: Path, record: bytes) -> Past:
    """The past that a record tells of, whose files stand in `site`; an empty one when it cannot be read."""
    start = len(_HEAD) + hashlib.sha256().digest_size
    data = memoryview(record)[start:]
    if record[:start] != _HEAD + hashlib.sha256(data).digest():
        return Past(site)
    # Bytes whose digest is right were written by this very program, on this machine: see docs/decisions/0051.
    with uncounted():
        rows, (files, anchors, wrong), house, lines, whole = marshal.loads(data)
        sheets = {name: Done._make(values) for name, values in rows.items()}
        seen = Seen(set(files), set(anchors), wrong)
        return Past(site, sheets, seen, house, Lines._make(lines), whole=whole)
