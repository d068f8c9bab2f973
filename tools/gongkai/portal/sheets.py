"""The sheets of a portal: files that are made together, each sheet by itself, so that several hands can make them.

What is made is what `pages.make` and `outputs` say, file by file; only the order is another, and nothing is held in memory
longer than it takes to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from functools import cached_property
from typing import Any, NamedTuple

from gongkai.model.item import Item
from gongkai.portal import (
    address,
    bundles,
    data_item,
    difference_page,
    outputs,
    pages,
    redirect_maps,
    redirects,
)
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.evidence_page import EvidencePage
from gongkai.portal.feeds import Feeds
from gongkai.portal.item_page import ItemPage
from gongkai.portal.keys import Keys
from gongkai.portal.lines import JSON as CATALOGUE
from gongkai.portal.lines import Lines
from gongkai.portal.listed import Lists
from gongkai.portal.lists import Leaf
from gongkai.portal.notice_page import notice
from gongkai.portal.page import BrokenLink, Page, SiteText
from gongkai.portal.past import Asked, Past
from gongkai.portal.search_index import Search
from gongkai.portal.search_parts import Part, Volume
from gongkai.portal.site import Site
from gongkai.portal.unchanged import digest
from gongkai.portal.untouched import Differing, remember

Files = Iterator[tuple[str, bytes]]


class Sheet(NamedTuple):
    """What is made together: the path it is known by (an item's, a page's), how its files are made, and its key.

    The key needs what the sheet asked for when it was last made; a sheet without one is made each time. One that must be
    made `here` reads attachments and what is kept of them: neither may be shared with a forked child. Where few of many files
    change at once, `mend` gives the bytes of those by their paths, from the key under which the sheet was made last and from
    what gives its files of then; None when it cannot. Nothing else may lie in that sheet's folder. All three are handed first
    what the sheet is `of`: there are as many sheets as items, and functions bound to each item would take four times the memory.
    """

    name: str
    make: Callable[..., Files]
    key: Callable[..., bytes] | None = None
    of: tuple[Any, ...] = ()
    here: bool = False
    mend: Callable[..., Mapping[str, bytes] | None] | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is a page of a list."""
        return bool(self.of) and isinstance(self.of[0], Leaf)

    def files(self) -> Files:
        """Make its files, one after another."""
        return self.make(*self.of)

    def key_of(self, asked: Asked) -> bytes:
        """Its key when it asks for this; empty for a sheet that is made each time."""
        return self.key(*self.of, asked) if self.key else b""

    def mended(self, key: bytes, read: Callable[[str], bytes]) -> Mapping[str, bytes] | None:
        """What `mend` gives."""
        return self.mend(*self.of, key, read) if self.mend else None


