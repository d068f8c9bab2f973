"""Numbered parts done by forked children, each handed over as soon as it is done.

What they make goes into a file of each child, and through the pipe only where it lies: a child never waits for the parent, and
what is large is not copied until somebody reads it.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from errno import EIO
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gongkai.store.apart import Apart

MOST = 1_000
"""So many parts at most: a number for each fits into a pipe at once."""
_NUMBER = struct.Struct("<i")
_SAID = struct.Struct("<iiqi")
"""The child, the part's number, where its answer lies and how long it is; a pipe keeps so few bytes together."""
_RAISED = -1


class Stretch(NamedTuple):
    """Some bytes of a spool."""

    spool: Spool
    at: int
    length: int

    def read(self) -> bytes:
        """These bytes."""
        return self.spool.read(self.at, self.length)


class Spool:
    """A file without a name that one process writes and others read; it is there as long as somebody holds it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - see above
        self._end = 0

    def add(self, data: bytes) -> Stretch:
        """Write this behind all else; only one process may."""
        at, done, left = self._end, 0, memoryview(data)
        while done < len(data):
            # At its place, not where the last write ended: one that failed half-way moves nothing that comes after.
            done += os.pwrite(self._file.fileno(), left[done:], at + done)
        self._end += len(data)
        return Stretch(self, at, len(data))

    def read(self, at: int, length: int) -> bytes:
        """Bytes that were written; no process moves what another one reads from."""
        found = os.pread(self._file.fileno(), length, at)
        if len(found) != length:
            raise OSError(EIO, os.strerror(EIO))
        return found


Work = Callable[[int, Spool], bytes]
"""Do the part of this number; what is large may be put into the spool. Gives the answer."""


class Relay:
    """Children at work. Used as a context: in its end nobody is left behind, whatever happened."""

    def __init__(self, parts: int, work: Work, count: int, folder: Path | None = None) -> None:
        self._work = work
        self._spools = [spool_in(folder) for _ in range(count)]
        self._take, give = os.pipe()
        os.write(give, b"".join(map(_NUMBER.pack, range(parts))))
        os.close(give)
        self._told, self._tell = os.pipe()
        self._children: list[Apart[None]] = []
        try:
            for place in range(count):
                self._children.append(Apart(partial(self._do, place)))
        except OSError:  # a machine that has no more processes: those that began do it all
            if not self._children:
                os.close(self._told)
                raise
        finally:
            os.close(self._tell)
            os.close(self._take)

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._told)
        for child in self._children:
            child.end()
        self._children.clear()  # they hold us in turn, and the spools' files would stay open

    def answers(self) -> Iterator[tuple[int, Spool, bytes | None]]:
        """Each part's number, the spool of the child that did it, and its answer; None for one that raised something.

        A part whose child died is not among them.
        """
        while said := os.read(self._told, _SAID.size):
            place, number, at, length = _SAID.unpack(said)
            spool = self._spools[place]
            yield number, spool, None if length == _RAISED else spool.read(at, length)

    def _do(self, place: int) -> None:
        os.close(self._told)  # else a child whose parent was killed would not notice
        while taken := os.read(self._take, _NUMBER.size):
            number = _NUMBER.unpack(taken)[0]
            try:
                _, at, length = self._spools[place].add(self._work(number, self._spools[place]))
            except Exception:  # the parent does it again, and sees why
                at, length = 0, _RAISED
            os.write(self._tell, _SAID.pack(place, number, at, length))


def spool_in(folder: Path | None) -> Spool:
    """In this folder, where there is room for what is kept anyway; where temporary files lie when it takes none."""
    try:
        return Spool(folder)
    except OSError:
        return Spool()
