"""DUE rules with a ledger: its clock counts, and what has happened is not asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from gongkai.checks.deadlines import RULES
from gongkai.checks.portal import Portal, read_portal
from gongkai.checks.run import run
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.finding import Severity
from gongkai.model.item import Item
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
NEWS = Item(
    "content/tide/2026/tide-2026-00001.yml",
    "yml",
    {"id": "tide-2026-00001", "type": "news", "occurred_on": "2026-02-02"},
)


@pytest.fixture(scope="module")
def portal() -> Portal:
    """The engine's schemas and tables with one piece of news, four weeks old."""
    whole = read_portal(FolderTree(template_root()), now=NOW)
    return replace(whole, corpus=Corpus(items=(NEWS,)), changed=None)


def codes(portal: Portal) -> list[str]:
    return [f.code for f in run(portal, RULES).findings]


def test_without_a_ledger_now_is_the_moment_of_submission(portal: Portal):
    assert codes(portal) == ["DUE101", "DUE107"]


def test_what_was_received_in_time_stays_in_time(portal: Portal):
    received = datetime.fromisoformat("2026-02-03T23:59:59+08:00")
    assert codes(replace(portal, facts={NEWS.id: ItemFacts(received=received)})) == ["DUE103"]


def test_a_second_after_midnight_is_late(portal: Portal):
    received = datetime.fromisoformat("2026-02-04T00:00:01+08:00")
    facts = {NEWS.id: ItemFacts(received=received, published=received)}
    assert codes(replace(portal, facts=facts)) == ["DUE101", "DUE102"]


def test_lateness_is_remembered_after_publication(portal: Portal):
    facts = {NEWS.id: ItemFacts(received=NOW, published=NOW)}
    assert codes(replace(portal, facts=facts)) == ["DUE101", "DUE107"]


def test_an_item_that_did_not_change_is_not_judged(portal: Portal):
    assert codes(replace(portal, changed=frozenset())) == []
    assert codes(replace(portal, changed=frozenset({NEWS.path}))) == ["DUE101", "DUE107"]


def test_lateness_never_blocks():
    errors = {rule.code for rule in RULES if rule.severity is Severity.ERROR}
    assert errors == {"DUE105", "DUE106"}


def test_a_date_far_away_is_looked_at_without_counting_to_it(portal: Portal):
    far = replace(NEWS, fields={**NEWS.fields, "occurred_on": "2190-01-01"})
    assert codes(replace(portal, corpus=Corpus(items=(far,)))) == ["DUE106"]
