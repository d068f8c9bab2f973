"""A folder, a commit and a bare repository look alike."""

import errno
import os
import threading

import pytest

from gongkai.items.read import read_corpus
from gongkai.model.errors import GongkaiError
from gongkai.portal.unchanged import blob_of
from gongkai.store import tree
from gongkai.store.git import work_tree_changes
from gongkai.store.tree import CommitTree, FolderTree
from gongkai.store.worktree import Look

ITEM = "---\nid: office-2026-00001\ntitle: 标题\n---\n正文\n"


@pytest.fixture
def repository(tmp_path, git):
    work = tmp_path / "工作 区"
    (work / "content/office/2026/office-2026-00001").mkdir(parents=True)
    (work / "content/office/2026/office-2026-00001.md").write_text(ITEM, encoding="utf-8")
    (work / "content/office/2026/office-2026-00001/附件 一.txt").write_text("x")
    git(work, "init")
    git(work, "add", ".")
    git(work, "commit", "-m", "first")
    return work


def test_folder_commit_and_bare_repository_give_the_same_corpus(repository, tmp_path, git):
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--bare", str(repository), str(bare))
    trees = [FolderTree(repository), CommitTree(repository, "HEAD"), CommitTree(bare, "refs/heads/main")]
    corpora = [read_corpus(tree) for tree in trees]
    assert corpora[0].items == corpora[1].items == corpora[2].items
    assert [list(c.files) for c in corpora] == [["content/office/2026/office-2026-00001/附件 一.txt"]] * 3
    assert trees[2].read("content/office/2026/office-2026-00001/附件 一.txt") == b"x"


def test_links_and_submodules_in_a_commit_are_never_read(repository, git):
    (repository / "content/office/2026/office-2026-00002.md").symlink_to("/etc/passwd")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "link")
    corpus = read_corpus(CommitTree(repository, "HEAD"))
    assert [u.fault for u in corpus.unread] == ["symlink"]


@pytest.mark.parametrize("told_by_the_system", [True, False])
def test_a_folder_never_reads_what_a_link_leads_to(repository, monkeypatch, told_by_the_system):
    """Also where a link took the file's place after the folder was listed, and where systems know no such refusal."""
    if not told_by_the_system:
        monkeypatch.setattr(tree, "_NO_LINK", 0)
    path = "content/office/2026/office-2026-00001.md"
    assert FolderTree(repository).read(path) == ITEM.encode()
    (repository / path).unlink()
    (repository / path).symlink_to("/etc/passwd")
    with pytest.raises(FileNotFoundError):
        FolderTree(repository).read(path)


def test_from_its_beginning_a_tree_lists_a_folder_as_it_was_then(repository):
    begun, plain = FolderTree(repository), FolderTree(repository)
    begun.begin()
    before = begun.entries("content")
    (repository / "content/later.md").write_text("x", encoding="utf-8")
    assert begun.entries("content") == begun.entries("content/") == before
    assert [entry.path for entry in plain.entries("content") if entry not in before] == ["content/later.md"]


@pytest.fixture
def begun(repository, monkeypatch):
    """A tree whose content another process lists; threads that other tests left do not matter to it."""
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    tree = FolderTree(repository)
    tree.begin()
    tree.list_ahead("content")
    assert tree._ahead is not None
    return tree


def test_what_another_process_lists_is_listed_as_here(repository, begun):
    assert begun.entries("content") == FolderTree(repository).entries("content")
    assert all(entry.blob for entry in begun.entries("content"))
    assert begun.entries("content/office/2026") == FolderTree(repository).entries("content/office/2026")


def test_when_the_process_that_lists_dies_all_is_listed_here(repository, begun):
    begun._ahead[1].end()
    assert begun.entries("content") == FolderTree(repository).entries("content")


