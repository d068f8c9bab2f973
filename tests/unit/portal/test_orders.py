"""The orders of items after a change are those that making all of them anew gives: same items, same groups, same sequence."""

from __future__ import annotations

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.model.item import Item
from gongkai.portal.bearings import Bearing
from gongkai.portal.orders import CODES, Orders

CODE = st.sampled_from(["", "tide", "ferry"])
POINTS = st.sampled_from([None, (("x",), (), ())])


@st.composite
def _bearing(draw, number: int, ids: int) -> Bearing:
    """One whose id may be another item's, when there are fewer ids than items."""
    ident = f"tide-2026-{draw(st.integers(0, ids)) if ids else number:05d}"
    shown = draw(st.booleans())
    return Bearing(
        blob="b",
        fact=None,
        since=-inf,
        until=inf,
        ident=ident,
        type=draw(CODE),
        shown=shown,
        notice=not shown and draw(st.integers(0, 9)) == 0,
        published_on=draw(st.sampled_from(["", "2026-01-02"])),
        modified_on=draw(st.sampled_from(["", "2026-01-02", "2026-01-03"])),
        place=f"{draw(st.integers(0, 3)):020d} {ident}",
        year=draw(st.sampled_from(["2025", "2026"])),
        column=draw(CODE),
        department=draw(CODE),
        topics=tuple(draw(st.lists(st.sampled_from("abc"), unique=True, max_size=2))),
        points=draw(POINTS),
        current=True,
        in_force=False,
        round=draw(st.booleans()),
        sought="",
        moved=False,
    )


@st.composite
def _steps(draw) -> list[dict[int, Bearing]]:
    """Corpora one after the other: in each some items are as before, some are gone, others have come or changed."""
    ids, found, now = draw(st.sampled_from([0, 0, 0, 5])), [], {}
    for _ in range(draw(st.integers(2, 4))):
        for number in draw(st.lists(st.integers(0, 11), max_size=12 if not found else 3)):
            now = {**now, number: draw(_bearing(number, ids))}
        for number in draw(st.lists(st.sampled_from([*now]), max_size=2)) if now and found else ():
            now = {other: one for other, one in now.items() if other != number}
        found.append(dict(sorted(now.items())))
    return found


def _told(orders: Orders) -> list[object]:
    """All that orders say, with the sequence in which they say it."""
    groups = [[(code, list(items)) for code, items in orders.groups(by).items()] for by in CODES]
    by_name = [dict(orders.by_path), dict(orders.by_id), dict(orders.modified_on)]
    lists = [orders.items, list(orders.shown), orders.notices, list(orders.rounds), list(orders.points)]
    return [*groups, *by_name, *lists]


@settings(max_examples=300, deadline=None)
@given(_steps())
def test_orders_after_changes_are_those_made_anew(steps):
    kept, items = None, {}
    for step in steps:
        before = items
        items = {f"content/{n}.md": Item(f"content/{n}.md", "md", {"n": n}) for n in step}
        items.update((path, before[path]) for path in items.keys() & before.keys())
        bearings = {f"content/{n}.md": one for n, one in step.items()}
        kept = Orders(items, bearings) if kept is None else kept.after(items, bearings)
        assert _told(kept) == _told(Orders(items, bearings))


def test_one_change_among_many_makes_no_order_anew():
    paths = [f"content/{n:04d}.md" for n in range(500)]
    items = {path: Item(path, "md", {}) for path in paths}
    base = Bearing("b", None, -inf, inf, "", "notice", True, False, "", "", "", "2026", "c", "d", (), None,
                   True, False, False, "", False)  # fmt: skip
    bearings = {path: base._replace(ident=path, place=f"{n:020d} {path}") for n, path in enumerate(paths)}
    old = Orders(items, bearings)
    _told(old)
    new = old.after(items, {**bearings, paths[7]: bearings[paths[7]]._replace(modified_on="2026-02-03")})
    assert {"items", "first", "by_path", "by_id", "modified_on", "rounds", "points"} <= new.__dict__.keys()
    assert new.made.keys() == CODES.keys()
