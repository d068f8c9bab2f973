"""What a result of the search shows: its row, which filters look at, and its line in a block of results."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

from gongkai.model.item import Item
from gongkai.portal import standing
from gongkai.portal.search_parts import Part, days
from gongkai.portal.site import Site

BLOCK = 32
ROW = 7
STATES = ("", "valid", "amended", "expired", "repealed", "withdrawn", "replaced", "ended")
_SUMMARY = 90
Codes = Mapping[str, Mapping[str, int]]


def codes(site: Site) -> Codes:
    """The number under which rows name each department, column and type that has items; 0 is none."""
    named = {
        "departments": (*site.portal.settings.departments, *sorted(site.by_department)),
        "columns": (*site.portal.settings.columns, *sorted(site.by_column)),
        "types": tuple(site.types),
    }
    used = {
        "departments": set(site.by_department), "columns": set(site.by_column), "types": set(named["types"]),
    }  # fmt: skip
    return {
        name: {code: n for n, code in enumerate(dict.fromkeys(c for c in codes if c in used[name]), start=1)}
        for name, codes in named.items()
    }


def rows(part: Part, site: Site, codes: Codes) -> bytes:
    """The rows of a part's items, one after the other."""
    return b"".join(_row(item, site, codes) for item in part.items)


def _row(item: Item, site: Site, codes: Codes) -> bytes:
    one = site.bearing(item)
    numbers = (
        codes["departments"].get(one.department, 0),
        codes["columns"].get(one.column, 0) & 255,
        codes["types"].get(one.type, 0) & 255,
        STATES.index(state_of(item, site)),
    )
    return struct.pack("<HHBBB", days(one), *numbers)


def blocks(part: Part, site: Site) -> list[bytes]:
    """What results show of a part's items, in blocks."""
    starts = range(0, len(part.items), BLOCK)
    return [as_json([_result(item, site) for item in part.items[at : at + BLOCK]]) for at in starts]


def _result(item: Item, site: Site) -> list[object]:
    """Address, title, number, summary: what a result shows besides its row."""
    published = standing.published(item, site.portal)
    lang = site.lang_of(item)
    return [item.address, item.title, number_of(item), summary_of(item), lang, int(published is not None)]


def state_of(item: Item, site: Site) -> str:
    """How the item stands, as a filter and a mark of its result: withdrawn and replaced before all else."""
    withdrawal = item.group("withdrawal")
    if withdrawal:
        return "replaced" if withdrawal.get("replaced_by") else "withdrawn"
    if standing.has_ended(item, site.portal):
        return "ended"
    validity = standing.validity_of(item, site.portal)
    return validity if validity in STATES else ""


def summary_of(item: Item) -> str:
    """The beginning of the item's summary."""
    summary = " ".join(item.text("summary").split())
    return summary if len(summary) <= _SUMMARY else f"{summary[:_SUMMARY]}…"


def number_of(item: Item) -> str:
    """The number that a result names the item by."""
    return item.text("document_number") or item.text("decision_number")


def as_json(data: object) -> bytes:
    """JSON without a space that is not needed."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
