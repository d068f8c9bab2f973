"""The page of feeds and data (数据开放与订阅), for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gongkai.portal import (
    address,
    data_catalogue,
    data_dcat,
    data_item,
    deadlines,
    lines,
    sitemaps,
    well_known,
)
from gongkai.portal.data_sets import contact_of
from gongkai.portal.data_words import words
from gongkai.portal.feeds_feed import path
from gongkai.portal.page import Page
from gongkai.portal.site import Site


@dataclass(frozen=True, slots=True)
class Line:
    """What can be followed: its name, its page, and where its feed stands in each format; `copy` is Atom's whole address."""

    title: str
    page: str
    atom: str
    rss: str
    json: str
    copy: str


@dataclass(frozen=True, slots=True)
class Link:
    """A file with its name."""

    path: str
    title: str


def page(site: Site) -> Page:
    """The page. It depends on the settings alone, so that publications do not change it."""
    w, root = words(site), address.base(site.portal.settings)
    return Page(
        address.DATA,
        "gongkai/data.html",
        w["data"],
        {
            "w": w,
            "groups": list(_groups(site, root)) if root else [],
            "calendar": Link(deadlines.PATH, w["calendar"]),
            "catalogue": [
                Link(lines.CSV, w["catalogue_csv"]),
                Link(lines.JSON, w["catalogue_json"]),
                Link(data_catalogue.SCHEMA, w["catalogue_schema"]),
                Link(data_catalogue.CSVW, w["catalogue_csvw"]),
            ],
            "item_schema": Link(data_item.SCHEMA, w["each_schema"]),
            "harvest": list(_harvest(site, w, root)) if root else [],
        },
    )


def _groups(site: Site, root: str) -> Iterator[tuple[str, list[Line]]]:
    settings, t = site.portal.settings, site.t
    yield "", [_line(words(site)["whole"], "index.html", "", root)]
    columns = settings.columns
    yield t["columns"], [_line(site.column(c), address.column(c), f"columns/{c}/", root) for c in columns]
    codes = dict.fromkeys((*settings.departments, *site.by_department))
    lines = [_line(site.department(c), address.department(c), f"departments/{c}/", root) for c in codes]
    yield t["departments"], lines


def _line(title: str, page_path: str, folder: str, root: str) -> Line:
    atom = path(folder, "atom")
    return Line(title, page_path, atom, path(folder, "rss"), path(folder, "json"), root + atom)


def _harvest(site: Site, w: Mapping[str, str], root: str) -> Iterator[Link]:
    if contact_of(site) is not None:
        yield Link(data_dcat.US, w["dcat_us"])
        yield Link(data_dcat.LINKED, w["dcat_ap"])
    yield Link(sitemaps.INDEX, w["sitemap"])
    if well_known.has_search(site, root):
        yield Link(well_known.OPENSEARCH, w["opensearch"])
