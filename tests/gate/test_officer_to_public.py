"""Officer to public on one machine with nothing but git, with the commands of the README, in one shell script."""

# ruff: noqa: F811 - fixtures of other modules are taken by name
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_ssh import door, sshd  # noqa: F401 - fixtures

SCRIPT = Path(__file__).with_name("officer_to_public.sh")
ROOT = Path(__file__).parents[2]
PEOPLE = ("tide-officer", "tide-head", "office-reviewer")


@pytest.fixture
def work(template: Path, tmp_path: Path) -> Path:
    """A portal whose people have keys; no server yet."""
    for part in ("portal", "keys"):
        shutil.copytree(template / part, tmp_path / part)
    return tmp_path


def run(work: Path, url: str, **more: str) -> tuple[Path, str]:
    """The script's page, and all that was said on the way."""
    env = {**os.environ, **more, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", SCRIPT, work, url], env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return Path(done.stdout.splitlines()[-1]), done.stdout + done.stderr


def test_an_item_goes_from_its_officer_to_the_public_over_a_local_path(work):
    page, said = run(work, str(work / "server.git"))
    assert page.is_relative_to(work / "site") and page.is_file()
    assert re.search(r"S-\d{4}-00001", said)


def test_an_item_goes_from_its_officer_to_the_public_over_ssh(work, door):
    door.admit(*((person, work / "keys" / person) for person in PEOPLE))
    key = Path("KEY")
    plain = door.ssh(key).replace(f" -i {key}", "").replace("ssh ", f"{shutil.which('ssh')} ", 1)
    page, _ = run(work, door.url(work / "server.git"), SSH=plain)
    assert page.is_file()
    log = (door.folder / "log").read_text()
    assert log.count("Accepted publickey") >= len(PEOPLE)


def test_the_script_uses_only_commands_that_the_readme_names():
    words = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:gongkai )?([a-z]+)", words))
    used = set(
        re.findall(
            r"gongkai (?:--root \S+ )?([a-z]+)", SCRIPT.read_text(encoding="utf-8").partition("set -eu")[2]
        )
    )
    assert {"setup", "new", "check", "submit", "review", "audit", "build", "evidence"} <= used
    assert used - named == set()
