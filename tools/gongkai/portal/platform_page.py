"""政府信息公开: one page with the five prescribed parts, each filled by what columns.yml names (国办公开办函〔2019〕61号)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.checks.addresses import AUTHORED, PAGES, authored_pages
from gongkai.checks.columns import NAMES
from gongkai.model.item import Item
from gongkai.model.message import Message
from gongkai.model.settings import PARTS, Part
from gongkai.portal import address, lists
from gongkai.portal.page import Page
from gongkai.portal.site import Site

SHOWN = {"guide": 2, "rules": 6, "reports": 6}
"""So many items of a part stand on the page; its column has them all."""
FIRST = {"guide": "guide", "reports": "annual_report"}
"""The `kind` of document that a part is named after: it stands before what else its column holds."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A group of what the law wants public: its columns with the number of their items."""

    title: str
    basis: str
    columns: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part as the page shows it. `more` leads to all of it, `why` says why a body has none."""

    name: str
    title: str
    about: str
    entries: tuple[lists.Entry, ...] = ()
    shelves: tuple[Shelf, ...] = ()
    more: str = ""
    count: int = 0
    why: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing stands there yet; the page says so plainly."""
        return not (self.entries or self.shelves or self.why or (self.name == "requests" and self.more))


def page(site: Site) -> Page:
    """The page."""
    context = {"sections": [_section(name, site) for name in PARTS]}
    return Page(address.PLATFORM, "gongkai/platform.html", site.t["platform"], context, in_nav=True)


def _section(name: str, site: Site) -> Section:
    part = site.portal.settings.platform.get(name) or Part(name)
    items = _items(part, site)
    first = tuple(lists.entry(item, site) for item in items[: SHOWN.get(name, 0)])
    shelves = tuple(_shelves(part, site))
    return Section(
        name,
        site.say(Message(NAMES[name])),
        site.t[f"part_{name}"],
        first,
        shelves,
        _more(part, site),
        len(site.by_column.get(part.column, ())),
        site.words(part.not_required) if part.not_required.zh else "",
    )


def _items(part: Part, site: Site) -> list[Item]:
    """The items of the part's column that hold today; what was replaced is found through the column."""
    found = site.by_column.get(part.column, ()) if part.column else ()
    current = [item for item in found if site.bearing(item).current]
    wanted = FIRST.get(part.part, "")
    return sorted(current, key=lambda item: bool(wanted) and item.text("kind") != wanted)


def _shelves(part: Part, site: Site) -> Iterator[Shelf]:
    known = site.portal.settings.columns
    for group in part.groups:
        columns = tuple(
            (site.column(code), address.column(code), len(site.by_column.get(code, ())))
            for code in group.columns
            if code in known
        )
        if columns:
            yield Shelf(site.words(group.title), site.words(group.basis), columns)


def _more(part: Part, site: Site) -> str:
    """Where all of the part is; nothing for what is not there, which the check reports."""
    if part.column in site.portal.settings.columns:
        return address.column(part.column)
    fixed = authored_pages(e.path for e in site.portal.tree.entries(AUTHORED))
    return part.page if part.page in PAGES | frozenset(fixed) else ""
