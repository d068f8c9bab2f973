"""Reading one file and asking every rule about it that may be kept: the same in this process and in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from gongkai.checks.brief import brief
from gongkai.checks.glance import Part
from gongkai.checks.packed import CodedHit, Row, pack_hits, pack_unread
from gongkai.checks.portal import Portal
from gongkai.checks.rule import LookAtItem, Rule
from gongkai.checks.scanned import scan_ahead
from gongkai.checks.table import RULES
from gongkai.checks.waivers import apply, waivers_of
from gongkai.checks.watched import Answer, Question, Untold, Watched
from gongkai.items.packed import FrontRow, front, pack, pack_fronts
from gongkai.items.read import read_tree_item
from gongkai.model.corpus import FileEntry
from gongkai.model.finding import Place
from gongkai.model.item import Item, Unread
from gongkai.model.message import Message
from gongkai.store.relay import Stretch

Asks = tuple[tuple[Question, Answer], ...]
Idle = Callable[[Item, Portal], bool]
Looks = tuple[tuple[Idle | None, tuple[tuple[str, LookAtItem], ...]], ...]
"""Looking functions by code, in groups that are passed over together where their first part says so."""


class Found(NamedTuple):
    """What the rules said of one item: packed hits of rules that look at it alone and of the others, and what they asked.

    `sure` is False when that cannot be kept: then nothing else is said. `whole` is False when a rule asked for other items
    while they were not known.
    """

    alone: tuple[Row, ...] = ()
    cross: tuple[Row, ...] = ()
    asks: Asks = ()
    sure: bool = True
    whole: bool = True


class Seen(NamedTuple):
    """What came of one file: its blob, the packed item and its brief (None when it gave none), why not, what was found."""

    path: str
    blob: str
    raw: bytes | Stretch | None = None
    brief: Row | None = None
    unread: tuple[Row, ...] = ()
    found: Found = Found()
    front: FrontRow | None = None
    """The item's form and fields, in the process that read it."""

    def plain(self) -> Row:
        """The same as plain data, but for the packed item, of which it says the length, and the front: both go another way."""
        path, blob, raw, said, unread, found, _ = self
        return path, blob, len(raw) if isinstance(raw, bytes) else None, said, unread, tuple(found)

    @classmethod
    def of(cls, row: Row, raw: bytes | Stretch | None) -> Seen:
        """What `plain` gave, with the packed item."""
        path, blob, _, said, unread, found = row
        return cls(path, blob, raw, said, unread, Found(*found))


class Batch(NamedTuple):
    """What came of some files, and the fronts of their items as one value."""

    seen: Sequence[Seen]
    fronts: bytes


@lru_cache(256)
def kept_rules(fields: tuple[str, ...] | None = None) -> tuple[Looks, Looks]:
    """The looking functions by code whose hits may be kept: of rules that look at an item alone, and of all others.

    `fields`: only those that may have something to say of an item with these; thousands of items have the same few sets.
    Rules for new items only are asked every time: they look at the clock.
    """
    own = [r for r in RULES.values() if r.item is not None and not r.fresh]
    if fields is not None:
        own = [r for r in own if not r.of or not r.of.isdisjoint(fields)]
    return _grouped(r for r in own if r.alone), _grouped(r for r in own if not r.alone)


def _grouped(rules: Iterable[Rule]) -> Looks:
    groups: dict[Idle | None, list[tuple[str, LookAtItem]]] = {}
    for rule in rules:
        if rule.item is not None:
            idle = rule.item.glance.idle if isinstance(rule.item, Part) else rule.idle
            groups.setdefault(idle, []).append((rule.code, rule.item))
    return tuple((idle, tuple(looks)) for idle, looks in groups.items())


def see_together(entries: Iterable[FileEntry], portal: Watched, *, judge: bool = True) -> Batch:
    """Read items' files and (`judge`) ask the rules; the portal's other items are not known yet.

    All are read, then scanned, then looked at: what a step works with stays at the processor's hand, which is a tenth of the time.
    """
    read = [(entry, *read_tree_item(portal.tree, entry)) for entry in entries]
    if judge:
        scan_ahead((item for _, item, _, _ in read if item is not None), portal)
    seen = [_see(*row, portal, judge) for row in read]
    return Batch(seen, pack_fronts({(one.path, one.blob): one.front for one in seen if one.front}))


def _see(
    entry: FileEntry, item: Item | None, faults: Sequence[Unread], blob: str, portal: Watched, judge: bool
) -> Seen:
    if any(fault.fault == "unreadable" for fault in faults):
        blob = ""  # it may be readable the next time
    unread = tuple(map(pack_unread, faults))
    if item is None:
        return Seen(entry.path, blob, unread=unread)
    found = look(item, portal) if judge else Found(whole=False)
    row = front(item)
    return Seen(entry.path, blob, pack(item, row), tuple(brief(item, portal.real)), unread, found, row)


def lost(entry: FileEntry, reason: Message) -> Seen:
    """What stands for a file whose reading ended the process that read it."""
    return Seen(
        entry.path, "", unread=(pack_unread(Unread(Place(entry.path), "unreadable", {"reason": reason})),)
    )


def look(item: Item, portal: Watched) -> Found:
    """Ask all rules whose hits may be kept about one item."""
    alone, cross = kept_rules(tuple(item.fields))
    unsure = portal.readings.unsure
    portal.asked.clear()
    try:
        own = _hits(alone, item, portal)
    except Untold:
        return Found(sure=False)
    try:
        others, whole = _hits(cross, item, portal), True
    except Untold as untold:
        if untold.args[0] not in ("item", "path"):
            return Found(sure=False)
        others, whole = [], False
    if portal.readings.unsure != unsure:
        return Found(sure=False)
    return Found(pack_hits(own), pack_hits(others), tuple(portal.asked.items()), whole=whole)


def _hits(looks: Looks, item: Item, portal: Portal) -> list[CodedHit]:
    found = [
        (code, hit)
        for idle, group in looks
        if idle is None or not idle(item, portal)
        for code, look in group
        for hit in look(item, portal)
    ]
    if not found or not waivers_of(item):
        return found
    return [(code, hit) for code, hit in found if any(apply([RULES[code].finding(hit)], item, portal))]


def look_now(item: Item, portal: Portal) -> Iterable[CodedHit]:
    """What the rules say now of an item whose findings cannot be kept."""
    for looks in kept_rules(tuple(item.fields)):
        yield from _hits(looks, item, portal)
