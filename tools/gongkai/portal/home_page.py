"""The home page: search first, what is new, what is open for an answer, where to go, the year in numbers.

Nothing on it is counted down: it names closing dates, which are true for as long as the page stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.model.item import Item
from gongkai.model.message import fill
from gongkai.model.settings import Column, words
from gongkai.portal import address, lists
from gongkai.portal.deadlines import open_items
from gongkai.portal.site import Site

NEWEST = 8
PER_COLUMN = 6
ENTRANCES = ("信息公开指南", "信息公开制度", "信息公开年报", "政策文件", "办事服务")
"""The kinds of column (ColumnType, 国办发〔2017〕47号) that most visitors look for, where portal.yml names no entrances."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something the public may answer now, and until when."""

    path: str
    title: str
    lang: str
    kind: str
    day: str
    says: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """A quick way to a page."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Number:
    """A count with its words; `path` leads to what was counted, and may be empty."""

    count: int
    title: str
    path: str = ""


def home(site: Site) -> dict[str, object]:
    """What the template shows."""
    columns = site.portal.settings.columns
    shown = [c for c in columns.values() if c.home] or list(columns.values())
    return {
        "newest": [lists.entry(item, site) for item in site.items[:NEWEST]],
        "due": [
            _due(item, str(last), site) for item, last in open_items(site) if not item.group("withdrawal")
        ],
        "entrances": list(entrances(site)),
        "numbers": [number for number in _numbers(site) if number.count],
        "blocks": [_block(column, site) for column in shown if site.by_column.get(column.code)],
    }


def _block(column: Column, site: Site) -> dict[str, object]:
    items = site.by_column[column.code][: site.size("home", PER_COLUMN)]
    return {
        "title": site.words(column.title),
        "path": address.column(column.code),
        "entries": [lists.entry(item, site) for item in items],
    }


def _due(item: Item, last: str, site: Site) -> Due:
    kind = site.column(site.portal.column_of(item))
    says = fill(site.t["closes_on"], {"date": last})
    return Due(item.address, item.title, site.lang_of(item), kind, last, says)


def entrances(site: Site) -> Iterator[Entrance]:
    """Those of portal.yml; without any, the columns of the kinds that are looked for most, and asking for information."""
    given = site.portal.settings.portal.get("entrances")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    for row in rows:
        title, to = words(row.get("title")), row.get("to")
        if title and isinstance(to, str):
            yield Entrance(site.words(title), to)
    if not rows:
        yield from _usual(site)


def _usual(site: Site) -> Iterator[Entrance]:
    columns = site.portal.settings.columns.values()
    for kind in ENTRANCES:
        for column in (c for c in columns if c.kind == kind and site.by_column.get(c.code)):
            yield Entrance(site.words(column.title), address.column(column.code))
    yield Entrance(site.t["requests"], address.REQUESTS)


def _numbers(site: Site) -> Iterator[Number]:
    """Only what the items themselves tell."""
    year, t = str(site.portal.today.year), site.t
    # The home page is made with every release, and this asks for all items: in one breath each.
    years = [one.year for one in site.shown if one.published_on]
    yield Number(
        years.count(year),
        fill(t["published_in"], {"year": year}),
        address.archive(year),
    )
    yield Number(len(years), t["published_ever"], "archive/index.html")
    yield Number(len([one for one in site.shown if one.in_force and one.published_on]), t["in_force"])
    rounds = [item for item in site.of_type("consultation") if site.bearing(item).published_on]
    yield Number(
        sum(item.text("opens_on").startswith(year) for item in rounds), fill(t["rounds_in"], {"year": year})
    )
