"""What stands at a path of the previewed portal: a page or a file, made when somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from gongkai.model.item import Item
from gongkai.portal import redirects, search_index
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.data_item import item_json
from gongkai.portal.item_page import ItemPage
from gongkai.portal.keys import Keys
from gongkai.portal.notice_page import notice
from gongkai.portal.outputs import outputs
from gongkai.portal.page import Page
from gongkai.portal.pages import fixed_pages, fixed_texts, list_pages
from gongkai.portal.search_index import FOLDER as SEARCH
from gongkai.portal.site import Site

_OF_ITEM = re.compile(r"(?P<page>[^/]+/\d{4}/\d{5})(?:/(?P<name>.+)|\.json)\Z")
_MADE = re.compile(
    r"\.(?:xml|json|jsonl|jsonld|csv|ics|txt|zip|bin|xlsx|webmanifest|rdf|ttl)\Z|^\.well-known/"
)


@dataclass(frozen=True)
class Finder:
    """Looks up paths in one site. `authored` are the paths of the fixed pages."""

    site: Site
    authored: tuple[str, ...] = ()

    def item(self, path: str) -> Item | None:
        """The item whose page stands at this path: also one that the public does not see, or not yet."""
        identity = path.removesuffix(".html").replace("/", "-")
        item = self.site.by_id.get(identity) or self.site.portal.corpus.by_id.get(identity)
        return item if item is not None and item.address == path else None

    def page(self, path: str) -> Page | None:
        """The page at this path; None when the portal makes none there."""
        item = self.item(path)
        if item is not None:
            return notice(item, self.site) if item.removed else ItemPage(self.site, item).page()
        pages = chain(self._fixed, list_pages(self.site, beside=path))
        return next((page for page in pages if page.path == path), None)

    @cached_property
    def _fixed(self) -> tuple[Page, ...]:
        return tuple(fixed_pages(self.site))

    def file(self, path: str) -> bytes | None:
        """The file at this path; None when there is none. OSError when its source cannot be read."""
        found = _OF_ITEM.match(path)
        item = self.item(f"{found['page']}.html") if found else None
        if found and item is not None:
            return self._attachment(item, path) if found["name"] else self._data(item)
        texts = (text.content for text in fixed_texts(self.site) if text.path == path)
        text = next(texts, None)
        if text is None and path.endswith(".html"):
            moved = redirects.pages(redirects.redirects(self.site), self.site)
            text = next((page.content for page in moved if page.path == path), None)
        return text.encode() if text is not None else self._others(path)

    def _attachment(self, item: Item, path: str) -> bytes | None:
        files = () if item.removed else ItemPage(self.site, item).files()
        source = next((file.source for file in files if file.path == path), None)
        return self.site.portal.tree.read(source) if source else None

    def _data(self, item: Item) -> bytes | None:
        page = self.page(item.address)
        return item_json(item, page, Catalogue(self.site)) if page else None

    def _others(self, path: str) -> bytes | None:
        """Feeds, data, sitemaps, the search index: all are made when the first of them is asked for."""
        if path.startswith(f"{SEARCH}/"):
            return self._search.get(path)
        return self._made.get(path) if _MADE.search(path) else None

    @cached_property
    def _search(self) -> Mapping[str, bytes]:
        return {data.path: data.content for data in search_index.index(self.site, Keys(self.site))}

    @cached_property
    def _made(self) -> Mapping[str, bytes]:
        return dict(self._outputs())

    def _outputs(self) -> Iterator[tuple[str, bytes]]:
        site = self.site
        items = (ItemPage(site, item).page() for item in site.items)
        pages = (*self._fixed, *list_pages(site), *items, *(notice(item, site) for item in site.notices))
        return outputs(site, pages, self.authored)


def address_of(path: str) -> str:
    """Where the page of an item's file would stand, going by the file's name alone."""
    return Item(path, "md", {}).address
