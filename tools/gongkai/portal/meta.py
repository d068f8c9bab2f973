"""The head of a page: the tags of 国办发〔2017〕47号 for site, column and article, Open Graph, the canonical address, feeds.

`PubDate` comes from the ledger or the old portal, or it is not there: a page without it counts as not published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import unescape
from itertools import compress
from typing import NamedTuple
from urllib.parse import urljoin

from gongkai.model.item import Item
from gongkai.model.settings import Column
from gongkai.portal import address, deadlines, standing, well_known
from gongkai.portal.bearings import Bearing
from gongkai.portal.data_words import say
from gongkai.portal.feeds_feed import TYPES, path
from gongkai.portal.frame import frame
from gongkai.portal.gist import gist
from gongkai.portal.meta_linked import Linked
from gongkai.portal.once import once
from gongkai.portal.page import Page
from gongkai.portal.site import Site
from gongkai.portal.straight import escaped

HOME, DIRECTORY, OPEN_DATA = "首页", "信息公开目录", "数据开放"
"""Values of ColumnType that the standard lists, for the pages that no column of columns.yml names."""
KINDS = {
    address.DATA: OPEN_DATA,
    address.ORGANISATION: "概况信息",
    address.SERVICES: "办事服务",
    address.REQUESTS: "依申请公开",
}
_IMAGE = re.compile(r'<img src="([^"]*)"')
_FORMS = {"atom": "Atom", "rss": "RSS", "json": "JSON"}
_NAME, _PROPERTY = '<meta name="', '<meta property="'
_OF_ARTICLES = "ArticleTitle PubDate ContentSource Keywords Author Description Image Url robots"
_GRAPH = "og:type og:title og:url og:site_name og:locale og:description og:image"
_OF_TIMES = "article:published_time article:modified_time article:section"
_ARTICLE = tuple(
    f'{begin}{name}" content="%s">\n'
    for begin, names in ((_NAME, _OF_ARTICLES), (_PROPERTY, f"{_GRAPH} {_OF_TIMES}"))
    for name in names.split()
)
"""An article's own tags, in their order; those of Open Graph come last, for a portal without an address has none."""


class Link(NamedTuple):
    """A `<link>` of the head, its path as from the top of the portal."""

    rel: str
    type: str
    path: str
    title: str


class Head(NamedTuple):
    """What a page's head says of it: tags with those of Open Graph, as HTML; links; JSON-LD ready for its script element.

    Before its `links`, which other pages may have too, stand its `own`.
    """

    tags: str = ""
    canonical: str = ""
    links: tuple[Link, ...] = ()
    linked: str = ""
    own: tuple[Link, ...] = ()


