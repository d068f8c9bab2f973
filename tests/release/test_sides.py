"""What a publisher that stays remembers of all items is what it would find by looking at all of them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gate.conftest import _plain_git, new_server, template  # noqa: F401 - fixtures are taken by name

from gongkai.checks.portal import Portal
from gongkai.cli import publish_sides
from gongkai.cli.publish_sides import Sides, sides_of
from gongkai.gate.outline import Stock, outlined
from gongkai.gate.repository import open_gate
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item

from .conftest import Publisher, published, publisher  # noqa: F401 - fixtures are taken by name

NEW = "tide-2026-00002"
TABLES = ("lines", "paths", "shown", "notices", "taken", "hidden", "removed", "ended", "due")


def same(one: Sides, other: Sides) -> bool:
    tables = all(getattr(one, name) == getattr(other, name) for name in TABLES)
    return tables and (one.newest, one.moments, one.until) == (other.newest, other.moments, other.until)


def item(number: int, blob: str = "a", **fields: str) -> Item:
    ident = f"tide-2026-{number:05d}"
    named = {"id": ident, "type": "news", "title": f"第{number}号", **fields}
    return Item(f"content/tide/2026/{ident}.md", "md", named, blob=blob)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of items whose lines are drawn from now on."""
    ids: list[str] = []
    line = publish_sides._line

    def watched(one: Item, portal: Portal) -> publish_sides.Line:
        ids.append(one.id)
        return line(one, portal)

    monkeypatch.setattr(publish_sides, "_line", watched)
    return ids


def portals(publisher: Publisher) -> Callable[..., Portal]:  # noqa: F811
    """A portal of these items at noon of the server's day, so many minutes later, with these facts."""
    gate = open_gate(publisher.server.folder)
    base = outlined(gate, gate.state.main, publisher.now())
    noon = base.today.replace(hour=12, minute=0, second=0, microsecond=0)

    def portal(*items: Item, minutes: int = 0, facts: dict[str, ItemFacts] | None = None) -> Portal:
        rows = tuple(sorted(items, key=lambda i: i.path))
        return replace(base, corpus=Corpus(rows), facts=facts or {}, now=noon + timedelta(minutes=minutes))

    return portal


@pytest.fixture
def many(publisher: Publisher) -> Callable[..., Portal]:  # noqa: F811
    """See `portals`."""
    return portals(publisher)


def at(portal: Portal, minutes: int) -> str:
    return (portal.now + timedelta(minutes=minutes)).isoformat()


def test_the_end_of_an_embargo_is_seen_and_nothing_else_is_looked_at_again(many, drawn):
    items = [item(1), item(2, publish_at=at(many(), 10)), item(3, expires_at=at(many(), 30))]
    before = sides_of(many(*items))
    assert before.until == before.portal.now + timedelta(minutes=10)
    assert items[1].path in before.hidden
    drawn.clear()
    early = before.to(many(*items, minutes=9))
    assert items[1].path in early.hidden and drawn == []
    ended = early.to(many(*items, minutes=10))
    assert items[1].path in ended.shown and drawn == [items[1].id]
    assert ended.until == ended.portal.now + timedelta(minutes=20)
    assert same(ended, sides_of(many(*items, minutes=10)))


def test_a_changed_fact_is_seen(many, drawn):
    items = [item(1), item(2)]
    now = many().now
    before = sides_of(many(*items))
    assert {*before.due} == {i.path for i in items}
    facts = {items[0].id: ItemFacts(accepted=now, published=now, changed=now, index_number="T/2026-00001")}
    drawn.clear()
    after = before.to(many(*items, facts=facts))
    assert drawn == [items[0].id] and [*after.due] == [items[1].path]
    assert same(after, sides_of(many(*items, facts=facts)))
    drawn.clear()
    assert [*after.to(many(*items, facts={**facts})).due] == [items[1].path] and drawn == []
    assert {*after.to(many(*items)).due} == {i.path for i in items}, "a fact may also be gone"


