"""What an earlier build left: which files each sheet made, and under which key. Reused by hard links, or not at all.

A file is taken over only when the key says it would be the same and the file is as it was left (size and time of its last
change, as git judges its own work tree). A record that cannot be read is no record: then everything is made.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.portal.data_catalogue import Line
from gongkai.portal.glance import Seen
from gongkai.portal.keys import Asked

_HEAD = b"gongkai built 1\n"


@dataclass(frozen=True, slots=True)
class Row:
    """A file of a sheet: its path on the portal, its size in bytes, and when it was last changed (nanoseconds)."""

    path: str
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Done:
    """A sheet that was made: its key, what it asked for, its files, how many pages and attachments, its broken links."""

    key: bytes
    asked: Asked
    rows: tuple[Row, ...]
    pages: int = 0
    attachments: int = 0
    broken: tuple[tuple[str, str], ...] = ()
    line: Line | None = None
    """An item's part of the catalogue."""


@dataclass(frozen=True)
class Past:
    """The sheets of a finished build by name, in the folder where their files stand, and what its pages led to."""

    site: Path
    sheets: Mapping[str, Done] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def taken_over(self, done: Done, into: str, folders: set[str]) -> bool:
        """Link the sheet's files into the folder `into`; False when one of them is not as it was left."""
        site = f"{self.site}/"
        try:
            for row in done.rows:
                at = os.lstat(site + row.path)
                if at.st_size != row.size or at.st_mtime_ns != row.changed:
                    return False
                folder = row.path.rpartition("/")[0]
                if folder not in folders:
                    os.makedirs(f"{into}/{folder}", exist_ok=True)  # noqa: PTH103 - for each of many files
                    folders.add(folder)
                os.link(site + row.path, f"{into}/{row.path}", follow_symlinks=False)
        except OSError:  # gone, another file system, too many links: then it is made anew, over what is there
            return False
        return True

    def packed(self) -> bytes:
        """The record as bytes; the folder is not in them."""
        rows = {
            name: (
                d.key,
                sorted(d.asked),
                [(r.path, r.size, r.changed) for r in d.rows],
                d.pages,
                d.attachments,
                d.broken,
                d.line and (d.line.csv, d.line.json, d.line.url, d.line.published, d.line.modified),
            )
            for name, d in self.sheets.items()
        }
        seen = (sorted(self.seen.files), sorted(self.seen.anchors), self.seen.wrong)
        data = marshal.dumps((rows, seen))
        return _HEAD + hashlib.sha256(data).digest() + data


def read_past(site: Path, record: Path) -> Past:
    """The past whose files stand in `site` and whose record is the file `record`; an empty one where there is none."""
    try:
        return unpacked(site, record.read_bytes())
    except OSError:
        return Past(site)


def unpacked(site: Path, record: bytes) -> Past:
    """The past that a record tells of, whose files stand in `site`; an empty one when it cannot be read."""
    start = len(_HEAD) + hashlib.sha256().digest_size
    data = record[start:]
    if record[:start] != _HEAD + hashlib.sha256(data).digest():
        return Past(site)
    # Bytes whose digest is right were written by this very program, on this machine: see docs/decisions/0051.
    rows, (files, anchors, wrong) = marshal.loads(data)
    sheets = {name: _done(*values) for name, values in rows.items()}
    return Past(site, sheets, Seen(set(files), {(f, a) for f, a in anchors}, wrong))


def _done(
    key: bytes, asked: Iterable[tuple[str, str]], rows: Iterable[tuple[str, int, int]], pages: int, attachments: int,
    broken: Iterable[tuple[str, str]], line: tuple[str, str, str, str, str] | None,
) -> Done:  # fmt: skip
    files = tuple(Row(*row) for row in rows)
    return Done(key, frozenset(asked), files, pages, attachments, tuple(broken), line and Line(*line))
