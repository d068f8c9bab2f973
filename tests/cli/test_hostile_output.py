"""What an author can write reaches no terminal, log or CI runner as anything but text, through whichever command."""

import json
import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.items.write import dump

ROOT = Path(__file__).parents[2]
NOW = "2026-03-02T09:00:00+08:00"
OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"  # but \n and \t
)
EVIL = (
    "恶\x1b]0;改标题\x07\x1b[2J\x9b31m\u202e甲\u2066乙\x00\x7f\r\n::error file=a.md,line=1::伪造的批注\n"
    "##[error]伪造 ##vso[x]y [red]红[/red] </failure>]]><b>&amp;{0} [点](https://x.example/) %0A::warning::,:\u2028"
)
NAME = "恶\x1b[31m\n::error::伪 ##[error]x\u202e.md"


def gongkai(root, *args, lang="zh"):
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", lang, *args])


def fields(**given):
    base = {
        "id": "office-2026-00001", "type": "notice", "title": "关于渡口开放时间的通知", "department": "office",
        "addressees": "各渡口、各船主", "document_date": "2026-02-27",
        "contact": {"name": "办公室值班室", "telephone": "0000-5550100"},
        "openness": "proactive", "secrecy": "public",
    }  # fmt: skip
    return {**base, **given}


def item(**given):
    """An item's file; values are written so that YAML reads every character back."""
    return "".join(dump({k: v}) for k, v in fields(**given).items())


@pytest.fixture
def portal(tmp_path):
    root = tmp_path / "portal"
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    return root


def put(root, text, path="content/office/2026/office-2026-00001.yml"):
    target = Path(os.fsdecode(os.fsencode(str(root / path))))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text if isinstance(text, bytes) else text.encode())


def setting(root, file, old, new):
    path = root / "site_config" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def quoted(text):
    """As a value in YAML's double quotes, whatever it holds."""
    return json.dumps(text)


PLACES = {
    "title": lambda root: put(root, item(title=EVIL)),
    "summary": lambda root: put(root, item(summary=EVIL * 20)),
    "type": lambda root: put(root, item(type=EVIL)),
    "department": lambda root: put(root, item(department=EVIL)),
    "column": lambda root: put(root, item(column=EVIL)),
    "topic": lambda root: put(root, item(topics=[EVIL])),
    "officer": lambda root: put(root, item(officer=EVIL)),
    "id": lambda root: put(root, item(id=EVIL)),
    "document number": lambda root: put(root, item(document_number=EVIL)),
    "date": lambda root: put(root, item(document_date=EVIL)),
    "e-mail": lambda root: put(root, item(contact={"name": EVIL, "email": EVIL})),
    "address": lambda root: put(root, item(legacy={"url": EVIL, "index_number": EVIL})),
    "attachment": lambda root: put(root, item(attachments=[{"file": EVIL, "title": EVIL}])),
    "reference": lambda root: put(root, item(replaces=[EVIL])),
    "withdrawal": lambda root: put(root, item(withdrawal={"reason": EVIL, "replaced_by": EVIL})),
    "waiver": lambda root: put(root, item(personal_information={"present": True, "basis": EVIL})),
    "field's name": lambda root: put(root, item(**{EVIL: 1})),
    "body": lambda root: put(root, item(body=f"{EVIL}\n\n[{EVIL}](doc:{EVIL})\n\n![{EVIL}]({EVIL})\n\n[a](x\x1b[31m)")),
    "raw body": lambda root: put(
        root,
        f"---\n{item()}---\n{EVIL}[a](doc:x\x1b[31m)".replace("\x00", ""),
        "content/office/2026/office-2026-00001.md",
    ),
    "broken YAML": lambda root: put(root, f"id: {EVIL}: [".encode()),
    "repeated field": lambda root: put(root, f"{quoted(EVIL)}: 1\n{quoted(EVIL)}: 2\n" + item()),
    "file's name": lambda root: put(root, item(), f"content/office/2026/{NAME}"),
    "folder's name": lambda root: put(root, item(), f"content/{NAME}/2026/office-2026-00001.yml"),
    "stray file's name": lambda root: put(root, b"x", f"content/office/2026/office-2026-00009/{NAME}"),
    "name that is no UTF-8": lambda root: put(root, item(), "content/office/2026/\udcff\udcfe\x1b[31m.yml"),
    "department's title": lambda root: [
        put(root, item(title="")),
        setting(root, "departments.yml", "title: {zh: 潮汐观测科", f"title: {{zh: {quoted(EVIL)}"),
    ],
    "portal's title": lambda root: [
        put(root, item(title="")), setting(root, "portal.yml", "title:", f"titel: {quoted(EVIL)}\ntitle:"),
    ],
}  # fmt: skip


def tame(result, *, annotations=False):
    """Nothing to obey; `annotations`: lines that begin a command are the reporter's own."""
    assert result.exit_code in (0, 1, 2), result.output
    for said in (result.stdout, result.stderr):
        assert not OBEYED.search(said), OBEYED.findall(said)
        assert "##[" not in said
        assert "##vso[" not in said
        commands = [line for line in said.split("\n") if line.lstrip().startswith("::")]
        if not annotations:
            assert commands == []


