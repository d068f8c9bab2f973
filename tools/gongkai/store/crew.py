"""Work shared out to several processes: whoever is free takes the next parts, and a part that kills its process is named.

Children are forked, so they share what the parent has read without copying it; where there is no fork, or one processor
only, the parent does everything itself.
"""

from __future__ import annotations

import gc
import mmap
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, TypeVar

from gongkai.store.apart import Apart
from gongkai.store.environment import give_back

Report = TypeVar("Report")
_NUMBER = struct.Struct("<i")
_NONE = -1
MOST = 8
"""More hands than this would wait for the disk."""
TIDY = 100
"""After so many parts it is looked for what is no longer in use: pages hold on to themselves in circles."""
LAST = 100
"""One of so many parts, divided by the children, is done by the parent at last: a child needs that long to hand over its report."""
STRIDES = 1000
"""Parts are handed out in about so many portions: a number for each fits into a pipe at once."""


class Fallen(Exception):
    """A child died over a part: killed, or out of memory. `part` is its number, -1 when it had none."""

    def __init__(self, part: int) -> None:
        self.part = part
        super().__init__(part)


def hands() -> int:
    """How many processes may work at once: the processors this process may use; `GONGKAI_HANDS` says otherwise."""
    said = os.environ.get("GONGKAI_HANDS", "")
    if said.isdigit() and int(said):
        return min(int(said), MOST)
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(free, MOST)


def share_out(
    parts: int,
    work: Callable[[int], None],
    report: Callable[[], Report],
    *,
    meanwhile: Callable[[], None] = lambda: None,
    begin: Callable[[], None] = lambda: None,
    count: int = 0,
    own: int = 0,
) -> list[Report]:
    """`work(n)` for every n below `parts`, then `report()` of each process; `meanwhile` is done by this process first.

    This process begins with the parts below `own` and the others with the rest, and then whoever is free goes on with what
    is left: what several parts ask for is made in one process. `begin` is called in each child before its first part. Reports
    go through pickle. What raises in a child is done here again, so that its error is raised here. Fallen when a child was killed.
    """
    count = min(count or hands(), parts)
    with uncounted():
        if count < 2 or not hasattr(os, "fork"):
            meanwhile()
            for number in _tidily(range(parts)):
                work(number)
            return [report()]
        with _Crew(parts, own, _Labour(work, report, begin), count - 1) as crew:
            meanwhile()
            give_back()
            for number in _tidily(chain(crew.numbers(), crew.last())):
                work(number)
            reports, failed = crew.gathered()
        for number in failed:
            work(number)
        return [report(), *reports]


def _tidily(numbers: Iterable[int]) -> Iterator[int]:
    """The numbers, and after some of them a look at what is no longer in use: only at what came since the last look."""
    for count, number in enumerate(numbers, 1):
        yield number
        if count % TIDY == 0:
            gc.collect(0)


@contextmanager
def uncounted() -> Iterator[None]:
    """Without looking for what is no longer in use: a tenth of the time went into looking at the same things again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(frozen=True)
class _Labour(Generic[Report]):
    """What a child does."""

    work: Callable[[int], None]
    report: Callable[[], Report]
    begin: Callable[[], None]


class _Crew(Generic[Report]):
    """The children, the pipe they take their numbers from, and the board on which each says what it is at."""

    def __init__(self, parts: int, own: int, labour: _Labour[Report], count: int) -> None:
        self._parts, self._labour = parts, labour
        self._stride = max(parts // STRIDES, 1)
        # While a child hands over what it has made, this process still has something to do.
        self._shared = parts - parts // (LAST * count)
        own = min(own, self._shared)
        self._piles = [self._piled(own, self._shared), self._piled(0, own)]
        self._board = mmap.mmap(-1, _NUMBER.size * count)
        for place in range(count):
            self._say(place, _NONE)
        give_back()  # what is free here would be free in each child too
        # What the parent has read stays where it is: children would copy it by counting what is still in use.
        gc.freeze()
        self._children: list[Apart[tuple[Report, list[int]]]] = []
        with suppress(OSError):  # a machine that has no more processes: those that began do it all
            for place in range(count):
                self._children.append(Apart(partial(self._done_at, place)))
        self._piles.reverse()

    def _piled(self, start: int, end: int) -> tuple[int, int]:
        """A pipe with the first numbers of portions, which whoever is free takes out, and where the last portion ends."""
        take, give = os.pipe()
        os.write(give, b"".join(_NUMBER.pack(n) for n in range(start, end, self._stride)))
        os.close(give)
        return take, end

    def __enter__(self) -> _Crew[Report]:
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody is left behind, whatever happened."""
        for pile in self._piles:
            os.close(pile[0])
        for child in self._children:
            child.end()
        self._board.close()
        gc.unfreeze()

    def numbers(self) -> Iterator[int]:
        """The numbers nobody has taken yet, one by one."""
        for take, end in self._piles:
            while taken := os.read(take, _NUMBER.size):
                start = _NUMBER.unpack(taken)[0]
                yield from range(start, min(start + self._stride, end))

    def last(self) -> Iterable[int]:
        """The numbers that no child takes."""
        return range(self._shared, self._parts)

    def gathered(self) -> tuple[list[Report], list[int]]:
        """Wait for all children: their reports, and the numbers that raised something there."""
        reports, failed = [], []
        for place, child in enumerate(self._children):
            done = child.answer()
            if done is None:
                raise Fallen(_NUMBER.unpack_from(self._board, place * _NUMBER.size)[0])
            reports.append(done[0])
            failed += done[1]
        return reports, sorted(failed)

    def _done_at(self, place: int) -> tuple[Report, list[int]]:
        """What the child at this place of the board has done, and the numbers that raised something."""
        failed = []
        self._labour.begin()
        for number in _tidily(self.numbers()):
            self._say(place, number)
            try:
                self._labour.work(number)
            except Exception:  # the parent does it again, and sees why
                failed.append(number)
        self._say(place, _NONE)
        return self._labour.report(), failed

    def _say(self, place: int, number: int) -> None:
        _NUMBER.pack_into(self._board, place * _NUMBER.size, number)
