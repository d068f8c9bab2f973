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


class Ahead:
    """All files of a finished build linked into a folder before anybody needs them, by a process of its own.

    The folder is a next build's to take, or to clear.
    """

    def __init__(self, past: Past, folder: Path) -> None:
        self._past, self.folder = past, folder
        clear(folder)
        folder.mkdir()
        self._it = folder.stat()
        self._work = Apart(lambda: _linked(past, str(folder)))

    @classmethod
    def of(cls, past: Past, folder: Path) -> Ahead | None:
        """None when that would not be worth it."""
        return cls(past, folder) if _is_worth_it(past) else None

    @cached_property
    def whole(self) -> bool:
        """Whether all files were linked; waits until that is known."""
        return self._work.answer() == []

    def became(self, past: Past, into: Path) -> bool:
        """Whether all is linked that belongs to this past; then the folder is there under another name.

        Never another folder than the one that was filled here: it might hold more.
        """
        try:
            mine = self.whole and os.path.samestat(self.folder.stat(), self._it)
            if mine and past.mark is self._past.mark and past.site == self._past.site:
                self.folder.rename(into)
                return True
        except OSError:  # somebody took it away
            pass
        return False

    def end(self) -> None:
        """Have no process left, and no folder; what cannot be cleared is left to the next that builds."""
        self._work.end()
        with suppress(OSError):
            clear(self.folder)


def _is_worth_it(past: Past) -> bool:
    return len(past.sheets) >= MANY and hands() > 1


@contextmanager
def linking(past: Past | None, into: Path, ahead: Ahead | None = None) -> Iterator[Linked | None]:
    """Link the files of a past by a process of its own; None when that would not be worth it.

    What was linked `ahead` is only looked at once more: somebody may have written into a file since.
    """
    if past is None or not _is_worth_it(past):
        yield None
        return
    into.parent.mkdir(parents=True, exist_ok=True)
    made = _left if ahead is not None and ahead.became(past, into) else _linked
    into.mkdir(exist_ok=True)
    with Apart(lambda: made(past, str(into))) as work:
        yield Linked(past, into, work)


def _linked(past: Past, into: str) -> list[str]:
    folders: set[str] = set()
    return [name for name, done in past.sheets.items() if not past.taken_over(done, into, folders)]


def _left(past: Past, into: str) -> list[str]:
    there = replace(past, site=Path(into))
    return [name for name, done in past.sheets.items() if not there.is_left(done)]
