"""`gongkai deadline` as an officer and a script use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.main import cli


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is no portal."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, "deadline", *args])


def answer(*args: str) -> Any:
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.usefixtures("nowhere")
class TestOutsideAPortal:
    @pytest.mark.parametrize(
        ("start", "days", "due"),
        [
            ("2026-02-13", "3", "2026-02-25"),
            ("2025-12-31", "1", "2026-01-04"),
            ("2024-09-13", "1", "2024-09-14"),
        ],
    )
    def test_the_shipped_tables_answer(self, start: str, days: str, due: str):
        found = answer("--from", start, "--working-days", days)
        assert (found["from"], found["due"], found["provisional"]) == (start, due, False)
        assert sum(day["counted"] for day in found["days"]) == int(days)

    def test_the_text_begins_with_the_due_date_and_explains_each_day(self):
        result = run("--from", "2026-02-13", "--working-days", "1")
        lines = result.stdout.splitlines()
        assert lines[0].startswith("due 2026-02-14 (Sat)")
        assert [line[:10] for line in lines[2:]] == ["2026-02-13", "2026-02-14"]
        assert result.stderr == ""

    def test_2027_is_marked_provisional(self):
        assert answer("--from", "2026-12-31", "--working-days", "1")["provisional"] is True
        assert "provisional" in run("--from", "2026-12-31", "--working-days", "1").stdout

    def test_a_type_gives_all_its_stages_and_submission_first(self):
        found = answer("--from", "2026-02-13", "--type", "notice")
        assert list(found["stages"]) == ["submit", "publish"]
        assert found["due"] == found["stages"]["submit"]["due"] == "2026-02-25"

    def test_a_type_takes_fields_that_its_deadline_depends_on(self):
        found = answer("--from", "2026-03-02", "--type", "notice", "--set", "deadline_on=2026-03-04")
        assert found["stages"]["publish"]["due"] == "2026-03-04"
        report = ("--type", "column_document", "--set", "kind=annual_report", "--set", "year=2025")
        assert answer("--from", "2026-01-05", *report)["stages"]["publish"]["due"] == "2026-01-31"

    def test_hours_count_from_the_moment_and_keep_its_zone(self):
        assert answer("--from", "2026-03-02T22:30", "--hours", "5")["due"] == "2026-03-03T03:30:00+08:00"
        found = answer("--from", "2026-03-02T22:30:00+09:00", "--hours", "5")
        assert found["due"] == "2026-03-03T03:30:00+09:00"

    def test_a_period_may_lie_before_the_event_and_roll(self):
        assert answer("--from", "2026-05-08", "--days", "-5", "--roll")["due"] == "2026-04-30"
        assert answer("--from", "2026-01-31", "--months", "1")["due"] == "2026-02-28"

    @pytest.mark.parametrize(
        "args",
        [
            ("--from", "2026-02-13"),
            ("--from", "2026-02-13", "--days", "1", "--hours", "1"),
            ("--from", "2026-02-13", "--days", "1", "--type", "news"),
            ("--from", "13.2.2026", "--days", "1"),
            ("--from", "20260213", "--days", "1"),
            ("--from", "2026-02-30", "--days", "1"),
            ("--from", "2026-02-13T09", "--days", "1"),
            ("--from", "2026-02-13", "--days", "999999999999"),
            ("--from", "1066-10-14", "--days", "1"),
            ("--from", "2199-12-31", "--days", "1"),
            ("--from", "2026-02-13", "--type", "poem"),
            ("--from", "2026-02-13", "--type", "news", "--set", "occurred_on"),
            ("--from", "2026-02-13", "--type", "notice", "--set", "document_date=soon"),
        ],
    )
    def test_wrong_use_is_said_in_words_with_exit_code_2(self, args: tuple[str, ...]):
        result = run(*args)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith("error: ")
        assert "Traceback" not in result.stderr


def test_a_portal_answers_with_its_own_tables(portal: Any):
    table = portal.root / "site_config" / "holidays" / "2026.yml"
    text = table.read_text(encoding="utf-8")
    table.write_text(f"{text}extra_off:\n  - {{date: 2026-03-03, name: 台风停工}}\n", encoding="utf-8")
    result = portal.run("deadline", "--from", "2026-03-02", "--working-days", "1", "--format", "json")
    found = json.loads(result.stdout)
    assert found["due"] == "2026-03-04"
    assert found["days"][1]["why"] == "day off: 台风停工"


def test_a_table_that_cannot_be_read_is_named_and_its_year_is_provisional(portal: Any):
    (portal.root / "site_config" / "holidays" / "2026.yml").write_text("off: [", encoding="utf-8")
    result = portal.run("deadline", "--from", "2026-03-02", "--working-days", "1", "--format", "json")
    assert json.loads(result.stdout)["provisional"] is True
    assert "site_config/holidays/2026.yml" in result.stderr


def test_a_named_folder_that_is_no_portal_is_refused(tmp_path: Path):
    args = ["--root", str(tmp_path), "--lang", "en", "deadline", "--from", "2026-03-02", "--days", "1"]
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == 2
    assert "is not a portal" in result.stderr
