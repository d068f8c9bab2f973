"""The fixed pages of the body: what it is, who leads it, its departments (机构概况); and what it does for people (办事服务)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.model.item import Item
from gongkai.model.settings import words
from gongkai.portal import address
from gongkai.portal.guide import TYPE as SERVICE
from gongkai.portal.guide import lines_of
from gongkai.portal.page import Page
from gongkai.portal.site import Site, department_of

ORGANISATION = "organisation"
REACH = ("address", "office_hours", "telephone")
CARD = ("time_limit", "fees", "telephone")


@dataclass(frozen=True, slots=True)
class Inner:
    """A department of the body: its name, what it does, its telephone, and the list of what it published."""

    title: str
    duties: str = ""
    telephone: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service guide as a card: its name, where it stands, the few facts that most people come for."""

    title: str
    path: str
    department: str
    rows: tuple[tuple[str, str], ...]
    forms: int
    lang: str


def pages(site: Site) -> Iterator[Page]:
    """Both; where there is nothing to show yet the page says so."""
    yield _organisation(site)
    yield _services(site)


def _current(site: Site, kind: str) -> list[Item]:
    return [i for i in site.of_type(kind) if site.bearing(i).current]


def _organisation(site: Site) -> Page:
    """The body's own page: the item with the most inner departments speaks for the whole, the others are named below."""
    found = sorted(_current(site, ORGANISATION), key=lambda i: -len(_rows(i, "inner_departments")))
    main = found[0] if found else None
    context: dict[str, Any] = {
        "main": main,
        "duties": lines_of(main.fields.get("duties") or "") if main else [],
        "leaders": [row for row in _rows(main, "leaders") if isinstance(row, dict)] if main else [],
        "inner": list(_inner(main, site)),
        "reach": list(_reach(main, site)) if main else [],
        "others": [(item.title, item.address, site.lang_of(item)) for item in found[1:]],
        "list_path": _column_of(site, ORGANISATION),
    }
    return Page(
        address.ORGANISATION, "gongkai/organisation.html", site.t["organisation"], context, in_nav=True
    )


def _rows(item: Item, name: str) -> Sequence[Any]:
    value = item.fields.get(name)
    return value if isinstance(value, list) else ()


def _inner(main: Item | None, site: Site) -> Iterator[Inner]:
    """The inner departments as the item names them, with what departments.yml knows; without an item those of the settings."""
    known = site.portal.settings.departments
    codes = {department.title.zh: code for code, department in known.items()}
    if main is None:
        yield from (_of_settings(code, site) for code, one in known.items() if not one.abolished)
        return
    for row in _rows(main, "inner_departments"):
        given: Mapping[str, Any] = row if isinstance(row, dict) else {"name": row}
        name = str(given.get("name") or "")
        own = _of_settings(codes[name], site) if name in codes else Inner(name)
        duties, telephone = (
            str(given.get("duties") or own.duties),
            str(given.get("telephone") or own.telephone),
        )
        yield Inner(own.title, duties, telephone, own.path)


def _of_settings(code: str, site: Site) -> Inner:
    facts = site.portal.settings.departments[code].facts
    said = {
        name: site.words(found) if (found := words(facts.get(name))) else ""
        for name in ("duties", "telephone")
    }
    return Inner(site.department(code), said["duties"], said["telephone"], address.department(code))


def _reach(main: Item, site: Site) -> Iterator[tuple[str, str]]:
    for name in REACH:
        if main.text(name):
            yield site.t[name], main.text(name)


def _services(site: Site) -> Page:
    """All services, department by department in the order of departments.yml."""
    items = _current(site, SERVICE)
    order = {code: n for n, code in enumerate(site.portal.settings.departments)}
    items.sort(key=lambda i: (order.get(department_of(i), len(order)), i.id))
    context = {"services": [_card(item, site) for item in items], "list_path": _column_of(site, SERVICE)}
    return Page(address.SERVICES, "gongkai/services.html", site.t["services"], context, in_nav=True)


def _card(item: Item, site: Site) -> Service:
    kind = site.portal.types[item.type]
    titles = {name: site.words(info.title) for name, info in kind.fields.items()}
    rows = tuple((titles.get(name, name), item.text(name)) for name in CARD if item.text(name))
    title = item.text("service_name") or item.title
    department = site.department(department_of(item))
    return Service(title, item.address, department, rows, len(item.attachments), site.lang_of(item))


def _column_of(site: Site, kind: str) -> str:
    """The list of the column that holds this type; empty when there is none."""
    found = site.portal.types.get(kind)
    code = found.column if found else ""
    return address.column(code) if code in site.portal.settings.columns else ""