def test_other_settings_another_day_and_a_clock_that_stepped_back_have_everything_looked_at_again(
    many, drawn
):
    items = [item(1), item(2, publish_at=at(many(), 10))]
    portal = many(*items, minutes=20)
    before = sides_of(portal)
    for other in (
        replace(portal, settings=replace(portal.settings)),
        replace(portal, library=replace(portal.library)),
        many(*items, minutes=20 + 24 * 60),
        many(*items),
    ):
        drawn.clear()
        after = before.to(other)
        assert sorted(drawn) == [i.id for i in items]
        assert same(after, sides_of(other))
    assert items[1].path in before.to(many(*items)).hidden


def test_of_two_items_with_one_id_the_first_counts_as_always(many):
    one, twin = item(1), replace(item(1, "b", title="又一"), path="content/tide/2026/tide-2026-00001.yml")
    for known in ((one,), (one, twin), (twin,)):
        after = sides_of(many(*known)).to(many(one, twin))
        assert same(after, sides_of(many(one, twin)))
        assert dict(after.shown.values()) == {one.address: one.title}
        assert same(after.to(many(twin)), sides_of(many(twin)))


FIELDS = {
    "publish_at": st.integers(-30, 60), "expires_at": st.integers(-30, 60),
    "secrecy": st.sampled_from(["public", "secret"]), "removal": st.just({"reason": "误发"}),
    "withdrawal": st.just({"reason": "误发"}), "title": st.sampled_from(["甲", "乙"]),
}  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[int, str, object]]:
    """What happens one after another: minutes that pass, an item that is written, goes or is published."""
    kinds = st.sampled_from(["pass", "gone", "published", *FIELDS])
    found = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(kinds)
        value = draw(FIELDS[kind]) if kind in FIELDS else draw(st.integers(0, 20))
        found.append((draw(st.integers(1, 4)), kind, value))
    return found


@given(steps())
@settings(max_examples=150, deadline=None)
def test_going_on_gives_what_looking_at_everything_gives(shared, story):
    items, facts, minutes = {n: item(n) for n in range(1, 5)}, {}, 0
    portal = shared(*items.values())
    sides = sides_of(portal)
    for count, (number, kind, value) in enumerate(story):
        now = portal.now + timedelta(minutes=minutes)
        if kind == "pass":
            minutes += value
        elif kind == "gone":
            items.pop(number, None)
        elif kind == "published":
            facts = {**facts, f"tide-2026-{number:05d}": fact(now)}
        else:
            said = at(portal, value) if isinstance(value, int) else value
            items[number] = item(number, f"b{count}", **{kind: said})
        then = shared(*items.values(), minutes=minutes, facts=facts)
        sides = sides.to(then)
        assert same(sides, sides_of(then))


def fact(now: datetime) -> ItemFacts:
    return ItemFacts(accepted=now, published=now, changed=now)


@pytest.fixture(scope="module")
def shared(published: Publisher) -> Callable[..., Portal]:  # noqa: F811
    """See `portals`: one for all stories."""
    return portals(published)


def test_outlines_brought_from_commit_to_commit_are_those_of_the_last(publisher: Publisher):  # noqa: F811
    stock, embargoed = Stock(), "tide-2026-00001"
    for ident, title in ((NEW, "补测情况"), (NEW, "补测情况（更正）"), (embargoed, "调整方案")):
        publisher.accept(ident, title=title)
        gate = open_gate(publisher.server.folder)
        portal = outlined(gate, gate.state.main, publisher.now(), stock)
        assert stock.mark == gate.state.main
        whole = gate.portal(gate.state.main, publisher.now()).corpus
        assert [(i.path, i.blob, i.title) for i in portal.corpus.items] == [
            (i.path, i.blob, i.title) for i in whole.items
        ]
        assert portal.corpus.files.keys() == whole.files.keys()
