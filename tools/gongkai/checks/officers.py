"""CFG214–215: every department has an information officer in office, and somebody in their place (局门户网站信息管理制度 三)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.message import N_
from gongkai.model.settings import ConfigFile, Department

FILE = "departments"


def in_office(portal: Portal, department: str) -> tuple[str, ...]:
    """The codes of those who may submit for a department today."""
    today = portal.today.date().isoformat()
    return tuple(
        code
        for code, row in portal.settings.people.items()
        if row.get("department") == department
        and "officer" in (row.get("roles") or ())
        and str(row.get("from") or "") <= today <= str(row.get("until") or "9999")
    )


def _departments(portal: Portal) -> Iterator[tuple[Department, Place]]:
    """Departments that still exist, each with the line of its row."""
    file = portal.settings.files.get(FILE)
    if file is None or "people" not in portal.settings.files:
        return
    for department in portal.settings.departments.values():
        if not department.abolished:
            yield department, _place(file, department.code)


def _place(file: ConfigFile, code: str) -> Place:
    index = next((i for i, row in file.rows(FILE) if row.get("code") == code), None)
    return Place(file.path) if index is None else file.place(FILE, index, "code")


def _nobody(portal: Portal) -> Iterable[Hit]:
    for department, place in _departments(portal):
        if not in_office(portal, department.code):
            yield Hit(place, {"department": department.title, "code": department.code}, "code")


def _alone(portal: Portal) -> Iterable[Hit]:
    for department, place in _departments(portal):
        people = in_office(portal, department.code)
        if len(people) == 1:
            yield Hit(place, {"department": department.title, "person": people[0]}, "code")


_DUTY = N_(
    "Each department names an information officer and a deputy; when one leaves, the duty is handed over and not left lying."
)

RULES = (
    Rule("CFG214", "department-without-officer", Severity.ERROR,
         N_("{department} ({code}) has no information officer in office"),
         N_("name one in people.yml (roles: [officer]); who leaves hands over with `gongkai people handover A B`"),
         _DUTY, portal=_nobody),
    Rule("CFG215", "department-without-deputy", Severity.WARNING,
         N_("{department} has only one information officer, {person}, and nobody in their place"),
         N_("name a second person with roles: [officer] in people.yml, and write them as `deputy` of the first"),
         _DUTY, portal=_alone),
)  # fmt: skip
