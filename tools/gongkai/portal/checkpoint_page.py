"""The page and the file of checkpoints: what the ledger was on each day, for whoever keeps a copy and compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.portal import address
from gongkai.portal.page import Page, SiteText
from gongkai.portal.site import Site
from gongkai.report.escape import json_text

if TYPE_CHECKING:
    from gongkai.evidence.checkpoint import Signed

SHOWN = 30
"""So many stand on the page; the file holds all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One checkpoint as the page shows it."""

    time: str
    events: int
    ledger: str
    digest: str
    signed: bool


def pages(site: Site) -> Iterator[Page]:
    """The page; none when the portal was built without a ledger."""
    found = site.record.checkpoints
    if found:
        from gongkai.evidence.checkpoint import MAX_AGE_DAYS  # a folder has no ledger

        lines = [_line(signed, site) for signed in reversed(found[-SHOWN:])]
        context = {
            "lines": lines,
            "days": MAX_AGE_DAYS,
            "genesis": found[-1].checkpoint.genesis,
            "data_path": address.CHECKPOINTS_DATA,
            "meta": {"robots": "noindex"},
        }
        yield Page(address.CHECKPOINTS, "gongkai/checkpoints.html", site.t["checkpoints"], context)


def texts(site: Site) -> Iterator[SiteText]:
    """The file."""
    if site.record.checkpoints:
        from gongkai.evidence.checkpoint import as_data

        yield SiteText(address.CHECKPOINTS_DATA, json_text(as_data(site.record.checkpoints), indent=1) + "\n")


def _line(signed: Signed, site: Site) -> Line:
    checkpoint = signed.checkpoint
    local = checkpoint.moment.astimezone(site.portal.settings.timezone)
    return Line(
        f"{local:%Y-%m-%d %H:%M}",
        checkpoint.events,
        checkpoint.ledger,
        checkpoint.digest,
        bool(signed.signature),
    )
