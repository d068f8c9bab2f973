"""All that the public may see of a portal at one moment, ordered once: what every page is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import inf
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.chain import Record
from gongkai.model.item import Item
from gongkai.model.message import Say, Words
from gongkai.portal import standing
from gongkai.portal.bearings import Bearing, bearing, bearings, department_of
from gongkai.portal.labels import labels
from gongkai.portal.orders import Groups, Orders, grouped
from gongkai.portal.standing import State
from gongkai.portal.unchanged import of_the_house

__all__ = ["Groups", "Noted", "Site", "department_of", "grouped"]

MEMORY = "orders"


@dataclass(frozen=True)
class Site:
    """A portal with the voice that its pages speak in."""

    portal: Portal
    say: Say
    record: Record = field(default_factory=Record)

    @cached_property
    def lang(self) -> str:
        """The language of the interface: "zh" or "en"."""
        return self.portal.settings.language

    @cached_property
    def t(self) -> Mapping[str, str]:
        """The portal's own words by key."""
        return labels(self.say)

    @cached_property
    def house(self) -> bytes:
        """The digest of what is behind every page."""
        return of_the_house(self.portal.tree)

    @cached_property
    def bearings(self) -> Mapping[str, Bearing]:
        """By path where each item belongs, in the order of the corpus."""
        # Where nothing is kept nobody reads all settings only to know them again.
        return bearings(self.portal, self.house if self.portal.kept is not None else b"")

    def bearing(self, item: Item) -> Bearing:
        """Where the item belongs; one that is not of the corpus as it would in its place."""
        found = self.bearings.get(item.path)
        return found if found is not None and found.blob == item.blob else bearing(item, self.portal)

    @cached_property
    def moments(self) -> Sequence[datetime]:
        """When each item stands otherwise for the next time, of those that ever do."""
        return [datetime.fromtimestamp(one.until, UTC) for one in self.bearings.values() if one.until < inf]

    @cached_property
    def orders(self) -> Orders:
        """The orders of all items: those of this process' last site as far as they hold."""
        memory = self.portal.kept.memory if self.portal.kept is not None else {}
        items = dict(zip(self.bearings, self.portal.corpus.items, strict=True))
        before: Orders | None = memory.get(MEMORY)
        found = before.after(items, self.bearings) if before is not None else Orders(items, self.bearings)
        memory[MEMORY] = found
        return found

    @property
    def items(self) -> tuple[Item, ...]:
        """The items the public may see, newest first; of two with one id only the first."""
        return self.orders.items

    @property
    def shown(self) -> Sequence[Bearing]:
        """The bearings of `items`, in their order."""
        return self.orders.shown

    @property
    def modified_on(self) -> Mapping[str, str]:
        """By path when each item was last published or changed, as data say it."""
        return self.orders.modified_on

    @property
    def paths(self) -> Set[str]:
        """The paths of all items that have a page: shown ones, and those in whose place a notice stands."""
        return self.orders.by_path.keys()

    @property
    def notices(self) -> tuple[Item, ...]:
        """The removed items: each has a notice at its address, and no list, feed or search names it."""
        return self.orders.notices

    @cached_property
    def every(self) -> tuple[Item, ...]:
        """The items, and the notices of removed ones."""
        return (*self.items, *self.notices)

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """What a link can lead to, by id: the shown items, and the notices of removed ones."""
        return Noted("id", self.noted, self.orders.by_id)

    @cached_property
    def by_path(self) -> Mapping[str, Item]:
        """The same by the path of their files."""
        return Noted("path", self.noted, self.orders.by_path)

    @cached_property
    def by_address(self) -> Mapping[str, Item]:
        """The same by the paths of their pages."""
        return Noted("address", self.noted, {item.address: item for item in self.by_id.values()})

    def asked(self, by: str, name: str) -> Item | None:
        """The item that a text asked for `by` its "id", "path" or "address"."""
        known = {"id": self.by_id, "path": self.by_path, "address": self.by_address}[by]
        return dict.get(known, name)  # type: ignore[call-overload, no-any-return]

    @cached_property
    def noted(self) -> set[tuple[str, str]]:
        """What was asked for since somebody emptied this set: by what, and which. Also what is not there."""
        return set()

    @cached_property
    def ready(self) -> Mapping[object, dict[object, Any]]:
        """What many pages say alike (of a department, a type, a column), by what it is and of what, made when first needed."""
        return defaultdict(dict)

    @cached_property
    def entries(self) -> dict[str, Any]:
        """The lines of items in lists, by path, made when first needed."""
        return {}

    @property
    def by_column(self) -> Groups:
        """The shown items of each column."""
        return self.orders.groups("column")

    def neighbours_of(self, path: str) -> tuple[Item | None, Item | None]:
        """The newer and the older neighbour of the item at this path in its column."""
        one = self.bearings.get(path)
        return self._around(one.column).get(path, (None, None)) if one is not None else (None, None)

    def _around(self, column: str) -> Mapping[str, tuple[Item | None, Item | None]]:
        """By path the neighbours of all items of a column; reckoned for the columns that somebody asks of."""
        if column not in self._columns_around:
            items = self.by_column.get(column, ())
            pairs = zip((None, *items), (*items[1:], None), strict=False)
            self._columns_around[column] = dict(zip((item.path for item in items), pairs, strict=False))
        return self._columns_around[column]

    @cached_property
    def _columns_around(self) -> dict[str, Mapping[str, tuple[Item | None, Item | None]]]:
        return {}

    @property
    def by_department(self) -> Groups:
        """The shown items of each department."""
        return self.orders.groups("department")

    @property
    def by_topic(self) -> Groups:
        """The shown items of each topic (专题)."""
        return self.orders.groups("topics")

    @cached_property
    def by_year(self) -> Groups:
        """The shown items of each year, the latest year first."""
        return dict(sorted(self.orders.groups("year").items(), reverse=True))

    def of_type(self, kind: str) -> Sequence[Item]:
        """The shown items of a type."""
        return self.orders.groups("type").get(kind, ())

    @cached_property
    def types(self) -> Sequence[str]:
        """The types of which something is shown, in the order of their names."""
        return sorted({one.type for one in self.shown})

    @property
    def rounds(self) -> Sequence[Item]:
        """The shown items that the public may answer or object to for a time."""
        return self.orders.rounds

    @cached_property
    def readings(self) -> Groups:
        """For each document's id the items that explain it (解读)."""
        return self._pointing(0)

    @cached_property
    def successors(self) -> Groups:
        """For each id the items that say they replace it."""
        return self._pointing(1)

    @cached_property
    def predecessors(self) -> Groups:
        """For each id the items that say they were replaced by it."""
        return self._pointing(2)

    def _pointing(self, how: int) -> Groups:
        """For each id the shown items that point at it in this way (see `Bearing.points`), the oldest first."""
        return grouped((target, item) for item, points in self.orders.points for target in points[how])

    def states(self, item: Item) -> tuple[State, ...]:
        """What a reader must know of the item before its text; looked up once."""
        if item.path not in self._states:
            self._states[item.path] = standing.states(item, self.portal)
        return self._states[item.path]

    @cached_property
    def _states(self) -> dict[str, tuple[State, ...]]:
        return {}

    def title_of(self, item: Item) -> str:
        """The item's title; of a removed one only that it was removed, and its id."""
        return f"{self.t['removed']} {item.id}" if item.removed else item.title

    def lang_of(self, item: Item) -> str:
        """The language of an item's text where it is not the page's own: items are Chinese unless they say so."""
        said = item.text("language") or "zh-CN"
        return "" if said.partition("-")[0] == self.lang else said

    def size(self, name: str, default: int) -> int:
        """A number of portal.yml's `page_sizes`."""
        sizes = self.portal.settings.portal.get("page_sizes")
        value = sizes.get(name) if isinstance(sizes, dict) else None
        return value if isinstance(value, int) and value > 0 else default

    def words(self, words: Words) -> str:
        """Words in the portal's language."""
        return words.in_language(self.lang)

    def department(self, code: str) -> str:
        """A department's name; its code when it is unknown."""
        return self._departments.get(code, code)

    @cached_property
    def _departments(self) -> dict[str, str]:
        """The names of all: each page says some."""
        return {code: self.words(one.title) for code, one in self.portal.settings.departments.items()}

    def kind(self, code: str) -> str:
        """A type's name; its code when it is unknown."""
        known = self.portal.types.get(code)
        return self.words(known.title) if known else code

    def column(self, code: str) -> str:
        """A column's name; its code when it is unknown."""
        known = self.portal.settings.columns.get(code)
        return self.words(known.title) if known else code


class Noted(dict[str, Item]):
    """Items by one of their names; every name that is asked for is noted, for it may mean another item tomorrow."""

    def __init__(self, by: str, noted: set[tuple[str, str]], items: Mapping[str, Item]) -> None:
        super().__init__(items)
        self._by, self._note = by, noted.add

    def __getitem__(self, name: str) -> Item:
        self._note((self._by, name))
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note((self._by, str(name)))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """See `dict.get`."""
        self._note((self._by, name))
        return super().get(name, default)
