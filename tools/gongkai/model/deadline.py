"""Deadlines as data: what a schema's `x-deadline` says, and what the calendar answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Unit(StrEnum):
    """What a period is counted in."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Period:
    """An amount of one unit; negative means before the anchor.

    `roll`: a period of calendar days or months that ends on a day off ends on the next working day (民法典 第203条).
    """

    unit: Unit
    amount: int
    roll: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where counting starts: a field of the item, a fact of the ledger, or a date of a referenced item.

    `field` is a field's name or a ledger anchor (`received`, `returned`, `accepted`, `published`); `through` is the
    reference field that names the other item, empty for the item itself.
    """

    field: str
    through: str = ""


LEDGER_ANCHORS = frozenset({"received", "returned", "accepted", "published"})


@dataclass(frozen=True, slots=True)
class YearDay:
    """A fixed day: `month` and `day` of the year that `field` names, `plus` years later (年报: 1-31 of the next)."""

    field: str
    plus: int = 0
    month: int = 12
    day: int = 31


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """One deadline: the first anchor that has a date counts; `cases` picks another rule by a field's value.

    The due date is held between the fields `not_before` and `not_after` where the item has them. `otherwise` is
    the rule for a value of `case_field` that `cases` does not name; without it such an item has no deadline.
    `by` is a fixed day instead of a count.
    """

    anchors: tuple[Anchor, ...] = ()
    within: Period | None = None
    not_after: str = ""
    not_before: str = ""
    case_field: str = ""
    cases: Mapping[str, DeadlineRule] = field(default_factory=dict)
    otherwise: DeadlineRule | None = None
    by: YearDay | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One line of an explanation: a date, whether it was counted, and why (a msgid and the holiday's name)."""

    date: date
    counted: bool
    why: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """The answer: when, counted from when, day by day, and whether a year without a table was touched (暂定)."""

    start: date | datetime
    due: date | datetime
    provisional: bool = False
    days: tuple[Day, ...] = ()

    @property
    def day(self) -> date:
        """The due date without the hour."""
        return self.due.date() if isinstance(self.due, datetime) else self.due
