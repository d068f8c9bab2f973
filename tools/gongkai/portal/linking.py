"""An earlier build's files linked into a fresh folder, all of them, while others still find out which are needed.

After one change nearly all of them are. The few that are not are taken away again; see `Linked.only`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from posixpath import dirname

from gongkai.portal.past import Past
from gongkai.store.apart import Apart
from gongkai.store.crew import hands
from gongkai.store.durable import clear

MANY = 1000
"""Fewer sheets are linked one by one: to start a process would take longer."""


class Linked:
    """The files of `past` in the folder `into`; `spoilt` are the sheets with a file that is not as it was left."""

    def __init__(self, past: Past, into: Path, work: Apart[list[str]]) -> None:
        self._past, self._into, self._work = past, into, work

    def only(self, wanted: Collection[str], mended: Collection[str] = ()) -> set[str]:
        """Leave the files of these sheets, by their names, and no other; the names of those that could not be linked.

        `mended` are sheets of which few files are to be made anew: the others of them stay too.
        """
        stay = {*wanted, *mended}
        spoilt = self._work.answer()
        if spoilt is None:
            clear(self._into)
            return stay
        for name in self._past.sheets.keys() - stay:
            self._unlink(path for path, _, _ in self._past.sheets[name].rows)
        return stay.intersection(spoilt)

    def _unlink(self, paths: Iterable[str]) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                os.unlink(f"{self._into}/{path}")  # noqa: PTH108
            folder = dirname(path)
            with suppress(OSError):  # something else lies there, most often
                while folder:
                    os.rmdir(f"{self._into}/{folder}")  # noqa: PTH106
                    folder = dirname(folder)


@contextmanager
def linking(past: Past | None, into: Path) -> Iterator[Linked | None]:
    """Link the files of a past by a process of its own; None when that would not be worth it."""
    if past is None or len(past.sheets) < MANY or hands() < 2:
        yield None
        return
    into.mkdir(parents=True)
    with Apart(lambda: _linked(past, str(into))) as work:
        yield Linked(past, into, work)


def _linked(past: Past, into: str) -> list[str]:
    folders: set[str] = set()
    ends = os.open(past.site, os.O_RDONLY), os.open(into, os.O_RDONLY)
    try:
        return [n for n, done in past.sheets.items() if not past.taken_over(done, into, folders, ends)]
    finally:
        for end in ends:
            os.close(end)
