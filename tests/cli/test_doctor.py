"""`gongkai doctor` sees each thing that is wrong, says what to do, and ends with 1; with nothing wrong it ends with 0."""

# ruff: noqa: F401, F811 - fixtures of the release's tests are taken by name
from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.gate.conftest import _plain_git, new_server, template
from tests.release.conftest import Publisher, published, publisher
from tests.release.test_backup import backed_up

from gongkai.cli.main import cli
from gongkai.evidence.policy import Person, Policy
from gongkai.gate.client import fetch_all
from gongkai.model.message import english
from gongkai.store import clock
from gongkai.supervise import doctor as parts
from gongkai.supervise.doctor import Level, Line
from gongkai.workdays.tables import YearTable

ROOT = Path(__file__).parents[2]


def doctor(*args: object) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """The exit code, and the lines by part."""
    done = CliRunner().invoke(
        cli, ["--lang", "en", *map(str, args[:-1]), "doctor", *args[-1], "--format", "json"]
    )
    assert done.stdout, done.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(done.stdout)["lines"]:
        found.setdefault(row["part"], []).append(row)
    return done.exit_code, found


def worst(rows: list[dict[str, Any]]) -> str:
    return max((row["level"] for row in rows), key=["ok", "warning", "error"].index)


@pytest.fixture
def fresh(publisher: Publisher, tmp_path: Path) -> tuple[Publisher, list[str]]:
    """A published portal with a backup of today; the arguments that name all of it."""
    saved = backed_up(publisher, tmp_path / "backups").parent
    words = [
        "--repo",
        str(publisher.server.folder),
        "--to",
        str(publisher.place.root),
        "--backups",
        str(saved),
    ]
    return publisher, words


def test_with_all_in_order_it_ends_with_zero_and_every_part_was_looked_at(fresh):
    code, found = doctor(fresh[1])
    assert code == 0, found
    assert {"git", "ssh-keygen", "libraries", "repository", "gate", "clock", "holidays", "administrators", "people", "disk",
            "releases", "backup", "checkpoint", "rsync", "chromium", "libreoffice"} <= set(found)  # fmt: skip
    assert all(row["hint"] for rows in found.values() for row in rows if row["level"] != "ok")
    assert all(not row["hint"] for rows in found.values() for row in rows if row["level"] == "ok")


def test_in_chinese_and_in_words_it_says_the_same(fresh):
    done = CliRunner().invoke(cli, ["--lang", "en", "doctor", *fresh[1]])
    assert (
        done.exit_code == 0 and "nothing is wrong" in done.stderr and "the newest backup is of" in done.stdout
    )


def test_a_missing_hook_is_an_error_of_the_gate(fresh):
    publisher, words = fresh
    (publisher.server.folder / "hooks" / "proc-receive").unlink()
    code, found = doctor(words)
    assert (
        code == 1
        and "proc-receive is missing" in found["gate"][0]["message"]
        and "--mend" in found["gate"][0]["hint"]
    )


def test_a_clock_before_the_last_event_is_an_error(fresh, monkeypatch):
    early = clock.now() - timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: early)
    code, found = doctor(fresh[1])
    assert code == 1 and worst(found["clock"]) == "error" and "stands before" in found["clock"][0]["message"]


def test_an_old_backup_alarms(fresh, monkeypatch):
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    code, found = doctor(fresh[1])
    assert (code, worst(found["backup"])) == (0, "warning") and "72 hours ago" in found["backup"][0][
        "message"
    ]
    much_later = clock.now() + timedelta(days=6)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    code, found = doctor(fresh[1])
    assert (code, worst(found["backup"])) == (1, "error")


def test_an_empty_folder_of_backups_alarms_too(fresh, tmp_path: Path):
    words = [*fresh[1][:-1], str(tmp_path / "nowhere")]
    code, found = doctor(words)
    assert code == 1 and "there is no backup" in found["backup"][0]["message"]


def test_a_held_portal_and_one_without_a_release_are_told(fresh):
    publisher, words = fresh
    publisher.place.hold(publisher.shown.name)
    assert worst(doctor(words)[1]["releases"]) == "warning"
    (publisher.place.root / "current").unlink()
    code, found = doctor(words)
    assert code == 1 and worst(found["releases"]) == "error"


def test_a_repository_that_was_named_and_is_none_is_an_error(tmp_path: Path):
    code, found = doctor(["--repo", str(tmp_path)])
    assert code == 1 and worst(found["repository"]) == "error"


def test_a_plain_portal_and_an_empty_folder_can_be_looked_at_too(tmp_path: Path):
    code, found = doctor("--root", ROOT, [])
    # A new year whose notice the house does not hold yet is an error, and should be.
    assert code == (worst(found["holidays"]) == "error") and "backup" not in found
    code, found = doctor("--root", tmp_path, [])
    assert code == 0 and "holidays" not in found and "git" in found


@pytest.fixture
def clone(publisher: Publisher) -> Path:
    folder = publisher.server.clone("tide-officer").folder
    fetch_all(folder)
    return Path(folder)


