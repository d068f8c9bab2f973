"""When the public view changes by itself: an embargo ends, something expires, a public notice closes, a day begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gongkai.checks.portal import Portal
from gongkai.model.item import Item
from gongkai.portal import standing

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A first instant at which an item looks different, and the field that says so."""

    time: datetime
    item: str
    field: str


def moments(portal: Portal) -> Iterator[Moment]:
    """Every such instant of every item, past ones too. What cannot be read as a time brings none: an embargo then holds."""
    for item in portal.corpus.items:
        if not item.removed:
            yield from of_item(item, portal)


def of_item(item: Item, portal: Portal) -> Iterator[Moment]:
    """The instants of one item, past ones too."""
    for name in ("publish_at", "expires_at"):
        at = standing.moment(item.text(name), portal) if item.text(name) else None
        if at is not None:
            yield Moment(at, item.id, name)
    # A last day is in force to its end.
    for name, days in (("opens_on", 0), ("closes_on", 1), ("effective_to", 1)):
        day = item.date(name)
        if day is not None:
            yield Moment(_midnight(day + days * DAY, portal), item.id, name)


def moment_after(portal: Portal, after: datetime) -> datetime:
    """The first instant after `after` at which the public view changes: an item's, or the next day's first.

    A day changes calendars and lists of what is open, and brings the day's checkpoint (gate.md property 12).
    """
    tomorrow = next_day(portal, after)
    return min((m.time for m in moments(portal) if after < m.time < tomorrow), default=tomorrow)


def next_day(portal: Portal, after: datetime) -> datetime:
    """The first second of the day after."""
    return _midnight(after.astimezone(portal.settings.timezone).date() + DAY, portal)


def _midnight(day: date, portal: Portal) -> datetime:
    return datetime.combine(day, time(), portal.settings.timezone)
