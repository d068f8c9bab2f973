"""When an item is due: its type's `x-deadline` and `x-period`, reckoned with the portal's calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from gongkai.checks.portal import Portal
from gongkai.model.deadline import LEDGER_ANCHORS, Anchor, Day, DeadlineRule, Due, Period, Unit, YearDay
from gongkai.model.errors import GongkaiError
from gongkai.model.item import Item
from gongkai.schema.deadlines import read_period
from gongkai.workdays.standing import FIXED, NOT_AFTER, NOT_BEFORE

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """A stage's due date and the item's own field it is counted from; empty for a fact of the ledger."""

    stage: str
    due: Due
    field: str = ""


@dataclass(frozen=True, slots=True)
class ShortPeriod:
    """A period of the item that is shorter than the law's least: it must not end before `least`."""

    start: str
    end: str
    period: Period
    least: Due
    unless: str = ""


class Upcoming(NamedTuple):
    """What is due of a new or changed item; `days` are calendar days left, negative when late."""

    item: Item
    stage: str
    due: Due
    days: int


def dues(item: Item, portal: Portal) -> Mapping[str, Due]:
    """The due dates of an item by stage; a stage whose anchors have no date is left out."""
    return {found.stage: found.due for found in deadlines(item, portal)}


def deadlines(item: Item, portal: Portal) -> tuple[Deadline, ...]:
    """The due dates of an item with the fields they are counted from, in the order of the type's stages."""
    kind = portal.types.get(item.type)
    stages = kind.deadlines.items() if kind else ()
    found = (_deadline(stage, rule, item, portal) for stage, rule in stages)
    return tuple(deadline for deadline in found if deadline is not None)


def period_faults(item: Item, portal: Portal) -> Iterator[ShortPeriod]:
    """The periods (`x-period`) of an item that are too short and give no reason where one is allowed."""
    kind = portal.types.get(item.type)
    for rule in kind.periods if kind else ():
        excused = bool(rule.get("unless")) and item.fields.get(rule["unless"]) not in (None, "")
        if not excused and _applies(rule.get("when"), item):
            yield from _too_short(rule, item, portal)


def upcoming(portal: Portal) -> list[Upcoming]:
    """The open due dates of the new and changed items, the most urgent first."""
    found = [
        Upcoming(item, d.stage, d.due, (d.due.day - portal.calendar.day_of(portal.now)).days)
        for item in portal.new_items
        if is_judged(item, portal)
        for d in deadlines(item, portal)
        if not is_met(d.stage, item, portal)
    ]
    return sorted(found, key=lambda u: (u.due.day, u.item.path, u.stage))


def is_judged(item: Item, portal: Portal) -> bool:
    """Whether deadline rules look at the item: new or changed, not legacy, not withdrawn."""
    return portal.is_new(item) and not item.group("withdrawal")


def is_met(stage: str, item: Item, portal: Portal) -> bool:
    """Whether the stage has happened: facts of the ledger, or the part of the item that fulfils it."""
    facts = portal.facts_of(item)
    done = {"submit": facts.received, "publish": facts.published, "result": item.group("result")}
    return bool(done.get(stage))


def anchor_fields(rule: DeadlineRule) -> tuple[str, ...]:
    """The item's own fields from which the rule, in any of its cases, may count; ledger anchors left out."""
    own = [a.field for a in rule.anchors if not a.through and a.field not in LEDGER_ANCHORS]
    others = (*rule.cases.values(), *((rule.otherwise,) if rule.otherwise else ()))
    return tuple(dict.fromkeys([*own, *(name for other in others for name in anchor_fields(other))]))


def moment_of(item: Item, name: str) -> Moment | None:
    """A field as a date, or as a moment if it holds an hour; None when missing or impossible."""
    text = item.text(name)
    if len(text) <= len("2026-01-01"):
        return item.date(name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if 1 < moment.year < 9999 else None


def _deadline(stage: str, rule: DeadlineRule, item: Item, portal: Portal) -> Deadline | None:
    """GongkaiError (a year or an amount that no calendar knows) means: no due date can be given."""
    chosen = _chosen(rule, item)
    if chosen is None:
        return None
    try:
        found = _fixed(chosen.by, item) if chosen.by else _counted(chosen, item, portal)
        return found and Deadline(stage, _held(chosen, found.due, item), found.field)
    except GongkaiError:
        return None


def _chosen(rule: DeadlineRule, item: Item) -> DeadlineRule | None:
    """The rule itself, or the one that its cases pick by the field's value."""
    if not rule.case_field:
        return rule
    value = item.fields.get(rule.case_field)
    key = str(value).lower() if isinstance(value, bool) else str(value)
    picked = rule.cases.get(key, rule.otherwise)
    return _chosen(picked, item) if picked else None


def _counted(rule: DeadlineRule, item: Item, portal: Portal) -> Deadline | None:
    period = rule.within or Period(Unit.DAYS, 0)
    for anchor in rule.anchors:
        start = _anchored(anchor, item, portal)
        if start is not None:
            ledger = not anchor.through and anchor.field in LEDGER_ANCHORS
            return Deadline(
                "", portal.calendar.due(start, period), "" if ledger else anchor.through or anchor.field
            )
    return None


def _anchored(anchor: Anchor, item: Item, portal: Portal) -> Moment | None:
    """The date of an anchor. Without a ledger an item is received now; what it refers to is not."""
    other = portal.corpus.by_id.get(item.text(anchor.through)) if anchor.through else item
    if other is None:
        return None
    if anchor.field not in LEDGER_ANCHORS:
        return moment_of(other, anchor.field)
    fact: Moment | None = getattr(portal.facts_of(other), anchor.field)
    if fact is None and anchor.field == "received" and other is item:
        return portal.now
    return fact or (first_published(other) if anchor.field == "published" else None)


def first_published(item: Item) -> date | None:
    """The day an imported item says it was first published on its old portal."""
    try:
        return date.fromisoformat(str(item.group("legacy").get("first_published_on")))
    except ValueError:
        return None


def _fixed(by: YearDay, item: Item) -> Deadline | None:
    """A fixed day of a year; a year that is no number, or 29 February of a common year, gives none."""
    value = item.fields.get(by.field)
    try:
        day = date(int(str(value)[:4]) + by.plus, by.month, by.day)
    except ValueError:
        return None
    return Deadline("", Due(day, day, False, (Day(day, True, FIXED),)), by.field)


def _held(rule: DeadlineRule, due: Due, item: Item) -> Due:
    """The due date held between the item's own dates that bound it."""
    due = _bound(due, item.date(rule.not_after) if rule.not_after else None, NOT_AFTER, 1)
    return _bound(due, item.date(rule.not_before) if rule.not_before else None, NOT_BEFORE, -1)


def _bound(due: Due, limit: date | None, why: str, sign: int) -> Due:
    if limit is None or sign * (due.day - limit).days <= 0:
        return due
    return replace(due, due=limit, days=(*due.days, Day(limit, False, why)))


def _applies(when: Any, item: Item) -> bool:
    return not when or all(item.fields.get(name) == value for name, value in when.items())


def _too_short(rule: Mapping[str, Any], item: Item, portal: Portal) -> Iterator[ShortPeriod]:
    """An end before the start is another fault (DUE106)."""
    start, end = item.date(rule["from"]), item.date(rule["to"])
    if start is None or end is None:
        return
    period = read_period(rule["at_least"])
    try:
        least = portal.calendar.due(start, period)
    except GongkaiError:
        return
    if start <= end < least.day:
        yield ShortPeriod(rule["from"], rule["to"], period, least, rule.get("unless", ""))
