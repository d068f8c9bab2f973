"""The version of an item that was public before the present one, where this change asks for the difference to be shown.

A change is often made because the earlier text told too much. So nobody sees it again unless officer and reviewers signed,
for this one change, that they may: the field `show_difference` is written anew. What still stands there from an earlier
change asks for nothing, so whoever forgets it publishes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gongkai.model.item import Item

FIELD = "show_difference"


@dataclass(frozen=True)
class Earlier:
    """The version before: `item` as it was, the `blob` of the version that took its place, and from when each was public."""

    item: Item
    blob: str
    since: date
    until: date


def asked(old: Item | None, new: Item | None) -> bool:
    """Whether the change from `old` to `new` asks for their difference to be shown: in words that `old` did not hold."""
    if old is None or new is None:
        return False
    words = " ".join(new.text(FIELD).split())
    return bool(words) and words != " ".join(old.text(FIELD).split())


def withheld(item: Item) -> bool:
    """Whether a version speaks of its own end: nothing of what stood before or there is compared."""
    return item.removed or bool(item.group("withdrawal"))
