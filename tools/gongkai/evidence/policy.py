"""The policy: who may do what, and which approvals a change needs. Read from the protected branch, never from a push."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from gongkai.model.deadline import Period, Unit
from gongkai.model.evidence import Step, digest
from gongkai.model.settings import Settings
from gongkai.model.types import ItemType
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables

LAPSE = Period(Unit.DAYS, 30)
POLICY_STEPS = (Step("administrator", "administrator"), Step("second", ""))
"""A change to policy needs an administrator and a second person (gate.md property 6)."""
HIGHER = Step("higher", "leader")
"""A decision above the person who returned an item: it fills no step, but lets the review go on (property 8)."""
AHEAD = timedelta(days=100)
"""So long a portal may lie idle before the ledger goes on: a summer, not a year. `clock_ahead` in review.yml sets it."""
STATEMENTS = 200
"""So many signed statements of one person are taken in within a day. `statements_per_day` in review.yml sets it."""


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
    """What people.yml, review.yml and the types' `x-review` say, as the gate asks it.

    `revoked` are keys that the ledger has declared void, whatever people.yml says of them: see `without`.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    review: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, ItemType] = field(default_factory=dict)
    zone: tzinfo | None = None
    calendar: Calendar | None = None
    revoked: frozenset[str] = frozenset()

    def without(self, revoked: Iterable[str]) -> Policy:
        """The policy as it stands once these keys are void (`State.revoked`)."""
        more = frozenset(revoked)
        return self if more <= self.revoked else replace(self, revoked=self.revoked | more)

    def day(self, moment: datetime) -> date:
        """The portal's day at this moment."""
        return moment.astimezone(self.zone).date()

    def steps(
        self, items: Iterable[tuple[str, str]], people: frozenset[str] = frozenset()
    ) -> tuple[Step, ...]:
        """The approvals that items need, each given as (type, department): all steps of all of them, once.

        `people` handed them in: a level may be for some persons only.
        """
        return tuple(
            dict.fromkeys(
                step for kind, department in items for step in self._steps_of(kind, department, people)
            )
        )

    def _steps_of(self, kind: str, department: str, people: frozenset[str]) -> Iterator[Step]:
        levels, also = self._levels(kind, department)
        codes = [code for level in levels for code in self._codes(level, kind, department, people)]
        for code in dict.fromkeys((*codes, *also)):
            yield self.step(code, department)

    def step(self, code: str, department: str) -> Step:
        """A step of review.yml by its code, for an item of this department."""
        row = self.review.get("steps", {}).get(code, {})
        own = row.get("department", "any") == "own"
        return Step(code, str(row.get("role", code)), department if own else "")

    def limits(self, items: Iterable[tuple[str, str]]) -> tuple[Mapping[str, Any], ...]:
        """How long the review of items, each given as (type, department), may take: `within` of their levels, once."""
        levels = dict.fromkeys(level for item in items for level in self._levels(*item)[0])
        rows = (self.level(level).get("within") for level in levels)
        return tuple(row for row in rows if isinstance(row, dict))

    def level(self, code: str) -> Mapping[str, Any]:
        """A level's row in review.yml; empty for none."""
        row = self.review.get("levels", {}).get(code, {})
        return row if isinstance(row, dict) else {}

    def short(
        self, items: Iterable[tuple[str, str]], people: frozenset[str]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The levels with a quota or a second review that bear on items, each with the departments of those items."""
        found: dict[str, dict[str, None]] = {}
        for kind, department in items:
            for level in self._levels(kind, department)[0]:
                row = self.level(level)
                if ("quota" in row or "afterwards" in row) and self._is_for(level, kind, department, people):
                    found.setdefault(level, {})[department] = None
        return tuple((level, tuple(departments)) for level, departments in found.items())

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

    def _codes(self, level: str, kind: str, department: str, people: frozenset[str]) -> tuple[str, ...]:
        """The steps of a level; of the strictest there is when review.yml has no such level, or not for this item."""
        if self._is_for(level, kind, department, people):
            return tuple(self.level(level).get("steps", ()))
        levels = self.review.get("levels", {})
        return max(
            (tuple(row.get("steps", ())) for row in levels.values()), key=len, default=("head", "office")
        )

    def _is_for(self, level: str, kind: str, department: str, people: frozenset[str]) -> bool:
        """Whether a level is there, and for such an item handed in by these people."""
        if level not in self.review.get("levels", {}):
            return False
        only = self.level(level).get("only", {})
        listed = kind in only.get("types", (kind,)) and department in only.get("departments", (department,))
        return listed and people <= frozenset(only.get("people", people))

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

    def fits(self, person: str, step: Step) -> bool:
        """Whether the person's own roles would fill the step, in office or not."""
        who = self.people.get(person)
        return who is not None and _fits(who, step)

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
            for body in dict.fromkeys(key_body(key) for key in person.keys):
                found[body] = (*found.get(body, ()), person.code)
        return found

    def keys(self, moment: datetime) -> tuple[tuple[str, str], ...]:
        """Every (person, key) that is good at this moment: of somebody in office, and not revoked."""
        day = self.day(moment)
        return tuple(
            (p.code, key) for p in self.people.values() if p.active(day) for key in self.good(p.code)
        )

    def good(self, person: str) -> tuple[str, ...]:
        """The person's keys that were not revoked."""
        who = self.people.get(person)
        return tuple(k for k in who.keys if key_body(k) not in self.revoked) if who else ()

    def widened(self, new: Policy) -> frozenset[str]:
        """Whose rights grow in `new`: a role, a key, another department, a longer time, somebody's delegation."""
        grown = (code for code, p in new.people.items() if _grown(self.people.get(code), p))
        given = (
            str(row.get("to"))
            for code, p in new.people.items()
            for row in p.delegations
            if code not in self.people or row not in self.people[code].delegations
        )
        return frozenset((*grown, *given))

    @property
    def ahead(self) -> timedelta:
        """How far the clock may stand beyond the last event before an administrator must have a look (property 9)."""
        days = _positive(self.review.get("clock_ahead"))
        return timedelta(days=days) if days else AHEAD

    @property
    def statements(self) -> int:
        """How many signed statements of one person are taken in within a day (property 7)."""
        return _positive({"days": self.review.get("statements_per_day")}) or STATEMENTS


def key_body(key: str) -> str:
    """A public key without its comment, as keys are compared."""
    return " ".join(key.split()[:2]).rstrip("=")


def _positive(row: Any) -> int:
    days = row.get("days") if isinstance(row, Mapping) else None
    return days if type(days) is int and days > 0 else 0


def _grown(old: Person | None, new: Person) -> bool:
    """Whether somebody can do more than before."""
    if old is None:
        return True
    keys = {key_body(k) for k in new.keys} - {key_body(k) for k in old.keys}
    earlier = old.start is not None and (new.start is None or new.start < old.start)
    later = old.end is not None and (new.end is None or new.end > old.end)
    return bool(new.roles - old.roles or keys) or new.department != old.department or earlier or later


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
    calendar = Calendar(tables(settings.files), settings.timezone)
    return Policy(people, review if isinstance(review, dict) else {}, types, settings.timezone, calendar)


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
