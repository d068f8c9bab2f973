"""Closing dates of what the public may still answer: consultations and public notices (公示), as a calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from gongkai.model.item import Item
from gongkai.portal import address, data_dates
from gongkai.portal.data_words import say
from gongkai.portal.feeds_entry import authority, is_open, tag_uri
from gongkai.portal.frame import frame
from gongkai.portal.site import Site, department_of
from gongkai.report.escape import xml_chars

if TYPE_CHECKING:
    from icalendar import Event

PATH = "deadlines.ics"


def calendar(site: Site, root: str) -> bytes:
    """The calendar: an event on each last day that is not over, cancelled where the item was withdrawn before it."""
    from icalendar import Calendar  # needed for this file only, which changes less often than items do

    made = Calendar()
    made.add("prodid", "-//Gongkai//deadlines//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _plain(f"{say(site, 'calendar')} - {frame(site)['title']}"))
    for item, last in open_items(site):
        made.add_component(_event(item, last, site, root))
    return bytes(made.to_ical())


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


def _event(item: Item, last: date, site: Site, root: str) -> Event:
    from icalendar import Event

    portal = site.portal
    withdrawn = bool(item.group("withdrawal"))
    event = Event()
    event.add("uid", f"{item.id}-closes@{authority(site, '').partition(',')[0]}")
    event.add("dtstamp", portal.midnight.astimezone(UTC))
    event.add("dtstart", last)
    event.add("dtend", last + timedelta(days=1))
    event.add("summary", _plain(say(site, "closes", title=item.title)))
    event.add("description", _plain(_about(item, site, root)))
    event.add("categories", [_plain(site.column(portal.column_of(item)))])
    event.add("status", "CANCELLED" if withdrawn else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("sequence", _sequence(item, site))
    if root:
        event.add("url", address.absolute(root, item.address))
    changed = data_dates.modified(item, portal)
    if isinstance(changed, datetime):
        event.add("last-modified", changed.astimezone(UTC))
    return event


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


def _plain(text: str) -> str:
    """The text without control characters, which iCalendar has no way to write; the library escapes the rest."""
    return "".join(
        c for c in xml_chars(text).replace("\r", "\n") if c in "\n\t" or c.isprintable() or c == " "
    )
