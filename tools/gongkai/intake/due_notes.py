"""When a new item will be due, as far as it can be said before its dates are filled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gongkai.checks.due import deadlines
from gongkai.checks.lateness import stage_name
from gongkai.checks.portal import Portal
from gongkai.model.deadline import LEDGER_ANCHORS, DeadlineRule
from gongkai.model.item import Item
from gongkai.model.message import Message, msg
from gongkai.model.types import ItemType


def due_notes(kind: ItemType, known: Mapping[str, Any], portal: Portal) -> tuple[Message, ...]:
    """One sentence per deadline: the date where its start is known, else the date if the start were today."""
    today = portal.today.date()
    fields = {**_dates(kind, today), **known}
    given = {name for name, value in known.items() if value}
    notes = []
    for found in deadlines(Item("", "md", fields), portal):
        stage, due = stage_name(found.stage), found.due.day
        mark = msg(" (provisional)") if found.due.provisional else ""
        if found.field and found.field not in given:
            title = kind.fields[found.field].title if found.field in kind.fields else found.field
            start = msg("if “{field}” is {today}", field=title, today=today)
            notes.append(msg("{stage}: {due}{mark}, {start}", stage=stage, due=due, mark=mark, start=start))
        else:
            notes.append(msg("{stage}: {due}{mark}", stage=stage, due=due, mark=mark))
    return tuple(notes)


def _dates(kind: ItemType, today: date) -> dict[str, str]:
    """Today in every field that a deadline of this type starts from, or is held by."""
    names = {name for rule in kind.deadlines.values() for name in _anchors(rule)}
    return {name: today.isoformat() for name in names if name in kind.fields}


def _anchors(rule: DeadlineRule) -> set[str]:
    names = {a.field for a in rule.anchors if not a.through and a.field not in LEDGER_ANCHORS}
    for case in (*rule.cases.values(), *([rule.otherwise] if rule.otherwise else [])):
        names |= _anchors(case)
    return names
