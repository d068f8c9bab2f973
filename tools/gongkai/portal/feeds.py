"""The feeds of a portal: one of everything, one of each column, one of each department; each in three formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import nlargest

from gongkai.model.item import Item
from gongkai.portal import address, data_dates
from gongkai.portal.feeds_atom import atom
from gongkai.portal.feeds_entry import Entry, authority, entry
from gongkai.portal.feeds_feed import Feed
from gongkai.portal.feeds_json import json_feed
from gongkai.portal.feeds_rss import rss
from gongkai.portal.frame import frame
from gongkai.portal.page import Page
from gongkai.portal.site import Site, department_of, grouped

LONGEST = 30
"""So many entries, unless `page_sizes.feed` of portal.yml says otherwise."""


@dataclass(frozen=True)
class Feeds:
    """Makes the feeds of one site; an item in several feeds is made an entry once."""

    site: Site
    pages: Mapping[str, Page]
    """The pages of items by path."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """All files of all feeds; none when portal.yml gives the portal no address: feeds need whole addresses."""
        if not self.root:
            return
        for feed in self.feeds():
            yield feed.path("atom"), atom(feed)
            yield feed.path("rss"), rss(feed)
            yield feed.path("json"), json_feed(feed, self.site)

    @cached_property
    def root(self) -> str:
        """The portal's address."""
        return address.base(self.site.portal.settings)

    def feeds(self) -> Iterator[Feed]:
        """The portal's feed, then each column's and each department's, in the order of the settings."""
        site = self.site
        about = site.words(site.portal.settings.title)
        yield self._feed("", about, self._items)
        columns = grouped((site.portal.column_of(item), item) for item in self._items)
        for code in site.portal.settings.columns:
            yield self._feed(f"columns/{code}/", site.column(code), columns.get(code, ()))
        departments = grouped((department_of(item), item) for item in self._items)
        for code in dict.fromkeys((*site.portal.settings.departments, *departments)):
            yield self._feed(f"departments/{code}/", site.department(code), departments.get(code, ()))

    def _feed(self, folder: str, title: str, items: Sequence[Item]) -> Feed:
        site, settings = self.site, self.site.portal.settings
        size = site.size("feed", LONGEST)
        entries = [self._entry(item) for item in nlargest(size, items, key=self._order)]
        shown = tuple(e for e in entries if e is not None)
        name = site.words(settings.title)
        return Feed(
            ident=self._ident(folder),
            folder=folder,
            root=self.root,
            home=address.absolute(self.root, f"{folder}index.html"),
            title=f"{title} - {name}" if folder else title,
            about=self._about(folder),
            lang="zh-CN" if site.lang == "zh" else site.lang,
            publisher=site.words(settings.organisation),
            updated=max((e.updated for e in shown), default=self._newest),
            entries=shown,
        )

    def _ident(self, folder: str) -> str:
        """A tag URI when portal.yml says since when it mints them; else the address, which is as permanent as the portal's."""
        if self.site.portal.settings.portal.get("tag_authority"):
            return f"tag:{authority(self.site, '')}:{folder or 'portal'}".removesuffix("/")
        return address.absolute(self.root, f"{folder}atom.xml")

    def _about(self, folder: str) -> str:
        settings = self.site.portal.settings
        kind, _, code = folder.strip("/").partition("/")
        if kind == "columns" and code in settings.columns:
            return self.site.words(settings.columns[code].description)
        return self._portal_about if not folder else ""

    @cached_property
    def _portal_about(self) -> str:
        return str(frame(self.site)["description"])

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        """What was ever published, removed items too: their entries lose the text that readers hold."""
        known = (*self.site.items, *self.site.notices)
        return tuple(i for i in known if data_dates.published(i, self.site.portal) is not None)

    @cached_property
    def _newest(self) -> datetime:
        """When anything was last announced: the date of a feed that has no entry yet."""
        return max((self._order(item)[0] for item in self._items), default=self.site.portal.midnight)

    def _order(self, item: Item) -> tuple[datetime, str]:
        return self._orders[item.path]

    @cached_property
    def _orders(self) -> Mapping[str, tuple[datetime, str]]:
        portal = self.site.portal
        days = ((item, data_dates.announced(item, portal)) for item in self._items)
        return {item.path: (data_dates.moment(day, portal), item.id) for item, day in days if day}

    def _entry(self, item: Item) -> Entry | None:
        if item.id not in self._made:
            page = self.pages.get(item.address) or Page(item.address, "", "")
            self._made[item.id] = entry(item, page, self.site, self.root)
        return self._made[item.id]

    @cached_property
    def _made(self) -> dict[str, Entry | None]:
        return {}
