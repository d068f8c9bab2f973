"""The due dates of an item that does not exist yet: its type's deadlines, all counted from one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time

from gongkai.checks.due import Deadline, anchor_fields, deadlines
from gongkai.checks.portal import Portal
from gongkai.cli.explained import Answer
from gongkai.items.read import read_corpus
from gongkai.model.corpus import Corpus
from gongkai.model.deadline import DeadlineRule
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.model.message import Words, msg
from gongkai.model.types import ItemType
from gongkai.store.tree import Tree
from gongkai.workdays.calendar import Calendar


def of_type(portal: Portal, name: str, since: date | datetime, given: Mapping[str, str]) -> list[Answer]:
    """The due dates of an item of the type, stage by stage; GongkaiError when there is none to reckon."""
    kind = portal.types.get(name)
    if kind is None:
        raise GongkaiError(
            msg("there is no type {name}", name=name),
            msg("the types are: {names}", names=", ".join(sorted(portal.types))),
        )
    item = _sketch(kind, since, given)
    portal = replace(
        portal, corpus=_referred(kind, portal.tree), facts={item.id: _facts(since, portal.calendar)}
    )
    found = deadlines(item, portal)
    if not found:
        raise GongkaiError(
            msg("no due date of {type} can be reckoned from what is given", type=kind.title),
            msg("its deadlines depend on these fields; give them with --set: {fields}", fields=_asked(kind)),
        )
    return [Answer(d.due, d.stage, _title(d, kind)) for d in found]


def _referred(kind: ItemType, tree: Tree) -> Corpus:
    """The items are read only when a deadline counts from another item's date."""
    rules = (one for rule in kind.deadlines.values() for one in _simple(rule))
    through = any(a.through for rule in rules for a in rule.anchors)
    return read_corpus(tree) if through else Corpus()


def _sketch(kind: ItemType, since: date | datetime, given: Mapping[str, str]) -> Item:
    """An item of the type whose deadlines begin at `since`, but for what is given.

    A field that also bounds a due date (submit before the consultation opens) is not guessed.
    """
    rules = tuple(kind.deadlines.values())
    bounds = {name for rule in rules for one in _simple(rule) for name in (one.not_after, one.not_before)}
    starts = {name: since.isoformat() for rule in rules for name in anchor_fields(rule) if name not in bounds}
    return Item("", "yml", {**starts, **given, "id": "deadline", "type": kind.name})


def _simple(rule: DeadlineRule) -> Iterator[DeadlineRule]:
    """The rule and all rules of its cases."""
    yield rule
    for other in (*rule.cases.values(), rule.otherwise):
        if other is not None:
            yield from _simple(other)


def _facts(since: date | datetime, calendar: Calendar) -> ItemFacts:
    moment = since if isinstance(since, datetime) else datetime.combine(since, time())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)
    return ItemFacts(received=moment, returned=moment, accepted=moment, published=moment)


def _asked(kind: ItemType) -> str:
    """The names of all fields on which a deadline of the type depends."""
    rules = (one for rule in kind.deadlines.values() for one in _simple(rule))
    return ", ".join(sorted({name for rule in rules for name in _fields(rule)}))


def _fields(rule: DeadlineRule) -> Iterator[str]:
    yield from (a.through or a.field for a in rule.anchors)
    yield from (name for name in (rule.case_field, rule.by.field if rule.by else "") if name)


def _title(found: Deadline, kind: ItemType) -> Words | None:
    field = kind.fields.get(found.field)
    return field.title if field else None
