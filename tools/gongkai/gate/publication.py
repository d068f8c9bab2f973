"""What became public, recorded once: the date of publication and the index number (索引号) that never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from gongkai.checks.portal import Portal
from gongkai.gate.repository import Gate
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.model.message import fill, msg
from gongkai.model.settings import Settings

PATTERN = "{code}/{year}-{serial}"


def record_published(gate: Gate, shown: Iterable[str], now: datetime) -> Mapping[str, str]:
    """Record that the public can now see these items; returns the index number of each that is new or changed.

    The publisher calls this when a release is out, and it is the only source of a publication date (design §4). An
    item gets its number once; one that was changed since keeps it. Items that an old portal published before keep its
    date and number and are left out. Nothing new: no event.
    """
    with gate.lock() as waited:
        now += waited
        gate.refresh()
        portal = gate.portal(gate.state.main, now)
        known = portal.corpus.by_id
        rows = rows_due(portal, [known[ident] for ident in {*shown} if ident in known], now)
        if rows:
            gate.record("published", {"main": gate.state.main, "items": rows}, now)
        return rows


def rows_due(portal: Portal, shown: Iterable[Item], now: datetime) -> dict[str, str]:
    """The shown items that are to be recorded at `now` with their index numbers, in the order of their acceptance."""
    wanted = [item for item in shown if is_due(item, portal.facts_of(item))]
    wanted.sort(key=lambda item: (_order(portal.facts_of(item)), item.id))
    year = now.astimezone(portal.settings.timezone).year
    known = {item.id: _number(item, portal) for item in wanted}
    new = [ident for ident, number in known.items() if not number]
    first = highest(portal, year) + 1 if new else 0
    return known | {ident: index_number(portal.settings, year, n) for n, ident in enumerate(new, first)}


def _number(item: Item, portal: Portal) -> str:
    """The index number that an item has; empty for none."""
    return portal.facts_of(item).index_number or str(item.group("legacy").get("index_number") or "")


def is_due(item: Item, facts: ItemFacts) -> bool:
    """Whether the next publication records an item that is shown: it is new, or it was changed since it was recorded."""
    if facts.published is None:
        return not item.removed and not item.group("legacy").get("first_published_on")
    return (
        facts.accepted is not None and isinstance(facts.changed, datetime) and facts.accepted > facts.changed
    )


def _order(facts: ItemFacts) -> float:
    return facts.accepted.timestamp() if facts.accepted else 0.0


def highest(portal: Portal, year: int) -> int:
    """The highest serial of a year that the ledger or an old portal has given; 0 for none."""
    legacy = (str(i.group("legacy").get("index_number") or "") for i in portal.corpus.items)
    numbers = (*(f.index_number for f in portal.facts.values()), *legacy)
    series = _series(portal.settings, year)
    start = series.partition("#")[0]
    found = (serial_of(number, portal.settings) for number in numbers if number.startswith(start))
    return max((serial for name, serial in found if name == series), default=0)


def index_number(settings: Settings, year: int, serial: int) -> str:
    """The index number of a serial, as portal.yml writes them. GongkaiError when the organisation has no code."""
    code = str(settings.portal.get("organisation_code") or "")
    if not code and "{code}" in _pattern(settings):
        raise GongkaiError(
            msg("portal.yml has no organisation_code, so no index number can be given"),
            msg("let an administrator add the code and submit the change; nothing was recorded"),
        )
    return fill(_pattern(settings), {"code": code, "year": str(year), "serial": f"{serial:05d}"})


def serial_of(number: str, settings: Settings) -> tuple[str, int]:
    """The series (everything but the serial) and the serial of an index number; ("", 0) when it is of another form."""
    match = _form(_pattern(settings), str(settings.portal.get("organisation_code") or "")).fullmatch(number)
    if match is None:
        return "", 0
    start, end = match.span("serial")
    return f"{number[:start]}#{number[end:]}", int(match["serial"])


@lru_cache(maxsize=8)
def _form(pattern: str, code: str) -> re.Pattern[str]:
    parts = {"code": re.escape(code), "year": r"\d{4}", "serial": r"(?P<serial>\d{5,})"}
    return re.compile(fill(re.escape(pattern).replace(r"\{", "{").replace(r"\}", "}"), parts))


def _series(settings: Settings, year: int) -> str:
    code = str(settings.portal.get("organisation_code") or "")
    return fill(_pattern(settings), {"code": code, "year": str(year), "serial": "#"})


def _pattern(settings: Settings) -> str:
    return str(settings.portal.get("index_number") or PATTERN)
