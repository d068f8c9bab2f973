"""Each part is handed over by the child that did it, whatever becomes of the others."""

from __future__ import annotations

import os
import resource
import signal
import struct
from functools import partial
from pathlib import Path

import pytest

from gongkai.store.relay import Relay, Spool

PARTS = 40


def _doubled(number: int, spool: Spool) -> bytes:
    large = spool.add(bytes([number]) * 100_000)
    return struct.pack("<qi", large.at, 2 * number)


def test_every_part_is_handed_over_once_with_what_its_child_put_aside(tmp_path: Path):
    with Relay(PARTS, _doubled, 3, tmp_path) as relay:
        found = {number: (spool, answer) for number, spool, answer in relay.answers()}
    assert sorted(found) == [*range(PARTS)]
    for number, (spool, answer) in found.items():
        at, double = struct.unpack("<qi", answer or b"")
        assert (spool.read(at, 100_000), double) == (bytes([number]) * 100_000, 2 * number)
    assert [*tmp_path.iterdir()] == []


def _raises(number: int, _: Spool) -> bytes:
    if number % 2:
        raise ValueError(number)
    return b"done"


def test_a_part_that_raises_something_is_handed_over_without_an_answer():
    with Relay(PARTS, _raises, 2) as relay:
        found = {number: answer for number, _, answer in relay.answers()}
    assert found == {number: None if number % 2 else b"done" for number in range(PARTS)}


def _dies(parent: int, number: int, _: Spool) -> bytes:
    assert os.getpid() != parent
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return b""


@pytest.mark.parametrize("count", [1, 2])
def test_a_part_that_kills_its_child_is_missing_and_others_go_on(count: int):
    with Relay(PARTS, partial(_dies, os.getpid()), count) as relay:
        found = {number for number, _, _ in relay.answers()}
    assert found == ({*range(PARTS)} - {7} if count == 2 else {*range(7)})


def test_who_leaves_early_leaves_nobody_behind():
    with Relay(PARTS, _doubled, 2) as relay:
        next(relay.answers())
        children = [child._child for child in relay._children]
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_where_the_folder_takes_no_file_another_place_does(tmp_path: Path):
    with Relay(1, _doubled, 1, tmp_path / "missing") as relay:
        ((number, _, answer),) = relay.answers()
    assert (number, len(answer or b"")) == (0, 12)


def test_of_a_spool_nothing_is_given_that_was_not_written():
    spool = Spool()
    stretch = spool.add(b"written")
    assert stretch.read() == b"written"
    with pytest.raises(OSError, match="rror"):
        spool.read(stretch.at, stretch.length + 1)


def _grows(number: int, _: Spool) -> bytes:
    """The file may not take the first part's answer as a whole, and takes the others'."""
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (1500 if number == 0 else resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    return bytes([number + 1]) * 1000 * (2 if number == 0 else 1)


def test_after_a_full_disk_what_comes_later_is_found_where_it_lies():
    with Relay(4, _grows, 1) as relay:
        found = {number: answer for number, _, answer in relay.answers()}
    assert found == {0: None, **{n: bytes([n + 1]) * 1000 for n in (1, 2, 3)}}


@pytest.mark.parametrize("begun", [0, 1])
def test_a_machine_without_room_for_more_processes_uses_those_that_began(
    begun: int, monkeypatch: pytest.MonkeyPatch
):
    fork, tried = os.fork, []

    def refused() -> int:
        tried.append(1)
        if len(tried) > begun:
            raise BlockingIOError(11, "no more processes")
        return fork()

    monkeypatch.setattr(os, "fork", refused)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    if begun:
        with Relay(PARTS, _raises, 3) as relay:
            assert len([*relay.answers()]) == PARTS
    else:
        with pytest.raises(BlockingIOError):
            Relay(PARTS, _raises, 3)
    relay = None
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
