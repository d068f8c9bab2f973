"""The server's commands: made with a genesis, proved by forbidden pushes, put in order, and what it says is public."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.build import build
from gongkai.cli.door import Door, errors_shown
from gongkai.cli.server import server as command
from gongkai.gate.doctor import look, setting
from gongkai.gate.rehearsal import rehearse
from gongkai.gate.repository import open_gate
from gongkai.store import clock

from .conftest import Server, news, path_of

ITEM = "tide-2026-00001"


def call(group, *args: object, root: Path = Path()) -> Result:
    """Run a command in English inside the one error context, as `gongkai` does."""
    door = Door(root, "en")

    class Shown(type(group)):  # type: ignore[misc]
        def invoke(self, ctx):
            with errors_shown(door):
                return super().invoke(ctx)

    shown = Shown(name=group.name, params=group.params, callback=group.callback, **(
        {"commands": group.commands} if hasattr(group, "commands") else {}))  # fmt: skip
    return CliRunner().invoke(shown, [str(a) for a in args], obj=door)


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def findings(server: Server) -> list[str]:
    """The msgids of everything that doctor finds by looking."""
    return [f.says.text for f in look(server.gate, clock.now())]


def missed(server: Server) -> list[str]:
    """What doctor's forbidden pushes should have met and did not."""
    return [a.what.text for a in rehearse(server.gate, clock.now())[0] if not a.rightly]


# init


def test_a_server_is_made_of_a_portal_and_its_doctor_is_content(template, tmp_path):
    made = call(command, "init", tmp_path / "new.git", "--from", template / "portal")
    assert made.exit_code == 0
    gate = open_gate(tmp_path / "new.git")
    assert made.stdout.strip() == gate.state.genesis
    seen = call(command, "doctor", tmp_path / "new.git")
    assert (seen.exit_code, seen.stdout.count("refused, as it must be")) == (0, 11)


def test_a_folder_that_holds_something_is_not_made_a_server(template, tmp_path):
    (tmp_path / "new.git").mkdir()
    (tmp_path / "new.git" / "x").write_text("x")
    assert call(command, "init", tmp_path / "new.git", "--from", template / "portal").exit_code == 2
    assert [p.name for p in (tmp_path / "new.git").iterdir()] == ["x"]


def test_a_portal_with_one_administrator_or_with_errors_becomes_no_server(template, tmp_path):
    portal = tmp_path / "portal"
    shutil.copytree(template / "portal", portal)
    people = portal / "site_config" / "people.yml"
    people.write_text(
        people.read_text().replace("- code: admin-b\n", "- code: admin-b\n    until: 2023-01-01\n")
    )
    made = call(command, "init", tmp_path / "new.git", "--from", portal)
    assert made.exit_code == 1
    assert "fewer than two administrators" in made.stderr
    (portal / path_of("tide-2025-00001")).write_text("---\ntitle: x\n---\n")
    made = call(command, "init", tmp_path / "new.git", "--from", portal)
    assert made.exit_code == 1 and "SCH" in made.stderr
    assert not (tmp_path / "new.git").exists()


# doctor


def test_every_forbidden_push_is_refused_for_the_right_reason_and_the_server_stays_as_it_was(server):
    def everything():
        return server.refs(), sorted(p for p in server.folder.rglob("*") if p.name != "gongkai.lock")

    before = everything()
    assert findings(server) == []
    attempts, settled = rehearse(server.gate, clock.now())
    assert [a.what.text for a in attempts if not a.rightly] == []
    assert settled == ()
    assert everything() == before


@pytest.mark.parametrize("hook", ["pre-receive", "proc-receive", "post-receive", "reference-transaction"])
def test_a_hook_that_is_missing_or_cannot_be_run_is_found(server, hook):
    path = server.folder / "hooks" / hook
    path.chmod(0o644)
    assert findings(server) == ["the hook {name} cannot be run, and git ignores it without a word"]
    path.unlink()
    assert findings(server) == ["the hook {name} is missing, and git says nothing about it"]


def test_without_its_hooks_the_gate_lets_forbidden_things_in_and_doctor_sees_it(server):
    for hook in ("pre-receive", "reference-transaction"):
        (server.folder / "hooks" / hook).unlink()
    there = missed(server)
    assert {"a push to main", "a push to the ledger", "a tag"} <= set(there)
    assert server.gate.objects.ref("refs/tags/main") == ""


def test_a_hook_that_says_yes_to_everything_is_not_ours(server):
    (server.folder / "hooks" / "pre-receive").write_text("#!/bin/sh\nexit 0\n")
    assert findings(server) == ["the hook {name} is not the one that this version of Gongkai writes"]


def test_a_hook_whose_python_is_gone_refuses_but_not_by_the_rule(server):
    path = server.folder / "hooks" / "pre-receive"
    words = path.read_text().split()
    python = words[words.index("exec") + 1]
    path.write_text(path.read_text().replace(python, "/nowhere/python"))
    assert findings(server) == ["the hook {name} calls {python}, which is not there or has no Gongkai"]
    seen = call(command, "doctor", server.folder)
    assert seen.exit_code == 1
    assert "was refused, but not by the gate's rule" in seen.stdout


def test_a_changed_configuration_is_found_and_mended(server):
    git(server.folder, "config", "receive.denyDeletes", "false")
    git(server.folder, "config", "--unset-all", "receive.procReceiveRefs")
    git(server.folder, "config", "core.hooksPath", "/nowhere")
    assert sorted(set(findings(server))) == [
        "what is pushed to {prefix} does not pass the gate",
        "{name} is {there} in the configuration; it must be {value}",
    ]
    assert call(command, "doctor", server.folder, "--mend").exit_code == 0
    assert findings(server) == []


