"""What is pushed reaches the terminals of pusher, reviewer and officer as text, and so do the words of a return."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.gate.refusal import Refused

EVIL = "恶\x1b]0;改标题\x07\x1b[2J\x9b31m\u202e甲\n::error file=a::伪造\n##[error]伪造 [red]红[/red]"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
ITEM = "tide-2026-00001"
KNOWN = {"GONGKAI_USER": "tide-officer"}
"""The account of the one who pushes, as a server sets it; so the push is judged by what it holds."""


def run(worker, *args):
    return CliRunner().invoke(cli, ["--root", str(worker.folder), "--lang", "zh", *args])


def tame(said):
    plain = said.replace("\x1b[K", "")  # git itself ends its `remote:` lines so
    assert not OBEYED.search(plain), OBEYED.findall(plain)
    assert "##[" not in plain
    for line in plain.split("\n"):
        assert not line.removeprefix("remote:").lstrip().startswith("::"), line


@pytest.mark.parametrize(
    "field", ["title", "department", "type", "topics", "officer", "occurred_on", "x_\\e[31m"]
)
def test_a_refusal_shows_the_pusher_hostile_values_as_text(field, officer):
    value = json.dumps(EVIL)
    name = f'"{field}"' if "\\" in field else field
    officer.news(**{name: f"[{value}]" if field == "topics" else value})
    officer.commit()
    answer = officer.push("HEAD:refs/heads/review/tide/x", env=KNOWN)
    assert answer.code != 0
    assert ITEM in answer.said
    if field in ("department", "type"):
        assert "<U+001B>" in answer.said
    tame(answer.said)


def test_a_refusal_shows_hostile_file_names_as_text(officer):
    officer.write(f"content/tide/2026/{ITEM}/恶\x1b[31m\n::error::x ##[error]\u202e.txt", "x")
    officer.write("content/tide/2026/恶\x1b[31m\n::error::x.md", "x")
    officer.commit(EVIL)
    answer = officer.push("HEAD:refs/heads/review/tide/x", env=KNOWN)
    assert answer.code != 0
    tame(answer.said)


def test_a_branch_name_is_shown_as_text(officer):
    officer.news()
    officer.commit()
    answer = officer.push("HEAD:refs/heads/review/tide/\u202e甲\u2066##x", env=KNOWN)
    if answer.code:
        # git itself repeats the name it was given; what the gate said stands in the lines of `remote:`.
        tame("\n".join(ln for ln in answer.said.splitlines() if ln.startswith("remote:")))
    else:
        tame(run(officer, "status").output)


def test_the_words_of_a_return_are_text_on_every_screen_and_whole_in_json(server, officer):
    path = officer.news()
    number = server.hand_in({path: officer.read(path)}).number
    server.say("return", number, "tide-head", reason=EVIL)
    for who in ("tide-officer", "tide-head"):
        worker = server.clone(who, name=f"w-{who}")
        for args in (["status", "--department", "tide"], ["review", "list", "--all"], ["review", "show", number, "--no-page"],
                     ["audit"], ["status", "--department", "tide", "--format", "json"],
                     ["review", "show", number, "--no-page", "--format", "json"], ["audit", "--format", "json"]):  # fmt: skip
            done = run(worker, *args)
            assert done.exit_code in (0, 1), (args, done.output)
            tame(done.stdout)
            tame(done.stderr)
            if "json" in args:
                json.loads(done.stdout)
    data = json.loads(run(worker, "status", "--department", "tide", "--format", "json").stdout)
    assert EVIL in data["submissions"][0]["returned"]["reasons"].values()


def test_a_submitted_text_is_text_on_the_reviewers_screen(server, officer):
    path = officer.news(x_note=json.dumps("".join(c for c in EVIL if c.isprintable())))
    own = officer.read(path)
    with pytest.raises(Refused):  # what turns the direction of text does not come as far as the reviewer
        server.hand_in({path: f"{own}\n甲\u202e乙\n"}, name="turned")
    officer.write(path, f"{own}\n甲乙 ##[error]伪造 [red]红[/red]\n::error::伪造\n")
    number = server.hand_in({path: officer.read(path)}).number
    head = server.clone("tide-head")
    for form in ("text", "json"):
        done = run(head, "review", "show", number, "--no-page", "--format", form)
        assert done.exit_code == 0, done.output
        tame(done.stdout)
        tame(done.stderr)
        assert "伪造" in done.stdout
