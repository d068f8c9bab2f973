"""The page on which one searches, and the words that its script says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gongkai.model.message import N_, Message
from gongkai.portal.page import Page
from gongkai.portal.search_index import STATES
from gongkai.portal.site import Site

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


def page(site: Site) -> Page:
    """The search page; without JavaScript it leads to the lists."""
    t = site.t
    context = {
        "words": json.dumps(_words(site), ensure_ascii=False),
        "filters": list(_filters(site)),
        "script": SCRIPT,
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


def _filters(site: Site) -> Iterator[tuple[str, str]]:
    titles = ("column", "responsible", "kind", "year", "validity")
    yield from zip(FILTERS, (site.t[name] for name in titles), strict=True)
