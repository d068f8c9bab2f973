"""What a rule is: a record with a code, sentences, and a function that only looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.model.finding import Finding, Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import Message

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal

LookAtItem = Callable[[Item, "Portal"], Iterable[Hit]]
LookAtPortal = Callable[["Portal"], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the house.

    `code` never changes (logs and waivers name it); `name` says what is wrong, in English words joined by hyphens.
    `says`, `hint`, `why` are msgids; holes of `says` and `hint` come from the hit. Exactly one of `item` (called
    for every item) and `portal` (called once) is given; it yields places and words, and never prints, raises or sorts.
    `alone`: the rule looks at nothing but the item's own file, its attachments' bytes and the settings: not at the day, the
    ledger or other items. What it finds may then be kept under these bytes' digests and need not be looked for again.
    `idle`: says of an item that the rule has surely nothing to say of it; asked once for all rules that share it.
    `fresh`: the rule has nothing to say of an item that is not new (`Portal.is_new`), and is not asked about one.
    `of`: the fields without all of which the rule has nothing to say of an item; empty for one that looks at more.
    """

    code: str
    name: str
    severity: Severity
    says: str
    hint: str
    why: str
    item: LookAtItem | None = None
    portal: LookAtPortal | None = None
    alone: bool = False
    fresh: bool = False
    idle: Callable[[Item, Portal], bool] | None = None
    of: frozenset[str] = frozenset()

    def finding(self, hit: Hit) -> Finding:
        """The finding that `hit` is under this rule."""
        hint = hit.hint or Message(self.hint, hit.holes)
        return Finding(self.code, self.severity, hit.place, hit.field, Message(self.says, hit.holes), hint)