def test_refs_and_files_that_have_no_place_are_found(server):
    main = server.gate.state.main
    for ref in ("refs/tags/main", f"refs/replace/{main}", "refs/heads/Main"):
        git(server.folder, "-c", "core.hooksPath=/dev/null", "update-ref", ref, main)
    (server.folder / "info").mkdir(exist_ok=True)
    (server.folder / "info" / "grafts").write_text(f"{main}\n")
    assert sorted(findings(server)) == [
        "{path} changes what git shows of the repository", *["{ref} does not belong here"] * 3]  # fmt: skip


def test_main_behind_the_ledger_is_found_and_settled(server):
    genesis = server.gate.state.main
    number = server.hand_in({path_of(ITEM): news(ITEM, server.today())}).number
    accepted = server.accept(number)
    git(server.folder, "-c", "core.hooksPath=/dev/null", "update-ref", "refs/heads/main", genesis)
    assert findings(server) == ["main does not stand where the ledger says"]
    seen = call(command, "doctor", server.folder, "--format", "json")
    assert (seen.exit_code, json.loads(seen.stdout)["sound"]) == (1, False)
    assert call(command, "settle", server.folder).exit_code == 0
    assert git(server.folder, "rev-parse", "refs/heads/main") == accepted
    assert "nothing was to be done" in call(command, "settle", server.folder).stderr


def test_a_clock_before_the_last_event_is_found(server):
    early = server.start.replace(year=server.start.year - 1)
    assert [f.says.text for f in look(server.gate, early)] == [
        "the server's clock ({now}) stands before the last event ({last})"]  # fmt: skip


def test_what_is_no_server_is_said_to_be_none(tmp_path):
    git(tmp_path, "init", "--quiet", "--bare", "x.git")
    for name in ("doctor", "settle", "published"):
        assert call(command, name, tmp_path / "x.git").exit_code == 2


# The setting


def test_the_setting_is_guarded_only_where_nobody_gets_a_shell_or_writes(server, monkeypatch, tmp_path):
    import pwd

    def account(shell: str, keys: str = "") -> None:
        (tmp_path / ".ssh").mkdir(exist_ok=True)
        (tmp_path / ".ssh" / "authorized_keys").write_text(keys)
        row = pwd.struct_passwd(("git", "x", 1000, 1000, "", str(tmp_path), shell))
        monkeypatch.setattr(pwd, "getpwuid", lambda uid: row)

    account("/usr/bin/git-shell")
    assert setting(server.folder).name == "guarded"
    account("/bin/bash", '# people\nrestrict,command="GONGKAI_USER=a git-shell" ssh-ed25519 AAAA a\n')
    assert setting(server.folder).name == "guarded"
    account("/bin/bash", 'command="x" ssh-ed25519 AAAA a\nssh-ed25519 BBBB b\n')
    assert setting(server.folder).name == "local"
    account("/usr/bin/git-shell")
    (server.folder / "hooks").chmod(0o777)
    here = setting(server.folder)
    assert (here.name, len(here.why)) == ("local", 1)


# What is public


def test_a_release_gives_dates_and_numbers_and_the_portal_shows_them(server, tmp_path):
    day = server.today()
    server.accept(server.hand_in({path_of(ITEM): news(ITEM, day)}).number)
    page = Path("tide/2026/00001.html")
    before = call(build, "--repo", server.folder, "--site-dir", tmp_path / "site", root=tmp_path)
    assert before.exit_code == 0, before.stderr
    assert "12YD0000TIDE00000X/" not in (tmp_path / "site" / page).read_text()
    assert 'class="gk-banner gk-banner--preview"' in (tmp_path / "site" / page).read_text()
    said = call(command, "published", server.folder, "--format", "json")
    numbers = json.loads(said.stdout)["published"]
    assert len(numbers) == 4 and len(set(numbers.values())) == 4
    assert call(build, "--repo", server.folder, "--site-dir", tmp_path / "site", root=tmp_path).exit_code == 0
    shown = (tmp_path / "site" / page).read_text()
    assert numbers[ITEM] in shown and f"<dd>{day}</dd>" in shown
    assert "gk-banner--preview" not in shown
    assert json.loads(call(command, "published", server.folder, "--format", "json").stdout)["published"] == {}


def test_only_what_the_ledger_accepted_is_built_with_its_facts(server, tmp_path):
    stray = server.commit_of({path_of(ITEM): news(ITEM, server.today())})
    refused = call(build, "--repo", server.folder, "--commit", stray, root=tmp_path)
    assert refused.exit_code == 1
    assert "no state of main that the ledger names" in refused.stderr


def test_what_was_refused_is_noted_beside_the_ledger_and_not_in_it(server):
    """gate.md, property 14: refused attempts go to a second log, and the refused text does not."""
    import json

    officer = server.clone("tide-officer")
    officer.start()
    officer.news(title="未 经 审 核 的 标 题", occurred_on='"不是日期"')
    before = server.events()
    answer = officer.push(f"{officer.commit()}:refs/heads/review/tide/bad")
    assert answer.code and officer.push("HEAD:refs/heads/main").code
    rows = [json.loads(line) for line in (server.folder / "gongkai/refused.jsonl").read_text().splitlines()]
    assert [row["refs"] for row in rows] == ["refs/heads/review/tide/bad", "refs/heads/main"]
    assert rows[0]["reasons"] and rows[1]["reasons"] and "审 核" not in json.dumps(rows, ensure_ascii=False)
    assert server.events() == before
