"""All that the public may see of a portal at one moment, ordered once: what every page is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.chain import Record
from gongkai.model.item import ID_PATTERN, Item
from gongkai.model.message import Say, Words
from gongkai.portal import standing
from gongkai.portal.labels import labels
from gongkai.portal.standing import State

Groups = Mapping[str, Sequence[Item]]


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
    def items(self) -> tuple[Item, ...]:
        """The items the public may see, newest first; of two with one id only the first."""
        shown = (item for item in self._first if standing.is_shown(item, self.portal))
        return tuple(sorted(shown, key=lambda item: standing.sort_key(item, self.portal), reverse=True))

    @cached_property
    def notices(self) -> tuple[Item, ...]:
        """The removed items: each has a notice at its address, and no list, feed or search names it."""
        return tuple(item for item in self._first if standing.is_notice(item))

    @cached_property
    def _first(self) -> Sequence[Item]:
        """Of each id the first item."""
        return list({item.id: item for item in reversed(self.portal.corpus.items)}.values())

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """What a link can lead to, by id: the shown items, and the notices of removed ones."""
        return Noted("id", self.noted, {item.id: item for item in (*self.items, *self.notices)})

    @cached_property
    def by_path(self) -> Mapping[str, Item]:
        """The same by the path of their files."""
        return Noted("path", self.noted, {item.path: item for item in self.by_id.values()})

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
    def entries(self) -> dict[str, Any]:
        """The lines of items in lists, by path, made when first needed."""
        return {}

    @cached_property
    def by_column(self) -> Groups:
        """The shown items of each column."""
        return grouped((self.portal.column_of(item), item) for item in self.items)

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[Item | None, Item | None]]:
        """For each id the newer and the older neighbour in its column."""
        found: dict[str, tuple[Item | None, Item | None]] = {}
        for items in self.by_column.values():
            around = zip((None, *items), items, (*items[1:], None), strict=False)
            found |= {item.id: (newer, older) for newer, item, older in around}
        return found

    @cached_property
    def by_department(self) -> Groups:
        """The shown items of each department."""
        return grouped((department_of(item), item) for item in self.items)

    @cached_property
    def by_topic(self) -> Groups:
        """The shown items of each topic (专题)."""
        return grouped((code, item) for item in self.items for code in dict.fromkeys(item.texts("topics")))

    @cached_property
    def by_year(self) -> Groups:
        """The shown items of each year, the latest year first."""
        groups = grouped((self.year_of(item), item) for item in self.items)
        return dict(sorted(groups.items(), reverse=True))

    @cached_property
    def readings(self) -> Groups:
        """For each document's id the items that explain it (解读)."""
        return grouped((target, item) for item in reversed(self.items) for target in item.texts("interprets"))

    @cached_property
    def successors(self) -> Groups:
        """For each id the items that say they replace it."""
        return grouped((target, item) for item in reversed(self.items) for target in item.texts("replaces"))

    @cached_property
    def predecessors(self) -> Groups:
        """For each id the items that say they were replaced by it."""
        said = ((item.group("withdrawal").get("replaced_by"), item) for item in reversed(self.items))
        return grouped((str(by), item) for by, item in said if by)

    def year_of(self, item: Item) -> str:
        """The year an item is listed under: that of its publication, of its id while unpublished; looked up once."""
        if item.path not in self._years:
            self._years[item.path] = self._year_of(item)
        return self._years[item.path]

    def _year_of(self, item: Item) -> str:
        when = standing.published(item, self.portal)
        if when is not None:
            return str(when.year)
        match = ID_PATTERN.match(item.id)
        return match["year"] if match else ""

    @cached_property
    def _years(self) -> dict[str, str]:
        return {}

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
        known = self.portal.settings.departments.get(code)
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


def department_of(item: Item) -> str:
    """The code of the department that answers for the item."""
    said = item.text("department")
    match = None if said else ID_PATTERN.match(item.id)
    return match["department"] if match else said


def grouped(pairs: Iterable[tuple[str, Item]]) -> Groups:
    """Items by key, each group in the order in which it came."""
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for key, item in pairs:
        if key:
            groups[key].append(item)
    return groups
