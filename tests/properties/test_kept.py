"""What is kept never changes what is found: any order of edits checked with it gives what a check from nothing gives."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.checks.portal import Portal, read_portal
from gongkai.checks.run import run
from gongkai.checks.table import RULES
from gongkai.model.corpus import Corpus
from gongkai.model.finding import Report
from gongkai.store.kept import Kept
from gongkai.store.tree import CommitTree, FolderTree

ROOT = Path(__file__).parents[2]
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
LATER = datetime.fromisoformat("2028-07-09T23:00:00+08:00")
ITEMS = ("tide/2026", "law/2025", "ferry/2026")

EDITS = {
    "title": lambda text: text.replace("title: ", "title: 又一次", 1),
    "no type": lambda text: text.replace("\ntype: ", "\ntyp: ", 1),
    "column": lambda text: text.replace("\ntype: ", "\ncolumn: nowhere\ntype: ", 1),
    "id": lambda text: text.replace("\nid: ", "\nid: x", 1),
    "broken": lambda text: text.replace("\ntitle: ", "\ntitle: [", 1),
    "attachment": lambda text: text.replace(
        "\ntype: ", "\nattachments: [{file: 附件.txt, title: 附件}]\ntype: ", 1
    ),
    "end": lambda text: text + "\n再加一句。\n",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The settings, the schemas, and a few of the sample items."""
    folder = tmp_path_factory.mktemp("small")
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, folder / part)
    for place in ITEMS:
        shutil.copytree(ROOT / "content" / place, folder / "content" / place)
    return folder


def read(folder: Path, kept: Kept | None) -> Report:
    return run(read_portal(FolderTree(folder), now=NOW, kept=kept))


