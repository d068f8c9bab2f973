"""Lists of items: by column, by department, by year, by topic; newest first, twenty to a page.

A long column is also cut by department, and a long department's part of it by year, so that whoever has no JavaScript can
narrow a list down. Short lists are not cut: the number of pages grows with the items, not with columns × departments × years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from gongkai.model.item import Item
from gongkai.model.settings import words
from gongkai.portal import address
from gongkai.portal.page import Crumb, Page, Row
from gongkai.portal.site import Site, grouped

PAGE_SIZE = 20
CROSSED = 3
"""A department's part of a column is cut by year when it is longer than so many pages."""
FACTS = ("duties", "telephone", "email", "address", "office_hours")
MARKED = frozenset(
    {"withdrawn", "replaced", "expired", "repealed", "amended", "ended", "closed", "open", "preview"}
)


class Entry(NamedTuple):
    """An item as a line of a list."""

    path: str
    title: str
    day: str
    department: str
    number: str
    tags: tuple[tuple[str, str], ...]
    lang: str


class Choice(NamedTuple):
    """One choice of a filter."""

    title: str
    path: str
    chosen: bool


class Step(NamedTuple):
    """One number of the pager; number 0 stands for a gap."""

    number: int
    path: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list before it is cut into pages."""

    first: str
    title: str
    items: Sequence[Item]
    description: str = ""
    crumbs: tuple[Crumb, ...] = ()
    choices: tuple[Choice, ...] = ()
    departments: tuple[Choice, ...] = ()
    facts: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a list: its number, counted from 1, of `last`, the items on it, and the path where it stands."""

    shelf: Shelf
    number: int
    last: int
    items: Sequence[Item]
    path: str

    def page(self, site: Site) -> Page:
        """The page itself."""
        shelf, number, last, known = self.shelf, self.number, self.last, site.entries
        return Page(
            path=self.path,
            template="gongkai/list.html",
            title=shelf.title if number == 1 else f"{shelf.title} ({number}/{last})",
            context={
                "shelf": shelf,
                "entries": [known.get(item.path) or entry(item, site) for item in self.items],
                "steps": steps(shelf.first, number, last),
                "crumbs": shelf.crumbs,
                "before": address.numbered(shelf.first, number - 1) if number > 1 else "",
                "after": address.numbered(shelf.first, number + 1) if number < last else "",
            },
        )


@dataclass(frozen=True, slots=True)
class Stack:
    """A whole list with all that is cut from it. The settings and what its items show, in their order, say all of it."""

    whole: Shelf
    cut: Callable[[Shelf, Site], Iterator[Shelf]]

    def shelves(self, site: Site) -> Iterator[Shelf]:
        """The list, and its parts."""
        return self.cut(self.whole, site)

    def leaves(self, site: Site) -> Iterator[Leaf]:
        """The pages of all of them."""
        return (leaf for shelf in self.shelves(site) for leaf in leaves(shelf, site))


def entry(item: Item, site: Site) -> Entry:
    """The item's line; made once for all lists."""
    known = site.entries
    if item.path not in known:
        known[item.path] = _entry(item, site)
    found: Entry = known[item.path]
    return found


def _entry(item: Item, site: Site) -> Entry:
    one, found = site.bearing(item), site.states(item)
    tags = tuple((s.kind, site.say(s.tag)) for s in found if s.kind in MARKED) if found else ()
    number = item.text("document_number") or item.text("decision_number")
    return Entry(
        item.address,
        item.title,
        one.published_on[:10],
        site.department(one.department),
        number,
        tags,
        site.lang_of(item),
    )


def page_size(site: Site) -> int:
    """How many items stand on one page: `page_sizes.list` of portal.yml."""
    return site.size("list", PAGE_SIZE)


