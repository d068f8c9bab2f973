"""The numbers that Word shows before paragraphs and writes nowhere: computed as Word does, and made text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from gongkai.intake.numerals import spell
from gongkai.intake.ooxml import W

_PLACE = re.compile(r"%([1-9])")
MAX_START = 100_000


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, how it is written (`%1.`), what it is reset by."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A paragraph's number as text; `plain` when it is a bare Arabic number and a dot on the top level."""

    text: str
    plain: bool = False
    value: int = 0


@dataclass
class _List:
    levels: dict[int, Level]
    starts: dict[int, int] = field(default_factory=dict)
    abstract: str = ""
    begun: set[int] = field(default_factory=set)


class Numbering:
    """Counts through a document's numbered paragraphs in their order."""

    def __init__(self, root: Element | None) -> None:
        abstract = {e.get(f"{W}abstractNumId", ""): e for e in _all(root, "abstractNum")}
        self._lists = {e.get(f"{W}numId", ""): _read_list(e, abstract) for e in _all(root, "num")}
        self._counters: dict[str, dict[int, int]] = {}
        self._by_style = _levels_by_style(self._lists, abstract)

    def level_of_style(self, style_id: str) -> tuple[str, int] | None:
        """The list and level that name this paragraph style as theirs."""
        return self._by_style.get(style_id)

    def is_bullet(self, list_id: str, level: int) -> bool:
        """Whether the level has bullets rather than numbers."""
        found = self._lists.get(list_id)
        return found is not None and found.levels.get(level, Level()).form == "bullet"

    def next_label(self, list_id: str, level: int) -> Label | None:
        """Count one paragraph and give its number; None when there is no such list."""
        found = self._lists.get(list_id)
        if found is None or level not in found.levels:
            return None
        counters = self._counters.setdefault(found.abstract, {})
        self._begin(found, counters, level)
        counters[level] = counters[level] + 1 if level in counters else found.levels[level].start
        for deeper in [d for d in counters if d > level and _restarts(found.levels.get(d), level)]:
            del counters[deeper]
        return _label(found, counters, level)

    @staticmethod
    def _begin(found: _List, counters: dict[int, int], level: int) -> None:
        """A list that overrides its start does so once, on its first paragraph of that level."""
        if level in found.starts and level not in found.begun:
            counters[level] = found.starts[level] - 1
        found.begun.add(level)


def _restarts(level: Level | None, by: int) -> bool:
    """Word: a level starts anew after any higher one; `lvlRestart` 0 never, n only after level n."""
    return level is None or level.restart is None or (level.restart > 0 and by < level.restart)


def _label(found: _List, counters: Mapping[int, int], level: int) -> Label:
    own = found.levels[level]

    def number(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        of = found.levels.get(at, Level())
        return spell(counters.get(at, of.start), "decimal" if own.legal else of.form)

    text = _PLACE.sub(number, own.text)
    plain = level == 0 and own.form == "decimal" and own.text == "%1."
    return Label(text, plain, counters[level])


def _all(root: Element | None, name: str) -> list[Element]:
    return [] if root is None else root.findall(f"{W}{name}")


def _read_list(element: Element, abstract: Mapping[str, Element]) -> _List:
    pointer = element.find(f"{W}abstractNumId")
    abstract_id = _linked(pointer.get(f"{W}val", "") if pointer is not None else "", abstract)
    base = abstract.get(abstract_id)
    made = _List({}, abstract=abstract_id)
    for level in _all(base, "lvl"):
        made.levels[_index(level)] = _read_level(level)
    for override in _all(element, "lvlOverride"):
        index = _index(override)
        own, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
        if own is not None:
            made.levels[index] = _read_level(own)
        if start is not None:
            made.starts[index] = _whole(start.get(f"{W}val", ""), 1)
    return made


def _linked(abstract_id: str, abstract: Mapping[str, Element]) -> str:
    """A list may only name a list style (`numStyleLink`) that is defined (`styleLink`) elsewhere."""
    base = abstract.get(abstract_id)
    link = base.find(f"{W}numStyleLink") if base is not None else None
    if link is None:
        return abstract_id
    wanted = link.get(f"{W}val")
    for other_id, other in abstract.items():
        defines = other.find(f"{W}styleLink")
        if defines is not None and defines.get(f"{W}val") == wanted:
            return other_id
    return abstract_id


def _levels_by_style(
    lists: Mapping[str, _List], abstract: Mapping[str, Element]
) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for list_id, made in lists.items():
        for level in _all(abstract.get(made.abstract), "lvl"):
            style = level.find(f"{W}pStyle")
            if style is not None:
                found.setdefault(style.get(f"{W}val", ""), (list_id, _index(level)))
    return found


def _index(element: Element) -> int:
    return _whole(element.get(f"{W}ilvl", ""), 0)


def _read_level(element: Element) -> Level:
    def value(name: str, default: str) -> str:
        child = element.find(f"{W}{name}")
        return default if child is None else child.get(f"{W}val", default)

    restart = value("lvlRestart", "")
    return Level(
        start=_whole(value("start", "1"), 1),
        form=value("numFmt", "decimal"),
        text=value("lvlText", ""),
        legal=element.find(f"{W}isLgl") is not None and value("isLgl", "1") not in ("0", "false"),
        restart=_whole(restart, 0) if restart else None,
    )


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and int(text) < MAX_START else default
