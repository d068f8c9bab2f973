"""Closing dates of what the public may still answer: consultations and public notices (公示), as a calendar (RFC 5545).

Each line is written by `report/escape.py`: escaped where it is text, and folded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from gongkai.model.item import Item
from gongkai.portal import address, data_dates
from gongkai.portal.data_words import say
from gongkai.portal.feeds_entry import authority, tag_uri
from gongkai.portal.frame import frame
from gongkai.portal.gist import is_open
from gongkai.portal.site import Site, department_of
from gongkai.report.escape import ics_line, ics_text, xml_chars

PATH = "deadlines.ics"


def calendar(site: Site, root: str) -> bytes:
    """The calendar: an event on each last day that is not over, cancelled where the item was withdrawn before it."""
    name = f"{say(site, 'calendar')} - {frame(site)['title']}"
    lines = [
        ics_line("BEGIN", "VCALENDAR"),
        ics_line("VERSION", "2.0"),
        ics_line("PRODID", "-//Gongkai//deadlines//EN"),
        ics_line("METHOD", "PUBLISH"),
        ics_line("X-WR-CALNAME", _text(name)),
    ]
    for item, last in open_items(site):
        lines += [ics_line(*line) for line in _event(item, last, site, root)]
    return "".join([*lines, ics_line("END", "VCALENDAR")]).encode()


def open_items(site: Site) -> Iterator[tuple[Item, date]]:
    """Published consultations and notices that run today, with their last day; the first to close comes first."""
    today = site.portal.today.date()
    found = [
        (item, last)
        for item in site.rounds
        if (last := item.date("closes_on")) is not None
        and (item.date("opens_on") or today) <= today <= last
        and data_dates.published(item, site.portal) is not None
    ]
    yield from sorted(found, key=lambda pair: (pair[1], pair[0].id))


def _event(item: Item, last: date, site: Site, root: str) -> Iterator[tuple[str, str]]:
    """The names and values of its lines."""
    portal = site.portal
    changed = data_dates.modified(item, portal)
    yield "BEGIN", "VEVENT"
    yield "SUMMARY", _text(say(site, "closes", title=item.title))
    yield "DTSTART;VALUE=DATE", f"{last:%Y%m%d}"
    if last < date.max:  # an event without an end lasts that one day
        yield "DTEND;VALUE=DATE", f"{last + timedelta(days=1):%Y%m%d}"
    yield "DTSTAMP", _moment(portal.midnight)
    yield "UID", _text(f"{item.id}-closes@{authority(site, '').partition(',')[0]}")
    yield "SEQUENCE", str(_sequence(item, site))
    yield "CATEGORIES", _text(site.column(portal.column_of(item)))
    yield "DESCRIPTION", _text(_about(item, site, root))
    if isinstance(changed, datetime):
        yield "LAST-MODIFIED", _moment(changed)
    yield "STATUS", "CANCELLED" if item.group("withdrawal") else "CONFIRMED"
    yield "TRANSP", "TRANSPARENT"
    if root:
        yield "URL", address.absolute(root, item.address)
    yield "END", "VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _about(item: Item, site: Site, root: str) -> str:
    url = address.absolute(root, item.address) if root else tag_uri(item, site)
    lines = (
        item.text("summary") if is_open(item, site) else "",
        site.department(department_of(item)),
        url,
    )
    return "\n".join(line for line in lines if line)


def _sequence(item: Item, site: Site) -> int:
    """How often it was published again, so that a calendar takes the new date; what the ledger knows."""
    proof = site.record.proofs.get(item.id)
    if proof is not None:
        return max(0, sum(1 for link in proof.chain if link.kind == "published") - 1)
    facts = site.portal.facts_of(item)
    return int(facts.changed is not None and facts.changed != facts.published)


def _text(text: str) -> str:
    """The text as a value, without control characters, which iCalendar has no way to write."""
    lines = xml_chars(text).replace("\r", "\n")
    return ics_text("".join(c for c in lines if c in "\n\t" or c.isprintable() or c == " "))
