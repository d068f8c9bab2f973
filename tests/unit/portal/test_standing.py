"""How an item stands at one moment."""

from datetime import UTC, date, datetime

import pytest

from gongkai.model.facts import ItemFacts
from gongkai.portal import standing
from gongkai.portal.lists import steps
from gongkai.portal.site import Site


def kinds(item, portal):
    return [state.kind for state in standing.states(item, portal)]


@pytest.mark.parametrize(
    ("publish_at", "shown"),
    [
        ("2026-03-02T09:00:00+08:00", True),
        ("2026-03-02T01:00:01Z", False),
        ("2026-03-02T09:00:01+08:00", False),
        ("2026-03-02T08:59:59", True),
        ("2026-03-02", True),
        ("2026-03-03", False),
        ("三月五日", False),
        (20260301, False),
        (None, True),
        ("", True),
    ],
)
def test_an_embargo_holds_until_its_second_and_when_it_cannot_be_read(new_item, portal_of, publish_at, shown):
    item = new_item("tide-2026-00001", publish_at=publish_at)
    assert standing.is_shown(item, portal_of(item)) is shown


@pytest.mark.parametrize(
    "fields",
    [
        {"openness": "withheld"},
        {"openness": "on_request"},
        {"secrecy": "secret"},
        {"id": "../../x"},
        {"id": "index"},
    ],
)
def test_only_what_is_public_and_well_named_is_shown(new_item, portal_of, fields):
    item = new_item("tide-2026-00001", **fields)
    assert not standing.is_shown(item, portal_of(item))


def test_the_ledgers_date_goes_before_the_old_portals(new_item, portal_of):
    item = new_item("tide-2026-00001", legacy={"first_published_on": "2020-01-01", "index_number": "old"})
    fact = ItemFacts(
        published=datetime(2026, 3, 1, 17, 30, tzinfo=UTC), index_number="12YD0000TIDE00000X/2026-00003"
    )
    portal = portal_of(item, facts={item.id: fact})
    assert f"{standing.published(item, portal):%Y-%m-%d %H:%M}" == "2026-03-02 01:30"
    assert standing.index_number(item, portal) == "12YD0000TIDE00000X/2026-00003"
    assert standing.published(item, portal_of(item)) == date(2020, 1, 1)


@pytest.mark.parametrize(
    "legacy", [{}, {"first_published_on": "去年"}, {"first_published_on": None}, "2020-01-01"]
)
def test_no_date_is_made_up(new_item, portal_of, legacy):
    item = new_item("tide-2026-00001", legacy=legacy, document_date="2026-01-01")
    assert standing.published(item, portal_of(item)) is None
    assert kinds(item, portal_of(item)) == ["preview"]


@pytest.mark.parametrize(
    ("closes_on", "ended"), [("2026-03-01", True), ("2026-03-02", False), ("2026-03-03", False)]
)
def test_a_public_notice_lasts_through_its_last_day(new_item, portal_of, closes_on, ended):
    item = new_item("tide-2026-00001", "public_list", closes_on=closes_on)
    assert standing.has_ended(item, portal_of(item)) is ended


def test_only_the_publicity_of_personnel_ends(new_item, portal_of):
    for stage, ended in (("publicity", True), ("recruitment", False)):
        item = new_item("tide-2026-00001", "personnel", stage=stage, closes_on="2025-01-01")
        assert standing.has_ended(item, portal_of(item)) is ended


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"validity": "valid", "effective_to": "2026-03-01"}, "expired"),
        ({"validity": "valid", "effective_to": "2026-03-02"}, None),
        ({"validity": "repealed", "effective_to": "2020-01-01"}, "repealed"),
        ({"validity": "amended"}, "amended"),
        ({"expires_at": "2026-03-02T09:00:00+08:00"}, "expired"),
        ({"expires_at": "2026-03-02T09:00:01+08:00"}, None),
        ({"withdrawal": {"reason": "r", "explanation": "e"}}, "withdrawn"),
        ({"withdrawal": {"reason": "r", "explanation": "e", "replaced_by": "tide-2026-00002"}}, "replaced"),
    ],
)
def test_a_reader_is_told_what_no_longer_counts(new_item, portal_of, fields, kind):
    item = new_item("tide-2026-00001", "policy", legacy={"first_published_on": "2025-01-01"}, **fields)
    assert kinds(item, portal_of(item)) == ([kind] if kind else [])


def test_items_are_ordered_by_publication_and_then_by_number(new_item, portal_of):
    items = [
        new_item(f"tide-2026-0000{n}", legacy={"first_published_on": day} if day else {})
        for n, day in ((1, "2026-01-05"), (2, "2026-02-01"), (3, "2026-02-01"), (4, ""))
    ]
    site = Site(portal_of(*items), lambda message: message.text)
    assert [item.id[-1] for item in site.items] == ["4", "3", "2", "1"]
    assert site.bearing(items[3]).year == "2026"


@pytest.mark.parametrize(
    ("here", "last", "numbers"),
    [(1, 1, []), (1, 3, [1, 2, 3]), (5, 9, [1, 0, 3, 4, 5, 6, 7, 0, 9]), (9, 9, [1, 0, 7, 8, 9])],
)
def test_the_pager_shows_both_ends_and_the_neighbours(here, last, numbers):
    made = steps("columns/news/index.html", here, last)
    assert [step.number for step in made] == numbers
    assert [step.number for step in made if step.here] == ([here] if numbers else [])
    assert all(step.path for step in made if step.number)
