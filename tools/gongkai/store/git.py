"""Git at arm's length: one persistent `cat-file` for reading, a child process for every other question.

Full ref names and object ids only, `-z` for paths, an environment without git's variables except those that name a
hook's quarantine: with these removed a hook could not see what is being pushed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.batch import Batch, Missing, batch_of
from gongkai.store.process import run

_ID = re.compile(r"[0-9a-f]{40}")
SECONDS = 3600.0
"""So long a single command of git may take."""


class Repository:
    """A git repository, bare or with a work tree, at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.batch: Batch = batch_of(folder)
        """The child process that reads objects, shared with all who read in this repository; it starts when it is asked."""

    def run(self, *args: str) -> bytes:
        """The bytes that `git <args>` writes; GongkaiError (exit 3) when it fails."""
        done = run(["git", *args], cwd=self.folder, timeout=SECONDS)
        if done.code:
            reason = done.err.decode("utf-8", "replace").strip() or f"exit {done.code}"
            raise GongkaiError(
                msg("git {command} failed: {reason}", command=args[0], reason=reason),
                msg(
                    "check that {folder} is a git repository and that git is installed",
                    folder=str(self.folder),
                ),
                Exit.BROKEN,
            )
        return done.out

    def resolve(self, revision: str) -> str:
        """The commit id that `revision` names; GongkaiError (exit 2) when there is none."""
        if _ID.fullmatch(revision):
            with suppress(Missing, OSError):
                return self.batch.ask(f"{revision}^{{commit}}")[0]
        try:
            out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GongkaiError as error:
            raise GongkaiError(
                msg("{revision} names no commit in {folder}", revision=revision, folder=str(self.folder)),
                msg("give a commit id or a branch; `git log --oneline` lists them"),
            ) from error
        return out.decode().strip()

    def blob(self, blob: str) -> bytes:
        """The bytes of an object, through one persistent `git cat-file --batch`; ValueError when it is not there."""
        return self.batch.ask(blob)[2]

    def close(self) -> None:
        """End the persistent processes."""
        self.batch.close()


def is_shallow(folder: Path) -> bool | None:
    """Whether the repository at a folder lacks a part of its history; None when there is no repository."""
    if (folder / "HEAD").is_file() and (
        folder / "objects"
    ).is_dir():  # a bare one: git looks at this very file
        shallow = folder / "shallow"
        return shallow.is_file() and shallow.stat().st_size > 0
    done = run(["git", "rev-parse", "--is-shallow-repository"], cwd=folder) if folder.is_dir() else None
    return None if done is None or done.code else done.out.strip() == b"true"


def settings_of(folder: Path) -> dict[str, str]:
    """All of git's settings as they hold in a folder, by name in git's own spelling; of several values the last."""
    out = run(["git", "config", "--list", "-z"], cwd=folder).out.decode("utf-8", "replace")
    rows = (row.partition("\n") for row in out.split("\0") if row)
    return {name: value for name, _, value in rows}


def work_tree_changes(root: Path, base: str | None = None) -> frozenset[str] | None:
    """Paths under `root` that differ from HEAD, or from the commit `base`; None when `root` is in no work tree."""
    if not _in_work_tree(root):
        return None
    repository = Repository(root)
    new = repository.run("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    if base is None and not _has_head(repository):
        return frozenset(_paths(new + repository.run("ls-files", "-z", "--", ".")))
    against = repository.resolve(base) if base else "HEAD"
    changed = repository.run("diff", "-z", "--name-only", "--no-renames", "--relative", against, "--", ".")
    return frozenset(_paths(new + changed))


def changes_between(folder: Path, base: str, head: str) -> frozenset[str]:
    """Paths whose content differs between two commits of the repository at `folder`."""
    repository = Repository(folder)
    out = repository.run(
        "diff-tree",
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        repository.resolve(base),
        repository.resolve(head),
    )
    return frozenset(_paths(out))


def _paths(raw: bytes) -> list[str]:
    return [p.decode("utf-8", "surrogateescape") for p in raw.split(b"\0") if p]


def _in_work_tree(root: Path) -> bool:
    try:
        return Repository(root).run("rev-parse", "--is-inside-work-tree").strip() == b"true"
    except GongkaiError:
        return False


def _has_head(repository: Repository) -> bool:
    try:
        repository.run("rev-parse", "--verify", "--quiet", "HEAD")
    except GongkaiError:
        return False
    return True
