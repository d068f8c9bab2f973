"""A quick command imports what it needs and no more: no test of time, only of what was imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "apprise", "boto3", "botocore", "bs4", "dask", "distributed", "docx", "icalendar", "jinja2", "lxml", "mammoth",
    "markdown", "material", "mkdocs", "numpy", "olefile", "opencc", "openpyxl", "pikepdf", "PIL", "pypdf", "pygments",
    "requests", "rich", "watchdog",
}  # fmt: skip
"""What no help text and no check of one plain file has any use for."""
LIGHT = HEAVY | {
    "git",
    "jsonschema_rs",
    "nh3",
    "comrak",
    "yaml",
    "stdnum",
    "ssl",
    "sqlite3",
    "multiprocessing",
}
"""What a help text has no use for, though a check may have."""
ITEM = """---
id: tide-2026-00001
type: news
title: 潮汐观测科完成例行复测
department: tide
officer: tide-officer
summary: 观测员完成六座验潮站水准点例行复测，结果全部符合要求。
occurred_on: "2026-03-02"
category: measures
source: 业务科室
openness: proactive
secrecy: public
personal_information: {present: false}
retention: 10y
---

潮汐观测科完成例行复测，结果全部符合要求，成果用于下一年度潮汐表编制。
"""
ASK = """
import sys
from gongkai.cli.main import cli
try:
    cli(sys.argv[1:], prog_name="gongkai")
finally:
    print("\\0", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A portal of one plain item, in no git repository."""
    root = tmp_path_factory.mktemp("portal")
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    (root / "content/tide/2026").mkdir(parents=True)
    (root / "content/tide/2026/tide-2026-00001.md").write_text(ITEM, encoding="utf-8")
    return root


def imported(folder, *args):
    """What the command wrote, its exit code, and the top names of all that it imported."""
    env = {**os.environ, "GONGKAI_LANG": "zh", "XDG_CACHE_HOME": str(folder / ".git-cache")}
    done = subprocess.run(
        [sys.executable, "-c", ASK, *args], cwd=folder, env=env, capture_output=True, check=False, timeout=120
    )
    said, _, names = done.stderr.decode().rpartition("\0")
    return done.stdout.decode() + said, done.returncode, set(names.split())


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["--lang", "en", "--help"]])
def test_help_and_version_import_no_library_but_clicks(folder, args):
    said, code, names = imported(folder, *args)
    assert code == 0 and said
    assert names & LIGHT == set()


def test_the_help_is_whole_and_in_the_readers_language(folder):
    from gongkai.cli.main import COMMANDS

    in_chinese, in_english = imported(folder, "--help")[0], imported(folder, "--lang", "en", "--help")[0]
    listed = [
        line.split()[0] for line in in_english.partition("Commands:")[2].splitlines() if line[2:3].strip()
    ]
    assert listed == list(COMMANDS)
    assert "check items and settings" in in_english and "check items and settings" not in in_chinese


@pytest.mark.parametrize(
    "args",
    [
        ["explain", "PRV101"],
        ["check", "--help"],
        ["check", "content/tide/2026/tide-2026-00001.md", "--now", "2026-03-02T12:00:00+08:00"],
        *(
            [command, "--help"]
            for command in ("audit", "status", "submit", "review", "people", "server", "gate")
        ),
    ],
)
def test_a_rules_text_and_the_check_of_one_file_import_nothing_heavy(folder, args):
    said, code, names = imported(folder, *args)
    assert code == 0, said
    assert "gongkai" in names and names & HEAVY == set()


def test_a_check_outside_a_repository_asks_no_gitpython(folder):
    _, code, names = imported(folder, "check", ".", "--now", "2026-03-02T12:00:00+08:00")
    assert code == 0 and names & {"git", "gitdb", "pydoc"} == set()


def test_what_is_imported_would_be_seen(folder):
    done = subprocess.run(
        [sys.executable, "-c", "import jinja2\n" + ASK, "--version"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    assert "jinja2" in done.stderr.decode().rpartition("\0")[2].split()


@pytest.mark.parametrize(
    ("door", "spared"),
    [
        ("gongkai.hooks.__main__", {"subprocess", "sqlite3", "tempfile"}),
        (
            "gongkai.hooks.receive",
            {"comrak", "ctypes", "difflib", "jsonschema_rs", "multiprocessing", "socket", "yaml"},
        ),
    ],
)
def test_the_doors_of_every_push_import_no_more_than_most_pushes_need(door, spared):
    ask = f"import sys, {door}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.decode().split()} & (spared | HEAVY) == set()
