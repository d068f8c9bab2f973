"""Every file of the portal that is no page and no attachment: feeds, data, sitemaps and what programs look for by name.

A pure function: the same site, pages and moment give the same bytes. They come one by one, so that a portal of ten
thousand items needs no memory for ten thousand files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gongkai.portal import address, bundles, data_dcat, data_item, deadlines, sitemaps, well_known
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.feeds import Feeds
from gongkai.portal.lists import Leaf
from gongkai.portal.page import Page
from gongkai.portal.site import Site

Files = Iterator[tuple[str, bytes]]


def outputs(site: Site, pages: Sequence[Page], authored: Sequence[str] = ()) -> Files:
    """Path on the portal and bytes of each. `pages` are those that `pages.make` made of the site, `authored` the paths
    of the fixed pages. Without an address in portal.yml there is nothing that needs whole addresses: feeds, sitemaps, DCAT.
    """
    catalogue = Catalogue(site)
    of_items = {page.path: page for page in pages if page.kind in ("item", "removed")}
    yield from of_the_whole(catalogue, of_items, pages, authored)
    yield from bundles.files(site)
    for item in (*site.items, *site.notices):
        page = of_items.get(item.address)
        if page is not None:
            yield address.item_data(item), data_item.item_json(item, page, catalogue)


def of_the_whole(
    catalogue: Catalogue, of_items: Mapping[str, Page], pages: Sequence[Page | Leaf], authored: Sequence[str]
) -> Files:
    """Those that are about more than one item. `of_items` gives the pages of items by path; `pages` must hold the others,
    those of lists as they are or as leaves that nobody has made yet."""
    site, root = catalogue.site, catalogue.root
    yield from Feeds(site, of_items).files()
    yield from catalogue.files()
    yield from data_dcat.files(catalogue, of_items)
    yield data_item.SCHEMA, data_item.schema(site, root)
    yield deadlines.PATH, deadlines.calendar(site, root)
    yield from sitemaps.files(catalogue, pages, authored)
    yield from well_known.files(site, root, {page.path for page in pages})
