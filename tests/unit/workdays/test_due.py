"""Due dates of items: anchors, cases, bounds, fixed days, the ledger's facts, and nonsense in fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gongkai.checks.due import dues, period_faults, upcoming
from gongkai.checks.portal import Portal
from gongkai.model.corpus import Corpus
from gongkai.model.deadline import Anchor, DeadlineRule, Period, Unit, YearDay
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.model.message import Words
from gongkai.model.settings import Settings
from gongkai.model.types import ItemType
from gongkai.schema.library import Library
from gongkai.store.tree import FolderTree
from gongkai.workdays.calendar import Calendar

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
THREE = Period(Unit.WORKING_DAYS, 3)
FIVE = Period(Unit.WORKING_DAYS, 5)

Make = Callable[..., Portal]


@pytest.fixture
def make(calendar: Calendar, tmp_path: Path) -> Make:
    """A portal with one type, `paper`, whose submission deadline is the rule given."""

    def build(rule: DeadlineRule | None = None, **more: Any) -> Portal:
        kind = ItemType("paper", Words("文件"), deadlines={"submit": rule} if rule else {}, **more)
        return Portal(FolderTree(tmp_path), Corpus(), Settings(), Library({"paper": kind}), calendar, NOW)

    return build


def paper(**fields: Any) -> Item:
    name = fields.get("id", "law-2026-00001")
    return Item(f"content/law/2026/{name}.yml", "yml", {"id": name, "type": "paper", **fields})


def after(*fields: str | Anchor, within: Period = THREE, **more: Any) -> DeadlineRule:
    return DeadlineRule(tuple(f if isinstance(f, Anchor) else Anchor(f) for f in fields), within, **more)


def submit(item: Item, portal: Portal) -> date | datetime | None:
    found = dues(item, portal).get("submit")
    return found.due if found else None


def test_the_first_anchor_that_has_a_date_counts(make: Make):
    portal = make(after("document_date", "opens_on"))
    assert submit(paper(document_date="2026-02-13", opens_on="2026-03-02"), portal) == date(2026, 2, 25)
    assert submit(paper(opens_on="2026-03-02"), portal) == date(2026, 3, 5)
    assert submit(paper(), portal) is None


def test_a_case_picks_its_rule_and_other_values_the_rule_for_the_rest(make: Make):
    rule = DeadlineRule(
        case_field="stage",
        cases={"award": after("occurred_on"), "true": after("occurred_on", within=Period(Unit.DAYS, 1))},
        otherwise=after("occurred_on", within=FIVE),
    )
    portal = make(rule)
    assert submit(paper(stage="award", occurred_on="2026-03-02"), portal) == date(2026, 3, 5)
    assert submit(paper(stage=True, occurred_on="2026-03-02"), portal) == date(2026, 3, 3)
    assert submit(paper(stage="contract", occurred_on="2026-03-02"), portal) == date(2026, 3, 9)
    assert submit(paper(stage="contract"), make(replace(rule, otherwise=None))) is None


def test_a_due_date_is_held_between_two_dates_of_the_item(make: Make):
    portal = make(after("document_date", not_after="deadline_on", not_before="opens_on"))
    assert submit(paper(document_date="2026-03-02", deadline_on="2026-03-03"), portal) == date(2026, 3, 3)
    assert submit(paper(document_date="2026-03-02", opens_on="2026-03-20"), portal) == date(2026, 3, 20)
    assert submit(paper(document_date="2026-03-02", deadline_on="2026-03-31"), portal) == date(2026, 3, 5)
    due = dues(paper(document_date="2026-03-02", deadline_on="2026-03-03"), portal)["submit"]
    assert due.days[-1].date == date(2026, 3, 3)
    assert not due.days[-1].counted


def test_a_fixed_day_of_the_next_year_needs_only_the_year(make: Make):
    portal = make(DeadlineRule(by=YearDay("year", 1, 1, 31)))
    assert submit(paper(year=2025), portal) == date(2026, 1, 31)
    assert submit(paper(year="2025"), portal) == date(2026, 1, 31)
    assert submit(paper(year="去年"), portal) is None
    assert submit(paper(), portal) is None


def test_a_leap_day_that_does_not_exist_gives_no_due_date(make: Make):
    portal = make(DeadlineRule(by=YearDay("year", 0, 2, 29)))
    assert submit(paper(year=2025), portal) is None
    assert submit(paper(year=2024), portal) == date(2024, 2, 29)


def test_without_a_ledger_an_item_is_received_now(make: Make):
    portal = make(after("received", within=Period(Unit.HOURS, 4)))
    assert submit(paper(), portal) == datetime.fromisoformat("2026-03-02T13:00:00+08:00")
    received = datetime.fromisoformat("2026-02-27T15:00:00+08:00")
    known = replace(portal, facts={"law-2026-00001": ItemFacts(received=received)})
    assert submit(paper(), known) == datetime.fromisoformat("2026-02-27T19:00:00+08:00")


def test_what_has_not_happened_starts_no_count(make: Make):
    for anchor in ("returned", "accepted", "published"):
        assert submit(paper(), make(after(anchor))) is None


def test_a_reading_follows_its_document(make: Make):
    portal = make(after(Anchor("document_date", "interprets")))
    document = paper(id="law-2026-00009", document_date="2026-02-13")
    portal = replace(portal, corpus=Corpus(items=(document,)))
    assert submit(paper(interprets="law-2026-00009"), portal) == date(2026, 2, 25)
    assert submit(paper(interprets="law-2026-00010"), portal) is None
    assert submit(paper(interprets=["law-2026-00009"]), portal) is None


def test_a_reading_follows_the_publication_of_its_document(make: Make):
    portal = make(after(Anchor("published", "interprets")))
    old = paper(id="law-2026-00009", legacy={"first_published_on": "2026-02-13"})
    known = replace(portal, corpus=Corpus(items=(old,)))
    assert submit(paper(interprets="law-2026-00009"), known) == date(2026, 2, 25)
    facts = {"law-2026-00009": ItemFacts(published=date(2026, 3, 2))}
    assert submit(paper(interprets="law-2026-00009"), replace(known, facts=facts)) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "value",
    ["", "2026-02-30", "2026", "next week", "0001-01-01", "9999-12-31", "2199-12-31", 20260213,
     None, [], {"a": 1}, True, "2026-02-13T25:00:00", "9999-12-31T23:59:59+00:00",
     "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_nonsense_in_a_date_gives_no_due_date_and_no_crash(make: Make, value: Any):
    for unit in Unit:
        portal = make(after("document_date", within=Period(unit, 100)))
        assert submit(paper(document_date=value), portal) is None


def test_an_item_of_an_unknown_type_has_no_due_date(make: Make):
    assert dues(paper(type="poem"), make(after("document_date"))) == {}


LEAST = {
    "from": "opens_on",
    "to": "closes_on",
    "at_least": {"days": 30},
    "unless": "why",
    "when": {"stage": "draft"},
}


@pytest.mark.parametrize(
    ("fields", "short"),
    [
        ({"closes_on": "2026-03-31"}, True),
        ({"closes_on": "2026-04-01"}, False),
        ({"closes_on": "2026-03-31", "why": "汛期将至"}, False),
        ({"closes_on": "2026-03-31", "why": ""}, True),
        ({"closes_on": "2026-03-31", "stage": "final"}, False),
        ({"closes_on": "2026-02-01"}, False),
        ({"closes_on": "soon"}, False),
        ({}, False),
    ],
)
def test_a_period_is_short_unless_excused_or_not_meant(make: Make, fields: dict[str, Any], short: bool):
    item = paper(**{"opens_on": "2026-03-02", "stage": "draft", **fields})
    assert bool(list(period_faults(item, make(periods=(LEAST,))))) is short


def test_what_is_due_next_comes_first_and_what_is_late_has_negative_days(make: Make):
    portal = make(after("document_date"))
    late, soon = paper(document_date="2026-02-13"), paper(id="law-2026-00002", document_date="2026-03-02")
    old = paper(id="law-2026-00003", document_date="2026-03-02", legacy={"url": "/a"})
    portal = replace(portal, corpus=Corpus(items=(soon, old, late)))
    assert [(u.item.id, u.stage, u.days) for u in upcoming(portal)] == [
        ("law-2026-00001", "submit", -5),
        ("law-2026-00002", "submit", 3),
    ]


def test_only_new_or_changed_items_are_upcoming(make: Make):
    item = paper(document_date="2026-03-02")
    portal = replace(make(after("document_date")), corpus=Corpus(items=(item,)))
    assert len(upcoming(replace(portal, changed=frozenset({item.path})))) == 1
    assert upcoming(replace(portal, changed=frozenset())) == []


def test_what_the_ledger_has_received_is_no_longer_to_be_submitted(make: Make):
    item = paper(document_date="2026-03-02")
    portal = replace(make(after("document_date")), corpus=Corpus(items=(item,)))
    assert upcoming(replace(portal, facts={item.id: ItemFacts(received=NOW)})) == []
