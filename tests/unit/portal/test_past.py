"""What an earlier build left comes back from its record; the catalogue's lines come out of its files, if these are as they were left."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gongkai.portal.lines import CSV, JSON, Files, Lines
from gongkai.portal.page import Line
from gongkai.portal.past import Done, Past, unpacked

LINES = {"content/a.md": Line("一,二\r\n".encode(), b'{"a": 1}'), "content/b.md": Line(b"", b"{}")}


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """A catalogue of two items, and the record of who wrote it."""
    made = _files([*LINES.values()])
    files = {CSV: made.table(), JSON: made.data()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = [(name, (tmp_path / name).stat()) for name in files]
    rows = tuple((name, at.st_size, at.st_mtime_ns) for name, at in found)
    return Past(tmp_path, {JSON: Done(b"key", (), rows)}, house=b"house", lines=made.lines(LINES))


def _files(lines: list[Line]) -> Files:
    files = Files("名,数\r\n".encode(), b'{"items": [\n')
    for line in lines:
        files.add(line)
    return files


def test_the_lines_come_out_of_the_files(past: Past) -> None:
    assert past.lines_of(LINES.keys()) == LINES


def test_only_the_lines_that_are_wanted_come(past: Past) -> None:
    assert past.lines_of({"content/b.md"}) == {"content/b.md": LINES["content/b.md"]}


def test_a_record_gives_back_where_the_lines_stand(past: Past) -> None:
    again = unpacked(past.site, past.packed())
    assert again == past
    assert again.lines_of(LINES.keys()) == LINES


@pytest.mark.parametrize("name", [CSV, JSON])
def test_out_of_files_that_are_not_as_they_were_left_come_no_lines(past: Past, name: str) -> None:
    file = past.site / name
    left = file.stat()
    file.write_bytes(file.read_bytes()[::-1])
    os.utime(file, ns=(left.st_atime_ns, left.st_mtime_ns + 1))
    assert past.lines_of(LINES.keys()) == {}


@pytest.mark.parametrize("name", [CSV, JSON])
def test_out_of_a_file_that_is_gone_come_no_lines(past: Past, name: str) -> None:
    (past.site / name).unlink()
    assert past.lines_of(LINES.keys()) == {}


def test_the_files_hold_the_lines_one_after_the_other() -> None:
    files = _files([*LINES.values()])
    assert files.table() == "名,数\r\n一,二\r\n".encode()
    assert json.loads(files.data()) == {"items": [{"a": 1}, {}]}


def test_an_empty_catalogue_has_no_lines_and_says_so() -> None:
    files = _files([])
    assert json.loads(files.data()) == {"items": []}
    assert [*files.lines(()).cut(files.table(), files.data())] == []


def test_a_past_without_a_catalogue_has_none(tmp_path: Path) -> None:
    assert Past(tmp_path).lines_of(LINES.keys()) == {}
    assert unpacked(tmp_path, Past(tmp_path).packed()).lines == Lines()
