"""What is kept never changes what is found: any order of edits checked with it gives what a check from nothing gives."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.checks import looking, many, standing
from gongkai.checks.answers import Answers
from gongkai.checks.portal import Portal, read_portal
from gongkai.checks.run import run
from gongkai.checks.table import RULES
from gongkai.checks.watched import Watched
from gongkai.items import packed
from gongkai.items.front import Front
from gongkai.items.read import read_corpus
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.finding import Report
from gongkai.store.kept import Kept
from gongkai.store.sight import Watchman
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


# In a git work tree, of a commit, with workers


FACTS = {"ferry-2026-00001": ItemFacts(published=datetime.fromisoformat("2026-01-05T09:00:00+08:00"))}
LINKS = (
    "\n见[另一条](doc:law-2025-00001)，又见[一条没有的](doc:law-2025-09999)，[旧页](/law/2025/00001.html)。\n",
    "\n见[邻居](../../law/2025/law-2025-00001.md)。\n",
)


def _both(folder: Path, place: Path, now: datetime, facts: dict[str, ItemFacts]) -> None:
    """A folder and its last commit, with what is kept and without."""
    for tree in (FolderTree(folder), CommitTree(folder, "HEAD")):
        one, other = (read_portal(tree, now=now, kept=kept, facts=facts) for kept in (Kept(place), None))
        assert run(one) == run(other)
        assert one.corpus.count == other.corpus.count == len(other.corpus.items)
        assert {ident: item.path for ident, item in one.corpus.by_id.items()} == {
            ident: item.path for ident, item in other.corpus.by_id.items()
        }
        assert one.briefs == other.briefs


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                (*EDITS, "file", "move", "link", "delete", "commit", "copy", "number", "later", "facts")
            ),
            st.integers(0, 30),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_a_work_tree_only_what_differs_is_looked_at_and_nothing_else_is_found(
    small, tmp_path_factory, git, edits
):
    folder = tmp_path_factory.mktemp("worked") / "portal"
    shutil.copytree(small, folder)
    place, now, facts = folder.parent / "kept", NOW, {}
    git(folder, "init", "-q")
    _commit(folder, git)
    _both(folder, place, now, facts)
    for kind, number in edits:
        paths = sorted(folder.glob("content/*/*/*.md"))
        path = paths[number % len(paths)]
        if kind == "commit":
            _commit(folder, git)
        elif kind == "later":
            now = LATER
        elif kind == "facts":
            facts = {} if facts else FACTS
        elif kind == "delete":
            path.unlink()
        elif kind == "link":
            path.write_text(path.read_text("utf-8") + LINKS[number % 2], "utf-8")
        elif kind == "copy":
            path.with_name(f"copy-{number}.md").write_bytes(path.read_bytes())  # which may be itself
        elif kind == "number":
            text = path.read_text("utf-8").replace(
                "\ntitle: ", "\ndocument_number: 云潮发〔2026〕3号\ntitle: ", 1
            )
            path.write_text(text, "utf-8")
        else:
            _edit(folder, kind, number)
        _both(folder, place, now, facts)


def _commit(folder: Path, git) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "a")


def test_with_one_file_changed_nothing_else_is_read(small, tmp_path, git, monkeypatch):
    folder = tmp_path / "portal"
    shutil.copytree(small, folder)
    git(folder, "init", "-q")
    _commit(folder, git)
    read(folder, Kept(tmp_path / "kept"))
    path = sorted(folder.glob("content/*/*/*.md"))[0]
    path.write_text(EDITS["title"](path.read_text("utf-8")), "utf-8")
    name = path.relative_to(folder).as_posix()
    looked = []
    real = FolderTree.read
    with monkeypatch.context() as spied:
        spied.setattr(FolderTree, "read", lambda tree, p: looked.append(p) or real(tree, p))
        found = read(folder, Kept(tmp_path / "kept"))
    assert {p for p in looked if p.startswith("content/")} == {name}
    assert found == read(folder, None)


def test_a_file_written_while_it_is_read_is_known_by_its_own_bytes(small, tmp_path, git, monkeypatch):
    """Git looked at it before: what it was then is not what is kept, and once it is that again it is read again."""
    folder, place = tmp_path / "portal", tmp_path / "kept"
    shutil.copytree(small, folder)
    git(folder, "init", "-q")
    _commit(folder, git)
    path = sorted(folder.glob("content/*/*/*.md"))[0]
    before = path.read_bytes()
    real = FolderTree.entries

    def late(tree, under=""):
        found = real(tree, under)
        if under == "content":
            path.write_text(EDITS["title"](before.decode()), "utf-8")
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(FolderTree, "entries", late)
        read(folder, Kept(place))
    path.write_bytes(before)
    assert read(folder, Kept(place)) == read(folder, None)
    items = {
        item.path: item.fields
        for item in read_portal(FolderTree(folder), now=NOW, kept=Kept(place)).corpus.items
    }
    assert items == {item.path: item.fields for item in read_corpus(FolderTree(folder)).items}


def test_items_known_from_before_are_those_of_their_files(small, tmp_path, monkeypatch):
    folder, place = tmp_path / "portal", tmp_path / "kept"
    shutil.copytree(small, folder)
    monkeypatch.setattr(packed, "APART", 2)
    whole = read_corpus(FolderTree(folder)).items
    for _ in range(2):
        known = read_portal(FolderTree(folder), now=NOW, kept=Kept(place)).corpus.items
        assert known == whole
    assert {type(item) for item in known} == {Front}
    assert pickle.loads(pickle.dumps(known)) == whole
    assert replace(known[0], body="甲").body == "甲"
    assert [i.place("title") for i in known] == [i.place("title") for i in whole]


def test_a_text_that_is_no_longer_kept_is_read_again_and_another_one_is_refused(small, tmp_path, monkeypatch):
    folder, place = tmp_path / "portal", tmp_path / "kept"
    shutil.copytree(small, folder)
    monkeypatch.setattr(packed, "APART", 2)
    assert read_portal(FolderTree(folder), now=NOW, kept=Kept(place)).corpus.items
    first, second, *_ = read_portal(FolderTree(folder), now=NOW, kept=Kept(place)).corpus.items
    (base,) = place.glob("*.sqlite")
    with sqlite3.connect(base) as open_base:
        open_base.execute("DELETE FROM kept WHERE kind = 'item'")
    file = folder / second.path
    file.write_text(file.read_text("utf-8") + "\n再加一句。\n", "utf-8")
    assert first.body == read_corpus(FolderTree(folder)).by_path[first.path].body
    with pytest.raises(OSError, match=second.path):
        _ = second.body


def test_a_forked_process_opens_what_is_kept_for_itself(tmp_path):
    kept = Kept(tmp_path)
    kept.put("a", {"b": b"c"})
    if (child := os.fork()) == 0:
        kept.put("a", {"d": b"e"})
        os._exit(0 if kept.get("a", "b") == b"c" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert kept.all("a") == {"b": b"c", "d": b"e"}


def test_what_a_schema_says_against_settings_is_said_again_and_again(small, tmp_path):
    folder, place = tmp_path / "portal", tmp_path / "kept"
    shutil.copytree(small, folder)
    for said in (0, 1, 0):
        for _ in range(2):
            found = [f for f in read(folder, Kept(place)).findings if f.code.startswith("CFG1")]
            assert len(found) == said
        settings_file = folder / "site_config/portal.yml"
        text = settings_file.read_text("utf-8")
        extra = "\nno_such_field: 1\n"
        settings_file.write_text(text.removesuffix(extra) if text.endswith(extra) else text + extra, "utf-8")


@pytest.mark.parametrize("fork", [True, False])
def test_workers_find_what_one_process_finds(small, tmp_path, git, monkeypatch, fork):
    folder = tmp_path / "portal"
    shutil.copytree(small, folder)
    git(folder, "init", "-q")
    _commit(folder, git)
    (path, *_) = sorted(folder.glob("content/*/*/*.md"))
    path.write_text(path.read_text("utf-8") + LINKS[0], "utf-8")
    monkeypatch.setattr(standing, "FEW", 1)
    monkeypatch.setattr(many, "CHUNK", 2)
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    if not fork:
        monkeypatch.setattr(many, "forks", lambda: False)
    _both(folder, tmp_path / "kept", NOW, FACTS)


def test_a_file_that_kills_its_worker_is_a_finding_and_the_others_are_read(small, tmp_path, monkeypatch):
    folder = tmp_path / "portal"
    shutil.copytree(small, folder)
    path = sorted(folder.glob("content/*/*/*.md"))[1]
    path.write_text(path.read_text("utf-8").replace("\ntitle: ", "\ntitle: 致命", 1), "utf-8")
    name = path.relative_to(folder).as_posix()
    real = looking.read_tree_item

    def deadly(tree, entry):
        if entry.path == name:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(tree, entry)

    parent = os.getpid()
    monkeypatch.setattr(standing, "FEW", 1)
    monkeypatch.setattr(many, "CHUNK", 3)
    monkeypatch.setattr(looking, "read_tree_item", deadly)
    monkeypatch.setattr(many, "forks", lambda: os.getpid() == parent)
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    portal = read_portal(FolderTree(folder), now=NOW, kept=Kept(tmp_path / "kept"))
    monkeypatch.undo()
    whole = read_portal(FolderTree(folder), now=NOW)
    assert [item.path for item in portal.corpus.items] == [
        i.path for i in whole.corpus.items if i.path != name
    ]
    (finding,) = [f for f in run(portal).findings if f.code == "SCH009"]
    assert finding.place.path == name
    assert read(folder, Kept(tmp_path / "kept")) == read(folder, None)


@pytest.mark.parametrize("deadly", [False, True])
def test_what_a_worker_raises_is_raised_even_where_another_file_killed_it(
    small, tmp_path, monkeypatch, deadly
):
    names = sorted(p.relative_to(small).as_posix() for p in small.glob("content/*/*/*.md"))
    real, parent = looking.read_tree_item, os.getpid()

    def broken(tree, entry):
        if deadly and entry.path == names[1] and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        if entry.path == names[2]:
            raise ZeroDivisionError(entry.path)
        return real(tree, entry)

    monkeypatch.setattr(standing, "FEW", 1)
    monkeypatch.setattr(many, "CHUNK", 3)
    monkeypatch.setattr(looking, "read_tree_item", broken)
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    with pytest.raises(ZeroDivisionError, match=names[2]):
        read_portal(FolderTree(small), now=NOW, kept=Kept(tmp_path / "kept"))


def test_a_rule_whose_findings_are_kept_asks_no_watched_portal_for_what_cannot_be_kept(small):
    """The moment itself, all items, what has changed: a rule that asked would be asked again at every run."""
    portal = read_portal(FolderTree(ROOT), now=NOW, facts=FACTS)
    watched = Watched.of(portal, Answers(portal, {i.id: i.path for i in portal.corpus.items},
                                         {i.path: i.blob for i in portal.corpus.items}).answer)  # fmt: skip
    found = [looking.look(item, watched) for item in portal.corpus.items]
    assert all(f.sure and f.whole for f in found)
    assert any(f.asks for f in found)


def test_a_rule_that_is_passed_over_has_nothing_to_say():
    portal = read_portal(FolderTree(ROOT), now=NOW)
    groups = [group for looks in looking.kept_rules() for group in looks if group[0] is not None]
    assert groups
    for item in portal.corpus.items:
        for idle, looks in groups:
            if idle(item, portal):
                assert not [code for code, look in looks for _ in look(item, portal)]


def test_a_rule_of_certain_fields_has_nothing_to_say_of_an_item_without_them():
    rules = [rule for rule in RULES.values() if rule.of and rule.item]
    assert rules
    for folder in (ROOT, *sorted((ROOT / "tests/examples").glob("*/*/"))):
        portal = read_portal(FolderTree(folder), now=NOW)
        for item in portal.corpus.items:
            assert not [
                r.code for r in rules if r.item and r.of.isdisjoint(item.fields) and [*r.item(item, portal)]
            ]


def test_a_folder_that_is_looked_at_again_and_again_is_judged_only_where_somebody_asks(
    small, tmp_path, monkeypatch
):
    folder = tmp_path / "portal"
    shutil.copytree(small, folder)
    watchman, kept = Watchman(folder), Kept(tmp_path / "kept")
    asked = []
    real = looking.look
    monkeypatch.setattr(standing, "look", lambda item, portal: asked.append(item.path) or real(item, portal))
    for number, kind in enumerate((*EDITS, "file", "move", "end")):
        _edit(folder, kind, number)
        sight, _ = watchman.look()
        one, other = read_portal(sight, now=NOW, kept=kept), read_portal(FolderTree(folder), now=NOW)
        assert asked == []
        wanted = other.corpus.items[0].path
        assert run(one, wanted=lambda path, w=wanted: path == w) == run(
            other, wanted=lambda path, w=wanted: path == w
        )
        assert set(asked) <= {wanted}
        if number % 2:
            assert run(one) == run(other)
        asked.clear()
