"""Scanning a batch of items ahead: nothing is found otherwise than item by item."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.checks import wording_list
from gongkai.checks.passages import authored
from gongkai.checks.personal import found_in
from gongkai.checks.personal_find import find
from gongkai.checks.portal import frame
from gongkai.checks.scanned import _SCANS, AHEAD, LITERALS, LONG, finder, is_plain, scan_ahead, scanned
from gongkai.checks.wording_list import Finder, Word
from gongkai.items.read import read_item
from gongkai.store.tree import FolderTree

PIECES = st.sampled_from(
    ["1391234", "5678", " ", "—", "、", "\u3000", "“", "１", "患者王五", "住址：", "。", "京A12345"]
)


def item(body, path="content/office/2026/office-2026-00001.md"):
    read, _ = read_item(path, f"---\ntitle: 通告\n---\n\n{body}\n".encode())
    assert read is not None
    return read


def told(one, portal):
    return [(text.text, *scan) for text, scan in scanned(one, portal)]


def test_a_scan_made_ahead_tells_what_one_at_its_time_would(tmp_path):
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    first, other = item("内部资料"), item("一般信息。，", "content/office/2026/office-2026-00002.md")
    expected = [told(one, portal) for one in (first, other)]
    scan_ahead([first], portal)
    assert told(other, portal) == expected[1]
    assert told(first, replace(portal)) == expected[0]
    scan_ahead([other, first], portal)
    assert [told(one, portal) for one in (first, other)] == expected
    assert expected[0] != expected[1]


def test_a_long_text_is_scanned_when_it_is_asked_for(tmp_path):
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    long = item("内部资料" * LONG)
    scan_ahead([long], portal)
    assert len(scanned(long, portal)[0][1].places["secrecy"]) == LONG


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_the_scan_tells_spares_looks_but_no_findings(body):
    text = authored(item(f"甲{body}"))
    assert found_in(text, finder(()).scan(text.text)) == find(text.text)


@pytest.mark.parametrize("sign", ["б", "\ue001", "京A", "“"])
def test_a_text_that_is_nothing_but_suspect_signs_is_looked_at_in_bounded_memory(tmp_path, sign):
    """A font that maps to private-use signs gives such a text without malice."""
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    long = item((sign * 2_000_000)[:2_000_000])
    scanned(item("短"), portal)  # the automaton is there
    tracemalloc.start()
    (text, scan), *_ = scanned(long, portal)
    is_plain(text, scan)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * len(long.body) + 20_000_000


@pytest.mark.parametrize("sign", ["?", "０", "病", "，", "机密"])
def test_a_text_that_is_nothing_but_one_sign_is_scanned_in_bounded_memory(tmp_path, sign):
    """A spoilt conversion leaves millions of question marks."""
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    long = item((sign * 500_000)[:500_000])
    scanned(item("短"), portal)
    tracemalloc.start()
    scanned(long, portal)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(long.body) + 30_000_000


def test_many_items_are_scanned_ahead_only_as_far_as_their_scans_can_be_held(tmp_path):
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    items = [item("病" * (LONG - 9), f"content/office/2026/office-2026-{n:05}.md") for n in range(1, 12)]
    scan_ahead(items, portal)
    assert 0 < sum(len(one.body) for one, *_ in _SCANS._ahead.values()) <= AHEAD
    assert all(scanned(one, portal)[0][1].places for one in items)


WORDS = (Word("wrong", "报导", "报道", unless=("报导致",)), Word("wrong", "一二三四五六七"))


@given(
    st.lists(
        st.sampled_from(["报导", "致", "机密", "机 密", "，", "?", "b", "一二三四五六七", "六七"]),
        max_size=40,
    )
)
def test_a_text_scanned_by_windows_tells_what_one_look_tells(parts):
    body, whole = "".join(parts), Finder(WORDS, LITERALS).scan("".join(parts))
    for size in (1, 7, 64):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wording_list, "WINDOW", size)
            assert Finder(WORDS, LITERALS).scan(body) == whole


@pytest.mark.parametrize("body", ["京A12345", "бa", "甲\ue001", "\u200b", "张三 13912345678", "一般"])
def test_a_long_text_shows_the_same_findings_as_a_short_one(tmp_path, body):
    portal = frame(FolderTree(tmp_path), datetime(2026, 3, 2, tzinfo=UTC))
    short, long = item(body), item(f"{body}\n\n{'字' * LONG}")
    (text, scan), (longer, found) = scanned(short, portal)[0], scanned(long, portal)[0]
    assert is_plain(text, scan) == is_plain(longer, found)
    assert [s.kind for s in found_in(text, scan)] == [s.kind for s in found_in(longer, found)]
