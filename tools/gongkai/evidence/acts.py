"""What people did, as the ledger keeps it: an approval or return, a return that still bears, a second review owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

from gongkai.model.evidence import Step


@dataclass(frozen=True, slots=True)
class Approval:
    """A signed yes (or a return with reasons) to one version, with the key it was signed with."""

    person: str
    step: str
    version: int
    change: str
    policy: str
    key: str
    time: datetime
    event: int
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """A return that bears on an item (or, of settings, on a path) until the item is accepted: who, of what, when."""

    key: str
    person: str
    submission: str
    version: int
    event: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A second review that an acceptance by a short level owes (gate.md property 8).

    `items` are those it is still owed for: an item that was accepted anew, in full, needs none. `people` handed in or
    approved the first time and do not count. `due` is a date, or a time, in ISO form. `lapse` is "withdraw" when the
    gate takes the items down once the time is over.
    """

    submission: str
    version: int
    change: str
    items: tuple[str, ...]
    steps: tuple[Step, ...]
    due: str
    lapse: str
    since: datetime
    event: int
    people: frozenset[str]
    given: tuple[Approval, ...] = ()
    objection: Approval | None = None
    lapsed: datetime | None = None
    withdrawn: datetime | None = None

    @property
    def waiting(self) -> tuple[Step, ...]:
        """The steps that nobody has filled yet."""
        return tuple(s for s in self.steps if all(a.step != s.code for a in self.given))

    @property
    def state(self) -> str:
        """`owed`, `lapsed` (recorded as overdue), `objected` (a withdrawal is owed); or `done`, `withdrawn`, `replaced`."""
        if self.withdrawn is not None:
            return "withdrawn"
        if not self.waiting:
            return "done"
        if not self.items:
            return "replaced"
        if self.objection is not None:
            return "objected"
        return "owed" if self.lapsed is None else "lapsed"

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in ("owed", "lapsed", "objected")

    def until(self, zone: tzinfo | None) -> datetime:
        """The last moment that is in time; a day's end is its midnight in `zone`."""
        if len(self.due) > len("2026-01-01"):
            return datetime.fromisoformat(self.due)
        return datetime.combine(date.fromisoformat(self.due), time.max, zone)