@given(
    st.lists(
        st.tuples(st.sampled_from((*EDITS, "settings", "schema", "file", "move")), st.integers(0, 30)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edits_checked_with_what_is_kept_give_what_a_check_from_nothing_gives(
    small, tmp_path_factory, edits
):
    folder = tmp_path_factory.mktemp("edited") / "portal"
    shutil.copytree(small, folder)
    place = folder.parent / "kept"
    read(folder, Kept(place))
    for kind, number in edits:
        _edit(folder, kind, number)
        assert read(folder, Kept(place)) == read(folder, None)
        assert read(folder, Kept(place)) == read(folder, None)


def _edit(folder: Path, kind: str, number: int) -> None:
    paths = sorted(folder.glob("content/*/*/*.*"))
    path = paths[number % len(paths)]
    if kind == "settings":
        columns = folder / "site_config/columns.yml"
        columns.write_text(columns.read_text("utf-8").replace("notices", f"notices{number}"), "utf-8")
    elif kind == "schema":
        schema = folder / "schemas/items/notice.schema.json"
        schema.write_text(
            schema.read_text("utf-8").replace('"required": [', f'"required": ["x_{number}", '), "utf-8"
        )
    elif kind == "file":
        target = path.with_suffix("") / "附件.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"第{number}版", encoding="utf-8")
    elif kind == "move":
        path.rename(path.with_name(f"moved-{number}{path.suffix}"))
    else:
        path.write_text(EDITS[kind](path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_rule_that_says_it_looks_at_the_item_alone_does_so():
    """With other items, another day and no ledger such a rule finds the same: else what is kept would be stale."""
    portal = read_portal(FolderTree(ROOT), now=NOW, changed=frozenset())
    alone = [rule for rule in RULES.values() if rule.alone]
    assert alone
    for item in portal.corpus.items[::3]:
        lonely = _lonely(portal, item)
        for rule in alone:
            assert rule.item is not None, f"{rule.code} looks at the portal as a whole"
            assert list(rule.item(item, portal)) == list(rule.item(item, lonely)), rule.code


def test_a_rule_that_says_it_judges_new_items_only_is_silent_about_all_others():
    portal = read_portal(FolderTree(ROOT), now=LATER, changed=frozenset())
    fresh = [rule.item for rule in RULES.values() if rule.fresh and rule.item]
    assert fresh
    assert [
        list(look(item, portal)) for item in portal.corpus.items for look in fresh if list(look(item, portal))
    ] == []


def _lonely(portal: Portal, item) -> Portal:
    own = {path: entry for path, entry in portal.corpus.files.items() if path.startswith(f"{item.folder}/")}
    return replace(portal, corpus=Corpus((item,), (), own), now=LATER, changed=None, facts={})


def test_a_file_that_somebody_damaged_is_as_good_as_none(small, tmp_path):
    place = tmp_path / "kept"
    right = read(small, Kept(place))
    (file,) = place.glob("*.sqlite")
    raw = bytearray(file.read_bytes())
    for at in range(200, len(raw), 997):
        raw[at] ^= 0x55
    file.write_bytes(raw)
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    assert read(small, Kept(place)) == right
    file.write_bytes(b"no database at all")
    assert read(small, Kept(place)) == right
    assert read(small, Kept(place)) == right


def test_a_changed_value_is_known_by_its_checksum(small, tmp_path):
    place = tmp_path / "kept"
    right = read(small, Kept(place))
    (file,) = place.glob("*.sqlite")
    with sqlite3.connect(file) as base:
        base.execute("UPDATE kept SET value = (SELECT value FROM kept WHERE kind = 'item' LIMIT 1)")
    assert read(small, Kept(place)) == right


def test_where_nothing_can_be_written_the_check_goes_on(small, tmp_path):
    place = tmp_path / "kept"
    place.write_text("a file where a folder should be")
    assert read(small, Kept(place)) == read(small, None)


def test_two_processes_may_keep_at_once(small, tmp_path):
    place = tmp_path / "kept"
    one, two = Kept(place), Kept(place)
    one.put("kind", {"a": b"1"})
    two.put("kind", {"b": b"2"})
    one.put("kind", {"c": b"3"})
    assert one.all("kind") == two.all("kind") == {"a": b"1", "b": b"2", "c": b"3"}


def test_a_folder_takes_blob_ids_from_the_index_only_where_the_bytes_are_those(small, tmp_path, git):
    folder = tmp_path / "portal"
    shutil.copytree(small, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    known = {e.path: e.blob for e in FolderTree(folder).entries()}
    assert known == {e.path: e.blob for e in CommitTree(folder, "HEAD").entries()}
    path = sorted(folder.glob("content/*/*/*.md"))[0]
    path.write_text(path.read_text("utf-8") + "改", "utf-8")
    (folder / "content/new.txt").write_text("x")
    name = path.relative_to(folder).as_posix()
    now = {e.path: e.blob for e in FolderTree(folder).entries()}
    assert now[name] == "" and now["content/new.txt"] == ""
    assert {p: b for p, b in now.items() if p not in (name, "content/new.txt")} == {
        p: b for p, b in known.items() if p != name
    }
    git(folder, "config", "core.autocrlf", "true")
    assert not any(e.blob for e in FolderTree(folder).entries())
    git(folder, "config", "core.autocrlf", "false")
    (folder / ".gitattributes").write_text("*.md text eol=crlf\n")
    git(folder, "add", ".gitattributes")
    assert not any(e.blob for e in FolderTree(folder).entries())


def test_what_failed_for_a_cause_that_may_pass_is_looked_at_again(small, tmp_path, monkeypatch):
    """A busy machine makes a file take too long once; the finding must not stay when the machine is idle again."""
    from gongkai.attachments import desk
    from gongkai.attachments.reading import failed

    folder, place = tmp_path / "portal", tmp_path / "kept"
    shutil.copytree(small, folder)
    path = sorted(folder.glob("content/*/*/*.md"))[0]
    path.write_text(EDITS["attachment"](path.read_text("utf-8")), "utf-8")
    path.with_suffix("").mkdir(exist_ok=True)
    (path.with_suffix("") / "附件.txt").write_text("附件的文字", encoding="utf-8")
    right = read(folder, None)
    with monkeypatch.context() as slow:
        slow.setattr(desk.Readings, "_read", lambda *_: failed("time"))
        assert read(folder, Kept(place)) != right
    assert read(folder, Kept(place)) == right
