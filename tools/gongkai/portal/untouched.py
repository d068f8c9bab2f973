"""Which items' files surely are as this process' last build left them: told by the few items that differ, asking no other.

An item's key is made of what it shows of itself, of its neighbours, of whoever points at it, and of what its text asked
for. So only these can have another key: the items that show something else now, that came or went; those that stood or
stand beside one of them, or that one of them pointed or points at; and those whose text asked for one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from typing import NamedTuple, TypeGuard

from gongkai.model.item import address_of
from gongkai.portal import address
from gongkai.portal.past import Past
from gongkai.portal.site import Site

MEMORY = "last build"
FEW = 200
"""When more items differ, every item's key is asked for: that takes no longer."""


class Before(NamedTuple):
    """What the last build of this process was of: the mark on its record, its site, and what each item showed, by path."""

    mark: object
    site: Site
    own: Mapping[str, bytes]


def remember(site: Site, own: Mapping[str, bytes], mark: object) -> None:
    """Keep what was built for the next build of this process."""
    if site.portal.kept is not None:
        site.portal.kept.memory[MEMORY] = Before(mark, site, own)


class Differing:
    """The items that differ from the last build of this process: by their paths, in `moved`."""

    def __init__(self, site: Site, before: Before, moved: set[str]) -> None:
        self._site, self.before, self._moved = site, before, moved

    @classmethod
    def of(cls, site: Site, own: Mapping[str, bytes]) -> Differing | None:
        """Those of `site`, whose items show what `own` says; None when it cannot be told, or they are many."""
        kept = site.portal.kept
        before: Before | None = kept.memory.get(MEMORY) if kept is not None else None
        if before is None or before.site.house != site.house:
            return None
        # What an item shows is the very same value while nothing is different that it was reckoned from.
        moved = {path for path, shown in own.items() if before.own.get(path) is not shown}
        moved |= (before.own.keys() - own.keys()) | (site.paths ^ before.site.paths)
        return cls(site, before, moved) if len(moved) <= FEW else None

    def is_of(self, past: Past | None) -> TypeGuard[Past]:
        """Whether the past is what this process made last."""
        return past is not None and past.mark is self.before.mark

    def untouched(self, past: Past) -> Set[str]:
        """The paths of the items whose sheets are as in the `past`, which this process made last."""
        touched, names = set(self._moved), set[tuple[str, str]]()
        for path in self._moved:
            for at in (self.before.site, self._site):
                touched.update(_beside(path, at))
                names.update(_names(path, at))
        touched.update(name for name, done in past.sheets.items() if not names.isdisjoint(done.asked))
        return (self._site.paths & past.sheets.keys()) - touched

    def among(self, paths: Iterable[str]) -> Set[str]:
        """Those of these paths at which items differ."""
        return self._moved.intersection(paths)

    def stays(self, path: str) -> bool:
        """Whether the item at this path stands in the same parts of lists as it did."""
        old, new = self.before.site.bearings.get(path), self._site.bearings.get(path)
        return (
            old is not None and new is not None and (old.department, old.year) == (new.department, new.year)
        )

    def lists(self) -> Collection[str]:
        """The first pages of the lists that hold one of them, or held it."""
        found: set[str] = set()
        for at in (self.before.site, self._site):
            for one in (at.bearings[path] for path in self._moved if path in at.bearings):
                found |= {address.column(one.column), address.department(one.department)}
                found |= {address.archive(one.year), *map(address.topic, one.topics)}
        return found


def _beside(path: str, site: Site) -> Iterator[str]:
    """The items beside which one stands, and at which it points."""
    one = site.bearings.get(path)
    if one is None:
        return
    yield from (other.path for other in site.neighbours_of(path) if other is not None)
    targets = (site.asked("id", ident) for group in one.points or () for ident in group)
    yield from (target.path for target in targets if target is not None)


def _names(path: str, site: Site) -> Iterator[tuple[str, str]]:
    """What texts can ask for an item by."""
    one = site.bearings.get(path)
    if one is not None:
        yield from (("id", one.ident), ("path", path), ("address", address_of(one.ident)))