class Sheets:
    """All sheets of one site. `press` renders a page, `own` are the pages about no single item, `authored` the fixed ones' paths.

    `broken` gathers the links that stand on the pages as text, `attachments` the number of files of items, `pages`
    the number of pages, as they are made.
    """

    def __init__(
        self, site: Site, press: Callable[[Page], bytes], own: tuple[Page, ...], authored: tuple[str, ...]
    ) -> None:
        self.site = site
        self.own_pages = own
        self.authored = authored
        self.broken: list[BrokenLink] = []
        self.attachments = 0
        self.pages = 0
        self._press = press
        self._keys = Keys(site)
        self.lines: Lines | None = None
        """Where the lines of all items stand, once the catalogue was made from them; by the names of their sheets."""

    def of_items(self, but: Collection[str] = ()) -> list[Sheet]:
        """One of each item, and of each notice of a removed one; but for those at some paths."""
        made = [(item, self._item) for item in self.site.items if item.path not in but]
        made += [(item, self._notice) for item in self.site.notices if item.path not in but]
        key = self._keys.item
        return [Sheet(item.path, make, key, (item,)) for item, make in made]

    def untouched(self, past: Past | None) -> Set[str]:
        """The names of the sheets of items and lists that need not be asked for their keys."""
        if self._differing is None or not self._differing.is_of(past):
            return frozenset()
        return frozenset().union(
            self._differing.untouched(past), *(one.paths for one in self._lists.untouched)
        )

    @cached_property
    def _differing(self) -> Differing | None:
        return Differing.of(self.site, self._keys.own)

    def remember(self, mark: object) -> None:
        """Let the next build of this process begin from here."""
        remember(self.site, self._keys.own, mark)

    def of_lists(self, but: Collection[str] = ()) -> list[Sheet]:
        """One of each page of each list; but for those at some paths."""
        return [
            Sheet(row[0].path, self._leaf, _constant, row)
            for listed in self._lists.all
            for row in listed.rows
            if row[0].path not in but
        ]

    def of_the_whole(self) -> list[Sheet]:
        """Those that all items go into: search, feeds, catalogue, sitemaps, old addresses, pages about no single item."""
        own: list[Page | Leaf] = [*self.own_pages, *self.leaves]
        feeds = Feeds(self.site, self._for_feeds)
        groups = outputs.of_the_whole(self.catalogue, feeds, own, self.authored)
        return [
            *(self._of_search() if self.site.portal.settings.has_search else ()),
            *(Sheet(one.name, self._group, self._key_of_group, (one,)) for one in groups),
            Sheet("redirects", self._redirects, self._key_of_all),
            *self._of_own(),
            Sheet("texts", self._texts),
        ]

    def _of_own(self) -> Iterator[Sheet]:
        """One of each page about no single item: what it shows is all there with it."""
        for page in self.own_pages:
            key = digest((self.site.house, repr(page).encode("utf-8", "surrogatepass")))
            yield Sheet(page.path, self._own, _constant, (page, key))

    def _key_of_group(self, group: outputs.Group, asked: Asked) -> bytes:
        return self._keys.some(group.items, asked, group.also)

    def _key_of_all(self, _: Asked) -> bytes:
        return self._of_all

    @cached_property
    def _of_all(self) -> bytes:
        return self._keys.some(self.site.every)

    @cached_property
    def settings(self) -> tuple[SiteText, ...]:
        """Files for the web server, never published: where old addresses lead."""
        return tuple(redirect_maps.files(self._moved, self.site))

    @cached_property
    def _moved(self) -> redirects.Redirects:
        return redirects.redirects(self.site)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pages of lists, not made yet."""
        return tuple(leaf for listed in self._lists.all for leaf, _ in listed.rows)

    @cached_property
    def _lists(self) -> Lists:
        return Lists(self.site, self._keys, self._differing)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The rows of items, each made once; `known` takes the lines of those that are as they were."""
        dates = {leaf.shelf.first: listed.dates for listed in self._lists.all for leaf, _ in listed.rows}
        return Catalogue(self.site, dates=dates)

    def _page(self, page: Page) -> Files:
        self.pages += 1
        yield page.path, self._press(page)

    def _item(self, item: Item) -> Files:
        made = ItemPage(self.site, item)
        page = made.page()
        self.broken.extend(made.broken())
        yield from self._page(page)
        for file in made.files():
            self.attachments += 1
            yield file.path, self.site.portal.tree.read(file.source)
        yield address.item_data(item), data_item.item_json(item, page, self.catalogue)
        yield from bundles.of_item(item, self.site, made.links)
        yield from self._evidence(item, made)
        for one in difference_page.page(item, self.site):
            yield from self._page(one)

    def _notice(self, item: Item) -> Files:
        page = notice(item, self.site)
        yield from self._page(page)
        yield address.item_data(item), data_item.item_json(item, page, self.catalogue)
        yield from self._evidence(item, None)

    def _evidence(self, item: Item, made: ItemPage | None) -> Files:
        if item.id in self.site.record.proofs:
            proof = EvidencePage(self.site, item, made)
            yield from self._page(proof.page())
            yield _bytes(proof.text())

    def _own(self, page: Page, _: bytes) -> Files:
        return self._page(page)

    def _leaf(self, leaf: Leaf, _: bytes) -> Files:
        return self._page(leaf.page(self.site))

    def _texts(self) -> Files:
        return map(_bytes, pages.fixed_texts(self.site))

    def _of_search(self) -> Iterator[Sheet]:
        """The pieces of the search index, each with its key; the directory, which tells of all, is made after them."""
        search = self._search
        for part in search.parts:
            yield Sheet(f"search/r/{part.number}", search.results, self._key_of_search, (part,), here=True)
        for volume in search.volumes:
            make, key, name = search.postings, self._key_of_search, f"search/t/{volume.number}"
            yield Sheet(name, make, key, (volume,), here=True, mend=search.mend)
        yield Sheet("search/index.json", search.top, self._key_of_all, here=True)

    def _key_of_search(self, piece: Part | Volume, _: Asked) -> bytes:
        return self._search.key(piece)

    @cached_property
    def _search(self) -> Search:
        return Search(self.site, self._keys)

    def _for_feeds(self, item: Item) -> Page:
        return notice(item, self.site) if item.removed else ItemPage(self.site, item).bare()

    def _group(self, group: outputs.Group) -> Files:
        yield from group.make()
        if group.name == CATALOGUE:
            self.lines = self.catalogue.lines

    def _redirects(self) -> Files:
        return map(_bytes, redirects.pages(self._moved, self.site))


def _constant(_: Page | Leaf, key: bytes, __: Asked) -> bytes:
    """The key of what asks for nothing."""
    return key


def _bytes(text: SiteText) -> tuple[str, bytes]:
    return text.path, text.content.encode()
