"""What differs from an earlier look is found without reading the folder, and nothing is overlooked."""

import random
import shutil

import pytest

from gongkai.store.files import blob_id
from gongkai.store.git import Repository
from gongkai.store.listing import listing
from gongkai.store.objects import Objects
from gongkai.store.tree import CommitTree, FolderTree

NAMES = ("a.md", "b.md", "c/附 件.txt", "C.md", "d.md", "D.md", "é.md")


@pytest.fixture
def folder(tmp_path, git):
    work = tmp_path / "work"
    (work / "content/tide/2026/c").mkdir(parents=True)
    for name in NAMES[:4]:
        (work / "content/tide/2026" / name).write_text(name, "utf-8")
    git(work, "init", "-q")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "first")
    return work


def seen(folder):
    """Every file below content/ with its blob and kind, from the folder itself."""
    tree = FolderTree(folder)
    return {
        e.path: (blob_id(tree.read(e.path)) if e.kind == "file" else "", e.kind)
        for e in tree.entries("content")
    }


def told(known, since):
    """What is known after `since` said what differs."""
    grown = known | {p: (e.blob, e.kind) for p, e in since.items() if e is not None}
    return {p: at for p, at in grown.items() if since.get(p, at) is not None}


def edit(folder, git, dice):
    """One of the things that people do to a work tree."""
    path = folder / "content/tide/2026" / dice.choice(NAMES)
    kind = dice.choice(
        ("write", "write", "delete", "commit", "stage", "ignore", "hidden", "nested", "link", "back")
    )
    if kind == "write":
        if path.is_symlink():
            path.unlink()
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(dice.random()), "utf-8")
    elif kind == "delete":
        path.unlink(missing_ok=True)
    elif kind == "commit":
        git(folder, "add", "-A", "content/tide")
        git(folder, "commit", "-q", "--allow-empty", "-m", "more")
    elif kind == "stage":
        git(folder, "add", "-A", "content/tide")
    elif kind == "ignore":
        (folder / ".gitignore").write_text("*.txt\n" if dice.random() < 0.5 else "d.md\n", "utf-8")
    elif kind == "hidden":
        (folder / "content/.portal").mkdir(exist_ok=True)
        (folder / "content/.portal/x.md").write_text("x")
    elif kind == "nested" and not (folder / "content/own").exists():
        (folder / "content/own").mkdir()
        git(folder / "content/own", "init", "-q")
        (folder / "content/own/x.md").write_text("x")
    elif kind == "link":
        path.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
        path.symlink_to("/etc/hostname")
    elif kind == "back":
        git(folder, "stash", "-q", "--include-untracked") if dice.random() < 0.3 else git(
            folder, "reset", "-q"
        )


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_what_differs_leads_from_the_old_state_to_the_new(folder, git, seed):
    dice = random.Random(seed)
    known, tree = seen(folder), FolderTree(folder)
    mark, apart = tree.mark, tree.apart("content")
    assert mark
    for step in range(14):
        edit(folder, git, dice)
        tree = FolderTree(folder)
        since = tree.since(mark, apart, "content")
        assert (since is None) == (not tree.mark)
        now = seen(folder)
        if since is not None:
            assert told(known, since) == now
            if step % 3 == 0:
                known, mark, apart = now, tree.mark, tree.apart("content")


def test_where_git_may_store_other_bytes_it_is_not_asked_what_differs(folder, git):
    assert FolderTree(folder).mark
    (folder / ".gitattributes").write_text("*.md text eol=crlf\n")
    assert not FolderTree(folder).mark
    (folder / ".gitattributes").unlink()
    git(folder, "config", "core.autocrlf", "input")
    assert not FolderTree(folder).mark
    git(folder, "config", "core.autocrlf", "false")
    git(folder, "update-index", "--assume-unchanged", "content/tide/2026/a.md")
    assert not FolderTree(folder).mark
    git(folder, "update-index", "--no-assume-unchanged", "content/tide/2026/a.md")
    assert FolderTree(folder).mark
    shutil.rmtree(folder / ".git")
    assert not FolderTree(folder).mark


def test_a_mark_that_git_no_longer_knows_says_nothing(folder):
    assert FolderTree(folder).since("1" * 40, {}, "content") is None
    assert CommitTree(folder, "HEAD").since("1" * 40, {}, "content") is None


def test_two_commits_differ_in_what_their_lists_differ_in(folder, git):
    objects = Objects(Repository(folder))
    first = git(folder, "rev-parse", "HEAD")
    (folder / "content/tide/2026/a.md").unlink()
    (folder / "content/tide/2026/b.md").write_text("other")
    (folder / "content/tide/2026/d.md").write_text("new")
    (folder / "content/tide/2026/c.md").symlink_to("b.md")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "second")
    second = git(folder, "rev-parse", "HEAD")
    old, new = listing(folder, first), listing(folder, second)
    apart = {p for p in old.keys() | new.keys() if old.get(p) != new.get(p)}
    assert objects.differing(first, second) == (
        {p: old[p] for p in apart if p in old}, {p: new[p] for p in apart if p in new},
    )  # fmt: skip
    assert objects.at(second, [*new, "content/tide", "nowhere"]) == dict(new)


def test_paths_that_are_twins_on_some_machines_are_looked_for_in_their_folders_only(folder, git):
    objects, main = Objects(Repository(folder)), git(folder, "rev-parse", "HEAD")
    assert objects.beside(main, ["content/tide/2026/a.md", "content/tide/2027/a.md"]) == ()
    for twin in ("content/tide/2026/A.md", "Content/tide/2026/a.md", "content/tide/2026/C/附 件.txt"):
        assert set(objects.beside(main, [twin])) == set(listing(folder, main))
    assert set(objects.beside(main, ["content/x/n.md", "content/X/n.md"])) == set(listing(folder, main))
