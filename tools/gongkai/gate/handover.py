"""When an officer leaves: what is open is named, duties pass to the successor, and a record stays. Nobody just vanishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongkai.evidence.state import OPEN, Submission
from gongkai.gate.desk import Desk
from gongkai.gate.refusal import Refused
from gongkai.gate.rows import set_in_rows
from gongkai.gate.working import read_copy
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.files import write_all

PEOPLE = "site_config/people.yml"
DEPARTMENTS = "site_config/departments.yml"
_DUTIES = ("officer", "deputy", "head")


@dataclass(frozen=True)
class Handover:
    """What passes over: the open submissions of the one who leaves, the roles, the duties (where: field); files written."""

    submissions: tuple[Submission, ...]
    roles: tuple[str, ...]
    duties: tuple[str, ...]
    paths: tuple[str, ...]


def hand_over(desk: Desk, leaving: str, successor: str, last_day: date, reason: str) -> Handover:
    """Write the handover into people.yml and departments.yml of the working folder; it is submitted like any change.

    The one who leaves stays listed, with the last day, the successor, and the record `x_handover`. Refused with every
    reason when the successor cannot take over.
    """
    if against := list(_against(desk, leaving, successor, last_day)):
        raise Refused(
            against, hint=msg("name a successor of the same department who is in office (people.yml)")
        )
    people = desk.portal.settings.people
    roles = tuple(r for r in people[leaving].get("roles", ()) if r not in people[successor].get("roles", ()))
    opened = tuple(_open(desk, leaving))
    rows, departments, duties = _passed(desk, leaving, successor)
    record: dict[str, Any] = {"to": successor, "last_day": last_day.isoformat()}
    record |= {"reason": reason} if reason else {}
    record |= {"submissions": [s.number for s in opened]} if opened else {}
    record |= {"duties": list(duties)} if duties else {}
    rows.setdefault(leaving, {}).update(
        {"until": last_day.isoformat(), "successor": successor, "x_handover": record}
    )
    if roles:
        rows.setdefault(successor, {})["roles"] = [*people[successor].get("roles", ()), *roles]
    return Handover(opened, roles, duties, _write(desk, {PEOPLE: rows, DEPARTMENTS: departments}))


def _against(desk: Desk, leaving: str, successor: str, last_day: date) -> Iterator[Message]:
    known = desk.policy.people
    for code in (leaving, successor):
        if code not in known:
            raise GongkaiError(
                msg("there is no person {value}", value=code),
                msg("choose one of: {choices}", choices=", ".join(known)),
            )
    if leaving == successor:
        yield msg("{person} cannot succeed themselves", person=leaving)
    if known[leaving].end is not None:
        yield msg("{person} has left already ({day})", person=leaving, day=known[leaving].end or last_day)
    if not known[successor].active(desk.policy.day(desk.now)):
        yield msg("{person} is not in office today (people.yml)", person=successor)
    if known[leaving].department != known[successor].department:
        yield msg(
            "{person} is of {department}, not of {other}",
            person=successor,
            department=known[successor].department,
            other=known[leaving].department,
        )
    yield from _lost(desk, leaving, successor)


def _lost(desk: Desk, leaving: str, successor: str) -> Iterator[Message]:
    """Two administrators must stay after the last day, which the policy of today cannot see yet."""
    people = desk.portal.settings.people
    holders = [
        c for c, p in desk.policy.people.items()
        if c != leaving and "administrator" in p.roles and p.active(desk.policy.day(desk.now))
    ]  # fmt: skip
    if "administrator" in people[leaving].get("roles", ()) and len({*holders, successor}) < 2:
        yield msg("fewer than two administrators would remain")


def _open(desk: Desk, person: str) -> Iterator[Submission]:
    submissions = desk.clone.gate.state.submissions.values()
    return (s for s in submissions if s.state in OPEN and s.last.person == person)


Rows = dict[str, dict[str, Any]]


def _passed(desk: Desk, leaving: str, successor: str) -> tuple[Rows, Rows, tuple[str, ...]]:
    """Rows of people.yml and departments.yml that name the one who leaves, with the successor in their place."""
    people: Rows = {}
    departments: Rows = {}
    duties: list[str] = []
    for code, row in desk.portal.settings.people.items():
        if row.get("deputy") == leaving and code != successor:
            people.setdefault(code, {})["deputy"] = successor
            duties.append(f"people.{code}.deputy")
    for code, department in desk.portal.settings.departments.items():
        for field in _DUTIES:
            if department.facts.get(field) == leaving:
                departments.setdefault(code, {})[field] = successor
                duties.append(f"departments.{code}.{field}")
    return people, departments, tuple(duties)


def _write(desk: Desk, changes: Mapping[str, Rows]) -> tuple[str, ...]:
    """All files or none; each from its text in the working folder, which must not be older than main's."""
    copy, folder = read_copy(desk.clone), desk.clone.folder
    wanted = {path: rows for path, rows in changes.items() if rows}
    if old := [p for p in wanted if copy.blob(copy.base, p) != copy.blob(copy.main, p)]:
        raise Refused(
            [msg("{path} was changed on main in the meantime", path=p) for p in old],
            hint=msg("run `gongkai update`, then the command again"),
        )
    tables = {path: path.rpartition("/")[2].removesuffix(".yml") for path in wanted}
    texts = {
        path: set_in_rows((folder / path).read_text(encoding="utf-8"), tables[path], rows)
        for path, rows in wanted.items()
    }
    write_all(folder, {path: text.encode() for path, text in texts.items()})
    return tuple(texts)
