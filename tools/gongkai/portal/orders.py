"""The orders in which a portal shows its items, and the groups that it lists: made anew, or from those of the last build.

After one change nearly all items stand where they stood. Then only those that differ are taken out of the old orders, and
put into their places in the new ones; what comes of it is what making all anew comes to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from gongkai.model.item import Item
from gongkai.portal.bearings import Bearing

Groups = Mapping[str, Sequence[Item]]
Bearings = Mapping[str, Bearing]
Row = tuple[Item, Bearing]
Value = TypeVar("Value")
FEW = 200
"""When more items differ, all orders are made anew: that takes no longer."""
CODES: Mapping[str, Callable[[Bearing], Sequence[str]]] = {
    "column": lambda one: (one.column,),
    "department": lambda one: (one.department,),
    "type": lambda one: (one.type,),
    "topics": attrgetter("topics"),
    "year": lambda one: (one.year,),
}
"""The groups that an item stands in, by what they are groups of."""


class Orders:
    """The items of one corpus with their bearings, by path and in the corpus' order."""

    def __init__(self, items: Mapping[str, Item], bearings: Bearings) -> None:
        self.corpus, self.bearings = items, bearings
        self.made: dict[str, Groups] = {}
        """The groups that somebody asked for."""

    @cached_property
    def first(self) -> Mapping[str, Item]:
        """By id the first item of each."""
        return {self.bearings[path].ident: item for path, item in reversed([*self.corpus.items()])}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items the public may see, newest first; of two with one id only the first."""
        known = self.bearings
        rows = {one.place: i for i in self.first.values() if (one := known[i.path]).shown}
        return tuple(map(rows.__getitem__, sorted(rows, reverse=True)))

    @cached_property
    def shown(self) -> Sequence[Bearing]:
        """The bearings of `items`, in their order."""
        return [self.bearings[item.path] for item in self.items]

    @cached_property
    def notices(self) -> tuple[Item, ...]:
        """The removed items: each has a notice at its address."""
        return tuple(item for item in self.first.values() if self.bearings[item.path].notice)

    @cached_property
    def by_path(self) -> Mapping[str, Item]:
        """What a link can lead to by the paths of files: the shown items, and the removed ones."""
        return {item.path: item for item in (*self.items, *self.notices)}

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """The same by id."""
        return {self.bearings[path].ident: item for path, item in self.by_path.items()}

    @cached_property
    def modified_on(self) -> Mapping[str, str]:
        """By path when each item was last published or changed, as data say it."""
        return {path: one.modified_on for path, one in self.bearings.items()}

    @cached_property
    def rounds(self) -> Sequence[Item]:
        """The shown items that the public may answer or object to for a time."""
        return [item for item, one in zip(self.items, self.shown, strict=True) if one.round]

    @cached_property
    def points(self) -> Sequence[tuple[Item, tuple[Sequence[str], ...]]]:
        """The shown items that point at others, the oldest first, and at which."""
        pairs = ((item, one.points) for item, one in zip(self.items, self.shown, strict=True))
        return [(item, points) for item, points in pairs if points is not None][::-1]

    def groups(self, by: str) -> Groups:
        """The shown items by one of `CODES`, each group in their order."""
        if by not in self.made:
            codes, pairs = CODES[by], zip(self.items, self.shown, strict=True)
            self.made[by] = grouped((code, item) for item, one in pairs for code in codes(one))
        return self.made[by]

    def after(self, items: Mapping[str, Item], bearings: Bearings) -> Orders:
        """The orders of another corpus; what is as it was here is taken over."""
        old, found = self.bearings, Orders(items, bearings)
        gone = [path for path, one in old.items() if bearings.get(path) is not one]
        come = [path for path, one in bearings.items() if old.get(path) is not one]
        if max(len(gone), len(come)) <= FEW and len(self.first) == len(old):
            before = [(self.corpus[path], old[path]) for path in gone]
            _Patch(self, found, before, [(items[path], bearings[path]) for path in come]).lay()
        return found


class _Patch:
    """Lays into `new` what was made of `old`, without the rows `gone` and with those that `come`."""

    def __init__(self, old: Orders, new: Orders, gone: Sequence[Row], come: Sequence[Row]) -> None:
        self._old, self._new, self._gone, self._come = old, new, gone, come

    def lay(self) -> None:
        """Lay all that was made; nothing when it is in doubt, for then it is made anew."""
        rows = (*self._gone, *self._come)
        first = self._table("first", lambda item, one: (one.ident, item))
        if len(first) != len(self._new.bearings) or any(one.notice for _, one in rows):
            return
        old, put = self._old.__dict__, self._new.__dict__
        put.update(first=first, notices=self._old.notices)
        put["modified_on"] = self._table("modified_on", lambda item, one: (item.path, one.modified_on))
        self._gone, self._come = ([row for row in some if row[1].shown] for some in (self._gone, self._come))
        put["items"] = tuple(self._rows([*self._old.items], self._gone, self._come))
        put["by_path"] = self._table("by_path", lambda item, one: (item.path, item))
        put["by_id"] = self._table("by_id", lambda item, one: (one.ident, item))
        if "rounds" in old and not any(one.round for _, one in rows):
            put["rounds"] = old["rounds"]
        if "points" in old and not any(one.points for _, one in rows):
            put["points"] = old["points"]
        for by in self._old.made:
            self._new.made[by] = self._grouped(self._old.groups(by), CODES[by])

    def _table(self, name: str, of: Callable[[Item, Bearing], tuple[str, Value]]) -> dict[str, Value]:
        found = {**getattr(self._old, name)}
        for item, one in self._gone:
            del found[of(item, one)[0]]
        found.update(of(item, one) for item, one in self._come)
        return found

    def _rows(self, items: list[Item], gone: Iterable[Row], come: Iterable[Row]) -> list[Item]:
        """The items without some and with others, newest first."""
        for _, one in gone:
            del items[_where(items, one.place, self._old.bearings)]
        for item, one in come:
            items.insert(_where(items, one.place, self._new.bearings), item)
        return items

    def _grouped(self, groups: Groups, codes: Callable[[Bearing], Sequence[str]]) -> Groups:
        found = {**groups}
        moved = {code for _, one in (*self._gone, *self._come) for code in codes(one) if code}
        for code in moved:
            gone, come = ([row for row in rows if code in codes(row[1])] for rows in (self._gone, self._come))
            found[code] = self._rows([*found.get(code, ())], gone, come)
        known = self._new.bearings
        newest = {code: known[items[0].path] for code, items in found.items() if items}
        # In the order in which they come first among all items; of one item's in its own.
        order = sorted(newest, key=lambda code: [*codes(newest[code])].index(code))
        return {c: found[c] for c in sorted(order, key=lambda code: newest[code].place, reverse=True)}


def _where(items: Sequence[Item], place: str, bearings: Bearings) -> int:
    """Where the item of this place stands, or belongs, among items that stand newest first."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if bearings[items[middle].path].place > place:
            low = middle + 1
        else:
            high = middle
    return low


def grouped(pairs: Iterable[tuple[str, Item]]) -> Groups:
    """Items by key, each group in the order in which it came."""
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for key, item in pairs:
        if key:
            groups[key].append(item)
    return groups
