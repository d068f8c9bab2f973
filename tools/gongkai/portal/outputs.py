"""Every file of the portal that is no page and no attachment: feeds, data, sitemaps and what programs look for by name.

A pure function: the same site, pages and moment give the same bytes. They come one by one, so that a portal of ten
thousand items needs no memory for ten thousand files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gongkai.portal import address, bundles, data_dcat, data_item, deadlines, sitemaps, well_known
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.feeds import Feeds
from gongkai.portal.page import Page
from gongkai.portal.site import Site

Files = Iterator[tuple[str, bytes]]


def outputs(site: Site, pages: Sequence[Page], authored: Sequence[str] = ()) -> Files:
    """Path on the portal and bytes of each. `pages` are those that `pages.make` made of the site, `authored` the paths
    of the fixed pages. Without an address in portal.yml there is nothing that needs whole addresses: feeds, sitemaps, DCAT.
    """
    root = address.base(site.portal.settings)
    of_items = {page.path: page for page in pages if page.kind in ("item", "removed")}
    catalogue = Catalogue(site)
    yield from Feeds(site, of_items).files()
    yield from catalogue.files()
    yield from data_dcat.files(catalogue, of_items)
    yield from _items(catalogue, of_items)
    yield from bundles.files(site)
    yield deadlines.PATH, deadlines.calendar(site, root)
    yield from sitemaps.files(catalogue, pages, authored)
    yield from well_known.files(site, root, {page.path for page in pages})


def _items(catalogue: Catalogue, pages: dict[str, Page]) -> Files:
    site = catalogue.site
    yield data_item.SCHEMA, data_item.schema(site, catalogue.root)
    for item in (*site.items, *site.notices):
        page = pages.get(item.address)
        if page is not None:
            yield address.item_data(item), data_item.item_json(item, page, catalogue)
