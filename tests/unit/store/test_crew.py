"""Work that is shared out is done once, whoever does it."""

from __future__ import annotations

import os

import pytest

from gongkai.store.crew import LAST, share_out


@pytest.mark.parametrize("parts", [2, LAST - 1, 5 * LAST + 50])
def test_each_part_is_done_once_and_the_last_ones_by_the_parent(parts: int) -> None:
    done: list[int] = []
    reports = dict(share_out(parts, done.append, lambda: (os.getpid(), [*done]), count=3))
    assert sorted(number for numbers in reports.values() for number in numbers) == [*range(parts)]
    last = [*range(parts - parts // (2 * LAST), parts)]
    assert reports[os.getpid()][len(done) - len(last) :] == last
