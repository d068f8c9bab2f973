"""The porter links files and says how they lie; what it cannot say, whoever asks finds out for himself."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gongkai.store import porter as module
from gongkai.store.durable import clear, stands_of
from gongkai.store.porter import Porter, Rows

FILES = ("index.html", "tide/2026/00001.html", "tide/2026/00001.json", "lists/a/index.html")


@pytest.fixture
def porter() -> Iterator[Porter]:
    found = Porter()
    yield found
    found.end()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with files."""
    for name in FILES:
        file = tmp_path / "old" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return tmp_path / "old"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def _rows(folder: Path) -> dict[str, Rows]:
    """Every file of a folder as a group of its own."""
    at = {name: (folder / name).stat() for name in FILES}
    return {name: ((name, one.st_size, one.st_mtime_ns),) for name, one in at.items()}


def test_all_files_are_linked(porter, old, new):
    assert porter.link(_rows(old), old, new).answer() == []
    assert stands_of(new) == stands_of(old)


def test_what_is_not_as_its_row_says_is_named_and_not_linked(porter, old, new):
    rows = _rows(old)
    (old / FILES[0]).write_text("other", encoding="utf-8")
    (old / FILES[1]).unlink()
    assert porter.link(rows, old, new).answer() == [*FILES[:2]]
    assert not (new / FILES[0]).exists()


def test_what_was_spoilt_since_is_named(porter, old, new):
    porter.link(_rows(old), old, new).answer()
    assert porter.left().answer() == []
    (new / FILES[1]).unlink()
    (new / FILES[2]).write_text("written into", encoding="utf-8")
    assert set(porter.left().answer()) == {FILES[1], FILES[2]}


def test_a_folder_that_gets_another_name_meanwhile_is_looked_at_all_the_same(porter, old, new):
    linked, left = porter.link(_rows(old), old, new), porter.left()
    linked.answer()
    new.rename(new.with_name("site"))
    assert left.answer() == []
    assert porter.stands(new.with_name("site")) == stands_of(old)


def _come(site: Path) -> None:
    (site / "tide/2026/00002.html").write_text("new", encoding="utf-8")


def _go(site: Path) -> None:
    (site / FILES[1]).unlink()


def _change(site: Path) -> None:
    (site / FILES[0]).unlink()
    (site / FILES[0]).write_text("another", encoding="utf-8")


def _empty(site: Path) -> None:
    (site / FILES[3]).unlink()


def _deep(site: Path) -> None:
    (site / "a/b/c").mkdir(parents=True)
    (site / "a/b/c/d.html").write_text("deep", encoding="utf-8")


def _lead_away(site: Path) -> None:
    clear(site / "lists")
    (site / "lists").symlink_to(site / "tide")


CHANGES = (_come, _go, _change, _empty, _deep, _lead_away)


@pytest.mark.parametrize("rest", [0.0, module.REST + 0.1])
@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_since_it_looked_is_seen(porter, old, new, change, rest: float):
    porter.link(_rows(old), old, new).answer()
    time.sleep(rest)
    porter.left().answer()
    change(new)
    assert porter.stands(new) == stands_of(new)


def test_it_says_how_files_lie_however_often_they_change(porter, old, new):
    for change in CHANGES:
        change(old)
        assert porter.stands(old) == stands_of(old)
        porter.link({}, old, new).answer()
        assert porter.stands(new) == stands_of(new)


def test_what_it_told_can_be_changed_by_exchanging_tables(porter, old):
    told = porter.stands(old)
    told["tide/2026/"] = {}
    assert porter.stands(old) == stands_of(old)


def test_a_folder_that_went_away_does_not_confuse_what_is_said_of_another(porter, old, tmp_path):
    for folder in (old, tmp_path / "gone", old):
        assert porter.stands(folder) == stands_of(folder)


def test_answers_that_nobody_reads_block_nobody(porter, old, new):
    rows = _rows(old)
    groups = {f"{name} {n}": row for n in range(3000) for name, row in rows.items()}
    porter.link(groups, old, new)  # all but the first few of each file cannot be linked: a long answer
    for _ in range(20):
        porter.left()
    assert porter.link(rows, old, tmp := new / "other").answer() is None and not tmp.exists()
    porter.link(groups, old, new)
    assert porter.stands(new) == stands_of(new)


def test_after_a_folder_that_could_not_be_linked_into_others_can(porter, old, new):
    assert porter.link({}, old, new).answer() == []
    assert porter.link(_rows(old), old, new / "gone").answer() is None
    assert porter.left().answer() is None
    assert porter.link(_rows(old), old, new).answer() == []
    assert porter.left().answer() == []


def test_when_it_is_killed_nothing_is_said_and_the_next_question_begins_another(porter, old, new):
    assert porter.stands(old) == stands_of(old)
    process = porter._process
    assert process is not None
    process.kill()
    process.wait()
    assert porter.link(_rows(old), old, new).answer() is None
    assert porter.stands(old) == stands_of(old)
    assert porter.left().answer() is None
    assert porter.stands(old) == stands_of(old)


def test_without_the_process_everything_is_found_out_here(porter, old, new, monkeypatch):
    monkeypatch.setattr(module.sys, "executable", os.devnull)
    assert porter.link(_rows(old), old, new).answer() is None
    assert porter.stands(old) == stands_of(old)


def test_a_folder_that_is_not_there_holds_nothing(porter, tmp_path):
    assert porter.stands(tmp_path / "gone") == stands_of(tmp_path / "gone")


def test_it_ends_with_who_began_it(old):
    reading, writing = os.pipe()
    if not (child := os.fork()):
        one = Porter()
        one.stands(old)
        os.write(writing, str(one._process.pid).encode() if one._process else b"")
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    number = int(os.read(reading, 20))
    os.close(reading)
    for _ in range(500):
        if not Path(f"/proc/{number}/cmdline").exists() or not Path(f"/proc/{number}/cmdline").read_bytes():
            return
        time.sleep(0.02)
    raise AssertionError("it is still there")
