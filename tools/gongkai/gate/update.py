"""Bringing an officer's folder up to main: what they did not touch follows, what they changed stays or is merged."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai.gate.client import Clone
from gongkai.gate.drafting import Sorting, sort
from gongkai.gate.renumber import renumber
from gongkai.gate.working import Copy, read_copy, take_away
from gongkai.store.files import write_all
from gongkai.store.objects import Objects
from gongkai.store.process import run

KEPT = ".portal/kept"
"""Where an officer's own text is kept when another takes its place: git and the build leave this folder alone."""


@dataclass(frozen=True)
class Updated:
    """What was done: items with another number, how many files followed main, own changes that stay, files where both
    changes stand together now, files that hold main's text only; each of these two with the path of the kept copy.
    `branch` keeps commits of one's own, if there were any.
    """

    renamed: Mapping[str, str]
    followed: int
    mine: tuple[str, ...]
    merged: Mapping[str, str]
    replaced: Mapping[str, str]
    branch: str = ""


def update(clone: Clone, now: datetime) -> Updated:
    """Let the folder follow main. Nothing of the officer's is lost: what cannot stay where it is, is kept aside."""
    sorting = _sorted(clone)
    renamed = renumber(sorting) if sorting.clashes else {}
    sorting = _sorted(clone) if renamed else sorting
    copy, stamp = sorting.copy, now.strftime("%Y%m%d-%H%M%S")
    clashing = sorting.conflicts_of(lambda path: True)
    kept = _keep(clone, copy, clashing, stamp)
    merged = {p: text for p in clashing if (text := _merged(clone.gate.objects, copy, p)) is not None}
    behind = [p for p in copy.here.keys() | copy.main.keys() if p in clashing or _lags(copy, p)]
    branch = _move(clone, stamp)
    _follow(clone, copy, behind)
    write_all(clone.folder, merged)
    run(["git", "update-index", "-q", "--refresh"], cwd=clone.folder)
    return Updated(
        renamed,
        len(behind) - len(clashing),
        tuple(p for p in copy.changed if p not in clashing),
        {p: kept[p] for p in merged},
        {p: kept[p] for p in clashing if p not in merged},
        branch,
    )


def _sorted(clone: Clone) -> Sorting:
    return sort(clone, read_copy(clone), lambda path: True)


def _lags(copy: Copy, path: str) -> bool:
    return not copy.touched(path) and copy.blob(copy.here, path) != copy.blob(copy.main, path)


def _keep(clone: Clone, copy: Copy, paths: list[str], stamp: str) -> dict[str, str]:
    """Copies of the officer's own texts; returns where each is. A file that they took away has none."""
    kept = {path: f"{KEPT}/{stamp}/{path}" for path in paths}
    there = (p for p in paths if copy.blob(copy.here, p))
    write_all(clone.folder, {kept[p]: (clone.folder / p).read_bytes() for p in there})
    return kept


def _merged(objects: Objects, copy: Copy, path: str) -> bytes | None:
    """Both changes in one text, when they are in different lines; None when a person must look."""
    blobs = [copy.blob(where, path) for where in (copy.here, copy.base, copy.main)]
    if not all(blobs):
        return None
    with tempfile.TemporaryDirectory(prefix="gongkai-merge-") as folder:
        files = [Path(folder) / name for name in ("mine", "base", "main")]
        for file, blob in zip(files, blobs, strict=True):
            file.write_bytes(objects.repository.blob(blob))
        done = run(["git", "merge-file", "-p", "-q", *files])
    return done.out if done.code == 0 else None


def _move(clone: Clone, stamp: str) -> str:
    """Let the branch that is checked out stand on main; commits of one's own get a branch that keeps them."""
    objects, main = clone.gate.objects, clone.gate.state.main
    head = objects.repository.resolve("HEAD")
    branch = "" if objects.merge_base(head, main) == head else f"kept/{stamp}"
    if branch:
        objects.git("update-ref", f"refs/heads/{branch}", head)
    objects.git("update-ref", "-m", "gongkai update", "HEAD", main)
    objects.git("read-tree", main)
    return branch


def _follow(clone: Clone, copy: Copy, paths: list[str]) -> None:
    there = [p for p in paths if copy.blob(copy.main, p)]
    names = b"".join(p.encode("utf-8", "surrogateescape") + b"\0" for p in there)
    clone.gate.objects.git("checkout-index", "--force", "-z", "--stdin", stdin=names)
    take_away(clone.folder, set(paths) - set(there))
