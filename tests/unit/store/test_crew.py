"""Work that is shared out is done once, whoever does it."""

from __future__ import annotations

import errno
import os
import time

import pytest

from gongkai.store.crew import LAST, share_out


@pytest.mark.parametrize("parts", [2, LAST - 1, 5 * LAST + 50])
def test_each_part_is_done_once_and_the_last_ones_by_the_parent(parts: int) -> None:
    done: list[int] = []
    reports = dict(share_out(parts, done.append, lambda: (os.getpid(), [*done]), count=3))
    assert sorted(number for numbers in reports.values() for number in numbers) == [*range(parts)]
    last = [*range(parts - parts // (2 * LAST), parts)]
    assert reports[os.getpid()][len(done) - len(last) :] == last


def test_the_parent_begins_with_its_own_parts_and_the_children_with_the_others() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        time.sleep(0.002)
        done.append(number)

    reports = dict(share_out(400, work, lambda: (os.getpid(), [*done]), count=2, own=100))
    mine = reports.pop(os.getpid())
    (others,) = reports.values()
    assert (mine[0], others[0]) == (0, 100)
    assert sorted(mine + others) == [*range(400)]


@pytest.mark.parametrize("granted", [0, 1])
def test_on_a_machine_without_more_processes_those_that_began_do_it_all(
    granted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    begun: list[int] = []
    fork = os.fork

    def sparing() -> int:
        begun.append(1)
        if len(begun) > granted:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(os, "fork", sparing)
    reports = share_out(50, done.append, lambda: [*done], count=4)
    assert len(reports) == 1 + granted
    assert sorted(number for report in reports for number in report) == [*range(50)]
