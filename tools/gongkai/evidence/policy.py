"""The policy: who may do what, and which approvals a change needs. Read from the protected branch, never from a push."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from gongkai.model.deadline import Period, Unit
from gongkai.model.evidence import Step, digest
from gongkai.model.settings import Settings
from gongkai.model.types import ItemType

LAPSE = Period(Unit.DAYS, 30)
POLICY_STEPS = (Step("administrator", "administrator"), Step("second", ""))
"""A change to policy needs an administrator and a second person (gate.md property 6)."""


@dataclass(frozen=True)
class Person:
    """A person of people.yml: who, in which department, in which roles, with which keys, from when until when."""

    code: str
    department: str
    roles: frozenset[str]
    keys: tuple[str, ...]
    start: date | None
    end: date | None
    delegations: tuple[Mapping[str, Any], ...] = ()

    def active(self, day: date) -> bool:
        """Whether the person holds office on this day (the last day included)."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Policy:
    """What people.yml, review.yml and the types' `x-review` say, as the gate asks it."""

    people: Mapping[str, Person] = field(default_factory=dict)
    review: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, ItemType] = field(default_factory=dict)
    zone: tzinfo | None = None

    def day(self, moment: datetime) -> date:
        """The portal's day at this moment."""
        return moment.astimezone(self.zone).date()

    def steps(self, items: Iterable[tuple[str, str]]) -> tuple[Step, ...]:
        """The approvals that items need, each given as (type, department): all steps of all of them, once."""
        return tuple(
            dict.fromkeys(step for kind, department in items for step in self._steps_of(kind, department))
        )

    def _steps_of(self, kind: str, department: str) -> Iterator[Step]:
        levels, also = self._levels(kind, department)
        codes = [code for level in levels for code in self._codes(level, kind, department)]
        for code in dict.fromkeys((*codes, *also)):
            row = self.review.get("steps", {}).get(code, {})
            own = row.get("department", "any") == "own"
            yield Step(code, str(row.get("role", code)), department if own else "")

    def limits(self, items: Iterable[tuple[str, str]]) -> tuple[Mapping[str, Any], ...]:
        """How long the review of items, each given as (type, department), may take: `within` of their levels, once."""
        levels = dict.fromkeys(level for item in items for level in self._levels(*item)[0])
        rows = (self.review.get("levels", {}).get(level, {}).get("within") for level in levels)
        return tuple(row for row in rows if isinstance(row, dict))

    def _levels(self, kind: str, department: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The levels that bear on an item, and the steps asked for besides.

        A department's level stands beside the type's own and can only add to it: a wide rule never weakens a narrow one.
        """
        known = self.types.get(kind)
        wide = self.review.get("departments", {}).get(department, {})
        own = self.review.get("types", {}).get(kind, {})
        level = own.get("level", known.review if known else "standard")
        levels = dict.fromkeys((level, wide.get("level", level)))
        return tuple(levels), (*wide.get("also", ()), *own.get("also", ()))

    def _codes(self, level: str, kind: str, department: str) -> tuple[str, ...]:
        """The steps of a level; of the strictest there is when review.yml has no such level, or not for this item."""
        levels = self.review.get("levels", {})
        only = levels.get(level, {}).get("only", {})
        if (
            level in levels
            and kind in only.get("types", (kind,))
            and department in only.get("departments", (department,))
        ):
            return tuple(levels[level].get("steps", ()))
        return max(
            (tuple(row.get("steps", ())) for row in levels.values()), key=len, default=("head", "office")
        )

    def bearing(self, steps: Iterable[Step], kinds: Iterable[str]) -> str:
        """The digest of the parts of the policy that bear on a change: its steps, its types' rules, the lapse.

        A new holiday table or another department's officer does not void a pending approval; a changed level does.
        """
        rows = [[s.code, s.role, s.department] for s in steps]
        types = {
            k: [self.types[k].review, self.types[k].column] for k in sorted(set(kinds)) if k in self.types
        }
        return digest({"steps": rows, "types": types, "lapses": self.review.get("approval_lapses", {})})

    def may(self, person: str, step: Step, moment: datetime) -> bool:
        """Whether the person fills the step at this moment, in an own role or as somebody's delegate."""
        who = self.people.get(person)
        if who is None or not who.active(self.day(moment)):
            return False
        return any(_fits(p, step) for p in (who, *self._delegators(person, moment)))

    def _delegators(self, person: str, moment: datetime) -> Iterator[Person]:
        """Those in office who have handed their approvals to `person` for a period that holds now."""
        day = self.day(moment)
        for other in self.people.values():
            for row in other.delegations:
                if row.get("to") == person and other.active(day) and _within(row, day):
                    yield other

    def officers(self, department: str, moment: datetime) -> frozenset[str]:
        """Who may submit for a department at this moment."""
        day = self.day(moment)
        people = (p for p in self.people.values() if p.department == department and p.active(day))
        return frozenset(p.code for p in people if "officer" in p.roles)

    def administrators(self, moment: datetime) -> frozenset[str]:
        """Who administers at this moment."""
        day = self.day(moment)
        return frozenset(p.code for p in self.people.values() if "administrator" in p.roles and p.active(day))

    def holders(self) -> dict[str, tuple[str, ...]]:
        """Who has which key, by the key without its comment, whether in office or not."""
        found: dict[str, tuple[str, ...]] = {}
        for person in self.people.values():
            for body in dict.fromkeys(" ".join(key.split()[:2]).rstrip("=") for key in person.keys):
                found[body] = (*found.get(body, ()), person.code)
        return found

    def keys(self, moment: datetime) -> tuple[tuple[str, str], ...]:
        """Every (person, key) that is good at this moment."""
        day = self.day(moment)
        return tuple((p.code, key) for p in self.people.values() if p.active(day) for key in p.keys)


def _fits(person: Person, step: Step) -> bool:
    role = not step.role or step.role in person.roles
    return role and (not step.department or person.department == step.department)


def _within(row: Mapping[str, Any], day: date) -> bool:
    start, end = _date(row.get("from")), _date(row.get("until"))
    return start is not None and end is not None and start <= day <= end


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def read_policy(settings: Settings, types: Mapping[str, ItemType]) -> Policy:
    """The policy of a portal's settings. Broken rows give nobody any right."""
    review = settings.files["review"].data if "review" in settings.files else {}
    people = {code: _person(code, row) for code, row in settings.people.items()}
    return Policy(people, review if isinstance(review, dict) else {}, types, settings.timezone)


def _person(code: str, row: Mapping[str, Any]) -> Person:
    texts = {name: [v for v in row.get(name) or () if isinstance(v, str)] for name in ("roles", "ssh_keys")}
    delegations = tuple(d for d in row.get("delegations") or () if isinstance(d, dict))
    return Person(
        code,
        str(row.get("department") or ""),
        frozenset(texts["roles"]),
        tuple(texts["ssh_keys"]),
        _date(row.get("from")),
        _date(row.get("until")) if row.get("until") else None,
        delegations,
    )
