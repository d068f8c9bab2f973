"""What a withdrawal's banner says: why, since when, and whose decision it was. Day and decision are the ledger's, never typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gongkai.model.item import Item
from gongkai.portal.page import Row
from gongkai.portal.site import Site


def takedown(item: Item, site: Site) -> list[Row]:
    """The lines of the banner; none for an item that stands."""
    withdrawal = item.group("withdrawal")
    return [row for row in _rows(item, site) if row.value] if withdrawal else []


def _rows(item: Item, site: Site) -> Iterator[Row]:
    t, withdrawal = site.t, item.group("withdrawal")
    yield Row(t["reason"], str(withdrawal.get("reason") or ""))
    yield Row(t["explanation"], str(withdrawal.get("explanation") or ""))
    proof = site.record.proofs.get(item.id)
    decision = proof.takedown if proof else None
    if proof is None or decision is None:
        return  # taken down before the ledger began, or built without it: nothing is invented
    yield Row(t["withdrawn_on"], f"{datetime.fromisoformat(decision.time):%Y-%m-%d}")
    roles = [site.words(k.role) or site.words(k.department) for k in proof.approving(decision)]
    joined = ("、" if site.lang == "zh" else ", ").join(dict.fromkeys(roles))
    yield Row(t["withdrawn_by"], t["withdrawn_lapse"] if decision.kind == "withdrawn" else joined)
