from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from gongkai.intake.sources import read_table
from gongkai.intake.table import Layout, Table
from gongkai.model.errors import GongkaiError
from gongkai.model.message import english

ROWS = '标题,日期,备注\n关于潮汐,2024-01-05,"一\n二"\n\n关于灯塔,2024-02-01,无\n'


def table(path: Path, data: str | bytes, layout: Layout | None = None) -> Table:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(path, layout or Layout())


def said(read: Table) -> str:
    return "; ".join(english(message) for message in read.said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encoding_it_has_which_is_said(tmp_path: Path, encoding: str) -> None:
    read = table(tmp_path / "t.csv", ROWS.encode(encoding))
    assert [row.values["标题"] for row in read.rows] == ["关于潮汐", "关于灯塔"]
    assert encoding.removesuffix("-sig").upper() in said(read)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_looking(tmp_path: Path, delimiter: str) -> None:
    read = table(tmp_path / "t.csv", f"标题{delimiter}日期\n关于潮汐{delimiter}2024\n")
    assert read.rows[0].values == {"标题": "关于潮汐", "日期": "2024"}


def test_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    assert [row.line for row in table(tmp_path / "t.csv", ROWS).rows] == [2, 5]


def test_a_row_with_too_many_cells_is_a_fault_and_the_others_go_on(tmp_path: Path) -> None:
    read = table(tmp_path / "t.csv", "a,b\n1,2\n1,2,3\n4\n")
    assert [row.fault is None for row in read.rows] == [True, False, True]


def test_the_names_may_stand_on_a_later_line(tmp_path: Path) -> None:
    read = table(tmp_path / "t.csv", "某局信息表\n制表：办公室\n标题,日期\n甲,乙\n", Layout(header=3))
    assert [row.values for row in read.rows] == [{"标题": "甲", "日期": "乙"}]


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "empty"), (b" \n", "empty"), (b"\x00\x01\x02" * 9, "not a text"), (b"a,a\n1,2\n", "several columns"),
     (b"\xd0\xcf\x11\xe0rest", "old or password"), (b"PK\x03\x04rest", "damaged")],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_in_plain_words(tmp_path: Path, data: bytes, word: str) -> None:
    with pytest.raises(GongkaiError, match=word):
        table(tmp_path / "t.csv", data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError, match="cannot be read"):
        read_table(tmp_path / "nowhere.csv", Layout())


def test_nested_objects_of_json_lines_are_columns_with_paths(tmp_path: Path) -> None:
    read = table(
        tmp_path / "t.jsonl",
        '{"header": {"index": "7", "more": {"x": 1}}, "list": ["a"]}\n\n{"title": "甲"}\n',
    )
    assert read.columns == {"header.index", "header.more.x", "list", "title"}
    assert [row.line for row in read.rows] == [1, 3]


@pytest.mark.parametrize("line", ["{broken", "[1]", "7", '{"a": 1, "a": 2}', "[" * 100_000])
def test_a_broken_json_line_is_a_fault_and_the_others_go_on(tmp_path: Path, line: str) -> None:
    read = table(tmp_path / "t.jsonl", f'{{"a": 1}}\n{line}\n{{"a": 3}}\n')
    assert [row.fault is None for row in read.rows] == [True, False, True]


def book(path: Path, *rows: list[object], title: str = "名单") -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    made.create_sheet("空表")
    made.save(path)
    return path


def test_a_workbook_gives_dates_numbers_and_texts(tmp_path: Path) -> None:
    path = book(
        tmp_path / "t.xlsx",
        ["标题", "日期", "年"],
        ["甲", datetime(2024, 1, 5), 2024.0],
        [None, None, None],
        ["乙"],
    )
    read = read_table(path, Layout())
    assert dict(read.rows[0].values) == {"标题": "甲", "日期": datetime(2024, 1, 5), "年": 2024}
    assert [row.line for row in read.rows] == [2, 4]
    assert "名单" in said(read)


def test_a_named_sheet_is_read_and_a_missing_one_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", ["标题"], ["甲"])
    assert len(read_table(path, Layout(sheet="名单")).rows) == 1
    with pytest.raises(GongkaiError, match="no sheet 附表"):
        read_table(path, Layout(sheet="附表"))


def test_an_excel_error_is_a_fault_of_its_row(tmp_path: Path) -> None:
    read = read_table(book(tmp_path / "t.xlsx", ["标题"], ["甲"], ["#REF!"]), Layout())
    assert [row.fault is None for row in read.rows] == [True, False]


def test_a_sheet_that_declares_65203_rows_and_holds_496_gives_those(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["标题", "日期"])
    for number in range(496):
        sheet.append([f"第{number}件", datetime(2024, 1, 5)])
    for number in range(498, 65_204):
        sheet.cell(number, 1).font = Font(bold=True)
    path = tmp_path / "t.xlsx"
    made.save(path)
    read = read_table(path, Layout())
    assert len(read.rows) == 496
