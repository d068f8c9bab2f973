"""A portal's pages: home, columns, departments, years, items. Pure: a site in, frozen data out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from posixpath import dirname

from gongkai.model.settings import Column
from gongkai.portal import (
    address,
    body_pages,
    checkpoint_page,
    data_page,
    difference_page,
    home_page,
    lists,
    platform_page,
    redirect_maps,
    redirects,
    requests_page,
    search_index,
    search_page,
    theme,
)
from gongkai.portal.evidence_page import EvidencePage
from gongkai.portal.item_page import ItemPage
from gongkai.portal.lists import Leaf
from gongkai.portal.notice_page import notice
from gongkai.portal.page import Made, Page, SiteText
from gongkai.portal.site import Site


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
    pages = {m.item.id: m for m in made}
    known = [item for item in site.every if item.id in site.record.proofs]
    proven = [EvidencePage(site, item, pages.get(item.id)) for item in known]
    moved = redirects.redirects(site)
    return Made(
        pages=(
            *fixed_pages(site),
            *list_pages(site),
            *(m.page() for m in made),
            *(notice(item, site) for item in site.notices),
            *(p.page() for p in proven),
            *difference_page.pages(site),
        ),
        files=tuple(chain.from_iterable(m.files() for m in made)),
        data=tuple(search_index.index(site)),
        texts=(
            *(p.text() for p in proven),
            *fixed_texts(site),
            *redirects.pages(moved, site),
        ),
        broken=tuple(chain.from_iterable(m.broken() for m in made)),
        settings=tuple(redirect_maps.files(moved, site)),
    )


def fixed_pages(site: Site) -> Iterator[Page]:
    """Those that stand at one address each, whatever items there are."""
    yield from overviews(site)
    if site.portal.settings.has_search:
        yield search_page.page(site)
    yield requests_page.page(site)
    yield from checkpoint_page.pages(site)
    yield data_page.page(site)


def fixed_texts(site: Site) -> Iterator[SiteText]:
    """The files of text that are neither pages nor about one item."""
    yield theme.text(site)
    yield from checkpoint_page.texts(site)


def overviews(site: Site) -> Iterator[Page]:
    """The pages of the short navigation, and the site map."""
    t = site.t
    yield Page(
        "index.html", "gongkai/home.html", site.words(site.portal.settings.title), _home(site), in_nav=True
    )
    yield platform_page.page(site)
    yield from body_pages.pages(site)
    tiles = {"groups": _column_groups(site)}
    yield Page("columns/index.html", "gongkai/columns.html", t["columns"], tiles, in_nav=True)
    tiles = {"groups": [("", _departments(site))]}
    yield Page("departments/index.html", "gongkai/columns.html", t["departments"], tiles, in_nav=True)
    tiles = {"groups": [("", _years(site))]}
    yield Page("archive/index.html", "gongkai/columns.html", t["years"], tiles, in_nav=True)
    tiles = {"groups": [("", _topics(site))]}
    yield Page(address.TOPICS, "gongkai/columns.html", t["topic_list"], tiles)
    whole: dict[str, object] = {"groups": _column_groups(site), "departments": _departments(site)}
    whole["years"] = _years(site)
    whole["topics"] = [tile for tile in _topics(site) if tile.count]
    fixed = {address.PLATFORM: "platform", address.ORGANISATION: "organisation", address.SERVICES: "services"}
    whole["fixed"] = [Tile(path, t[key], 0) for path, key in fixed.items()]
    whole["checkpoints"] = address.CHECKPOINTS if site.record.checkpoints else ""
    yield Page("sitemap.html", "gongkai/sitemap.html", t["site_map"], whole)


def _home(site: Site) -> dict[str, object]:
    columns = [_column(column, site) for column in site.portal.settings.columns.values()]
    return {**home_page.home(site), "columns": columns}


def leaves(site: Site, beside: str = "") -> Iterator[Leaf]:
    """The pages of all lists; with `beside` (the path of one of them) only those in its folder: the preview makes no more."""
    for shelf in (shelf for stack in lists.stacks(site) for shelf in stack.shelves(site)):
        if not beside or dirname(shelf.first) == dirname(beside):
            yield from lists.leaves(shelf, site)


def list_pages(site: Site, beside: str = "") -> Iterator[Page]:
    """The same, made."""
    return (leaf.page(site) for leaf in leaves(site, beside))


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


def _topics(site: Site) -> list[Tile]:
    """The topics, those with items first, otherwise in the order of topics.yml."""
    known = site.portal.settings.topics
    tiles = [Tile(address.topic(c), site.words(known[c]), len(site.by_topic.get(c, ()))) for c in known]
    return sorted(tiles, key=lambda tile: not tile.count)


def _years(site: Site) -> list[Tile]:
    return [Tile(address.archive(year), year, len(items)) for year, items in site.by_year.items()]
