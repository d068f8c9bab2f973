"""Refs are read as git tells them; what is not in git's plainest form is left to git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.refs import stand

MAIN, LEDGER = "refs/heads/main", "refs/gongkai/ledger"


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository with two commits, the second on main."""
    monkeypatch.delenv("GIT_DIR", raising=False)
    folder = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(folder))
    tree = git(folder, "hash-object", "-w", "-t", "tree", "/dev/null")
    who = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    one = git(folder, *who, "commit-tree", tree, "-m", "one")
    two = git(folder, *who, "commit-tree", tree, "-p", one, "-m", "two")
    git(folder, "update-ref", LEDGER, one)
    git(folder, "update-ref", MAIN, two)
    return folder


def told(folder: Path) -> dict[str, str]:
    rows = (
        line.split() for line in git(folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    )
    return {name: oid for name, oid in rows if name in (MAIN, LEDGER)}


def test_a_ref_is_found_in_its_own_file_and_among_the_packed_ones(bare):
    names = (MAIN, LEDGER, "refs/heads/other", "refs/heads", "refs/heads/main/below")
    assert stand(bare, names) == told(bare) and len(told(bare)) == 2
    git(bare, "pack-refs", "--all")
    assert not (bare / MAIN).exists()
    assert stand(bare, names) == told(bare)
    git(bare, "update-ref", MAIN, told(bare)[LEDGER])
    assert stand(bare, names) == told(bare) and len({*told(bare).values()}) == 1
    git(bare, "update-ref", "-d", LEDGER)
    assert stand(bare, names) == told(bare) == {MAIN: told(bare)[MAIN]}


@pytest.mark.parametrize("raw", ["ref: refs/heads/main\n", "", "0123\n", "x" * 40])
def test_what_is_no_plain_id_is_left_to_git(bare, raw):
    (bare / "refs/heads/odd").write_text(raw)
    assert stand(bare, ["refs/heads/odd"]) is None
    there = Objects(Repository(bare)).ref("refs/heads/odd")
    assert there == (told(bare)[MAIN] if raw.startswith("ref: ") else "")


def test_names_from_outside_and_other_kinds_of_repositories_are_left_to_git(bare, tmp_path, monkeypatch):
    assert stand(bare, ["refs/heads/../../config"]) is None and stand(bare, ["HEAD"]) is None
    git(tmp_path, "init", "-q", "work")
    assert stand(tmp_path / "work", [MAIN]) is None and stand(tmp_path / "work/.git", [MAIN]) == {}
    (bare / "reftable").mkdir()
    assert stand(bare, [MAIN]) is None
    (bare / "reftable").rmdir()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "work/.git"))
    assert stand(bare, [MAIN]) is None
