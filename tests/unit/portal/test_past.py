"""What an earlier build left comes back from its record; the catalogue's lines come out of its files, if these are as they were left."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gongkai.portal.lines import CSV, JSON, Earlier, Files, Lines
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


def _files(lines: list[Line], earlier: Earlier | None = None) -> Files:
    files = Files("名,数\r\n".encode(), b'{"items": [\n', earlier)
    for line in lines:
        files.add(line)
    return files


def taken(past: Past, *parts: tuple[int, int] | Line) -> tuple[bytes, bytes]:
    """The files made of stretches of the past's lines and of new ones."""
    earlier = past.catalogue()
    assert earlier is not None
    files = _files([], earlier)
    for part in parts:
        if isinstance(part, Line):
            files.add(part)
        else:
            for number in range(*part):
                files.keep(number)
    again = Earlier(files.lines("x" * len(parts)), files.table(), files.data())
    whole = _files([], again)
    for number in range(len(again.lines.json) // 8 - 1):
        whole.keep(number)
    assert (whole.table(), whole.data()) == (again.table, again.data)  # it knows where its own lines stand
    return again.table, again.data


def test_lines_are_taken_out_of_the_files_as_they_stand_there(past: Past) -> None:
    table, data = (past.site / name for name in (CSV, JSON))
    assert taken(past, (0, 2)) == taken(past, (0, 1), (1, 2)) == (table.read_bytes(), data.read_bytes())


def test_new_lines_come_between_those_that_are_taken(past: Past) -> None:
    new = Line(b"3\r\n", b'{"c": 3}')
    table, data = taken(past, new, (1, 2), new, (0, 1))
    assert table == "名,数\r\n3\r\n3\r\n一,二\r\n".encode()
    assert json.loads(data) == {"items": [{"c": 3}, {}, {"c": 3}, {"a": 1}]}


def test_only_the_lines_that_are_wanted_have_places(past: Past) -> None:
    earlier = past.catalogue()
    assert earlier is not None
    assert earlier.places({"content/b.md", "content/c.md"}) == {"content/b.md": 1}


def test_a_record_gives_back_where_the_lines_stand(past: Past) -> None:
    again = unpacked(past.site, past.packed())
    assert again == past
    assert again.catalogue() == past.catalogue()


@pytest.mark.parametrize("name", [CSV, JSON])
def test_out_of_files_that_are_not_as_they_were_left_come_no_lines(past: Past, name: str) -> None:
    file = past.site / name
    left = file.stat()
    file.write_bytes(file.read_bytes()[::-1])
    os.utime(file, ns=(left.st_atime_ns, left.st_mtime_ns + 1))
    assert past.catalogue() is None


@pytest.mark.parametrize("name", [CSV, JSON])
def test_out_of_a_file_that_is_gone_come_no_lines(past: Past, name: str) -> None:
    (past.site / name).unlink()
    assert past.catalogue() is None


def test_the_files_hold_the_lines_one_after_the_other() -> None:
    files = _files([*LINES.values()])
    assert files.table() == "名,数\r\n一,二\r\n".encode()
    assert json.loads(files.data()) == {"items": [{"a": 1}, {}]}


def test_an_empty_catalogue_has_no_lines_and_says_so() -> None:
    files = _files([])
    assert json.loads(files.data()) == {"items": []}
    assert Earlier(files.lines(()), b"", b"").places({"content/a.md"}) == {}


def test_a_past_without_a_catalogue_has_none(tmp_path: Path) -> None:
    assert Past(tmp_path).catalogue() is None
    assert unpacked(tmp_path, Past(tmp_path).packed()).lines == Lines()