def _key_of(clone: Path) -> Path:
    done = subprocess.run(
        ["git", "config", "gongkai.key"], cwd=clone, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def test_ones_own_key_is_there_closed_and_known(clone: Path):
    code, found = doctor("--root", clone, [])
    assert code == 0 and worst(found["key"]) == "ok" and "tide-officer" in found["key"][0]["message"]
    assert "gate" not in found and "backup" not in found


def test_a_key_that_others_may_read_is_an_error(clone: Path, tmp_path: Path):
    own = shutil.copyfile(_key_of(clone), tmp_path / "key")
    os.chmod(own, 0o644)  # noqa: PTH101
    subprocess.run(["git", "config", "gongkai.key", own], cwd=clone, check=True)
    code, found = doctor("--root", clone, [])
    assert code == 1 and "others on this machine may read" in found["key"][0]["message"]


def test_a_key_that_is_gone_or_not_the_persons_is_an_error(clone: Path, tmp_path: Path):
    subprocess.run(["git", "config", "gongkai.key", tmp_path / "none"], cwd=clone, check=True)
    assert "is not there" in doctor("--root", clone, [])[1]["key"][0]["message"]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "none"], check=True)
    code, found = doctor("--root", clone, [])
    assert code == 1 and "does not know the key" in found["key"][0]["message"]


def test_a_copy_without_a_key_is_only_told(clone: Path):
    subprocess.run(["git", "config", "--unset", "gongkai.key"], cwd=clone, check=True)
    code, found = doctor("--root", clone, [])
    assert (code, worst(found["key"])) == (0, "warning")


YEAR = YearTable(2026, {date(2026, 1, 1): "元旦"})


@pytest.mark.parametrize(
    ("tables", "today", "levels"),
    [
        ({2026: YEAR}, date(2026, 10, 31), [Level.OK]),
        ({2026: YEAR}, date(2026, 11, 1), [Level.OK, Level.WARNING]),
        ({2026: YEAR, 2027: YEAR}, date(2026, 12, 1), [Level.OK, Level.OK]),
        ({2026: YEAR}, date(2027, 1, 1), [Level.ERROR]),
        ({2026: YearTable(2026, YEAR.off, provisional=True)}, date(2026, 1, 1), [Level.ERROR]),
    ],
)
def test_holiday_tables_that_run_out_are_told_in_time(tables, today: date, levels: list[Level]):
    assert [line.level for line in parts.holidays(tables, today)] == levels


NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _policy(*rows: tuple[str, str, date | None, tuple[str, ...]]) -> Policy:
    return Policy({c: Person(c, "office", frozenset({role}), keys, None, end) for c, role, end, keys in rows})


def test_too_few_administrators_and_terms_that_end_are_told():
    two = _policy(
        ("a", "administrator", None, ("ssh-ed25519 A",)), ("b", "administrator", None, ("ssh-ed25519 B",))
    )
    assert [line.level for line in parts.people(two, NOW)] == [Level.OK, Level.OK]
    one = _policy(("a", "administrator", None, ("ssh-ed25519 A",)), ("b", "administrator", None, ()),
                  ("c", "head", date(2026, 3, 20), ()), ("d", "head", date(2026, 3, 1), ()))  # fmt: skip
    lines = list(parts.people(one, NOW))
    assert [line.level for line in lines] == [Level.ERROR, Level.WARNING] and "c is in office" in english(
        lines[1].says
    )


def test_a_clock_that_jumped_ahead_is_an_error():
    assert parts.clock(NOW, NOW - timedelta(days=400), True).level is Level.ERROR
    assert parts.clock(NOW, NOW - timedelta(days=4), False).level is Level.OK


def test_an_old_checkpoint_is_told():
    levels = [parts.checkpoint(NOW - timedelta(days=d), NOW).level for d in (1, 9)]
    assert levels == [Level.OK, Level.WARNING]


def test_a_program_that_is_missing_or_too_old_is_an_error(tmp_path: Path, monkeypatch):
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho git version 2.20.1\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {line.part: line for line in parts.programs()}
    assert "too old" in english(found["git"].says) and "not installed" in english(found["ssh-keygen"].says)
    assert found["git"].level is found["ssh-keygen"].level is Level.ERROR
    assert found["chromium"].level is found["rsync"].level is found["libreoffice"].level is Level.WARNING


def test_a_library_of_another_version_is_an_error(monkeypatch):
    assert requires("gongkai") and parts.libraries().level is Level.OK
    real = parts._version
    monkeypatch.setattr(parts, "_version", lambda name: {"click": "7.0", "rich": ""}.get(name, real(name)))
    line = parts.libraries()
    assert line.level is Level.ERROR and "click 7.0" in english(line.says) and "rich -" in english(line.says)


def test_a_disk_that_fills_up_is_told(tmp_path: Path, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")

    def level(free: int) -> Level:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**12, 10**12 - free, free))
        found: list[Line] = list(parts.room([tmp_path, tmp_path / "not" / "yet"]))
        return found[0].level if len(found) == 1 else Level.ERROR

    assert [level(free) for free in (10**8, 10**9, 10**11)] == [Level.ERROR, Level.WARNING, Level.OK]
