"""The notice in a removed item's place: that it is gone, when, on what ground, and whose decision it was."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.model.item import REMOVAL, Item
from gongkai.model.message import N_, Message
from gongkai.portal import address, standing
from gongkai.portal.evidence_page import deciders
from gongkai.portal.page import Page, Row
from gongkai.portal.site import Site, department_of

REASONS = {
    "personal_information": N_("It disclosed personal information."),
    "secret": N_("The law forbids its publication."),
    "trade_secret": N_("It disclosed trade secrets."),
    "unlawful": N_("It held what may not be published."),
    "order": N_("A competent authority ordered it."),
}
"""What the public is told. That something was secret is not said: it would only make people look for copies."""


def notice(item: Item, site: Site) -> Page:
    """The page at the item's old address."""
    return Page(
        path=item.address,
        template="gongkai/removed.html",
        title=site.title_of(item),
        context={
            "facts": [row for row in _facts(item, site) if row.value],
            "evidence": address.evidence(item) if item.id in site.record.proofs else "",
            "meta": {"robots": "noindex, noarchive"},
        },
    )


def _facts(item: Item, site: Site) -> Iterator[Row]:
    t, removal = site.t, item.group(REMOVAL)
    accepted = site.portal.facts_of(item).accepted
    who = deciders(item, site)
    reason = REASONS.get(str(removal.get("reason")), REASONS["unlawful"])
    yield Row(t["id"], item.id)
    yield Row(t["index_number"], standing.index_number(item, site.portal))
    yield Row(t["responsible"], site.department(department_of(item)))
    yield Row(t["removed_on"], str(removal.get("removed_on") or ""))
    yield Row(t["removed_why"], site.say(Message(reason)))
    yield Row(t["removed_ground"], str(removal.get("ground") or ""))
    yield Row(t["removed_by"], ("、" if site.lang == "zh" else ", ").join(who))
    if accepted is not None and who:
        yield Row(
            t["removed_accepted"], f"{accepted.astimezone(site.portal.settings.timezone):%Y-%m-%d %H:%M}"
        )
