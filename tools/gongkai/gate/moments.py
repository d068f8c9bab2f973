"""What stood on main at a moment of the past: its policy, and the few items a change touched. Every byte proven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from gongkai.checks.portal import Portal
from gongkai.evidence.policy import Policy, read_policy
from gongkai.gate.judging import kinds_of
from gongkai.items.config import read_settings
from gongkai.items.read import is_item_path, read_item
from gongkai.model.corpus import Corpus
from gongkai.model.evidence import Change
from gongkai.model.item import ID_PATTERN, Item
from gongkai.schema.library import read_types
from gongkai.store.proven import FOLDER, Proven, ProvenTree
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables

SUFFIXES = (".md", ".yml", ".yaml")
PARTS = ("site_config", "schemas")


class Moments:
    """Portals without items, and policies, by the tree they are read from; each is read once."""

    def __init__(self, proven: Proven) -> None:
        self.proven = proven
        self._portals: dict[tuple[str, ...], Portal] = {}
        self._policies: dict[tuple[str, ...], Policy] = {}

    def portal(self, tree: str, now: datetime) -> Portal:
        """The portal of a tree as seen at `now`, its settings and types only."""
        key = self._key(tree)
        if key not in self._portals:
            self._portals[key] = self._read(tree, now)
        return replace(self._portals[key], tree=ProvenTree(self.proven, tree), now=now)

    def _key(self, tree: str) -> tuple[str, ...]:
        """What settings and types are read from: the same folders hold the same."""
        return tuple(self.proven.at(tree, part)[1] for part in PARTS)

    def _read(self, tree: str, now: datetime) -> Portal:
        source = ProvenTree(self.proven, tree)
        settings, unread = read_settings(source)
        calendar = Calendar(tables(settings.files), settings.timezone)
        library = read_types(source)
        return Portal(source, Corpus(), settings, library, calendar, now, unread_settings=unread)

    def policy(self, tree: str, now: datetime) -> Policy:
        """The policy of a tree."""
        key = self._key(tree)
        if key not in self._policies:
            portal = self.portal(tree, now)
            self._policies[key] = read_policy(portal.settings, portal.types)
        return self._policies[key]

    def kinds(
        self, change: Change, before: str, after: str, now: datetime
    ) -> tuple[tuple[str, str], ...]:  # fmt: skip
        """(type, department) of all that a change between two trees touches: the ruling's own count, on few items."""
        new = self._items(after, change, change.items)
        others = [i for item in new for i in (*item.texts("replaces"), *map(_id_at, item.texts("aliases")))]
        old = self._items(before, change, (*change.items, *filter(ID_PATTERN.match, others)))
        portals = (
            replace(self.portal(tree, now), corpus=Corpus(items))
            for tree, items in ((before, old), (after, new))
        )
        return kinds_of(change, *portals)

    def legacy_number(self, tree: str, ident: str) -> str:
        """The index number that an old portal gave an item; empty for none."""
        items = self._items(tree, Change(()), (ident,))
        return str(items[0].group("legacy").get("index_number") or "") if items else ""

    def _items(self, tree: str, change: Change, idents: Iterable[str]) -> tuple[Item, ...]:
        """The items of a tree that a change names by path or by id, in the order of their paths."""
        own = (p.path for p in change.paths if is_item_path(p.path))
        paths = sorted({*own, *(p for ident in idents for p in paths_of(ident))})
        found = ((path, *self.proven.at(tree, path)) for path in paths)
        read = (
            read_item(path, self.proven.read(blob, "blob"), blob)[0]
            for path, mode, blob in found
            if blob and mode != FOLDER
        )
        return tuple(item for item in read if item is not None)


def paths_of(ident: str) -> Iterator[str]:
    """Where the file of an item may stand; nothing for what is no id."""
    match = ID_PATTERN.match(ident)
    if match is not None:
        yield from (f"content/{match['department']}/{match['year']}/{ident}{s}" for s in SUFFIXES)


def _id_at(address: str) -> str:
    """The id of the item whose page has this address; no id for another address."""
    return address.strip("/").removesuffix(".html").replace("/", "-")
