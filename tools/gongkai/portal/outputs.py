"""Every file of the portal that is no page and no attachment: feeds, data, sitemaps and what programs look for by name.

Pure functions: the same site, pages and moment give the same bytes. They come one by one, so that a portal of ten
thousand items needs no memory for ten thousand files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gongkai.model.item import Item
from gongkai.portal import address, bundles, data_dcat, data_item, deadlines, well_known
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.data_sets import with_data
from gongkai.portal.feeds import Feeds
from gongkai.portal.feeds_feed import path
from gongkai.portal.lines import JSON
from gongkai.portal.lists import Leaf
from gongkai.portal.page import Page
from gongkai.portal.site import Site
from gongkai.portal.sitemaps import INDEX, Sitemaps

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are made together, known by the path of one of them.

    Only these change them: the settings, the `items` (in this order), whatever these items' texts ask for, and what `also`
    says.
    """

    name: str
    make: Callable[[], Files]
    items: Sequence[Item] = ()
    also: str = ""


def outputs(site: Site, pages: Sequence[Page], authored: Sequence[str] = ()) -> Files:
    """Path on the portal and bytes of each. `pages` are those that `pages.make` made of the site, `authored` the paths
    of the fixed pages. Without an address in portal.yml there is nothing that needs whole addresses: feeds, sitemaps, DCAT.
    """
    catalogue = Catalogue(site)
    of_items = {page.path: page for page in pages if page.kind in ("item", "removed")}
    feeds = Feeds(site, lambda item: of_items.get(item.address) or Page(item.address, "", ""))
    for group in of_the_whole(catalogue, feeds, pages, authored):
        yield from group.make()
    yield from bundles.files(site)
    for item in site.every:
        page = of_items.get(item.address)
        if page is not None:
            yield address.item_data(item), data_item.item_json(item, page, catalogue)


def of_the_whole(
    catalogue: Catalogue, feeds: Feeds, pages: Sequence[Page | Leaf], authored: Sequence[str]
) -> Iterator[Group]:
    """Those that are about more than one item. `pages` must hold all but those of items, those of lists as they are or as
    leaves that nobody has made yet."""
    site, ledger, today = (
        catalogue.site,
        catalogue.site.record.ledger,
        str(catalogue.site.portal.today.date()),
    )
    every = site.every
    yield from _feeds(feeds)
    yield Group(JSON, catalogue.files, every, ledger)
    yield Group(
        data_dcat.US, partial(data_dcat.files, catalogue), [*with_data(catalogue)], catalogue.modified
    )
    yield Group(deadlines.PATH, partial(_deadlines, catalogue), site.rounds, today)
    yield from _sitemaps(Sitemaps(catalogue, pages, authored), every, f"{today} {ledger}")
    yield Group(well_known.ROBOTS, partial(_known, catalogue), also=today)


def _feeds(feeds: Feeds) -> Iterator[Group]:
    for folder, items in feeds.newest.items():
        also = "" if items else feeds.latest.isoformat()
        yield Group(path(folder, "atom"), partial(feeds.of, folder), items, also)


def _sitemaps(maps: Sitemaps, every: Sequence[Item], also: str) -> Iterator[Group]:
    if maps.catalogue.root:
        for year, items in maps.years.items():
            yield Group(f"sitemap-{year}.xml", partial(maps.of_year, year), items)
        yield Group(INDEX, maps.above, every, also)


def _deadlines(catalogue: Catalogue) -> Files:
    yield deadlines.PATH, deadlines.calendar(catalogue.site, catalogue.root)


def _known(catalogue: Catalogue) -> Files:
    """What the settings alone change, and the day."""
    yield from catalogue.schemas()
    yield data_item.SCHEMA, data_item.schema(catalogue.site, catalogue.root)
    yield from well_known.files(catalogue.site, catalogue.root)
