"""The addresses of the portal for search engines: an index, the pages that list, and the items by year (sitemaps.org).

All stand at the top of the portal, for a sitemap speaks only of what lies beside and below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from gongkai.model.item import Item
from gongkai.portal import address
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.lists import Leaf
from gongkai.portal.page import Page
from gongkai.portal.xml_writer import listing

Files = Iterator[tuple[str, bytes]]
INDEX = "sitemap.xml"
LARGEST = 50_000
"""So many addresses in one file at most; at 2,048 characters an address and its date, the limit of 50 MB may bind first."""
LARGEST_BYTES = 50 * 1024 * 1024
_XMLNS = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}
_QUIET = frozenset({"item", "evidence", "removed", "checkpoints", "search", "difference"})
"""Kinds of pages that stand elsewhere, or that no search engine needs."""
_URL = attrgetter("url")
_ROW = 200
"""What surrounds an address in a file, generously."""
_ADDRESS = 3 * 300
"""No item's address is longer: it is the name of a file (255 bytes) and an ending, each byte as `%XX` at worst."""


class Line(NamedTuple):
    """One address and when it last changed, as far as the ledger knows."""

    url: str
    modified: str


@dataclass(frozen=True)
class Sitemaps:
    """The sitemaps of one portal; none without its address. `pages` are all but those of items, those of lists as they are or
    as leaves; `authored` are the paths of the fixed pages.

    Withdrawn items stand in them, so that engines come and see the banner; removed and unpublished ones do not.
    """

    catalogue: Catalogue
    pages: Sequence[Page | Leaf]
    authored: Sequence[str]

    def of_year(self, year: str) -> Files:
        """The items of one year: one file, or as many as the limits want."""
        return _written(year, self._of_year(year))

    def above(self) -> Files:
        """The pages that list, and the index of all sitemaps."""
        lists = list(self._lists())
        yield from _written("pages", lists)
        maps = [*self._maps("pages", lists), *(m for year in self.years for m in self._maps_of(year))]
        yield INDEX, _document("sitemapindex", "sitemap", maps)

    @cached_property
    def years(self) -> Mapping[str, Sequence[Item]]:
        """The items by the year of their publication, the latest year first."""
        known: defaultdict[str, list[Item]] = defaultdict(list)
        for item, one in zip(self.catalogue.site.items, self.catalogue.site.shown, strict=True):
            if one.published_on:
                known[one.published_on[:4]].append(item)
        return dict(sorted(known.items(), reverse=True))

    def _of_year(self, year: str) -> list[Line]:
        of = self.catalogue
        return [
            Line(address.absolute(of.root, item.address), of.modified_on(item)) for item in self.years[year]
        ]

    def _maps_of(self, year: str) -> Iterator[Line]:
        """The maps of one year; its lines are not made when they fit into one file whatever they say."""
        items, root = self.years[year], self.catalogue.root
        if len(items) < min(LARGEST, LARGEST_BYTES // (len(root.encode()) + _ADDRESS + _ROW)):
            yield Line(root + _path(year, 1), self.catalogue.newest(items))
        else:
            yield from self._maps(year, self._of_year(year))

    def _maps(self, name: str, lines: Sequence[Line]) -> Iterator[Line]:
        for number, part in enumerate(portions(lines), 1):
            newest = max((line.modified for line in part), default="")
            yield Line(self.catalogue.root + _path(name, number), newest)

    def _lists(self) -> Iterator[Line]:
        """The pages that list: each changed when any item that it may show did."""
        root, known = self.catalogue.root, {"": self.catalogue.newest(self.catalogue.site.items)}
        for page in self.pages:
            if not isinstance(page, Leaf) and page.kind in _QUIET:
                continue
            shelf = page.shelf if isinstance(page, Leaf) else page.context.get("shelf")
            if shelf and shelf.first not in known:
                known[shelf.first] = self.catalogue.newest_on(shelf.first, shelf.items)
            yield Line(address.absolute(root, page.path), known[shelf.first if shelf else ""])
        for path in sorted(self.authored):
            yield Line(address.absolute(root, path), "")


def _written(name: str, lines: Sequence[Line]) -> Files:
    return ((_path(name, n), _document("urlset", "url", part)) for n, part in enumerate(portions(lines), 1))


def _path(name: str, number: int) -> str:
    return f"sitemap-{name}.xml" if number == 1 else f"sitemap-{name}-{number}.xml"


def portions(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The lines in portions that keep both limits."""
    if (
        len(lines) < LARGEST
        and len(lines) * (4 * max(map(len, map(_URL, lines)), default=0) + _ROW) < LARGEST_BYTES
    ):
        yield from (lines,) if lines else ()
        return
    part: list[Line] = []
    size = 0
    for line in lines:
        more = len(line.url.encode()) + _ROW
        if part and (len(part) >= LARGEST or size + more > LARGEST_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += more
    if part:
        yield part


def _document(kind: str, row: str, lines: Sequence[Line]) -> bytes:
    return listing(kind, _XMLNS, row, ((("loc", line.url), ("lastmod", line.modified)) for line in lines))
