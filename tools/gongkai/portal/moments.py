"""When the public view changes by itself: an embargo ends, something expires, a public notice closes, a day begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gongkai.checks.portal import Portal
from gongkai.model.item import Item
from gongkai.portal import standing

DAY = timedelta(days=1)
_INSTANTS = ("publish_at", "expires_at")
_DAYS = {"opens_on": 0, "closes_on": 1, "effective_to": 1}
"""Days, and how many later the instant is: a last day is in force to its end."""
_FIELDS = frozenset({*_INSTANTS, *_DAYS})


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A first instant at which an item looks different, and the field that says so."""

    time: datetime
    item: str
    field: str


def of_item(item: Item, portal: Portal) -> Iterator[Moment]:
    """The instants of one item, past ones too. What cannot be read as a time brings none: an embargo then holds."""
    if _FIELDS.isdisjoint(item.fields):  # as most are
        return
    for name in _INSTANTS:
        at = standing.moment(item.text(name), portal) if item.text(name) else None
        if at is not None:
            yield Moment(at, item.id, name)
    for name, days in _DAYS.items():
        day = item.date(name)
        if day is not None and day < date.max:  # nothing comes after that day, which stands for "for ever"
            yield Moment(_midnight(day + days * DAY, portal), item.id, name)


def moment_after(portal: Portal, times: Iterable[datetime]) -> datetime:
    """The first instant after the portal's moment at which the public view changes: one of its items' `times`, or the next
    day's first.

    A day changes calendars and lists of what is open, and brings the day's checkpoint (gate.md property 12).
    """
    tomorrow = _midnight(portal.today.date() + DAY, portal)
    return min((at for at in times if portal.now < at < tomorrow), default=tomorrow)


def _midnight(day: date, portal: Portal) -> datetime:
    return datetime.combine(day, time(), portal.settings.timezone)
