"""The files for a forge: valid, without rights they need not have, and CODEOWNERS in each forge's own syntax."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.ledger import read
from gongkai.gate.forge_bench import BRANCH
from gongkai.gate.forge_change import is_forges
from gongkai.gate.forge_files import files_for
from gongkai.store import clock
from gongkai.store.tree import CommitTree

from .test_forge import FORGES, MAIN, Forge, _merged, forge

__all__ = ["forge"]
ROOT = Path(__file__).parents[2]


def made(forge: Forge, name: str) -> dict[str, str]:
    return files_for(name, CommitTree(forge.folder, MAIN), clock.now())


def workflows(forge: Forge, name: str) -> dict[str, dict[Any, Any]]:
    return {p: yaml.safe_load(t) for p, t in made(forge, name).items() if p.endswith(".yml")}


def scripts(node: Any) -> Iterator[str]:
    """Every block of shell in a workflow."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run":
                yield value
            elif key in ("script", "before_script"):
                yield from value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


@pytest.mark.parametrize("name", FORGES)
def test_workflows_are_valid_yaml_with_valid_shell(forge: Forge, name: str) -> None:
    found = [s for data in workflows(forge, name).values() for s in scripts(data)]
    assert len(found) >= 4
    for script in found:
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert not re.search(r"^@|\s@[A-Z]+@", script)


@pytest.mark.parametrize("name", FORGES)
def test_no_job_checks_out_what_was_pushed_and_none_runs_a_strangers_action(forge: Forge, name: str) -> None:
    for path, text in made(forge, name).items():
        if path.endswith(".yml"):
            assert "pull_request_target" not in text and "uses:" not in text
            assert not re.search(r"\bgit (-C \S+ )?(checkout|switch|worktree|merge|pull)\b", text)
            assert not re.search(r"^\s+paths(-ignore)?:|^\s+changes:", text, re.MULTILINE)
            assert "--bare" in text


def test_on_github_no_job_may_write_and_only_the_ledgers_sees_its_key(forge: Forge) -> None:
    found = workflows(forge, "github")
    for path, data in found.items():
        assert set(data["permissions"].values()) == {"read"}, path
        assert ("environment" in str(data["jobs"])) == path.endswith("record.yml")
    gate = found[".github/workflows/gongkai-gate.yml"]
    # YAML 1.1 reads the key `on` as true.
    assert set(gate[True]) == {"pull_request", "pull_request_review"} and list(gate["jobs"]) == [
        "gongkai-gate"
    ]
    assert gate[True]["pull_request_review"]["types"] == ["submitted", "edited", "dismissed"]
    assert found[".github/workflows/gongkai-record.yml"]["concurrency"]["cancel-in-progress"] is False


def test_on_gitlab_the_gate_is_never_allowed_to_fail_and_checks_nothing_out(forge: Forge) -> None:
    jobs = workflows(forge, "gitlab")[".gitlab-ci.yml"]
    assert jobs[".gongkai"]["variables"]["GIT_STRATEGY"] == "none"
    for name in ("gongkai-check", "gongkai-gate", "gongkai-record"):
        assert "allow_failure" not in jobs[name] and all("when" not in rule for rule in jobs[name]["rules"])


API = {
    "github": [
        (r"/pulls/12$", "request"), (r"/pulls/12/reviews", "reviews"), (r"/activity\?ref=", "pushes"), (r"/runs\?branch=", "runs"),
        (r"/commits/[0-9a-f]+/pulls$", "of-commit"),
    ],
    "forgejo": [
        (r"/pulls/12$", "request"), (r"/pulls/12/reviews", "reviews"), (r"/activities/feeds", "pushes"), (r"/actions/tasks", "runs"),
        (r"/commits/[0-9a-f]+/pull$", "request"),
    ],
    "gitlab": [
        (r"/merge_requests/12$", "request"), (r"/approvals$", "approvals"), (r"/versions", "versions"), (r"/notes", "notes"),
        (r"/reviewers", "reviewers"), (r"/events", "pushes"), (r"/pipelines\?", "pipelines"), (r"/jobs", "runs"),
        (r"/commits/[0-9a-f]+/merge_requests$", "of-commit"),
    ],
}  # fmt: skip
ANSWERS = """#!{python}
import json, re, sys
url = [a for a in sys.argv[1:] if "/" in a and not a.startswith("-")][-1]
name = next(n for pattern, n in json.load(open({folder!r} + "/api.json")) if re.search(pattern, url))
data = json.load(open({folder!r} + "/" + name + ".json"))
page = re.search(r"[?&]page=(\\d+)", url)
if page and page[1] != "1":
    data = {{"workflow_runs": []}} if isinstance(data, dict) else []
print(json.dumps([data] if "--slurp" in sys.argv else data))
"""


