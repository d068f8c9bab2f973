"""The commands as they are typed: what they print, what they write, how they end."""

from __future__ import annotations

import json
import subprocess

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.main import cli
from gongkai.gate.audit import audit
from gongkai.release.making import Unsound
from gongkai.release.searching import Index
from gongkai.report.escape import terminal

NEW = "tide-2026-00001"


@pytest.fixture
def run(publisher):
    """Type a command at this publisher's folders; `publish` names the repository itself."""

    def call(name: str, *args: str, lang: str = "en") -> Result:
        repo = ["--repo", str(publisher.server.folder)] if name == "publish" else []
        return CliRunner().invoke(
            cli, ["--lang", lang, name, *repo, "--to", str(publisher.place.root), *args]
        )

    return call


def test_a_day_of_publishing_going_back_and_going_on(publisher, run):
    first = publisher.shown.name
    publisher.accept(NEW)
    done = run("publish")
    assert done.exit_code == 0 and "1 items were recorded as published" in done.stderr
    second = done.stdout.strip()
    assert run("publish").stdout.strip() == second
    listed = run("releases").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == [f"*  {second}", f"   {first}"]
    back = run("rollback", "--lock")
    assert (back.exit_code, back.stdout.strip()) == (0, first)
    held = run("publish")
    assert held.exit_code == 1 and "held at the release" in held.stderr
    data = json.loads(run("releases", "--format", "json").stdout)["releases"]
    assert [(r["name"], r["current"], r["held"]) for r in data] == [
        (second, False, False),
        (first, True, True),
    ]
    assert run("rollback", "--unlock").exit_code == 0
    assert run("publish").exit_code == 0 and NEW.split("-")[2] in "".join(
        Index(publisher.site / "search").pages
    )


def test_going_back_is_an_event_that_the_audit_knows(publisher, run):
    publisher.accept(NEW)
    run("publish")
    run("rollback")
    assert publisher.server.events()[-1] == "rolled_back"
    found = audit(publisher.server.folder, fetch=False)
    assert (found.fault, found.remarks) == (None, ())
    assert run("publish").exit_code == 0


def test_a_file_that_was_changed_afterwards_is_found_by_the_manifest(publisher, run):
    assert run("releases", "--verify").exit_code == 0
    (publisher.site / "index.html").write_text("<p>changed")
    found = run("releases", "--verify")
    assert found.exit_code == 1 and "index.html is not what the manifest says" in found.stderr


def test_a_refusal_names_its_faults_and_ends_with_one(publisher, run, monkeypatch, tmp_path):
    from tests.release.conftest import Spoilt

    from gongkai.cli import publish as door

    class Broken(Spoilt):
        def build(self, view, site, before=None):
            faults = super().build(view, site)
            (site / "tide/2025/00001.html").unlink()
            return faults

    publisher.accept(NEW)
    monkeypatch.setattr(door, "ServerSource", Broken)
    done = run("publish")
    assert done.exit_code == 1 and "tide/2025/00001.html is missing" in done.stderr
    assert terminal(str(Unsound([]))) in done.stderr


@pytest.mark.parametrize("kind", ["watch", "service", "timer", "cron"])
def test_the_units_name_the_command_and_systemd_takes_them(publisher, run, kind, tmp_path):
    printed = run("publish", "--unit", kind).stdout
    if kind == "cron":
        assert printed.startswith("* * * * * ") and str(publisher.place.root) in printed
        return
    unit = tmp_path / f"gongkai-publish.{'timer' if kind == 'timer' else 'service'}"
    unit.write_text(printed)
    assert "[Unit]" in printed and ("OnCalendar" in printed or str(publisher.place.root) in printed)
    try:
        done = subprocess.run(
            ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return
    assert "Unknown" not in done.stderr and "Failed to parse" not in done.stderr


@pytest.mark.parametrize("args", [["--to", "x"], ["--repo", "x"], []])
def test_publish_says_what_it_needs(args):
    done = CliRunner().invoke(cli, ["--lang", "en", "publish", *args])
    assert done.exit_code == 2 and "publish needs --repo and --to" in done.stderr
