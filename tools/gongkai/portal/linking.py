"""An earlier build's files linked into a fresh folder, all of them, while others still find out which are needed.

After one change nearly all of them are. The few that are not are taken away again; see `Linked.only`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from posixpath import dirname

from gongkai.portal.past import Past
from gongkai.store.apart import Apart
from gongkai.store.crew import hands
from gongkai.store.durable import clear
from gongkai.store.porter import Answer, Porter

MANY = 1000
"""Fewer sheets are linked one by one: to start a process would take longer."""


class Linked:
    """The files of `past` in the folder `into`; `spoilt` are the sheets with a file that is not as it was left."""

    def __init__(self, past: Past, into: Path, work: Apart[list[str]] | Answer) -> None:
        self._past, self._into, self._work = past, into, work

    def only(self, wanted: Collection[str], mended: Collection[str] = ()) -> set[str]:
        """Leave the files of these sheets, by their names, and no other; the names of those that could not be linked.

        `mended` are sheets of which few files are to be made anew: the others of them stay too.
        """
        stay = {*wanted, *mended}
        spoilt = self._work.answer()
        if spoilt is None and isinstance(self._work, Answer):
            # All lay there when the folder was taken; the porter is gone, so it is looked at here.
            there = replace(self._past, site=self._into)
            spoilt = [name for name, done in self._past.sheets.items() if not there.is_left(done)]
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


class Ahead:
    """All files of a finished build linked into a folder before anybody needs them, by the porter.

    The folder is a next build's to take, or to clear.
    """

    def __init__(self, past: Past, folder: Path, porter: Porter) -> None:
        self._past, self.folder, self._porter = past, folder, porter
        clear(folder)
        folder.mkdir()
        self._it = folder.stat()
        groups = {name: done.rows for name, done in past.sheets.items()}
        self._linked = porter.link(groups, past.site, folder)
        self._left: Answer | None = None

    @classmethod
    def of(cls, past: Past, folder: Path, porter: Porter) -> Ahead | None:
        """None when that would not be worth it."""
        return cls(past, folder, porter) if _is_worth_it(past) else None

    @cached_property
    def whole(self) -> bool:
        """Whether all files were linked; waits until that is known."""
        return bool(self._linked.answer() == [])

    def look(self) -> None:
        """Have it found out which sheets still lie there as they were linked: the next build will ask."""
        self._left = self._porter.left()

    def became(self, past: Past, into: Path) -> Answer | None:
        """What the last look will say, when all is linked that belongs to this past; then the folder has another name.

        Never another folder than the one that was filled here: it might hold more.
        """
        try:
            mine = self.whole and os.path.samestat(self.folder.stat(), self._it)
            if mine and past.mark is self._past.mark and past.site == self._past.site:
                self.folder.rename(into)
                return self._left or self._porter.left()
        except OSError:  # somebody took it away
            pass
        return None

    def end(self) -> None:
        """Have no folder left; what cannot be cleared is left to the next that builds."""
        with suppress(OSError):
            self._linked.answer()
            clear(self.folder)


def _is_worth_it(past: Past) -> bool:
    return len(past.sheets) >= MANY and hands() > 1


@contextmanager
def linking(past: Past | None, into: Path, ahead: Ahead | None = None) -> Iterator[Linked | None]:
    """Link the files of a past by a process of its own; None when that would not be worth it.

    What was linked `ahead` was looked at once more when the build began: somebody may have written into a file since.
    """
    if past is None or not _is_worth_it(past):
        yield None
        return
    into.parent.mkdir(parents=True, exist_ok=True)
    left = ahead.became(past, into) if ahead is not None else None
    into.mkdir(exist_ok=True)
    if left is not None:
        yield Linked(past, into, left)
        return
    with Apart(lambda: _linked(past, str(into))) as work:
        yield Linked(past, into, work)


def _linked(past: Past, into: str) -> list[str]:
    folders: set[str] = set()
    return [name for name, done in past.sheets.items() if not past.taken_over(done, into, folders)]
