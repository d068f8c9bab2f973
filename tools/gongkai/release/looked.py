"""What the last release's files were looked over for: a file that is still the same one need not be read again.

Only when it is the very file (inode) that was looked at, as it was left (size and time of its last change), and nothing
is to be found today that was not to be found then: the same secret texts and files, and for a page the same title. Files
of items are always read: whether they are what was approved is asked of every release anew.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.release.manifest import Entry
from gongkai.release.place import SITE
from gongkai.release.view import Expected
from gongkai.store.files import write_whole

FILE = "looked.bin"
_HEAD = b"gongkai looked 1\n"

Row = tuple[int, str, int, int, str]
"""A public file as it was looked at: size, SHA-256, last change (nanoseconds), inode, and the title found on it."""


@dataclass(frozen=True)
class Looked:
    """A release that was looked over: its public files by path. `fits` says that the same texts are secret today."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    fits: bool = False

    def row(self, path: str, at: os.stat_result, title: str) -> Row | None:
        """What is known of a file that was looked at then, is as it was left, and was asked for the same title."""
        row = self.rows.get(path) if self.fits else None
        if row is None or row[4] != title:
            return None
        return row if (row[0], row[2], row[3]) == (at.st_size, at.st_mtime_ns, at.st_ino) else None

    def differs(self, path: str, row: Row) -> bool:
        """Whether a file is known to hold other bytes than that release's file of the same path."""
        known = self.rows.get(path)
        return known is not None and known[1] != row[1]


def read_looked(release: Path, expected: Expected) -> Looked:
    """What a release was looked over for; nothing when it cannot be read, or lies on another disk than it did."""
    try:
        raw = (release / FILE).read_bytes()
        start = len(_HEAD) + hashlib.sha256().digest_size
        data = raw[start:]
        if raw[:start] != _HEAD + hashlib.sha256(data).digest():
            return Looked()
        # Bytes whose digest is right were written by this program, beside the pages they speak of: docs/decisions/0051.
        device, secret, rows = marshal.loads(data)
        if device == os.lstat(release / SITE).st_dev:
            return Looked(rows, secret == _secret(expected))
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return Looked()


def write_looked(release: Path, expected: Expected, rows: Mapping[str, Row]) -> None:
    """Write down what a release was looked over for; of what is secret only a digest."""
    data = marshal.dumps((os.lstat(release / SITE).st_dev, _secret(expected), dict(rows)))
    write_whole(release / FILE, _HEAD + hashlib.sha256(data).digest() + data)


def entries_of(rows: Mapping[str, Row]) -> list[Entry]:
    """The manifest's entries of files that were looked at."""
    return [Entry(path, row[0], row[1]) for path, row in rows.items()]


def _secret(expected: Expected) -> str:
    rows = (*sorted(expected.secret), "", *sorted(expected.secret_files), "", *sorted(expected.departments))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