@pytest.mark.parametrize("place", PLACES)
def test_check_shows_hostile_text_as_text_in_every_format(place, portal):
    PLACES[place](portal)
    done = {
        f: gongkai(portal, "check", "--now", NOW, "--format", f)
        for f in ("text", "json", "gitlab", "sarif", "junit")
    }
    for result in done.values():
        tame(result)
    count = len(json.loads(done["json"].stdout)["findings"])
    assert count
    places = re.findall(r"^\S.*?:\d+:\d+: [A-Z]{3}\d{3} ", done["text"].stdout, re.MULTILINE)
    assert len(places) == count
    assert len(json.loads(done["gitlab"].stdout)) == count
    assert len(json.loads(done["sarif"].stdout)["runs"][0]["results"]) == count
    tree = ElementTree.fromstring(done["junit"].stdout.encode())
    assert len(tree.findall(".//failure")) + len(tree.findall(".//system-out")) == count


@pytest.mark.parametrize("place", PLACES)
def test_check_makes_no_annotation_but_its_own(place, portal):
    PLACES[place](portal)
    count = json.loads(gongkai(portal, "check", "--now", NOW, "--format", "json").stdout)["summary"]
    result = gongkai(portal, "check", "--now", NOW, "--format", "github")
    tame(result, annotations=True)
    lines = result.stdout.splitlines()
    for line in lines:
        assert re.fullmatch(
            r"::(error|warning) file=[^,:\s][^,:]*,line=\d+,endLine=\d+,col=\d+,title=[A-Z]{3}\d{3}::.*|::notice::.*",
            line,
        )
    assert sum(line.startswith("::error ") for line in lines) == min(10, count["errors"])


@pytest.mark.parametrize(
    "args",
    [
        ("check", EVIL.replace("\x00", "")),
        ("explain", EVIL),
        ("build", "--commit", EVIL.replace("\x00", "")),
        ("build", "--now", EVIL),
        ("check", "--format", EVIL),
        ("new", EVIL, "-d", "tide"),
        ("new", "notice", "-d", EVIL),
        ("new", "notice", "-d", "tide", "--title", EVIL, "--now", NOW),
        ("deadline", "--from", EVIL, "--days", "1"),
        ("deadline", "--from", "2026-03-02", "--type", EVIL),
        ("evidence", EVIL),
        ("init", "恶\x1b[31m\n::error::x"),
        ("serve", "恶\x1b[31m\n::error::x"),
        (EVIL,),
    ],
    ids=lambda args: " ".join(a for a in args if a.isascii())[:40],
)
def test_what_was_typed_is_shown_as_text(args, portal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGKAI_LOG_DIR", str(tmp_path))
    result = gongkai(portal, *args)
    if (
        result.exit_code == 3
    ):  # an argument the world cannot take (a line end in git's revision): words all the same
        result.exit_code = 2
    tame(result)
    assert "internal fault" not in result.output


def test_the_reasons_of_days_off_are_shown_as_text(portal):
    setting(portal, "holidays/2026.yml", "name: 元旦", f"name: {quoted(EVIL)}")
    for form in ("text", "json"):
        result = gongkai(portal, "deadline", "--from", "2025-12-31", "--working-days", "3", "--format", form)
        tame(result)
        assert result.exit_code == 0, result.output
        assert "[red]红[/red]" in result.stdout.replace("\n", "")


def test_an_import_shows_hostile_cells_as_text(portal, tmp_path):
    table = tmp_path / "old\x1b[31m.csv"
    cells = [EVIL.replace("\x00", "").replace('"', '""')] * 3
    table.write_text("标题,日期,正文\r\n" + ",".join(f'"{c}"' for c in cells) + "\r\n", encoding="utf-8")
    mapping = tmp_path / "map.yml"
    mapping.write_text(
        "version: 1\ntype: notice\ndepartment: office\nfields:\n  title: 标题\n  document_date: 日期\nbody: 正文\n",
        "utf-8",
    )
    for form in ("text", "json"):
        result = gongkai(portal, "import", str(table), "--map", str(mapping), "--dry-run", "--format", form)
        tame(result)
        assert result.stderr or result.stdout


def test_a_build_says_dead_links_as_text(portal):
    put(
        portal,
        item(
            legacy={"index_number": "x", "first_published_on": "2026-02-27"},
            body=f"[a](doc:{EVIL})\n\n[b](x%1b%0a::error::y)",
        ),
    )
    page = portal / "site_config/pages/about.md"
    page.write_text('# 关于\n\n<a href="x\u202e##[error]\x1b[31m.html">去</a>\n', encoding="utf-8")
    result = gongkai(portal, "build", "--now", NOW)
    tame(result)
    assert result.exit_code == 1


def test_the_log_of_a_fault_holds_nothing_to_obey(tmp_path, monkeypatch):
    from gongkai.store.logfile import write_bug

    monkeypatch.setenv("GONGKAI_LOG_DIR", str(tmp_path))
    log = write_bug(ValueError(EVIL)).read_text(encoding="utf-8")
    assert not OBEYED.search(log)
    assert "恶" in log
