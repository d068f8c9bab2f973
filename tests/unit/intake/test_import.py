from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import Workbook

from gongkai.items.read import read_item
from gongkai.model.item import Item

MAP = """\
source_id: {template: "old:{编号}"}
department: {from: 科室, by: {办公室: office, 渡口站: ferry}}
type: {value: notice}
year: {from: 日期, as: date}
fields:
  title: 标题
  document_date: {from: 日期, as: date}
  addressees: {value: 各渡口}
  contact: {value: {telephone: 0000-5550123}}
  openness: {value: proactive}
  secrecy: {value: public}
legacy:
  first_published_on: {from: 日期, as: date}
body: {from: 正文, as: text, else: "见原件。"}
skip:
  - {equals: {标题: 标题}, reason: 表头}
  - {duplicate: [标题, 正文], keep: last, reason: 重复}
"""
HEAD = "编号,科室,日期,标题,正文\n"
ROWS = "1,办公室,2024年1月5日,关于潮汐的通知,一、潮位 # 不变\n2,渡口站,2023/12/31,关于渡船的通知,停航\n"

Run = Callable[..., Result]
Tree = Callable[[], dict[str, bytes]]


@pytest.fixture
def given(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Write a table and a map."""

    def write(rows: str = ROWS, given: str = MAP, name: str = "t.csv") -> tuple[Path, Path]:
        (tmp_path / name).write_text(HEAD + rows, encoding="utf-8")
        (tmp_path / "m.yml").write_text(given, encoding="utf-8")
        return tmp_path / name, tmp_path / "m.yml"

    return write


Given = Callable[..., tuple[Path, Path]]


@pytest.fixture
def bring(run: Run, given: Given) -> Callable[..., dict[str, Any]]:
    """Import a table and give the plan as data."""

    def call(rows: str = ROWS, *options: str, given_map: str = MAP) -> dict[str, Any]:
        table, map_file = given(rows, given_map)
        result = run("import", table, "--map", map_file, "--format", "json", *options)
        assert result.exit_code == 0, result.stderr
        data: dict[str, Any] = json.loads(result.stdout)
        return data

    return call


Bring = Callable[..., dict[str, Any]]


def item(portal: Path, item_id: str) -> Item:
    department, year, _ = item_id.rsplit("-", 2)
    path = f"content/{department}/{year}/{item_id}.md"
    found, _ = read_item(path, (portal / path).read_bytes())
    assert found is not None
    return found


def test_rows_become_items_that_pass_check(bring: Bring, portal: Path, errors: Callable[..., Any]) -> None:
    plan = bring()
    assert [i["id"] for i in plan["items"]] == ["office-2024-00001", "ferry-2023-00001"]
    assert errors() == []
    made = item(portal, "office-2024-00001")
    assert made.title == "关于潮汐的通知"
    assert made.fields["document_date"] == "2024-01-05"
    assert made.body == "一、潮位 # 不变\n"
    assert made.group("legacy")["source_id"] == "old:1"


def test_a_dry_run_shows_the_plan_and_writes_nothing(bring: Bring, tree: Tree) -> None:
    before = tree()
    plan = bring(ROWS, "--dry-run")
    assert plan["summary"]["new"] == 2
    assert plan["summary"]["written"] == 0
    assert tree() == before


def test_a_second_run_changes_nothing(bring: Bring, tree: Tree) -> None:
    bring()
    before = tree()
    plan = bring()
    assert plan["summary"]["unchanged"] == 2
    assert plan["summary"]["written"] == 0
    assert tree() == before


def test_new_rows_draw_numbers_after_the_highest(bring: Bring, portal: Path) -> None:
    bring()
    shutil.move(
        portal / "content/office/2024/office-2024-00001.md",
        portal / "content/office/2024/office-2024-00041.md",
    )
    plan = bring(ROWS + "3,办公室,2024-02-01,关于灯塔的通知,亮灯\n")
    assert [(i["id"], i["state"]) for i in plan["items"]][-1] == ("office-2024-00042", "new")


def test_attachments_of_unreadable_items_keep_their_numbers(bring: Bring, portal: Path) -> None:
    folder = portal / "content/office/2024/office-2024-00007"
    folder.mkdir(parents=True)
    (folder / "a.pdf").write_bytes(b"%PDF")
    (portal / "content/office/2024/office-2024-00009.md").write_bytes(b"\xff\xfe")
    assert bring()["items"][0]["id"] == "office-2024-00010"


def test_a_changed_row_is_reported_and_rewritten_only_when_asked(
    bring: Bring, portal: Path, tree: Tree
) -> None:
    bring()
    before = tree()
    changed = ROWS.replace("停航", "复航")
    assert [i["state"] for i in bring(changed)["items"]] == ["unchanged", "changed"]
    assert tree() == before
    assert bring(changed, "--update")["summary"]["written"] == 1
    assert item(portal, "ferry-2023-00001").body == "复航\n"
    assert [i["state"] for i in bring(changed)["items"]] == ["unchanged", "unchanged"]


def test_an_update_never_undoes_what_was_edited_here(bring: Bring, portal: Path, tree: Tree) -> None:
    bring()
    path = portal / "content/ferry/2023/ferry-2023-00001.md"
    path.write_text(path.read_text(encoding="utf-8").replace("停航", "停航两天"), encoding="utf-8")
    before = tree()
    plan = bring(ROWS.replace("停航", "复航"), "--update")
    assert [i["state"] for i in plan["items"]] == ["unchanged", "edited"]
    assert tree() == before


def test_every_row_ends_as_an_item_or_is_skipped_with_its_reason(bring: Bring) -> None:
    rows = (
        "编号,科室,日期,标题,正文\n"
        "1,办公室,2024-01-05,甲,文\n"
        "2,办公室,2024-02-30,乙,文\n"
        "3,办公室,民國113年1月5日,丙,文\n"
        "4,办公室,,丁,文\n"
        "5,办公室,2024-01-06,,文\n"
        ",办公室,2024-01-06,戊,文\n"
        "1,办公室,2024-01-06,己,文\n"
        "6,办公室,2024-01-06,甲,文\n"
        "7,办公室,2024-01-06,庚,文,多\n"
    )
    plan = bring(rows)
    assert [(i["line"], i["title"]) for i in plan["items"]] == [(9, "己"), (10, "甲")]
    assert plan["summary"]["rows"] == 10 == plan["summary"]["items"] + plan["summary"]["skipped"]
    reasons = {s["line"]: s["reason"] for s in plan["skipped"]}
    assert reasons[2] == "表头"
    assert reasons[3] == "重复 (line 10)"
    assert "does not exist" in reasons[4]
    assert "民国纪年" in reasons[5]
    assert "no year" in reasons[6]
    assert "no title" in reasons[7]
    assert "6 cells" in reasons[11]


def test_a_row_without_a_source_id_takes_its_template_from_what_is_there(bring: Bring) -> None:
    given = MAP.replace('{template: "old:{编号}"}', "编号")
    plan = bring(
        ",办公室,2024-01-06,戊,文\n8,办公室,2024-01-06,己,文\n8,办公室,2024-01-07,庚,文\n", given_map=given
    )
    assert [s["reason"].split(",")[0] for s in plan["skipped"]] == [
        "the row has no source id",
        "the source id 8 stands already on line 3",
    ]


def test_a_row_whose_item_would_not_pass_check_is_skipped_and_says_why(
    bring: Bring, errors: Callable[..., Any]
) -> None:
    given = MAP.replace(
        "addressees: {value: 各渡口}",
        "addressees: {value: 各渡口}\n  effective_from: {from: 正文, default: x}",
    )
    plan = bring("1,办公室,2024-01-05,甲,2024-01-01\n2,办公室,2024-01-05,乙,明天\n", given_map=given)
    assert [i["title"] for i in plan["items"]] == ["甲"]
    assert "would not pass check: SCH107" in plan["skipped"][0]["reason"]
    assert errors() == []


def test_unknown_codes_are_all_named_before_anything_is_written(run: Run, given: Given, tree: Tree) -> None:
    bad = (
        MAP.replace("office", "palace")
        .replace("notice", "decree")
        .replace("  title: 标题", "  title: 标题\n  topics: {value: [comets]}")
    )
    before = tree()
    result = run("import", *_args(given(given=bad)))
    assert result.exit_code == 2
    for words in (
        "no department palace",
        "no type decree",
        "no topic comets",
        "m.yml:2:1",
        "m.yml:3:1",
        "m.yml:7:3",
    ):
        assert words in result.stderr
    assert tree() == before


def test_an_unknown_column_of_the_portal_is_named(run: Run, given: Given) -> None:
    bad = MAP.replace("  title: 标题", "  title: 标题\n  column: {value: comets}")
    result = run("import", *_args(given(given=bad)))
    assert (result.exit_code, "no column comets" in result.stderr) == (2, True)


def test_columns_that_the_table_lacks_are_all_named_with_their_lines(run: Run, given: Given) -> None:
    bad = MAP.replace("  title: 标题", "  title: 题目\n  summary: 概述")
    result = run("import", *_args(given(given=bad)))
    assert result.exit_code == 2
    assert "m.yml:6:3: the table has no column 题目" in result.stderr
    assert "m.yml:7:3: the table has no column 概述" in result.stderr


def test_a_value_that_a_table_of_the_map_lacks_is_refused(run: Run, given: Given, tree: Tree) -> None:
    before = tree()
    result = run("import", *_args(given(ROWS + "3,天文台,2024-01-01,丙,文\n")))
    assert result.exit_code == 2
    assert "m.yml:2:1: the table here does not know 天文台" in result.stderr
    assert tree() == before


def test_titles_of_900_bytes_and_cut_titles_break_nothing(bring: Bring, portal: Path) -> None:
    long = "关于" + "潮汐" * 150 + "的通知"
    plan = bring(
        f"1,办公室,2024-01-05,{long},文\n2,办公室,2024-01-05,关于公布潮汐...,文二\n3,办公室,2024-01-05,../../etc/passwd,文三\n"
    )
    assert [i["title"] for i in plan["items"]] == [long, "关于公布潮汐...", "../../etc/passwd"]
    assert item(portal, "office-2024-00001").title == long


def test_hostile_texts_are_only_texts(bring: Bring, portal: Path, errors: Callable[..., Any]) -> None:
    title = "'a': {b}: [c] # d \"e\" & *f !g | > % @ ` - ? --- ..."
    bring(
        f'1,办公室,2024-01-05,"{title.replace(chr(34), chr(34) * 2)}","---\n\n# 一\n---"\n2,办公室,2024-01-05,true,no\n'
    )
    made = item(portal, "office-2024-00001")
    assert made.title == title
    assert item(portal, "office-2024-00002").fields["title"] == "true"
    assert errors() == []


def test_a_portal_that_is_none_is_refused(run: Run, given: Given, portal: Path) -> None:
    shutil.rmtree(portal / "site_config")
    result = run("import", *_args(given()))
    assert (result.exit_code, "is not a portal" in result.stderr) == (2, True)


def test_the_plan_in_words_counts_and_explains(run: Run, given: Given) -> None:
    table, map_file = given(ROWS + "3,办公室,2024-02-30,丙,文\n")
    result = run("import", table, "--map", map_file, "--dry-run")
    assert "notice · office · 2024: 1, from office-2024-00001" in result.stdout
    assert "does not exist" in result.stdout
    assert "3 rows: 2 items, 1 skipped" in result.stderr


def test_old_addresses_of_repeated_rows_lead_to_the_row_that_stays(bring: Bring, portal: Path) -> None:
    given = MAP + "aliases: {template: 'https://old.example/{编号}.html', as: path}\n"
    bring("1,办公室,2024-01-05,甲,文\n2,办公室,2024-01-05,甲,文\n", given_map=given)
    assert item(portal, "office-2024-00001").fields["aliases"] == ["/2.html", "/1.html"]


def test_a_named_sheet_of_a_workbook_is_imported(
    run: Run, given: Given, portal: Path, tmp_path: Path
) -> None:
    _, map_file = given()
    book = Workbook()
    sheet = book.create_sheet("通知")
    for cells in (HEAD.strip().split(","), [7, "办公室", datetime(2024, 1, 5), "关于潮汐的通知", "文"]):
        sheet.append(cells)
    book.save(tmp_path / "t.xlsx")
    result = run("import", tmp_path / "t.xlsx", "--map", map_file, "--sheet", "通知")
    assert result.exit_code == 0, result.stderr
    assert item(portal, "office-2024-00001").group("legacy")["source_id"] == "old:7"
    assert item(portal, "office-2024-00001").fields["document_date"] == "2024-01-05"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB; the test is skipped, loudly, where none can be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1100k", "tmpfs", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
    )
    if not mounted:
        pytest.skip("a small disk cannot be mounted here: only root may, outside of a locked container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_nothing_half_written(small_disk: Path, portal: Path, given: Given) -> None:
    root = small_disk / "portal"
    shutil.copytree(portal, root)
    table, map_file = given("".join(f"{n},办公室,2024-01-05,第{n}件,{'潮' * 3000}{n}\n" for n in range(200)))
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "gongkai",
            "--root",
            str(root),
            "--lang",
            "en",
            "import",
            str(table),
            "--map",
            str(map_file),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 3, done.stderr
    assert "could not be written" in done.stderr
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


def _args(given: tuple[Path, Path]) -> list[object]:
    return [given[0], "--map", given[1]]
