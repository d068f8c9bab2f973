"""Where an item belongs is reckoned once, and anew as soon as anything is different that it was reckoned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.checks.portal import Portal, read_portal
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.portal import bearings as module
from gongkai.portal import standing
from gongkai.portal.bearings import APART, KIND, Bearing, bearing, bearings, reckon_ahead
from gongkai.store.kept import Kept
from gongkai.store.tree import FolderTree

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUSE = b"a house"


@pytest.fixture(scope="module")
def empty() -> Portal:
    """The sample's settings, no items."""
    return replace(read_portal(FolderTree(ROOT), now=NOW), corpus=Corpus(), facts={})


def item(number: int, blob: str = "a", **fields: Any) -> Item:
    ident = f"tide-2026-{number:05d}"
    given = {"id": ident, "type": "notice", "title": "通告", **fields}
    return Item(f"content/tide/2026/{ident}.md", "md", given, blob=blob * 40)


def of(
    portal: Portal, *items: Item, facts: Mapping[str, ItemFacts] | None = None, now: datetime = NOW
) -> Portal:
    return replace(portal, corpus=Corpus(items), facts=facts or {}, now=now)


@pytest.fixture
def stays(empty: Portal) -> Portal:
    """The portal of a process that stays."""
    return replace(empty, kept=Kept(None))


def first(portal: Portal, house: bytes = HOUSE) -> Bearing:
    return next(iter(bearings(portal, house).values()))


def test_what_is_the_same_is_not_reckoned_again(stays):
    assert first(of(stays, item(1))) is first(of(stays, item(1)))


def test_without_a_house_nothing_is_kept(stays):
    assert first(of(stays, item(1)), b"") is not first(of(stays, item(1)), b"")
    assert stays.kept.memory == {}


def test_what_was_reckoned_while_others_were_read_is_taken_over(stays):
    reckon_ahead(of(stays), HOUSE, [item(1)])
    [early] = stays.kept.memory[module.AHEAD][1].values()
    assert first(of(stays, item(1))) is early


def test_what_was_reckoned_ahead_in_another_house_is_not_taken_over(stays):
    reckon_ahead(of(stays), b"another house", [item(1)])
    [early] = stays.kept.memory[module.AHEAD][1].values()
    assert first(of(stays, item(1))) is not early
    assert first(of(stays, item(1)), b"another house") is not early


def test_what_was_reckoned_ahead_is_kept_for_other_processes(empty, tmp_path):
    portal, items = replace(empty, kept=Kept(tmp_path)), [item(number) for number in range(APART + 1)]
    reckon_ahead(of(portal), HOUSE, items)
    found = bearings(of(portal, *items), HOUSE)
    assert Kept(tmp_path).keys(KIND) == [HOUSE.hex()]
    assert found == bearings(of(replace(empty, kept=Kept(tmp_path)), *items), HOUSE)


@pytest.mark.parametrize(
    "change",
    [
        {"items": item(1, "b")},
        {"facts": {"tide-2026-00001": ItemFacts(published=NOW)}},
        {"house": b"another house"},
        {"items": item(1, "")},
    ],
    ids=["file", "facts", "settings", "a file that git does not know"],
)
def test_what_differs_is_reckoned_anew(stays, change):
    before = first(of(stays, item(1)))
    after = first(
        of(stays, change.get("items", item(1)), facts=change.get("facts")), change.get("house", HOUSE)
    )
    assert after is not before


def test_it_holds_until_the_item_s_own_next_moment_and_no_longer(stays):
    end = NOW + timedelta(hours=1)
    one = item(1, publish_at=end.isoformat())
    hidden = first(of(stays, one))
    assert not hidden.shown and hidden.until == end.timestamp()
    assert first(of(stays, one, now=end - timedelta(microseconds=1))) is hidden
    shown = first(of(stays, one, now=end))
    assert shown.shown and shown.since == end.timestamp()
    assert first(of(stays, one, now=NOW)) == hidden, "a clock that was set back"


@pytest.mark.parametrize("published", [None, NOW, NOW.date()])
def test_another_process_takes_them_over_as_long_as_they_hold(empty, tmp_path, monkeypatch, published):
    items = [item(n) for n in range(APART + 1)]
    facts = {one.id: ItemFacts(published=published) for one in items if published}

    def again(chosen: Sequence[Item], **more: Any) -> tuple[list[Bearing], int]:
        portal = replace(of(empty, *chosen, **{"facts": facts, **more}), kept=Kept(tmp_path))
        asked: list[Item] = []
        with monkeypatch.context() as patched:
            patched.setattr(module, "bearing", lambda one, portal: asked.append(one) or bearing(one, portal))
            return [*bearings(portal, HOUSE).values()], len(asked)

    first_time, all_of_them = again(items)
    assert all_of_them == len(items)
    assert again(items) == (first_time, 0)
    assert again([item(0, "b"), *items[1:]])[1] == 1
    later = {**facts, items[3].id: ItemFacts(published=NOW, changed=NOW)}
    found, anew = again(items, facts=later)
    assert anew == 1 and found[3].fact == later[items[3].id]
    assert again(items)[0] == first_time


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
            st.dates(datetime(1950, 1, 1).date(), datetime(2090, 1, 1).date()),
        ),
        max_size=8,
    )
)
def test_places_are_in_the_order_of_publication(empty, days):
    items = [item(n) for n in range(len(days))]
    facts = {one.id: ItemFacts(published=day) for one, day in zip(items, days, strict=True)}
    portal = of(empty, *items, facts=facts)
    placed = sorted(items, key=lambda one: bearing(one, portal).place)
    zone = portal.settings.timezone

    def in_order(one: Item) -> tuple[int, datetime, str]:
        late, when, ident = standing.sort_key(one, portal)
        return (late, when if late else when.astimezone(UTC), ident) if zone else (late, when, ident)

    assert placed == sorted(items, key=in_order)