def test_what_git_tells_of_and_the_other_process_did_not_see_yet_is_listed_too(repository, monkeypatch):
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    late, back = repository / "content/late/note.md", repository / "content/office/2026/office-2026-00001.md"
    bytes_before = back.read_bytes()
    back.unlink()
    again = FolderTree(repository)
    again.begin()
    again.list_ahead("content")
    os.waitid(os.P_PID, again._ahead[1]._child, os.WEXITED | os.WNOWAIT)  # it has listed by now
    back.write_bytes(bytes_before)
    late.parent.mkdir()
    late.write_text("x", encoding="utf-8")
    again._look = Look(repository)  # git comes to look only now
    assert {back, late} <= {repository / entry.path for entry in again.entries("content")}


def test_files_behind_a_linked_folder_are_gone_whoever_is_asked(repository):
    before = FolderTree(repository)
    mark, apart = before.mark, before.apart("content")
    (repository / "content/office").rename(repository / "elsewhere")
    (repository / "content/office").symlink_to(repository / "elsewhere")
    now = FolderTree(repository)
    assert [entry.kind for entry in now.entries("content")] == ["symlink"]
    assert {path for path, entry in now.since(mark, apart, "content").items() if entry is not None} == {
        "content/office"
    }
    (repository / "content/office").unlink()
    (repository / "content").rename(repository / "further")
    (repository / "content").symlink_to(repository / "further")
    (repository / "elsewhere").rename(repository / "further/office")
    now = FolderTree(repository)
    assert (now.entries("content"), now.blobs("content")) == ([], {})
    assert set(now.since(mark, apart, "content").values()) == {None}


def test_a_tree_is_listed_where_no_other_process_can_be_had(repository, monkeypatch):
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "fork", _refused)
    tree = FolderTree(repository)
    tree.begin()
    tree.list_ahead("content")
    assert tree.entries("content") == FolderTree(repository).entries("content") != []


def _refused():
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def test_an_unknown_revision_is_said_plainly(repository):
    with pytest.raises(GongkaiError, match="names no commit"):
        CommitTree(repository, "no-such-branch")


def test_an_option_instead_of_a_revision_is_no_option(repository):
    with pytest.raises(GongkaiError, match="names no commit"):
        CommitTree(repository, "--help")


def test_what_differs_from_the_last_commit_is_known(repository, tmp_path):
    assert work_tree_changes(repository) == frozenset()
    (repository / "content/office/2026/office-2026-00001.md").write_text(ITEM + "再", encoding="utf-8")
    (repository / "新.md").write_text("x")
    assert work_tree_changes(repository) == {"content/office/2026/office-2026-00001.md", "新.md"}
    assert work_tree_changes(tmp_path) is None


def test_what_git_tells_of_a_folder_is_what_is_listed_there(repository, git):
    def both():
        listed = FolderTree(repository).entries("content")
        return FolderTree(repository).blobs("content"), {
            e.path: blob_of(e, FolderTree(repository)) for e in listed
        }

    told, listed = both()
    assert told == listed != {}
    item = repository / "content/office/2026/office-2026-00001.md"
    item.write_text(ITEM + "改", encoding="utf-8")
    (repository / "content/新 的.txt").write_text("new", encoding="utf-8")
    (repository / "content/office/2026/office-2026-00001/附件 一.txt").unlink()
    changed, listed = both()
    assert changed == listed != told
    git(repository, "add", "content/office")
    assert both() == (changed, changed)
    git(repository, "add", "-A")
    git(repository, "commit", "-m", "second")
    assert both() == (changed, changed), "what was committed is what was there before"
    item.rename(repository / "content/moved.md")
    assert both()[0] == both()[1] != changed


def test_where_git_cannot_tell_it_tells_nothing(repository, git, tmp_path):
    assert FolderTree(tmp_path).blobs("content") is None
    link = repository / "content/link.md"
    link.symlink_to("office/2026/office-2026-00001.md")
    assert FolderTree(repository).blobs("content") is None
    git(repository, "add", "-A")
    git(repository, "commit", "-m", "link")
    assert FolderTree(repository).blobs("content") is None
    git(repository, "rm", "-q", "content/link.md")
    assert FolderTree(repository).blobs("content")
    (repository / ".gitattributes").write_text("*.md text\n", encoding="utf-8")
    assert FolderTree(repository).blobs("content") is None
