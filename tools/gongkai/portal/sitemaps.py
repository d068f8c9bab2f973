"""The addresses of the portal for search engines: an index, the pages that list, and the items by year (sitemaps.org).

All stand at the top of the portal, for a sitemap speaks only of what lies beside and below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gongkai.portal import address
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.lists import Leaf
from gongkai.portal.page import Page
from gongkai.portal.xml_writer import document, element, tree

INDEX = "sitemap.xml"
LARGEST = 50_000
"""So many addresses in one file at most; at 2,048 characters an address and its date, the limit of 50 MB may bind first."""
LARGEST_BYTES = 50 * 1024 * 1024
_XMLNS = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}
_QUIET = frozenset({"item", "evidence", "removed", "checkpoints", "search", "difference"})
"""Kinds of pages that stand elsewhere, or that no search engine needs."""
_ROW = 200
"""What surrounds an address in a file, generously."""


@dataclass(frozen=True, slots=True)
class Line:
    """One address and when it last changed, as far as the ledger knows."""

    url: str
    modified: str


def files(
    catalogue: Catalogue, pages: Sequence[Page | Leaf], authored: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """The sitemaps and their index; none without the portal's address. `authored` are the paths of the fixed pages.

    Withdrawn items stand in it, so that engines come and see the banner; removed and unpublished ones do not.
    """
    root = catalogue.root
    if not root:
        return
    maps: list[Line] = []
    for name, lines in _maps(catalogue, pages, authored):
        for number, part in enumerate(portions(lines), 1):
            path = f"sitemap-{name}.xml" if number == 1 else f"sitemap-{name}-{number}.xml"
            maps.append(Line(root + path, max((line.modified for line in part), default="")))
            yield path, _document("urlset", "url", part)
    yield INDEX, _document("sitemapindex", "sitemap", maps)


def _maps(
    catalogue: Catalogue, pages: Sequence[Page | Leaf], authored: Sequence[str]
) -> Iterator[tuple[str, list[Line]]]:
    yield "pages", list(_lists(catalogue, pages, authored))
    years: defaultdict[str, list[Line]] = defaultdict(list)
    for item in catalogue.items:
        line = catalogue.line(item)
        years[line.published[:4]].append(Line(line.url, line.modified))
    yield from sorted(years.items(), reverse=True)


def _lists(catalogue: Catalogue, pages: Sequence[Page | Leaf], authored: Sequence[str]) -> Iterator[Line]:
    """The pages that list: each changed when any item that it may show did."""
    known: dict[str, str] = {}
    for page in pages:
        if not isinstance(page, Leaf) and page.kind in _QUIET:
            continue
        shelf = page.shelf if isinstance(page, Leaf) else page.context.get("shelf")
        first = shelf.first if shelf else ""
        if first not in known:
            known[first] = catalogue.newest(shelf.items if shelf else catalogue.site.items)
        yield Line(address.absolute(catalogue.root, page.path), known[first])
    for path in sorted(authored):
        yield Line(address.absolute(catalogue.root, path), "")


def portions(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The lines in portions that keep both limits."""
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
    return document(tree(kind, _XMLNS, (_row(row, line) for line in lines)))


def _row(name: str, line: Line) -> Element:
    modified = element("lastmod", line.modified) if line.modified else None
    return tree(name, {}, [element("loc", line.url), modified])
