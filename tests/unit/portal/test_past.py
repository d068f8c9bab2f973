"""What an earlier build left comes back from its record, and from another process, as it was."""

from __future__ import annotations

import pickle
from pathlib import Path

from gongkai.portal.page import Line
from gongkai.portal.past import PART, Lines, Past, unpacked

LINES = {"content/a.md": Line("一,二\r\n".encode(), b'{"a": 1}'), "content/b.md": Line(b"", b"{}")}


def test_lines_are_the_same_in_another_process() -> None:
    there: Lines = pickle.loads(pickle.dumps(Lines(LINES)))
    assert Lines(None, there.packed).made == LINES
    assert there.made == LINES
    assert Lines(None, there.packed).made == LINES  # also once they were taken apart


def test_lines_that_were_given_away_are_the_same_and_no_longer_held_as_they_were_made() -> None:
    made = {f"content/{n}.md": Line(b"%d" % n, b"{}") for n in range(2 * PART + 1)}
    held, lines = {**made}, Lines(made)
    lines.give_away()
    assert not made
    assert len(lines.packed) == 3
    assert pickle.loads(pickle.dumps(lines)).made == held
    assert lines.made == held


def test_a_record_gives_the_lines_back(tmp_path: Path) -> None:
    lines = LINES | {f"content/{n}.md": Line(b"%d" % n, b"{}") for n in range(2 * PART)}
    again = unpacked(tmp_path, Past(tmp_path, lines=Lines(lines), house=b"house").packed())
    assert unpacked(tmp_path, again.packed()).lines.made == lines
    assert (again.lines.made, again.house) == (lines, b"house")


def test_a_past_without_lines_has_none(tmp_path: Path) -> None:
    assert Past(tmp_path).lines.made == {}
    assert unpacked(tmp_path, Past(tmp_path).packed()).lines.made == {}