def leaves(shelf: Shelf, site: Site) -> Iterator[Leaf]:
    """The shelf cut into pages; an empty one is a page that says so."""
    size = page_size(site)
    last = max(1, -(-len(shelf.items) // size))
    for number in range(1, last + 1):
        items = shelf.items[(number - 1) * size : number * size]
        yield Leaf(shelf, number, last, items, address.numbered(shelf.first, number))


def steps(first: str, here: int, last: int) -> list[Step]:
    """The numbers of the pager: both ends, and the neighbours of the page one is on."""
    if last == 1:
        return []
    wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    found: list[Step] = []
    for number in wanted:
        if found and number > found[-1].number + 1:
            found.append(Step(0))
        found.append(Step(number, address.numbered(first, number), number == here))
    return found


def stacks(site: Site) -> Iterator[Stack]:
    """All lists: by column, by department, by year, by topic."""
    for make in (by_column, by_department, by_year, by_topic):
        yield from make(site)


def by_column(site: Site) -> Iterator[Stack]:
    """Each column, and each of its years when it is longer than one page."""
    crumbs = (Crumb(site.t["columns"], "columns/index.html"),)
    for code, column in site.portal.settings.columns.items():
        title, about = site.words(column.title), site.words(column.description)
        whole = Shelf(address.column(code), title, site.by_column.get(code, ()), about, crumbs)
        yield Stack(whole, _crossed)


def by_department(site: Site) -> Iterator[Stack]:
    """Each department, with its duties and telephone; also those that are known only from their items."""
    crumbs = (Crumb(site.t["departments"], "departments/index.html"),)
    known = site.portal.settings.departments
    for code in dict.fromkeys((*known, *site.by_department)):
        items, title = site.by_department.get(code, ()), site.department(code)
        whole = Shelf(address.department(code), title, items, crumbs=crumbs, facts=_facts(code, site))
        yield Stack(whole, _with_years)


def by_topic(site: Site) -> Iterator[Stack]:
    """Each topic (专题), and each of its years when it is longer than one page."""
    crumbs = (Crumb(site.t["topic_list"], address.TOPICS),)
    for code, title in site.portal.settings.topics.items():
        whole = Shelf(address.topic(code), site.words(title), site.by_topic.get(code, ()), crumbs=crumbs)
        yield Stack(whole, _with_years)


def by_year(site: Site) -> Iterator[Stack]:
    """Each year."""
    crumbs = (Crumb(site.t["years"], "archive/index.html"),)
    for year, items in site.by_year.items():
        yield Stack(Shelf(address.archive(year), year, items, crumbs=crumbs), _alone)


def _facts(code: str, site: Site) -> tuple[Row, ...]:
    department = site.portal.settings.departments.get(code)
    given = {name: words(department.facts.get(name)) for name in FACTS} if department else {}
    return tuple(Row(site.t[name], site.words(value)) for name, value in given.items() if value)


def _alone(whole: Shelf, _: Site) -> Iterator[Shelf]:
    yield whole


def _crossed(whole: Shelf, site: Site) -> Iterator[Shelf]:
    """A column with its years; a long one also with its departments, and their years where these are long themselves."""
    parts = grouped((site.bearings[item.path].department, item) for item in whole.items)
    if len(whole.items) <= page_size(site) or len(parts) == 1:
        yield from _with_years(whole, site)
        return
    codes = sorted(parts, key=list({**site.portal.settings.departments, **parts}).index)
    choices = _department_choices(whole, codes, "", site)
    yield from _with_years(replace(whole, departments=choices), site)
    for code in codes:
        part = replace(
            whole,
            first=_below(whole.first, code),
            title=f"{whole.title} · {site.department(code)}",
            items=parts[code],
            crumbs=(*whole.crumbs, Crumb(whole.title, whole.first)),
            departments=_department_choices(whole, codes, code, site),
        )
        yield from _with_years(part, site, CROSSED)


def _department_choices(whole: Shelf, codes: Sequence[str], chosen: str, site: Site) -> tuple[Choice, ...]:
    names = {"": site.t["all"], **{code: site.department(code) for code in codes}}
    return tuple(Choice(names[c], _below(whole.first, c), c == chosen) for c in ("", *codes))


def _with_years(whole: Shelf, site: Site, pages: int = 1) -> Iterator[Shelf]:
    if len(whole.items) <= pages * page_size(site):
        yield whole
        return
    groups = grouped((site.bearings[item.path].year, item) for item in whole.items)
    years = sorted(groups, reverse=True)
    yield replace(whole, choices=_choices(whole, years, "", site))
    for year in years:
        yield replace(
            whole,
            first=_below(whole.first, year),
            title=f"{whole.title} {year}",
            items=groups[year],
            crumbs=(*whole.crumbs, Crumb(whole.title, whole.first)),
            choices=_choices(whole, years, year, site),
        )


def _choices(whole: Shelf, years: Sequence[str], chosen: str, site: Site) -> tuple[Choice, ...]:
    return tuple(Choice(y or site.t["all"], _below(whole.first, y), y == chosen) for y in ("", *years))


def _below(first: str, part: str) -> str:
    """The list of one part (a year, a department) of the list that begins at `first`."""
    return first.replace("index.html", f"{part}/index.html") if part else first
