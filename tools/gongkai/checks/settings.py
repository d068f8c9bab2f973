"""The portal's own settings must fit together (CFG20x)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.message import N_
from gongkai.model.settings import ConfigFile

NEEDED = ("portal", "departments", "columns")
_LISTS = ("departments", "columns", "topics", "people")


def _missing_files(portal: Portal) -> Iterable[Hit]:
    unread = {u.place.path for u in portal.unread_settings}
    for name in NEEDED:
        path = f"site_config/{name}.yml"
        if name not in portal.settings.files and path not in unread:
            yield Hit(Place(path), {"file": path})


def _unknown_files(portal: Portal) -> Iterable[Hit]:
    for name, file in portal.settings.files.items():
        if name.partition("/")[0] not in portal.library.configs:
            yield Hit(Place(file.path), {"file": file.path})


def _rows(portal: Portal, name: str) -> Iterator[tuple[ConfigFile, int, dict[str, Any]]]:
    file = portal.settings.files.get(name)
    if file:
        yield from ((file, i, row) for i, row in file.rows(name))


def _repeated_codes(portal: Portal) -> Iterable[Hit]:
    for name in _LISTS:
        seen: dict[str, int] = {}
        for file, index, row in _rows(portal, name):
            code = row.get("code")
            if isinstance(code, str) and seen.setdefault(code, index) != index:
                yield Hit(file.place(name, index, "code"), {"value": code}, "code")


def _people(portal: Portal) -> Iterable[Hit]:
    """A person's department, deputy and successor must exist; so must the people that departments name."""
    for file, index, row in _rows(portal, "people"):
        for field in ("deputy", "successor"):
            if isinstance(row.get(field), str) and row[field] not in portal.settings.people:
                yield Hit(file.place("people", index, field), {"value": row[field]}, field)
    for file, index, row in _rows(portal, "departments"):
        for field in ("officer", "deputy", "head"):
            if isinstance(row.get(field), str) and row[field] not in portal.settings.people:
                yield Hit(file.place("departments", index, field), {"value": row[field]}, field)


def _people_departments(portal: Portal) -> Iterable[Hit]:
    for file, index, row in _rows(portal, "people"):
        code = row.get("department")
        if isinstance(code, str) and code not in portal.settings.departments:
            yield Hit(file.place("people", index, "department"), {"value": code}, "department")


def _type_columns(portal: Portal) -> Iterable[Hit]:
    if "columns" not in portal.settings.files:
        return
    for kind in portal.types.values():
        for code in {kind.column, *kind.column_cases.values()} - {""}:
            if code not in portal.settings.columns:
                yield Hit(
                    Place(f"schemas/items/{kind.name}.schema.json"), {"value": code, "type": kind.title}
                )


def _holiday_days(portal: Portal) -> Iterable[Hit]:
    """A weekend that is worked must be a weekend; every day of a table stands in its year or beside it."""
    for name, file in portal.settings.files.items():
        if name.startswith("holidays/") and isinstance(file.data, dict):
            yield from _odd_days(file)


def _odd_days(file: ConfigFile) -> Iterator[Hit]:
    rows = file.data.get("work")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        day = _day(row)
        if day is not None and day.weekday() < 5:
            yield Hit(file.place("work", index, "date"), {"value": day}, "work")


def _day(row: Any) -> date | None:
    try:
        return date.fromisoformat(row["date"])
    except (TypeError, KeyError, ValueError):
        return None


def _holiday_table(portal: Portal) -> Iterable[Hit]:
    year = portal.today.year
    wanted = (year, year + 1) if portal.today.month == 12 else (year,)
    for number in wanted:
        if f"holidays/{number}" not in portal.settings.files:
            yield Hit(Place(f"site_config/holidays/{number}.yml"), {"year": number})


_FITS = N_(
    "Lists, review and addresses are made from these codes; two rows of one code would hide each other."
)

RULES = (
    Rule("CFG201", "settings-file-missing", Severity.ERROR,
         N_("the portal has no {file}"), N_("`gongkai init` shows what it looks like; make the file and check again"),
         N_("Without its departments, columns and name a portal cannot be built."), portal=_missing_files),
    Rule("CFG202", "repeated-code", Severity.ERROR,
         N_("the code {value} is used twice"), N_("give each row a code of its own; a code once used is never given again"),
         _FITS, portal=_repeated_codes),
    Rule("CFG203", "unknown-settings-file", Severity.WARNING,
         N_("{file} is not a file of settings that Gongkai knows"), N_("correct its name, or take it away"),
         N_("A misspelt file name would silently lose its settings."), portal=_unknown_files),
    Rule("CFG204", "column-of-type-missing", Severity.ERROR,
         N_("items of type {type} stand in the column “{value}”, which columns.yml does not have"),
         N_("add the column to site_config/columns.yml, or change x-column in the schema"),
         _FITS, portal=_type_columns),
    Rule("CFG205", "unknown-person", Severity.ERROR,
         N_("there is no person “{value}” in people.yml"), N_("correct the code, or add the person"),
         N_("Who publishes answers for it (谁发布，谁负责): every duty has a person who exists."), portal=_people),
    Rule("CFG206", "person-of-unknown-department", Severity.ERROR,
         N_("there is no department “{value}”"), N_("correct the code, or add the department to departments.yml"),
         _FITS, portal=_people_departments),
    Rule("CFG207", "worked-weekend-is-a-weekday", Severity.ERROR,
         N_("{value} is listed as a worked weekend day (调休), but it is no Saturday or Sunday"),
         N_("compare the date with the official notice"),
         N_("One wrong day moves every deadline that passes over it."), portal=_holiday_days),
    Rule("CFG208", "holiday-table-missing", Severity.WARNING,
         N_("there is no holiday table for {year}; its deadlines are provisional"),
         N_("enter the official notice for {year} in site_config/holidays/{year}.yml"),
         N_("Without the official notice only weekends and fixed holidays are known (全国年节及纪念日放假办法)."),
         portal=_holiday_table),
)  # fmt: skip
