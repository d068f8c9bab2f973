"""The feeds of a portal: one of everything, one of each column, one of each department; each in three formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from gongkai.model.item import Item
from gongkai.portal import address, data_dates
from gongkai.portal.data_dates import Day
from gongkai.portal.feeds_atom import atom
from gongkai.portal.feeds_entry import Entry, authority, entry
from gongkai.portal.feeds_feed import Feed
from gongkai.portal.feeds_json import json_feed
from gongkai.portal.feeds_rss import rss
from gongkai.portal.frame import frame
from gongkai.portal.page import Page
from gongkai.portal.site import Groups, Site, department_of, grouped

LONGEST = 30
"""So many entries, unless `page_sizes.feed` of portal.yml says otherwise."""


@dataclass(frozen=True)
class Feeds:
    """Makes the feeds of one site; an item in several feeds is made an entry once."""

    site: Site
    page_of: Callable[[Item], Page]
    """The page of an item, or what feeds take of one."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """All files of all feeds; none when portal.yml gives the portal no address: feeds need whole addresses."""
        for folder in self.newest:
            yield from self.of(folder)

    def of(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The files of one feed, which stand in this folder."""
        feed = self._feed(folder)
        yield feed.path("atom"), atom(feed)
        yield feed.path("rss"), rss(feed)
        yield feed.path("json"), json_feed(feed, self.site)

    @cached_property
    def root(self) -> str:
        """The portal's address."""
        return address.base(self.site.portal.settings)

    @cached_property
    def newest(self) -> Mapping[str, Sequence[Item]]:
        """By folder the items of each feed: the portal's first, then each column's and each department's, as the settings
        name them. Removed items too: their entries lose the text that readers hold. Nothing else changes a feed.
        """
        site, settings = self.site, self.site.portal.settings
        if not self.root:
            return {}
        columns = self._of_each("columns", site.by_column, site.portal.column_of)
        departments = self._of_each("departments", site.by_department, department_of)
        named = [f"columns/{code}/" for code in settings.columns]
        named += [f"departments/{code}/" for code in settings.departments]
        found = columns | departments
        return {
            "": self._first(site.items, self._again),
            **{n: found.get(n, ()) for n in named},
            **departments,
        }

    def _of_each(self, kind: str, shown: Groups, of: Callable[[Item], str]) -> dict[str, Sequence[Item]]:
        """The same for each column or department that has anything to tell."""
        again = grouped((of(item), item) for item in self._again)
        found = {code: self._first(shown.get(code, ()), again.get(code, ())) for code in {**shown, **again}}
        return {f"{kind}/{code}/": items for code, items in found.items() if items}

    def _first(self, items: Sequence[Item], again: Sequence[Item]) -> Sequence[Item]:
        """What was announced last of `items`, which stand in the order of their publication, and of those announced again."""
        size, known = self.site.size("feed", LONGEST), {item.path for item in again}
        once = (item for item in items if item.path not in known and self._announced(item) is not None)
        return sorted((*islice(once, size), *again), key=self._order, reverse=True)[:size]

    def _feed(self, folder: str) -> Feed:
        site, settings = self.site, self.site.portal.settings
        shown = tuple(e for item in self.newest[folder] if (e := self._entry(item)) is not None)
        name = site.words(settings.title)
        return Feed(
            ident=self._ident(folder),
            folder=folder,
            root=self.root,
            home=address.absolute(self.root, f"{folder}index.html"),
            title=f"{self._title(folder)} - {name}" if folder else name,
            about=self._about(folder),
            lang="zh-CN" if site.lang == "zh" else site.lang,
            publisher=site.words(settings.organisation),
            updated=max((e.updated for e in shown), default=self.latest),
            entries=shown,
        )

    def _ident(self, folder: str) -> str:
        """A tag URI when portal.yml says since when it mints them; else the address, which is as permanent as the portal's."""
        if self.site.portal.settings.portal.get("tag_authority"):
            return f"tag:{authority(self.site, '')}:{folder or 'portal'}".removesuffix("/")
        return address.absolute(self.root, f"{folder}atom.xml")

    def _title(self, folder: str) -> str:
        kind, _, code = folder.strip("/").partition("/")
        return self.site.column(code) if kind == "columns" else self.site.department(code)

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
    def _again(self) -> Sequence[Item]:
        """What was announced otherwise than by its publication alone: changed since, or removed. Few items are."""
        site, portal = self.site, self.site.portal
        changed = (i for i, f in portal.facts.items() if f.changed is not None and f.changed != f.published)
        known = (site.asked("id", ident) for ident in changed)
        shown = [item for item in known if item is not None and not item.removed]
        return [item for item in (*shown, *site.notices) if self._announced(item) is not None]

    @cached_property
    def latest(self) -> datetime:
        """When anything was last announced: the date of a feed that has no entry yet."""
        return max((self._order(item)[0] for item in self.newest[""]), default=self.site.portal.midnight)

    def _announced(self, item: Item) -> Day | None:
        return data_dates.announced(item, self.site.portal)

    def _order(self, item: Item) -> tuple[datetime, str]:
        day, portal = self._announced(item), self.site.portal
        return data_dates.moment(day, portal) if day else portal.midnight, item.id

    def _entry(self, item: Item) -> Entry | None:
        """The item's entry, made once. Each feed that shows it notes what it asked for: its own key needs that."""
        noted = self.site.noted
        if item.id not in self._made:
            before = noted.copy()
            noted.clear()
            self._made[item.id] = entry(item, self.page_of(item), self.site, self.root), frozenset(noted)
            noted |= before
        made, asked = self._made[item.id]
        noted |= asked
        return made

    @cached_property
    def _made(self) -> dict[str, tuple[Entry | None, frozenset[tuple[str, str]]]]:
        return {}
