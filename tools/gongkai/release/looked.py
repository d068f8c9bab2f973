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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from gongkai.release import manifest
from gongkai.release.place import SITE
from gongkai.release.searching import Seen
from gongkai.release.view import Expected
from gongkai.store.durable import Stand, Stands, stand_of
from gongkai.store.files import write_whole

FILE = "looked.bin"
_HEAD = b"gongkai looked 3\n"
_FORMAT = 2
"""Marshal's format that does not look for values which are the same: several times as quick to write."""


@dataclass(frozen=True)
class Looked:
    """A release that was looked over: the `lines` of its manifest by path, and how the files lay there in its `site`.

    `secret` is a digest of all that was secret, `asked` what was asked of single files: the title on a page, the git id of
    an item's file. `lined` are the files that were read line by line (`release.readable`), `seen` is of the search.
    """

    site: Path
    lines: dict[str, str] = field(default_factory=dict)
    stands: Stands = field(default_factory=dict)
    secret: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    lined: set[str] = field(default_factory=set)
    seen: Seen = field(default_factory=Seen)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(at[0] for here in self.stands.values() for at in here.values())

    def stand(self, path: str) -> Stand | None:
        """How a file lay there; None when there was none."""
        folder, slash, name = path.rpartition("/")
        return self.stands.get(folder + slash, {}).get(name)

    def put(self, path: str, stand: Stand) -> None:
        """From now on a file lies there in another way."""
        folder, slash, name = path.rpartition("/")
        # Not the folder's own table: whoever told of it goes on from there.
        self.stands[folder + slash] = {**self.stands[folder + slash], name: stand}

    def paths(self) -> Iterator[str]:
        """All files, in no order."""
        return (folder + name for folder, here in self.stands.items() for name in here)

    def bytes_of(self, path: str) -> bytes:
        """What stands in a file that lies there as it did when it was looked at; nothing if it does not."""
        file = self.site / path
        with suppress(OSError):
            if stand_of(file) == self.stand(path):
                return file.read_bytes()
        return b""

    def others(self, there: Stands) -> Iterator[str]:
        """The files that are not those that were looked at, as they were left."""
        for folder, here in there.items():
            then = self.stands.get(folder, {})
            if here is not then and here != then:
                yield from (folder + name for name, at in here.items() if then.get(name) != at)

    def differs(self, path: str, line: str) -> bool:
        """Whether a file is known to hold other bytes than that release's file of the same path."""
        return self.lines.get(path, line) != line


@dataclass
class Memory:
    """The record that was written last, in a process that stays: need not be read again as long as it lies there as it did."""

    lies: tuple[object, ...] = ()
    looked: Looked = field(default_factory=lambda: Looked(Path()))


def read_looked(release: Path, memory: Memory) -> Looked:
    """What a release was looked over for; nothing when it cannot be read, or lies on another disk than it did."""
    site = release / SITE
    try:
        if memory.lies == _lies(release):
            return replace(memory.looked, site=site)
        raw = (release / FILE).read_bytes()
        start = len(_HEAD) + hashlib.sha256().digest_size
        data = raw[start:]
        if raw[:start] != _HEAD + hashlib.sha256(data).digest():
            return Looked(site)
        # Bytes whose digest is right were written by this program, beside the pages they speak of: docs/decisions/0051.
        device, digest, paths, stands, secret, asked, lined, *seen = marshal.loads(data)
        if device == os.lstat(site).st_dev:
            lines = dict(zip(paths, manifest.read_lines(release, digest), strict=True))
            return Looked(site, lines, stands, secret, asked, lined, Seen(*seen))
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return Looked(site)


def write_looked(release: Path, looked: Looked, digest: bytes, memory: Memory) -> None:
    """Write down what a release was looked over for, beside its manifest with this digest."""
    device = os.lstat(release / SITE).st_dev
    rows = (looked.stands, looked.secret, looked.asked, looked.lined, *vars(looked.seen).values())
    data = marshal.dumps((device, digest, [*looked.lines], *rows), _FORMAT)
    write_whole(release / FILE, _HEAD + hashlib.sha256(data).digest() + data)
    memory.lies, memory.looked = _lies(release), looked


def _lies(release: Path) -> tuple[object, ...]:
    return os.lstat(release / SITE).st_dev, *(stand_of(release / name) for name in (FILE, manifest.FILE))


def asked_of(expected: Expected) -> dict[str, str]:
    """What is asked of single files."""
    return {**expected.pages, **expected.files}


def secret_of(expected: Expected) -> str:
    """The digest of all that is secret, and of where it is looked for."""
    rows = (*sorted(expected.secret), "", *sorted(expected.secret_files), "", *sorted(expected.departments))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
