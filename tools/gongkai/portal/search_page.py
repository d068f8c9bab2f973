"""The page on which one searches, and the words that its script says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gongkai.model.item import Item
from gongkai.model.message import N_, Message
from gongkai.portal.page import Page
from gongkai.portal.search_parts import days, newest
from gongkai.portal.search_results import STATES, number_of, state_of, summary_of
from gongkai.portal.site import Site, department_of

PATH = "search.html"
SCRIPT = "assets/gongkai/search.js"
FILTERS = ("column", "department", "type", "year", "state")
_STATES = {
    "valid": N_("In force"),
    "amended": N_("Amended"),
    "expired": N_("No longer in force"),
    "repealed": N_("Repealed"),
    "withdrawn": N_("Withdrawn"),
    "replaced": N_("Replaced"),
    "ended": N_("Ended"),
}
SHOWN = 10
"""So many results make a page of them, in `search.js` too."""


@dataclass(frozen=True, slots=True)
class Found:
    """A result as `search.js` shows it."""

    path: str
    title: str
    lang: str
    state: str
    tag: str
    about: str
    more: tuple[str, ...]
    day: str


def page(site: Site) -> Page:
    """The search page. What a search for nothing shows stands there from the start; without JavaScript it leads to the lists."""
    t = site.t
    context = {
        "words": json.dumps(_words(site), ensure_ascii=False),
        "filters": list(_filters(site)),
        "script": SCRIPT,
        "newest": [_found(item, site) for item in newest(site, SHOWN)],
    }
    return Page(PATH, "gongkai/search.html", t["search"], context, in_nav=True)


def _words(site: Site) -> dict[str, object]:
    t = site.t
    states = {state: site.say(Message(_STATES[state])) for state in STATES if state}
    return {
        "all": t["all"],
        "found": t["search_found"],
        "nothing": t["search_nothing"],
        "broken": t["search_broken"],
        "states": states,
    }


def _found(item: Item, site: Site) -> Found:
    state, day = state_of(item, site), days(site.bearing(item))
    code = site.portal.column_of(item)
    more = (number_of(item), site.department(department_of(item)), site.column(code))
    return Found(
        item.address, item.title, site.lang_of(item), state,
        site.say(Message(_STATES[state])) if state else "", summary_of(item), tuple(filter(None, more)),
        (date(1970, 1, 1) + timedelta(day)).isoformat() if day else "",
    )  # fmt: skip


def _filters(site: Site) -> Iterator[tuple[str, str]]:
    titles = ("column", "responsible", "kind", "year", "validity")
    yield from zip(FILTERS, (site.t[name] for name in titles), strict=True)
