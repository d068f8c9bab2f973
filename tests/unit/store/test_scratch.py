"""A folder for what is half made goes with its maker, even when that one was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.store.scratch import YOUNG, scratch

MAKER = """
import sys
from pathlib import Path
from gongkai.store.scratch import scratch

with scratch(Path(sys.argv[1]), ".half-") as folder:
    (folder / "page.html").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def maker(tmp_path: Path):
    """A process that holds a folder, which looks as if nobody had touched it for an hour."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    folder = Path(process.stdout.readline().strip())
    _age(folder)
    yield process, folder
    process.kill()
    process.communicate()


def _age(folder: Path) -> None:
    long_ago = folder.stat().st_mtime - 2 * YOUNG
    os.utime(folder, (long_ago, long_ago))


def test_what_a_killed_process_left_is_taken_away_by_the_next(tmp_path: Path, maker) -> None:
    process, left = maker
    process.kill()
    process.wait()
    with scratch(tmp_path, ".half-") as mine:
        assert [*tmp_path.iterdir()] == [mine]
    assert not left.exists() and not mine.exists()


def test_what_another_process_still_makes_is_left_alone(tmp_path: Path, maker) -> None:
    with scratch(tmp_path, ".half-"):
        assert (maker[1] / "page.html").is_file()


def test_a_folder_that_somebody_may_be_about_to_hold_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".half-new").mkdir()
    with scratch(tmp_path, ".half-"):
        assert (tmp_path / ".half-new").is_dir()


def test_a_link_is_neither_followed_nor_taken_away(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    _age(kept)
    (tmp_path / ".half-link").symlink_to(kept)
    os.utime(tmp_path / ".half-link", (0, 0), follow_symlinks=False)
    with scratch(tmp_path, ".half-"):
        assert (kept / "file").is_file()
