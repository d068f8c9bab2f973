"""All lists of a site, and the keys of their pages: as they were in this process' last build, as far as that holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from gongkai.model.item import Item
from gongkai.portal import lists
from gongkai.portal.keys import Keys
from gongkai.portal.lists import Leaf, Shelf, Stack
from gongkai.portal.site import Site
from gongkai.portal.untouched import Differing

MEMORY = "lists"
Rows = Sequence[tuple[Leaf, bytes]]


class Listed(NamedTuple):
    """A list with its parts: the paths of its items and what they show, its pages with their keys and paths, and what each
    part is dated."""

    order: list[str]
    shown: bytes
    rows: Rows
    paths: frozenset[str]
    dates: dict[str, str]


class Lists:
    """The lists of one site; `untouched` are those that hold nothing that differs from the last build."""

    def __init__(self, site: Site, keys: Keys, differing: Differing | None) -> None:
        self._site, self._keys = site, keys
        memory = site.portal.kept.memory if site.portal.kept is not None else {}
        house, own, known = memory.get(MEMORY, (b"", None, {}))
        known = known if house == site.house else {}
        self._differing = differing if differing is not None and differing.before.own is own else None
        # Lists that hold nothing that differs are not even compared.
        asked = self._differing.lists() if self._differing is not None else None
        found: dict[str, Listed] = {}
        self.untouched: list[Listed] = []
        for stack in lists.stacks(site):
            old = known.get(stack.whole.first)
            if old is not None and asked is not None and stack.whole.first not in asked:
                self.untouched.append(old)
                found[stack.whole.first] = old
            else:
                found[stack.whole.first] = self._made(stack, old)
        self.all: Sequence[Listed] = tuple(found.values())
        memory[MEMORY] = site.house, keys.own, found

    def _made(self, stack: Stack, old: Listed | None) -> Listed:
        items = stack.whole.items
        order, shown = [item.path for item in items], self._keys.shown(items)
        if old is not None and old.shown == shown:
            return old
        moved = self._in_place(order) if old is not None and old.order == order else None
        rows: Rows
        if old is None or moved is None:
            rows = [(leaf, self._keys.leaf(leaf)) for leaf in stack.leaves(self._site)]
        else:
            rows = [*self._swapped(old.rows, {item.path: item for item in items if item.path in moved})]
        return Listed(order, shown, rows, frozenset(leaf.path for leaf, _ in rows), {})

    def _in_place(self, order: Sequence[str]) -> Set[str] | None:
        """Which of these items differ; None when one of them stands in other parts of its lists than before."""
        if self._differing is None:
            return None
        moved = self._differing.among(order)
        return moved if all(map(self._differing.stays, moved)) else None

    def _swapped(self, rows: Rows, now: Mapping[str, Item]) -> Iterator[tuple[Leaf, bytes]]:
        """The pages with the items as they are `now`, in the places of those at the same paths."""
        shelves: dict[str, Shelf] = {}
        for leaf, key in rows:
            shelf = shelves.get(leaf.shelf.first)
            if shelf is None:
                shelf = shelves[leaf.shelf.first] = replace(leaf.shelf, items=_with(leaf.shelf.items, now))
            same = now.keys().isdisjoint([item.path for item in leaf.items])
            fresh = replace(leaf, shelf=shelf, items=leaf.items if same else _with(leaf.items, now))
            yield fresh, key if same else self._keys.leaf(fresh)


def _with(items: Sequence[Item], now: Mapping[str, Item]) -> Sequence[Item]:
    return [now.get(item.path, item) for item in items]
