from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.intake.map_reader import read_map
from gongkai.intake.refused import Refused
from gongkai.model.message import english

GOOD = """\
source_id: {template: "old:{编号}"}
department: {value: office}
type: {value: notice}
year: {from: 日期, as: date}
fields:
  title: 标题
"""


def problems(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        read_map(path)
    return [f"{p.place.line}:{p.place.column} {english(p.says)}" for p in caught.value.problems]


def test_a_map_knows_the_columns_it_reads(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(GOOD, encoding="utf-8")
    assert {column for column, _ in read_map(tmp_path / "m.yml").reads()} == {"编号", "日期", "标题"}


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("colour: red", "7:1 colour is no key of a map here"),
        ("body: {from: 正文, as: pdf}", "7:18 as must be one of html, text, markdown"),
        ("body: {as: text}", "7:1 body needs the name of a column"),
        ("legacy: {index: 号}", "7:10 index is no key of a map here"),
        ("skip:\n  - {empty: 标题}", "8:5 a rule to skip needs its reason"),
        ("skip:\n  - {reason: 无}", "8:5 a rule to skip needs exactly one of"),
        ("skip:\n  - {matches: {标题: '('}, reason: 无}", "8:16 the pattern ( is broken"),
        ("skip: yes", "7:1 skip must be a list"),
        ("table: {header: 0}", "7:9 header must be the number of a line"),
        ("table: {delimiter: abc}", "7:9 delimiter must be one character"),
        ("table: {encoding: latin-1}", "7:9 encoding must be one of"),
        ("characters: {ab: x}", "7:14 write one character"),
        ("aliases: {from: url, as: paths}", "7:22 as must be one of"),
        ("aliases: {value: 1, from: url}", "7:1 give the name of a column, or exactly one of"),
        ("aliases: [url]", "7:1 aliases must be a group"),
        ("year: x", "7:1 the field year is written twice; it stands first on line 4"),
        ("x: [", "the YAML is broken here"),
    ],
)
def test_what_is_wrong_in_a_map_is_refused_with_its_line(tmp_path: Path, added: str, found: str) -> None:
    assert any(found in problem for problem in problems(tmp_path / "m.yml", f"{GOOD}{added}\n"))


def test_everything_wrong_in_a_map_is_said_at_once(tmp_path: Path) -> None:
    text = "fields:\n  id: 编号\n  summary: {frm: 概述}\nlegacy: 7\n"
    found = problems(tmp_path / "m.yml", text)
    for name in ("source_id", "department", "type", "year", "fields: title", "frm", "id is not given"):
        assert any(name in problem for problem in found), name


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", "标题".encode("gbk"), b"- a\n- b\n", b"a: &x 1\n"])
def test_a_map_that_is_no_yaml_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "m.yml").write_bytes(raw)
    with pytest.raises(Refused):
        read_map(tmp_path / "m.yml")


def test_the_maps_we_ship_are_sound(maps: Path) -> None:
    assert {read_map(path).path for path in maps.glob("*.yml")} == {str(p) for p in maps.glob("*.yml")}
