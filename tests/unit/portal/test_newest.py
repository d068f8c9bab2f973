"""Which items a feed shows is found without looking at all of them; here by looking at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.checks.portal import Portal
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.portal import data_dates
from gongkai.portal.feeds import Feeds
from gongkai.portal.page import Page
from gongkai.portal.site import Site, department_of
from gongkai.store.catalogue import Catalogue

START = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
DAYS = st.one_of(st.none(), st.integers(0, 3))
PIECES = st.tuples(DAYS, DAYS, st.sampled_from(["tide", "ferry", "lost"]), st.booleans(), st.booleans())


def day(number: int | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=12), st.integers(1, 4))
def test_a_feed_shows_what_was_announced_last(
    portal_of: Callable[..., Portal],
    new_item: Callable[..., Item],
    pieces: list[tuple[int | None, int | None, str, bool, bool]],
    size: int,
) -> None:
    items, facts = [], {}
    for number, (first, changed, department, minor, removed) in enumerate(pieces, 1):
        ident = f"{department}-2026-{number:05d}"
        more = {"removal": {"reason": "order"}} if removed else {}
        items.append(new_item(ident, update_type="minor" if minor else "major", **more))
        facts[ident] = ItemFacts(
            published=day(first), changed=day(first if changed is None else first and first + changed)
        )
    portal = portal_of(*items, facts=facts)
    sizes = {**portal.settings.portal, "page_sizes": {"feed": size}}
    portal = replace(portal, settings=replace(portal.settings, portal=sizes))
    site = Site(portal, Catalogue("zh").say)
    newest = Feeds(site, lambda item: Page(item.address, "", "")).newest
    told = [(data_dates.announced(i, portal), i.id, i) for i in (*site.items, *site.notices)]
    ordered = [i for when, _, i in sorted((t for t in told if t[0]), key=lambda t: t[:2], reverse=True)]
    assert newest[""] == ordered[:size]
    for code in {"tide", "ferry", *(department_of(i) for i in ordered)}:
        assert list(newest[f"departments/{code}/"]) == [i for i in ordered if department_of(i) == code][:size]
    assert "departments/lost/" not in newest or any(department_of(i) == "lost" for i in ordered)
