"""What the ledger knows of an item and nobody may type: received, accepted, published, index number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The ledger's facts of one item; None where it has not happened. `index_number` is 索引号."""

    received: datetime | None = None
    returned: datetime | None = None
    accepted: datetime | None = None
    published: datetime | date | None = None
    changed: datetime | date | None = None
    index_number: str = ""


Facts = Mapping[str, ItemFacts]
"""Facts by item id. Empty without a ledger."""
