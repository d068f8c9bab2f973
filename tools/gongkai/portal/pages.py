"""A portal's pages: home, columns, departments, years, items. Pure: a site in, frozen data out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from gongkai.model.settings import Column
from gongkai.portal import address, lists
from gongkai.portal.item_page import ItemPage
from gongkai.portal.page import Made, Page
from gongkai.portal.site import Site

NEWEST = 8
PER_COLUMN = 6


@dataclass(frozen=True, slots=True)
class Tile:
    """A column, a department or a year with the number of its items."""

    path: str
    title: str
    count: int
    about: str = ""


def make(site: Site) -> Made:
    """Everything the public may see of the portal at its `now`, in the language of its voice."""
    made = [ItemPage(site, item) for item in site.items]
    return Made(
        pages=(*overviews(site), *list_pages(site), *(m.page() for m in made)),
        files=tuple(chain.from_iterable(m.files() for m in made)),
        broken=tuple(chain.from_iterable(m.broken() for m in made)),
    )


def overviews(site: Site) -> Iterator[Page]:
    """The pages of the short navigation, and the site map."""
    t = site.t
    yield Page(
        "index.html", "gongkai/home.html", site.words(site.portal.settings.title), _home(site), in_nav=True
    )
    tiles = {"groups": _column_groups(site)}
    yield Page("columns/index.html", "gongkai/columns.html", t["columns"], tiles, in_nav=True)
    tiles = {"groups": [("", _departments(site))]}
    yield Page("departments/index.html", "gongkai/columns.html", t["departments"], tiles, in_nav=True)
    tiles = {"groups": [("", _years(site))]}
    yield Page("archive/index.html", "gongkai/columns.html", t["years"], tiles, in_nav=True)
    whole = {"groups": _column_groups(site), "departments": _departments(site), "years": _years(site)}
    yield Page("sitemap.html", "gongkai/sitemap.html", t["site_map"], whole)


def list_pages(site: Site) -> Iterator[Page]:
    """All lists."""
    for shelf in chain(lists.column_shelves(site), lists.department_shelves(site), lists.year_shelves(site)):
        yield from lists.pages(shelf, site)


def _home(site: Site) -> dict[str, object]:
    columns = site.portal.settings.columns
    shown = [c for c in columns.values() if c.home] or list(columns.values())
    return {
        "newest": [lists.entry(item, site) for item in site.items[:NEWEST]],
        "blocks": [_block(column, site) for column in shown if site.by_column.get(column.code)],
        "columns": [_column(column, site) for column in columns.values()],
    }


def _block(column: Column, site: Site) -> dict[str, object]:
    items = site.by_column[column.code][: site.size("home", PER_COLUMN)]
    return {
        "title": site.words(column.title),
        "path": address.column(column.code),
        "entries": [lists.entry(item, site) for item in items],
    }


def _column_groups(site: Site) -> list[tuple[str, list[Tile]]]:
    """The columns under their headings, both in the order of columns.yml."""
    groups: dict[str, list[Tile]] = {}
    for column in site.portal.settings.columns.values():
        groups.setdefault(column.group, []).append(_column(column, site))
    return list(groups.items())


def _column(column: Column, site: Site) -> Tile:
    items = site.by_column.get(column.code, ())
    return Tile(
        address.column(column.code), site.words(column.title), len(items), site.words(column.description)
    )


def _departments(site: Site) -> list[Tile]:
    codes = dict.fromkeys((*site.portal.settings.departments, *site.by_department))
    return [
        Tile(address.department(c), site.department(c), len(site.by_department.get(c, ()))) for c in codes
    ]


def _years(site: Site) -> list[Tile]:
    return [Tile(address.archive(year), year, len(items)) for year, items in site.by_year.items()]
