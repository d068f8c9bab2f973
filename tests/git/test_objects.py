"""What the gate asks of commits and objects without a process for each question is what git itself says."""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime

import pytest

from gongkai.model.errors import GongkaiError
from gongkai.store import objects as module
from gongkai.store.git import Repository
from gongkai.store.listing import FEW, sizes
from gongkai.store.objects import Objects, parents_of

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def git(folder, *args):
    """What git answers; empty where it has no answer."""
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, check=False)
    return done.stdout.decode().strip() if done.returncode == 0 else ""


@pytest.fixture
def store(tmp_path):
    """An empty bare repository."""
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "r.git"], check=True)
    return Objects(Repository(tmp_path / "r.git"))


def history(store, seed, length):
    """Commits that follow each other, part from each other and come together again."""
    chance, tree = random.Random(seed), store.empty_tree()
    commits = [store.write_commit(tree, [], "first", WHEN)]
    for number in range(length):
        parents = chance.sample(commits[-4:], chance.choice([0, 1, 1, 1, 2]) if len(commits) > 1 else 1)
        commits.append(store.write_commit(tree, parents, f"{number}\n\nparent of nobody", WHEN))
    return commits


@pytest.mark.parametrize("seed", range(4))
def test_lines_of_commits_and_what_two_have_in_common_are_as_git_says(store, seed, monkeypatch):
    monkeypatch.setattr(module, "FEW_COMMITS", 5)
    folder, commits = store.repository.folder, history(store, seed, 12)
    chance = random.Random(seed)
    for one, other in [chance.choices(commits, k=2) for _ in range(40)]:
        assert store.merge_base(one, other) == git(folder, "merge-base", one, other)
        for since in (other, ""):
            args = ["rev-list", "--first-parent", "--reverse", one, *([f"^{since}"] if since else [])]
            assert [oid for oid, _ in store.line(one, since)] == git(folder, *args).split()
    assert store.line(commits[-1])[-1][1] == store.repository.batch.ask(commits[-1])[2]


def test_the_commits_before_one_are_read_as_git_reads_them(store):
    for commit in history(store, 9, 12):
        raw = store.repository.batch.ask(commit)[2]
        assert parents_of(raw) == git(store.repository.folder, "log", "-1", "--format=%P", commit).split()


def test_kind_and_size_of_objects_are_told_without_reading_them(store):
    blob = store.write_blob(b"words")
    commit = store.write_commit(store.empty_tree(), [], "x", WHEN)
    assert (store.kind(blob), store.kind(commit), store.kind(f"{commit}^{{tree}}")) == (
        "blob",
        "commit",
        "tree",
    )
    assert store.size(blob) == 5
    gone = "0" * 39 + "1"
    assert store.kind(gone) == store.kind("no such name") == store.kind("two\nlines") == ""
    with pytest.raises(GongkaiError):
        store.size(gone)


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1])
def test_the_sizes_of_few_objects_and_of_many_are_told_alike(store, count):
    blobs = [store.write_blob(b"x" * n) for n in range(count)]
    found = sizes(store.repository.folder, [*blobs, "0" * 39 + "1", *blobs])
    assert found == {blob: n for n, blob in enumerate(blobs)}


def test_an_object_that_came_after_the_first_question_is_seen(store):
    assert store.kind("0" * 39 + "1") == ""
    assert store.kind(store.write_blob(b"later")) == "blob"
