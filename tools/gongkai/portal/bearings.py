"""Where each item belongs, at one moment: shown or not, its place in every order, and who it points at. Reckoned once an item.

Orders, lists and counts over all items ask these rows and no item: ten thousand rows are put in order in a few
milliseconds. What was reckoned for one build is kept for the next, and used item by item for as long as its file, the
ledger's facts of it and all settings are the same, and none of its own moments has passed (`portal.moments`).
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from math import inf
from typing import NamedTuple

from gongkai.checks.portal import Portal
from gongkai.model.facts import ItemFacts
from gongkai.model.item import ID_PATTERN, Item
from gongkai.portal import data_dates, standing
from gongkai.portal.moments import of_item
from gongkai.store.kept import Kept

KIND = "bearings"
AHEAD = "bearings ahead"
APART = 50
"""When so many were reckoned anew, all are kept for other processes too."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_AGES = 10**17
"""So many microseconds before 1970 no date lies."""
_LAST = 10**19


class Bearing(NamedTuple):
    """One item's. It was reckoned from the file `blob` and the ledger's `fact`, and holds from `since` until `until` (seconds).

    `published_on` and `modified_on` are as data say them (`portal.data_dates`); the first is empty for what is not published.
    `place` orders items by their publication, then by their ids; what is not published comes last. `points` are the ids
    that the item explains, replaces and is replaced by; None when it points at nothing. `current` and `in_force`: see
    `portal.standing`. `round`: the public may answer or object to it for a time. `sought` orders items as the search has them:
    by the days since 1970 to their date (five digits), by the year of the id, then by the id.
    """

    blob: str
    fact: ItemFacts | str | None
    since: float
    until: float
    ident: str
    type: str
    shown: bool
    notice: bool
    published_on: str
    modified_on: str
    place: str
    year: str
    column: str
    department: str
    topics: tuple[str, ...]
    points: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None
    current: bool
    in_force: bool
    round: bool
    sought: str
    moved: bool
    """Whether it stood at another address before."""


def bearings(portal: Portal, house: bytes) -> dict[str, Bearing]:
    """One of each item of the portal's corpus, by path, in that order.

    `house` is a digest of all settings, schemas and the engine; when it is empty nothing is kept.
    """
    kept = portal.kept if house else None
    at, known = kept.memory.get(KIND, (b"", {})) if kept is not None else (b"", {})
    if kept is not None and at != house:
        known = _stored(kept, house)
    early = _reckoned_ahead(kept, house) if kept is not None else {}
    found, anew = _found(portal, {**known, **early} if early else known)
    if kept is not None:
        kept.memory[KIND] = house, found
        if anew + len(early) > APART:
            rows = {path: (one[0], _told(one.fact), *one[2:]) for path, one in found.items()}
            kept.put(KIND, {house.hex(): marshal.dumps(rows)}, alone=True)
    return found


def reckon_ahead(portal: Portal, house: bytes, items: Sequence[Item]) -> None:
    """Reckon the bearings of some items while others are still being read; the portal need not have items yet.

    They are taken over as what was kept is: under the same conditions.
    """
    if portal.kept is not None:
        at, rows = portal.kept.memory.get(AHEAD, (b"", {}))
        rows = rows if at == house else {}
        rows.update((item.path, bearing(item, portal)) for item in items)
        portal.kept.memory[AHEAD] = house, rows


def _reckoned_ahead(kept: Kept, house: bytes) -> dict[str, Bearing]:
    at, rows = kept.memory.pop(AHEAD, (b"", {}))
    return rows if at == house else {}


def _found(portal: Portal, known: Mapping[str, Bearing]) -> tuple[dict[str, Bearing], int]:
    """All of them, and how many were not known."""
    now, facts, anew = portal.now.timestamp(), portal.facts, 0
    found: dict[str, Bearing] = {}
    for item in portal.corpus.items:
        old = known.get(item.path)
        fact = facts.get(old.ident) if old is not None else None
        if old is None or not (old.blob == item.blob != "" and old.since <= now < old.until):
            old = None
        elif old.fact != fact:
            # What was kept in a file says it in words.
            old = old._replace(fact=fact) if old.fact == _told(fact) else None
        anew += old is None
        found[item.path] = old or bearing(item, portal)
    return found, anew


def _stored(kept: Kept, house: bytes) -> dict[str, Bearing]:
    """What another process kept of the same house; `fact` in words."""
    raw = kept.get(KIND, house.hex())
    with suppress(ValueError, EOFError, TypeError):
        return {path: Bearing._make(row) for path, row in marshal.loads(raw or b"").items()}
    return {}


def _told(fact: ItemFacts | str | None) -> str | None:
    return fact if fact is None or isinstance(fact, str) else repr(fact)


def bearing(item: Item, portal: Portal) -> Bearing:
    """The item's bearing at the portal's moment."""
    ident, kind = item.id, item.type
    when = standing.published(item, portal)
    since, until = window(item, portal)
    return Bearing(
        item.blob,
        portal.facts.get(ident),
        since,
        until,
        ident,
        kind,
        standing.is_shown(item, portal),
        standing.is_notice(item),
        *data_dates.both(item, portal),
        _place(when, ident, portal),
        str(when.year) if when is not None else _year_of(ident),
        portal.column_of(item),
        department_of(item),
        tuple(dict.fromkeys(item.texts("topics"))),
        _points(item),
        standing.is_current(item, portal),
        standing.is_in_force(item, portal),
        standing.is_round(item),
        _sought(item, ident, when),
        bool(item.texts("aliases") or item.group("legacy").get("url")),
    )


def window(item: Item, portal: Portal) -> tuple[float, float]:
    """Since when and until when no moment of the item passes (seconds since 1970): then it stands as it stands now."""
    now = portal.now.timestamp()
    times = [at.time.timestamp() for at in of_item(item, portal)]
    return max((t for t in times if t <= now), default=-inf), min((t for t in times if t > now), default=inf)


def _place(when: date | None, ident: str, portal: Portal) -> str:
    """See `standing.sort_key`. As text: thousands are compared, and two texts compare faster than two tuples of moments."""
    if when is None or isinstance(when, datetime):
        return f"{_LAST if when is None else _AGES + (when - _EPOCH) // _INSTANT:020d} {ident}"
    return f"{_of_day(when, portal.settings.timezone)} {ident}"


@lru_cache(maxsize=1024)
def _of_day(day: date, zone: tzinfo) -> str:
    """Where a day's first second stands in the order: many items are of one day."""
    return f"{_AGES + (datetime.combine(day, time(), zone) - _EPOCH) // _INSTANT:020d}"


def _sought(item: Item, ident: str, when: date | None) -> str:
    day = when or item.date("document_date") or item.date("occurred_on")
    days = max(0, min(day.toordinal() - _EPOCH.toordinal(), 65535)) if day else 0
    return f"{days:05d} {ident[-10:-6]} {ident}"


def _year_of(ident: str) -> str:
    match = ID_PATTERN.match(ident)
    return match["year"] if match else ""


def _points(item: Item) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    by = item.group("withdrawal").get("replaced_by")
    found = item.texts("interprets"), item.texts("replaces"), (str(by),) if by else ()
    return found if any(found) else None


def department_of(item: Item) -> str:
    """The code of the department that answers for the item."""
    said = item.text("department")
    match = None if said else ID_PATTERN.match(item.id)
    return match["department"] if match else said
