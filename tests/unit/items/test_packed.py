"""The shelf of a process that stays holds what is asked for, and does not grow with everything that ever was."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gongkai.items import packed
from gongkai.items.front import Front, Rest
from gongkai.items.packed import APART, LATELY, MOST, Shelf, front, pack, pack_fronts, unpack
from gongkai.model.item import Item
from gongkai.store.kept import Kept
from gongkai.store.relay import Spool

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


def _put(shelf: Shelf, count: int) -> list[tuple[str, str]]:
    """So many items as another process hands them over: packed, and their fronts together."""
    given = [item(f"{number:040}") for number in range(count)]
    for one in given:
        shelf.put(one.path, one.blob, pack(one))
    shelf.put_fronts(pack_fronts({(one.path, one.blob): front(one) for one in given}))
    shelf.close()
    return [(one.path, one.blob) for one in given]


def _rest(shelf: Shelf, path: str, blob: str) -> Rest:
    found = shelf.rest(path, blob)
    assert found is not None
    return found


def test_of_items_that_were_handed_over_only_the_fields_are_held(tmp_path: Path):
    shelf = Shelf(Kept(tmp_path))
    rows = _put(shelf, 3 * LATELY)
    found = shelf.every(rows, _unasked, partial(_rest, shelf))
    assert {type(one) for one in found} == {Front}
    assert [one.body for one in found] == ["正文"] * len(rows)
    assert list(found) == [item(blob) for _, blob in rows]
    assert (len(shelf._lately) <= LATELY, shelf._raw) == (True, {})


def test_what_is_held_as_it_comes_is_not_read_again(tmp_path: Path):
    spool = Spool()
    shelf, given = Shelf(Kept(tmp_path)), [item(f"{number:040}") for number in range(2 * APART)]
    rows = [(one.path, one.blob) for one in given]
    for one in given:
        shelf.put(one.path, one.blob, spool.add(pack(one)))
    told = pack_fronts({(one.path, one.blob): front(one) for one in given})
    held = shelf.hold(told, [*rows, (PATH, "another")], partial(_rest, shelf))
    shelf.close()
    found = shelf.every(rows, _unasked, _unasked)
    assert (held, list(found)) == (given, given)
    assert all(one is other for one, other in zip(held, found, strict=True))


def test_what_nobody_could_tell_the_rest_of_is_not_held(tmp_path: Path):
    shelf, one = Shelf(Kept(tmp_path / "gone")), item("a")
    shelf.put(one.path, one.blob, pack(one))
    told = pack_fronts({(one.path, one.blob): front(one)})
    assert shelf.hold(told, [(one.path, one.blob)], _unasked) == []


def test_what_lies_in_a_spool_is_read_there_until_somebody_leaves_it(tmp_path: Path):
    spool, shelf, one = Spool(), Shelf(Kept(tmp_path)), item("a")
    shelf.put(one.path, one.blob, spool.add(pack(one)))
    assert _rest(shelf, one.path, one.blob).body == "正文"
    assert Shelf(Kept(tmp_path)).rest(one.path, one.blob) is None
    shelf.close()
    shelf.leave()
    assert shelf._lying == {}
    for there in (shelf, Shelf(Kept(tmp_path))):
        assert there.find(one.path, one.blob) == one


def test_whoever_reads_all_holds_none(tmp_path: Path):
    shelf = Shelf(Kept(tmp_path))
    rows = _put(shelf, 3)
    assert [*shelf.passing([*rows, (PATH, "unknown")])] == [*(item(blob) for _, blob in rows), None]
    assert (shelf._items, shelf._raw) == ({}, {})


def test_fronts_that_no_item_has_are_taken_out_when_they_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(packed, "APART", 1)
    monkeypatch.setattr(packed, "SPARE", 5)
    kept = Kept(tmp_path)
    rows = _put(Shelf(kept), 20)
    few = rows[:3]
    for _ in range(2):
        shelf = Shelf(kept)
        found = shelf.every(few, _unasked, partial(_rest, shelf))
        assert list(found) == [item(blob) for _, blob in few]
    assert len(shelf._fronts()) == 3


def test_an_item_that_was_written_into_meanwhile_is_given_and_kept_as_what_it_is(tmp_path: Path):
    rows = [(f"content/{n}.md", f"{n:040d}") for n in range(APART + 9)]
    found = {path: replace(item(blob), path=path) for path, blob in rows}
    path = rows[0][0]
    found[path] = replace(found[path], blob="f" * 40)
    for _ in range(2):
        items = Shelf(Kept(tmp_path)).every(rows, found.__getitem__, _unasked)
        assert [one.blob for one in items] == ["f" * 40, *(blob for _, blob in rows[1:])]
