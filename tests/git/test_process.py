"""Programs are waited for to their end, and no longer than they may take."""

from __future__ import annotations

import sys

import pytest

from gongkai.model.errors import Exit, GongkaiError
from gongkai.store.process import run


def test_a_program_gives_its_code_and_all_it_wrote():
    wordy = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d * 2); sys.stderr.write('x'); sys.exit(3)"
    done = run([sys.executable, "-c", wordy], stdin=b"abc" * 100_000)
    assert (done.code, done.out, done.err) == (3, b"abc" * 200_000, b"x")


@pytest.mark.parametrize("script", ["exec sleep 60", "exec sleep 60 >&- 2>&-", "sleep 60 & sleep 60"])
def test_a_program_that_takes_too_long_is_stopped_also_when_it_or_its_child_holds_on_to_what_it_writes_into(
    script,
):
    with pytest.raises(GongkaiError) as caught:
        run(["sh", "-c", script], timeout=0.2)
    assert caught.value.code is Exit.BROKEN and "did not finish" in caught.value.says.text


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(GongkaiError, match="could not be started"):
        run(["gongkai-no-such-program"])
