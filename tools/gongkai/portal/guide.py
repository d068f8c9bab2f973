"""A service guide laid out as one: what it costs and how long it takes first, then who may, what to bring, step by step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.model.item import Item
from gongkai.portal.page import Row
from gongkai.portal.site import Site
from gongkai.portal.values import Values

TYPE = "service_guide"
GLANCE = ("time_limit", "fees", "address", "office_hours", "telephone")
"""What most people come for, shown first (the prescribed fields of a service guide, domain B.3, B.5)."""
STEPS = ("conditions", "materials", "procedure", "legal_basis")
_NUMBERED = re.compile(r"^\s*(?:[（(]?[0-9]{1,2}[)）.．、]|[（(]?[一二三四五六七八九十]{1,3}[)）、])\s*")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a guide: its anchor, its title, and its text as lines; `ordered`: the lines are steps."""

    name: str
    title: str
    lines: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """A service guide as its page shows it; `rest` are the fields that stand in no part of it."""

    service: str
    glance: tuple[Row, ...]
    sections: tuple[Section, ...]
    rest: tuple[Row, ...]


def guide(item: Item, site: Site, values: Values) -> Guide | None:
    """The guide; None for an item of another type."""
    kind = site.portal.types.get(item.type)
    if item.type != TYPE or kind is None:
        return None
    fields = kind.fields
    titles = {name: site.words(info.title) for name, info in fields.items()}
    glance = tuple(
        Row(titles[n], values.show(item.fields[n], fields[n])) for n in _given(item, GLANCE) if n in fields
    )
    sections = tuple(_section(n, titles[n], item) for n in _given(item, STEPS) if n in fields)
    own = (i for i in fields.values() if not i.common and i.name not in {*GLANCE, *STEPS, *_SHOWN})
    rest = tuple(
        Row(titles[i.name], values.show(item.fields[i.name], i)) for i in own if item.fields.get(i.name)
    )
    return Guide(item.text("service_name") or item.title, glance, sections, rest)


_SHOWN = ("title", "department", "column", "summary", "topics", "keywords", "attachments", "body", "contact", "service_name",
          "type", "id", "source", "interprets", "replaces", "document_number", "document_date")  # fmt: skip


def _given(item: Item, names: Sequence[str]) -> list[str]:
    return [name for name in names if item.fields.get(name)]


def _section(name: str, title: str, item: Item) -> Section:
    lines = tuple(lines_of(item.fields[name]))
    ordered = name == "procedure" and len(lines) > 1
    return Section(name, title, unnumbered(lines) if ordered else lines, ordered)


def lines_of(value: object) -> list[str]:
    """A field of one or more texts as lines without blanks."""
    texts = value if isinstance(value, list) else [value]
    return [line.strip() for text in texts for line in str(text).split("\n") if line.strip()]


def unnumbered(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The steps without the numbers that their author typed, when every line has one; the page numbers them."""
    if all(_NUMBERED.match(line) for line in lines):
        return tuple(_NUMBERED.sub("", line) for line in lines)
    return lines