class Heads:
    """Makes the heads of one site's pages; what they share is looked up once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.root = address.base(site.portal.settings)
        self.frame = frame(site)
        title = self.frame["title"]
        atom = tuple(_links("", title, ("atom",))) if self.root else ()
        self._feeds = tuple(_links("", title, tuple(_FORMS))) if self.root else ()
        kind = "application/opensearchdescription+xml"
        has_search = well_known.has_search(site, self.root)
        self._search = (Link("search", kind, well_known.OPENSEARCH, title),) if has_search else ()
        self._beside = *atom, *self._search
        self._locale = "zh_CN" if site.lang == "zh" else "en_GB"
        self._data_title = say(site, "item_json")
        self._linked = Linked(site, self.root)
        self._shapes: dict[tuple[bool, ...], str] = {}

    def of(self, page: Page) -> Head:
        """The head of a page that the portal makes."""
        item = page.context.get("item")
        if isinstance(item, Item) and page.kind == "item":
            return self._article(item, page)
        tags = _tags(_NAME, self._column(page)) + self._graph(page.path, page.title)
        links = (*self._feeds_of(page), *self._search)
        return Head(tags, self._canonical(page.path), links, self._linked.of(page) if self.root else "")

    def authored(self, path: str, title: str) -> Head:
        """The head of a fixed page; with no path, of one that has no address of its own (404)."""
        if not path:
            return Head(_tags(_NAME, {"robots": "noindex"}), links=(*self._feeds, *self._search))
        return Head(self._graph(path, title), self._canonical(path), (*self._feeds, *self._search))

    def _article(self, item: Item, page: Page) -> Head:
        site, said = self.site, gist(item, self.site)
        one, title, open_ = said.bearing, said.title, said.is_open
        canonical = said.url if self.root else ""
        about = item.text("summary") if open_ else ""
        image = self._image(page) if open_ else ""
        robots = "" if one.published_on else "noindex"
        column, section = _column_of(site, one.column)
        values = (title, *self._article_tags(item, one, open_), about, image, canonical, robots)
        if self.root:
            graph = "article", title, canonical, self.frame["title"], self._locale, about, image
            values = *values, *graph, one.published_on, one.modified_on, section
        there = tuple(map(bool, values))
        if there not in self._shapes:
            self._shapes[there] = "".join(compress(_ARTICLE, there))
        tags = self._shapes[there] % tuple(map(escaped, filter(None, values)))
        linked = self._linked.of_item(said, page) if self.root else ""
        data = Link("alternate", "application/json", said.data, self._data_title)
        return Head(column + tags, canonical, self._beside, linked, (data,))

    def _article_tags(self, item: Item, one: Bearing, open_: bool) -> tuple[str, ...]:
        """PubDate, ContentSource, Keywords, Author."""
        site = self.site
        when = standing.published(item, site.portal)
        department = site.department(one.department)
        return (
            f"{when:%Y-%m-%d %H:%M}" if isinstance(when, datetime) else str(when or ""),
            item.text("source") or department,
            ",".join(item.texts("keywords")) if open_ else "",
            ",".join(item.texts("issuers")) or department,
        )

    def _column(self, page: Page) -> Mapping[str, str]:
        """The tags of a page that is no article; overviews and lists by department or year are columns too."""
        if page.kind in ("evidence", "removed", "checkpoints", "difference"):
            return {}
        column = self.site.portal.settings.columns.get(_code(page.path, "columns"))
        if column:
            return {
                **_told(self.site, column.code),
                "Description": self.site.words(column.description),
            }
        home = page.kind == "home"
        title = self.site.t["home"] if home else page.title
        kind = HOME if home else KINDS.get(page.path, DIRECTORY)
        description = self.frame["description"] if home else ""
        return {
            "ColumnName": title,
            "ColumnDescription": self.frame["description"] or title,
            "ColumnKeywords": ",".join(dict.fromkeys((title, self.frame["sponsor"]))),
            "ColumnType": kind,
            "Description": description,
        }

    def _canonical(self, path: str) -> str:
        return address.absolute(self.root, path) if self.root else ""

    def _graph(self, path: str, title: str) -> str:
        """Open Graph of a page that is no article."""
        if not self.root:
            return ""
        about = self.frame["description"] if path == "index.html" else ""
        values = "website", title, self._canonical(path), self.frame["title"], self._locale, about
        return _tags(_PROPERTY, dict(zip(_GRAPH.split(), values, strict=False)))

    def _image(self, page: Page) -> str:
        """The first picture of the page, by its whole address; empty when there is none."""
        if not self.root:
            return ""
        figures = page.context.get("figures") or ()
        found = _IMAGE.search(page.content)
        src = figures[0].src if figures else unescape(found[1]) if found else ""
        return urljoin(address.absolute(self.root, page.path), src) if src else ""

    def _feeds_of(self, page: Page) -> Iterator[Link]:
        """The feeds of the same items as the page lists; the portal's on every page."""
        for kind in ("columns", "departments"):
            code = _code(page.path, kind)
            if self.root and code:
                yield from _feeds(self.site, kind, code)
        yield from self._feeds
        if page.kind in ("home", "data"):
            yield Link("alternate", "text/calendar", deadlines.PATH, say(self.site, "calendar"))


@once
def _feeds(site: Site, kind: str, code: str) -> Sequence[Link]:
    """Those of a column or a department; unknown columns have none."""
    if kind == "columns" and code not in site.portal.settings.columns:
        return []
    title = site.column(code) if kind == "columns" else site.department(code)
    return list(_links(f"{kind}/{code}/", title, tuple(_FORMS)))


@once
def _column_of(site: Site, code: str) -> tuple[str, str]:
    """The tags that say which column an article is in, and the column's name; both are empty for an unknown one."""
    told = _told(site, code)
    return _tags(_NAME, told), told.get("ColumnName", "")


@once
def _told(site: Site, code: str) -> Mapping[str, str]:
    column = site.portal.settings.columns.get(code)
    return _tags_of(site, column) if column else {}


def _tags_of(site: Site, column: Column) -> Mapping[str, str]:
    title = site.words(column.title)
    sponsor = frame(site)["sponsor"]
    given = [site.words(word) for word in column.keywords] or [title, column.kind, sponsor]
    return {
        "ColumnName": title,
        "ColumnDescription": site.words(column.description) or title,
        "ColumnKeywords": ",".join(dict.fromkeys(word for word in given if word)),
        "ColumnType": column.kind or title,
    }


def _links(folder: str, title: str, forms: tuple[str, ...]) -> Iterator[Link]:
    for form in forms:
        yield Link("alternate", TYPES[form], path(folder, form), f"{title} ({_FORMS[form]})")


def _code(path: str, folder: str) -> str:
    """The code in `columns/notices/2024/page-2.html`; empty for the overview and for anything else."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == folder else ""


def _tags(begin: str, values: Mapping[str, str]) -> str:
    """A tag of each value that there is."""
    return "".join([f'{begin}{name}" content="{escaped(v)}">\n' for name, v in values.items() if v])
