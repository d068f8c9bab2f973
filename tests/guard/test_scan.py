"""The stock looked at again: an issue per finding, with its owner and days, that lasts until it is mended."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli

PATH = "content/tide/2026/tide-2026-00091.md"
FAULTY = """---
id: tide-2026-00091
type: news
title: 潮汐观测科开展年度培训
department: tide
officer: tide-officer
summary: 培训了三天。
occurred_on: "2026-02-27"
category: measures
source: 业务科室
openness: proactive
secrecy: public
personal_information: {present: false}
retention: 10y
---

参加人员家属手机号为13800138006，请互相转告。
"""
FRIDAY = "2026-03-06T22:00:00+08:00"


@pytest.fixture
def scan(portal, tmp_path):
    """Scan a portal with one item that names a private mobile; returns exit code and issues."""
    portal.write(PATH, FAULTY)
    state = tmp_path / "issues.json"

    def call(now: str, *args: str, form: str = "json"):
        done = CliRunner().invoke(
            cli,
            ["--lang", "en", "--root", str(portal.root), "scan", "--state", str(state), "--rules", "PRV",
             "--now", now, "--format", form, *args],
        )  # fmt: skip
        return done.exit_code, json.loads(done.stdout)["issues"] if form == "json" else done.stdout

    return call


def test_an_issue_has_an_owner_and_three_working_days_from_the_day_it_is_listed(scan):
    code, issues = scan(FRIDAY)
    (issue,) = [i for i in issues if i["item"] == "tide-2026-00091"]
    assert code == 1
    assert (issue["found"], issue["listed"], issue["due"]) == ("2026-03-06", "2026-03-09", "2026-03-12")
    assert (issue["owner"], issue["state"]) == (["tide-officer", "tide-deputy"], "open")
    assert "13800138006" not in json.dumps(issues)


def test_it_keeps_its_days_while_it_lasts_grows_overdue_and_is_mended_when_it_is_gone(scan, portal):
    scan(FRIDAY)
    portal.write(PATH, FAULTY.replace("请互相", "\n\n请大家互相").replace("参加人员", "参加培训的人员"))
    _, (still,) = scan("2026-03-12T09:00:00+08:00")
    assert (still["found"], still["state"]) == ("2026-03-06", "open")
    _, (late,) = scan("2026-03-13T09:00:00+08:00")
    assert late["state"] == "overdue"
    portal.write(PATH, FAULTY.replace("13800138006", "138****8006"))
    assert scan("2026-03-14T09:00:00+08:00") == (0, [])
    code, (gone,) = scan("2026-03-15T09:00:00+08:00", "--all")
    assert (code, gone["state"], gone["mended"]) == (0, "mended", "2026-03-14")
    portal.write(PATH, FAULTY)
    _, (again,) = scan("2026-03-16T09:00:00+08:00")
    assert (again["found"], again["state"]) == ("2026-03-16", "open")


def test_the_list_can_be_opened_in_a_spreadsheet_and_read_in_a_terminal(scan):
    rows = list(csv.DictReader(io.StringIO(scan(FRIDAY, form="csv")[1].lstrip("\ufeff"))))
    assert rows[0]["due"] == "2026-03-12" and rows[0]["owner"] == "tide-officer tide-deputy"
    text = scan(FRIDAY, form="text")[1]
    assert f"{PATH}:" in text and "to be mended by 2026-03-12" in text


def test_a_list_that_is_none_is_refused_and_stays(portal, tmp_path):
    state = tmp_path / "issues.json"
    state.write_text("[]", encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["--lang", "en", "--root", str(portal.root), "scan", "--state", str(state)]
    )
    assert done.exit_code == 3 and "no issue list" in done.stderr
    assert Path(state).read_text(encoding="utf-8") == "[]"
