"""What is taken from the last release without being read again, and what is read in any case."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.gate.conftest import news, path_of

from gongkai.cli.publish_sides import sides_of
from gongkai.cli.publish_source import BUILT
from gongkai.cli.publish_view import public_of
from gongkai.gate.outline import KIND, outlined, whole
from gongkai.gate.repository import open_gate
from gongkai.portal.past import read_past
from gongkai.release.anchor import Anchor
from gongkai.release.looked import FILE, Looked, Memory, read_looked, write_looked
from gongkai.release.manifest import write_manifest
from gongkai.release.sound import Look, look_over
from gongkai.release.view import Expected, Last, View
from gongkai.store import clock

from .conftest import Publisher

NEW, EMBARGOED, GONE = "tide-2026-00001", "tide-2026-00002", "tide-2026-00003"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder like a release's, with three files."""
    for name, text in {"a.txt": "first", "b.txt": "second", "x/c.txt": "third"}.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def look(release: Path, expected: Expected, known: Looked) -> Look:
    return look_over(release / "site", expected, known)


def read_again(release: Path, expected: Expected | None = None, memory: Memory | None = None) -> list[str]:
    """The files that a second look reads."""
    return look(release, expected or Expected(), read_looked(release, memory or Memory())).fresh


def looked(release: Path, expected: Expected | None = None, memory: Memory | None = None) -> Look:
    first = look(release, expected or Expected(), Looked(release))
    view = View(Anchor("g", "l", 1, "m", "t"), "m", "m", "l", clock.now())
    digest = write_manifest(release, view, first.looked.lines.values())
    write_looked(release, first.looked, digest, memory or Memory())
    return first


def test_files_that_are_as_they_were_are_not_read_again_and_have_the_same_rows(release):
    first = looked(release)
    assert first.fresh == ["a.txt", "b.txt", "x/c.txt"] and read_again(release) == []
    second = look(release, Expected(), read_looked(release, Memory()))
    assert [*second.looked.lines.items()] == [*first.looked.lines.items()]
    assert second.looked.stands == first.looked.stands


def test_a_file_that_was_written_touched_or_put_in_anothers_place_is_read_again(release):
    looked(release)
    site = release / "site"
    at = (site / "b.txt").stat()
    (site / "a.txt").write_text("FIRST")
    (site / "new").write_text("2econd")
    os.utime(site / "new", ns=(at.st_atime_ns, at.st_mtime_ns))
    (site / "new").replace(site / "b.txt")
    os.utime(site / "x/c.txt")
    assert (site / "b.txt").stat().st_size == at.st_size
    assert read_again(release) == ["a.txt", "b.txt", "x/c.txt"]


def test_when_other_texts_are_secret_or_the_record_is_damaged_everything_is_read_again(release):
    looked(release)
    assert len(read_again(release, Expected(secret=("尚未公布的方案调整",)))) == 3
    raw = bytearray((release / FILE).read_bytes())
    raw[-3] ^= 1
    (release / FILE).write_bytes(raw)
    assert len(read_again(release)) == 3
    (release / FILE).unlink()
    assert len(read_again(release)) == 3


def test_a_page_that_must_bear_another_title_today_is_read_again(release):
    looked(release, Expected(pages={"a.txt": "first", "b.txt": "second"}))
    assert read_again(release, Expected(pages={"a.txt": "first", "b.txt": "another"})) == ["b.txt"]


def test_a_file_of_an_item_and_a_page_of_no_item_are_read_even_if_they_are_as_they_were(tmp_path):
    page, file = "tide/2026/00001.html", "tide/2026/00001/a.txt"
    for name in (page, file):
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text("title")
    shown = Expected(departments=frozenset({"tide"}), pages={page: "title"}, files={file: "0" * 40})
    looked(tmp_path, shown)
    assert read_again(tmp_path, shown) == [file]
    hidden = look(tmp_path, replace(shown, pages={}), read_looked(tmp_path, Memory()))
    assert hidden.fresh == [page, file]
    assert "{path} is a page of no item that is shown" in [fault.text for fault in hidden.faults]


def test_what_a_release_says_of_its_files_is_how_they_lie_there_also_those_shared_with_the_last(publisher):
    """Else the next build would find none of them as it was left, and make everything anew, again and again."""
    publisher.publish(again=True)
    publisher.accept(NEW)
    for _ in range(2):
        folder = publisher.place.folder(publisher.shown.name)
        past = read_past(folder / "site", folder / BUILT)
        rows = [row for done in past.sheets.values() for row in done.rows]
        there = [(folder / "site" / path).lstat() for path, _, _ in rows]
        assert len(rows) > 50
        assert [(at.st_size, at.st_mtime_ns) for at in there] == [row[1:] for row in rows]
        assert read_looked(folder, Memory()).lines.keys() >= {path for path, _, _ in rows}
        publisher.publish()


def test_outlines_tell_the_same_of_items_as_whole_items_do(publisher: Publisher):
    """Shown, embargoed, withdrawn, over, secret, with files: what is expected of a release, and what was taken down."""
    day = clock.now().date()
    publisher.publish()
    publisher.accept(NEW, withdrawal="{reason: 班次有误, explanation: 以新通知为准。}")
    publisher.accept(EMBARGOED, title="尚未公布的潮位调整方案", publish_at='"2099-01-01T09:00:00+08:00"')
    gate = open_gate(publisher.server.folder)
    gate.kept.put(KIND, {}, alone=True)
    for now in (clock.now(), clock.now() + timedelta(days=400)):
        fast = outlined(gate, gate.state.main, now)
        slow = replace(gate.portal(gate.state.main, now), facts=gate.state.facts)
        assert [(i.id, i.path, i.blob) for i in fast.corpus.items] == [
            (i.id, i.path, i.blob) for i in slow.corpus.items
        ]
        assert [*whole(fast, fast.corpus.items)] == [*slow.corpus.items]
        one, other = public_of(gate, sides_of(fast)), public_of(gate, sides_of(slow))
        assert (one.taken, one.until) == (other.taken, other.until)
        assert replace(one.expected, allowed=str) == replace(other.expected, allowed=str)
        assert one.expected.allowed() == other.expected.allowed()
        assert one.expected.secret and one.taken.keys() == {NEW, EMBARGOED}
    publisher.accept(GONE, title=f"第{day:%j}日复测情况通报")
    gate = open_gate(publisher.server.folder)
    after = outlined(gate, gate.state.main, clock.now())
    assert {i.id for i in after.corpus.items} == {
        i.id for i in gate.portal(gate.state.main, clock.now()).corpus.items
    }
    assert GONE in {i.id for i in after.corpus.items}


def test_a_view_holds_for_its_own_key_from_its_publication_until_time_changes_it():
    now = clock.now()
    last = Last("k", now, now + timedelta(hours=1))
    assert last.holds("k", now) and last.holds("k", now + timedelta(minutes=59))
    assert not last.holds("other", now) and not last.holds("k", now + timedelta(hours=1))
    assert not last.holds("k", now - timedelta(seconds=1)) and not Last("", now, now).holds("", now)


def test_events_that_change_nothing_for_the_public_bring_no_release(publisher):
    first = publisher.publish()
    server = publisher.server
    before = len(server.events())
    server.hand_in({path_of(NEW): news(NEW, server.today())}, name="waiting")
    again = publisher.publish()
    assert len(server.events()) == before + 1
    assert (again.fresh, again.release, again.next) == (False, first.release, first.next)
