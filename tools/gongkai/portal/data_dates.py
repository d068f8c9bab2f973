"""The dates that feeds, catalogues and sitemaps carry: the ledger's and the old portal's, and no others.

A forged date fails a government site at inspection (国办秘函〔2019〕19号), so none is computed from files or commits.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from sys import intern

from gongkai.checks.portal import Portal
from gongkai.model.item import Item
from gongkai.portal import standing

Day = datetime | date


def published(item: Item, portal: Portal) -> Day | None:
    """When the item was first published; None while it is not."""
    return standing.published(item, portal)


def modified(item: Item, portal: Portal) -> Day | None:
    """When it was last published with any change; the first publication when it never changed."""
    facts = portal.facts_of(item)
    if facts.changed is None or facts.changed == facts.published:
        return published(item, portal)
    return (
        facts.changed.astimezone(portal.settings.timezone)
        if isinstance(facts.changed, datetime)
        else facts.changed
    )


def both(item: Item, portal: Portal) -> tuple[str, str]:
    """When it was first published, and when last with any change, as data say it: of all items of a day the very same text."""
    first, last = published(item, portal), modified(item, portal)
    said = intern(iso(first))
    return said, said if last is first else intern(iso(last))


def announced(item: Item, portal: Portal) -> Day | None:
    """When readers last had reason to look: a change counts unless the item calls it minor; taking down always does."""
    first = published(item, portal)
    last = modified(item, portal) if first is not None else first
    if last is first:
        return first
    minor = item.text("update_type") == "minor" and not item.group("withdrawal") and not item.removed
    return first if minor else last


def moment(day: Day, portal: Portal) -> datetime:
    """A day as its first second in the portal's zone; a moment as it is."""
    if isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), portal.settings.timezone)


def latest(days: list[Day | None], portal: Portal) -> Day | None:
    """The latest of the days that there are."""
    return max((d for d in days if d is not None), key=lambda d: moment(d, portal), default=None)


def iso(day: Day | None) -> str:
    """RFC 3339, to the second; a day alone stays a day; empty for none."""
    return rfc3339(day) if isinstance(day, datetime) else day.isoformat() if day else ""


def rfc3339(when: datetime) -> str:
    """A moment as RFC 3339 writes it, to the second (zones of before 1901 had odd seconds: those in UTC)."""
    offset = when.utcoffset()
    whole = offset is not None and offset.seconds % 60 == 0
    return (when if whole else when.astimezone(UTC)).isoformat(timespec="seconds")


def rfc822(when: datetime) -> str:
    """A moment as RSS 2.0 wants it: RFC 822 with four digits of the year, names of days and months in English."""
    return format_datetime(datetime.fromisoformat(rfc3339(when)))