class Runner:
    """A forge's runner: the jobs' shell in an empty folder; `gh` and `curl` answer from the samples, git is git."""

    def __init__(self, forge: Forge, name: str, folder: Path, head: str) -> None:
        self.forge, self.name, self.work = forge, name, folder / "work"
        self.answers, home = folder / "answers", folder / "home"
        for part in (self.work / "engine" / "bin", self.answers, home, folder / "bin"):
            part.mkdir(parents=True)
        (self.work / "engine" / "bin" / "gongkai").write_text(
            f'#!/bin/sh\nexec {sys.executable} -m gongkai "$@"\n'
        )
        (self.work / "engine" / "bin" / "gongkai").chmod(0o755)
        for tool in ("gh", "curl"):
            (folder / "bin" / tool).write_text(
                ANSWERS.format(python=sys.executable, folder=str(self.answers))
            )
            (folder / "bin" / tool).chmod(0o755)
        url = f"file://{forge.folder.parent}"
        # What a runner reaches over SSH lies beside it here.
        ends = (f"{url}/{forge.folder.name}.git", f"host:22/{forge.folder.name}")
        instead = "".join(f"\tinsteadOf = ssh://git@{end}\n" for end in ends)
        (home / ".gitconfig").write_text(f'[url "{forge.folder}"]\n{instead}')
        forge.objects.git("update-ref", "refs/pull/12/head", head)
        forge.objects.git("update-ref", "refs/merge-requests/12/head", head)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")}, "HOME": str(home), "NUMBER": "12",
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": forge.folder.name,
            "CI_PROJECT_URL": f"{url}/{forge.folder.stem}", "CI_API_V4_URL": "x", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "12",
            "CI_PROJECT_PATH": forge.folder.stem, "CI_SERVER_SHELL_SSH_HOST": "host", "CI_SERVER_SHELL_SSH_PORT": "22",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "LEDGER_KEY": str(self.answers / "request.json"),
            "LEDGER_KNOWN_HOSTS": str(home / "known_hosts"),
        }  # fmt: skip
        self.answer(head)

    def answer(self, head: str, merged: str = "", base: str = "") -> None:
        """Put the samples where `gh` and `curl` find them; of a merged request its end too."""
        names = ("approvals", "versions", "notes", "reviewers") if self.name == "gitlab" else ("reviews",)
        more = {"BASE": base} if base else {}
        data = {
            n: self.forge.sample(self.name, n, head, **more) for n in ("request", *names, "pushes", "runs")
        }
        if merged:
            _merged(data, self.name, merged, self.forge.time(45))
        data |= {
            "of-commit": [data["request"]],
            "pipelines": [{"id": 51, "iid": 1, "sha": head, "status": "failed"}],
        }
        for name, rows in data.items():
            (self.answers / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
        (self.answers / "api.json").write_text(json.dumps(API[self.name]), encoding="utf-8")

    def run(self, job: str) -> subprocess.CompletedProcess[str]:
        """Every step of a job but the installation, one after another, as a runner's shell does."""
        files = workflows(self.forge, self.name)
        if self.name == "gitlab":
            jobs = files[".gitlab-ci.yml"]
            steps = [*jobs[".gongkai"]["before_script"], *jobs[job]["script"]]
        else:
            (path,) = (p for p in files if p.endswith(f"/{job}.yml"))
            steps = list(scripts(files[path]["jobs"][job]))
        text = "\n".join(steps)
        text = re.sub(r"^.*(gongkai-requirements|python3 -m venv|bin/pip).*$", "", text, flags=re.MULTILINE)
        subprocess.run(["rm", "-rf", "portal.git"], cwd=self.work, check=True)
        return subprocess.run(
            ["bash", "-e"],
            input=text,
            cwd=self.work,
            env=self.env,
            text=True,
            capture_output=True,
            check=False,
        )


@pytest.mark.parametrize("name", FORGES)
def test_the_jobs_really_judge_and_record_a_request(forge: Forge, name: str, tmp_path: Path) -> None:
    forge.begin(name)
    head = forge.request()
    runner = Runner(forge, name, tmp_path / "runner", head)
    for job in ("gongkai-check", "gongkai-gate"):
        done = runner.run(job)
        assert done.returncode == 0, done.stdout + done.stderr
    rows = runner.answers / ("versions.json" if name == "gitlab" else "reviews.json")
    kept, text = rows.read_text("utf-8"), json.loads(rows.read_text("utf-8"))
    for row in text:
        row.update({"created_at": forge.time(50)} if name == "gitlab" else {"commit_id": "f" * 40})
    rows.write_text(json.dumps(text), encoding="utf-8")
    assert runner.run("gongkai-gate").returncode == 1
    rows.write_text(kept, encoding="utf-8")
    base = forge.main()
    merged = forge.squash(head)
    runner.answer(head, merged, base)
    done = runner.run("gongkai-record")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [e.kind for e in read(forge.objects, forge.objects.ref(BRANCH))][-1] == "accepted"
    assert forge.audited()[0] == ""


@pytest.mark.parametrize("name", FORGES)
def test_every_option_that_a_workflow_gives_is_one_of_the_command(forge: Forge, name: str) -> None:
    help_ = "".join(
        CliRunner().invoke(cli, ["gate", *sub, "--help"]).output for sub in ([], ["record"], ["pending"])
    )
    for path, text in made(forge, name).items():
        joined = text.replace("\\\n", " ")
        for line in (ln for ln in joined.splitlines() if "engine/bin/gongkai" in ln):
            used = set(re.findall(r"(?<=\s)--[a-z-]+", line)) - {"--lang"}
            assert all(option in help_ for option in used), (path, line)


@pytest.mark.parametrize("name", FORGES)
def test_what_is_written_is_what_only_administrators_may_change_later(forge: Forge, name: str) -> None:
    assert all(is_forges(path) for path in made(forge, name))


def test_codeowners_of_github_ends_with_the_department_of_a_path(forge: Forge) -> None:
    lines = made(forge, "github")[".github/CODEOWNERS"].splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "* @admin-a-gh @admin-b-gh"
    assert "/content/tide/ @tide-head-gh @office-gh" in rules


def test_codeowners_of_gitlab_has_a_section_for_each_step(forge: Forge) -> None:
    text = made(forge, "gitlab")[".gitlab/CODEOWNERS"]
    assert "[settings administrators]\n* @admin.a @admin.b\n!/content/\n" in text
    assert re.search(r"^\^?\[tide head\]\n/content/tide/ @tide\.head$", text, re.MULTILINE)
    assert re.search(r"^\^?\[tide office\]\n/content/tide/ @office\.review$", text, re.MULTILINE)
    # GitLab reads names even in comments.
    assert not any("@" in line for line in text.splitlines() if line.startswith("#"))


def test_codeowners_of_forgejo_are_regular_expressions_over_whole_paths(forge: Forge) -> None:
    rules = [
        ln.split()
        for ln in made(forge, "forgejo")["CODEOWNERS"].splitlines()
        if ln and not ln.startswith("#")
    ]
    assert ["content/tide/.*", "@tidehead", "@officereview"] in rules
    negated, *owners = rules[0]
    assert negated == "!content/.*" and owners == ["@admina", "@adminb"]
    assert all(re.compile(rule[0].removeprefix("!")) for rule in rules)


def test_the_command_prints_or_writes_them(forge: Forge, tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(cli, ["init", str(tmp_path / "portal")]).exit_code == 0
    args = ["--root", str(tmp_path / "portal"), "gate", "files", "--forge", "forgejo"]
    assert "# ---- .forgejo/workflows/gongkai-gate.yml" in runner.invoke(cli, args).stdout
    written = runner.invoke(cli, [*args, "--write"])
    assert written.exit_code == 0
    for path in written.stdout.split():
        assert (tmp_path / "portal" / path).is_file()
    assert runner.invoke(cli, ["--root", str(tmp_path / "portal"), "check", "-q"]).exit_code == 0


def test_the_pre_commit_manifest_is_what_pre_commit_accepts() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    hooks = clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert [hook["id"] for hook in hooks] == ["gongkai-check"]
    assert hooks[0]["language"] == "python" and hooks[0]["pass_filenames"] is False
    assert re.search(hooks[0]["files"], "content/tide/2026/tide-2026-00001.md")
    assert not re.search(hooks[0]["files"], "README.md")


def test_the_hook_refuses_a_commit_of_what_is_wrong_in_the_index_only(tmp_path: Path) -> None:
    """pre-commit puts aside what is not staged; the entry then sees the folder as it will be committed."""
    entry = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]["entry"].split()
    runner = CliRunner()
    assert runner.invoke(cli, ["init", str(tmp_path)]).exit_code == 0
    assert runner.invoke(cli, ["--root", str(tmp_path), *entry[1:]]).exit_code == 0
    (tmp_path / "content" / "tide" / "2026").mkdir(parents=True)
    (tmp_path / "content" / "tide" / "2026" / "tide-2026-00001.md").write_text("---\nid: 1\n---\n", "utf-8")
    assert runner.invoke(cli, ["--root", str(tmp_path), *entry[1:]]).exit_code == 1
