"""The shelf of a process that stays holds what is asked for, and does not grow with everything that ever was."""

from __future__ import annotations

from gongkai.items.packed import MOST, Shelf, pack, unpack
from gongkai.model.item import Item
from gongkai.store.kept import Kept

PATH = "content/tide/2026/tide-2026-00001.md"


def item(blob: str) -> Item:
    return Item(
        PATH, "md", {"id": "tide-2026-00001", "title": f"第{blob}版"}, "正文", 5, {("id",): (2, 5)}, {}, blob
    )


def _unasked(*_: str) -> Item:
    raise AssertionError("it lies on the shelf")


def test_an_item_comes_back_as_it_was_put():
    given = item("a")
    found = unpack(pack(given), given.path, given.blob)
    assert (found, found.place("id").line) == (given, 2)


def test_of_ever_newer_versions_only_some_are_held():
    shelf = Shelf(Kept(None))
    for number in range(2 * MOST):
        one = item(str(number))
        shelf.add(one)
        found = shelf.every([(PATH, one.blob)], _unasked, _unasked)
        assert found[0].fields["title"] == f"第{number}版"
    assert len(shelf._items) <= MOST + 1
