"""A publisher that stays goes on from its last release, and publishes what a new one would, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gongkai.cli import publish_source
from gongkai.cli.publish_source import ServerSource
from gongkai.portal import linking
from gongkai.release.manifest import FILE as MANIFEST
from gongkai.release.place import AHEAD, RELEASES
from gongkai.store.durable import clear, files_of
from gongkai.store.porter import Porter

from .conftest import Publisher

IDS = ("tide-2026-00001", "tide-2026-00002", "tide-2026-00003")


class Resident:
    """A publisher with the source that it keeps from turn to turn."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.porter = Porter()
        self.source = ServerSource(
            str(publisher.server.folder),
            publisher.place.state / "mirror.git",
            wall=publisher.now,
            porter=self.porter,
        )
        self.order = publisher.order(stands=self.porter.stands)

    def turn(self) -> None:
        """One publication, then rest."""
        self.publisher.publish(self.source, memory=self.order.memory, stands=self.order.stands)
        self.source.ready()
        assert self.publisher.whole()

    @property
    def ahead(self) -> list[Path]:
        """All that was laid out for next releases."""
        return list((self.publisher.place.root / RELEASES).glob(f"{AHEAD}*"))

    def laid(self) -> Path:
        """What this publisher laid out, once it is all there."""
        ahead = self.source._ahead
        assert ahead is not None and ahead.whole
        return ahead.folder


@pytest.fixture
def resident(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resident]:
    """One that has published, links ahead although there are few files, and has two processors."""
    monkeypatch.setattr(linking, "MANY", 0)
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    found = Resident(publisher)
    found.publisher.publish(found.source, again=True, memory=found.order.memory, stands=found.order.stands)
    found.source.ready()
    yield found
    if found.source._ahead is not None:
        found.source._ahead.end()
    found.porter.end()


def same_as_anew(resident: Resident, folder: Path) -> None:
    """Another publisher makes the very same release from nothing."""
    resident.publisher.moment = resident.publisher.now()
    other = resident.publisher.copied(folder)
    other.moment = resident.publisher.moment
    resident.turn()
    other.publish(again=True)
    one, two = (p.place.folder(p.shown.name) / MANIFEST for p in (resident.publisher, other))
    assert one.read_text("utf-8") == two.read_text("utf-8")
    resident.publisher.moment = None


def test_each_turn_gives_what_a_new_publisher_makes_from_nothing(resident, tmp_path):
    for number, ident in enumerate(IDS):
        resident.publisher.accept(ident)
        same_as_anew(resident, tmp_path / str(number))


def test_an_embargo_that_ended_is_seen(resident, tmp_path):
    end = resident.publisher.now() + timedelta(minutes=5)
    resident.publisher.accept_for({"tide-2026-00007": end})
    resident.turn()
    assert not (resident.publisher.site / "tide/2026/00007.html").exists()
    resident.publisher.moment = end + timedelta(seconds=1)
    resident.turn()
    assert (resident.publisher.site / "tide/2026/00007.html").exists()


def test_the_next_release_is_laid_out_ahead_and_used_up(resident):
    laid = resident.laid()
    shown = resident.publisher.site.resolve()
    there = {path: file.stat().st_ino for path, file in files_of(laid)}
    assert there == {path: file.stat().st_ino for path, file in files_of(shown)}
    inode = laid.stat().st_ino
    resident.publisher.accept(IDS[0])
    resident.turn()
    assert resident.publisher.site.resolve().stat().st_ino == inode
    assert resident.laid().stat().st_ino != inode


def _write(laid: Path) -> None:
    page = laid / "tide/2025/00001.html"
    page.unlink()
    page.write_text("somebody was here", encoding="utf-8")


def _remove(laid: Path) -> None:
    (laid / "tide/2025/00001.html").unlink()


def _exchange(laid: Path) -> None:
    """Another folder, with more in it, has its name."""
    laid.rename(laid.with_name("elsewhere"))
    shutil.copytree(laid.with_name("elsewhere"), laid)
    (laid / "stale.html").write_text("stale", encoding="utf-8")
    clear(laid.with_name("elsewhere"))


@pytest.mark.parametrize("spoil", [_write, _remove, clear, _exchange])
def test_what_is_spoilt_in_it_is_made_anew(resident, tmp_path, spoil: Callable[[Path], None]):
    spoil(resident.laid())
    resident.publisher.accept(IDS[0])
    same_as_anew(resident, tmp_path / "other")


def test_a_page_that_somebody_wrote_into_is_made_anew(resident, tmp_path):
    resident.laid()
    page = resident.publisher.site.resolve() / "tide/2025/00001.html"
    good = page.read_bytes()
    page.write_bytes(good.replace(b"<main", b"<MAIN"))
    resident.publisher.accept(IDS[0])
    resident.turn()
    assert b"<MAIN" not in (resident.publisher.site / "tide/2025/00001.html").read_bytes()


@pytest.mark.parametrize("laid", [True, False])
def test_when_the_process_that_lays_it_out_is_killed_the_build_goes_without(resident, tmp_path, laid: bool):
    if laid:
        resident.laid()
    os.kill(resident.porter._process.pid, signal.SIGKILL)
    resident.publisher.accept(IDS[0])
    same_as_anew(resident, tmp_path / "other")
    resident.publisher.accept(IDS[1])
    resident.laid()
    same_as_anew(resident, tmp_path / "another")


def test_what_a_killed_publisher_left_is_taken_away_by_the_next_that_builds(resident):
    resident.laid()
    resident.source._ahead = None  # as if that process were no more
    resident.publisher.accept(IDS[0])
    Resident(resident.publisher).publisher.publish()
    assert not resident.ahead


def test_what_cannot_be_taken_away_stops_no_publication(resident, monkeypatch):
    def refused(folder: Path) -> None:
        raise OSError(39, "Directory not empty", str(folder))

    left = resident.publisher.place.root / RELEASES / f"{AHEAD}1-another"
    left.mkdir()
    resident.publisher.accept(IDS[0])
    monkeypatch.setattr(publish_source, "clear", refused)
    monkeypatch.setattr(linking, "clear", refused)
    resident.publisher.publish(resident.source, memory=resident.order.memory)
    monkeypatch.undo()
    assert left.is_dir() and (resident.publisher.site / "tide/2026/00001.html").exists()


def test_after_another_publisher_s_release_it_goes_on_from_that_one(resident, tmp_path):
    resident.publisher.accept(IDS[0])
    resident.publisher.publish()  # another process
    resident.publisher.accept(IDS[1])
    same_as_anew(resident, tmp_path / "other")


def test_after_going_back_it_does_not_take_over_the_newer_release(resident, tmp_path):
    first = resident.publisher.shown.name
    resident.publisher.accept(IDS[0])
    resident.turn()
    resident.publisher.back(first)
    resident.publisher.accept(IDS[1])
    same_as_anew(resident, tmp_path / "other")
