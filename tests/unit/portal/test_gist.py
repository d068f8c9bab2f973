"""What is said alike of an item on its page, in its head and in its data."""

import pytest

from gongkai.model.facts import ItemFacts
from gongkai.portal.gist import gist
from gongkai.portal.site import Site
from gongkai.store.catalogue import Catalogue


def site_of(portal):
    return Site(portal, Catalogue("zh").say)


def test_each_item_has_its_own_however_they_are_asked_for(new_item, portal_of):
    items = [
        new_item(f"tide-2026-{n:05d}", document_number=f"{n}号", legacy={"index_number": f"旧{n}"})
        for n in range(1, 4)
    ]
    site = site_of(portal_of(*items, facts={items[2].id: ItemFacts(index_number="新")}))
    for item in (*items, *items[::-1], items[1], items[1]):
        said = gist(item, site)
        assert said.item is item
        assert said.bearing == site.bearing(item)
        assert (said.path, said.data) == (item.address, item.address.replace(".html", ".json"))
        assert said.url.endswith(f"/{item.address}")
        assert said.document_number == f"{int(item.id[-5:])}号"
        assert said.index_number == ("新" if item is items[2] else f"旧{int(item.id[-5:])}")


def test_two_portals_say_of_one_item_what_each_knows(new_item, portal_of):
    item = new_item("tide-2026-00001", "policy", validity="valid", effective_to="2026-03-01")
    before, after = (
        portal_of(item, now=portal_of().now.replace(day=day, month=month)) for month, day in ((2, 2), (3, 2))
    )
    first, second = site_of(before), site_of(after)
    assert [gist(item, site).validity for site in (first, second, first)] == ["valid", "expired", "valid"]
    assert [gist(item, site).is_open for site in (first, second, first)] == [True, False, True]


@pytest.mark.parametrize(
    ("kind", "fields", "state", "is_open"),
    [
        ("notice", {}, "preview", True),
        ("notice", {"removal": {"reason": "order"}}, "removed", False),
        ("notice", {"withdrawal": {"reason": "误发"}}, "withdrawn", False),
        ("public_list", {"closes_on": "2099-01-01"}, "preview", False),
        ("personnel", {"stage": "publicity"}, "preview", False),
        ("personnel", {"stage": "appointed"}, "preview", True),
        ("policy", {"validity": "amended"}, "amended", True),
        ("policy", {"validity": "repealed"}, "repealed", False),
        ("consultation", {"closes_on": "2026-03-01"}, "closed", True),
    ],
)
def test_no_text_goes_out_of_what_is_taken_down_or_over_and_none_of_a_list_of_people(
    new_item, portal_of, kind, fields, state, is_open
):
    item = new_item("tide-2026-00001", kind, **fields)
    said = gist(item, site_of(portal_of(item)))
    assert (said.state, said.is_open) == (state, is_open)
