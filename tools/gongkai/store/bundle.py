"""A repository in one file: all its refs and everything they reach, as a git bundle; and a repository made of one again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.process import Done, run

LONG = 3600.0
QUIET = {"GIT_TERMINAL_PROMPT": "0"}
BARE = [
    "git",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "init.templateDir=",
    "init",
    "--quiet",
    "--bare",
    "--shared=0640",
]


def refs_of(repository: Path) -> dict[str, str]:
    """Every ref and what it names."""
    out = _git(repository, "for-each-ref", "--format=%(objectname) %(refname)").decode()
    return {ref: oid for oid, _, ref in (line.partition(" ") for line in out.splitlines())}


def make_bundle(repository: Path, refs: Mapping[str, str], file: Path, scratch: Path) -> None:
    """Write these refs, as they were seen, with all they reach. `scratch` is an empty folder's name; it is left behind.

    The refs are laid down in a repository of its own that borrows the objects: what moves meanwhile changes nothing.
    """
    make_bare(scratch)
    (scratch / "objects/info").mkdir(parents=True, exist_ok=True)
    (scratch / "objects/info/alternates").write_text(
        f"{(repository / 'objects').resolve()}\n", encoding="utf-8"
    )
    orders = "".join(f"create {ref} {oid}\n" for ref, oid in refs.items())
    _git(scratch, "update-ref", "--stdin", stdin=orders.encode())
    _git(scratch, "bundle", "create", "--quiet", str(file.absolute()), "--all")


def make_bare(folder: Path) -> None:
    """Make an empty bare repository whose branch is main; GongkaiError (exit 3) when that cannot be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _need(run([*BARE, folder]), "init", folder)


def unpack_bundle(file: Path, folder: Path) -> dict[str, str]:
    """Bring everything in a bundle into the bare repository `folder`, every object checked; its refs.

    GongkaiError (exit 1) naming the bundle when it is broken, cut off, or needs what it does not hold.
    """
    bundle = str(file.absolute())
    for words in (["bundle", "verify", "--quiet", bundle],
                  ["-c", "fetch.fsckObjects=true", "-c", "core.hooksPath=/dev/null", "fetch", "--quiet", "--no-tags",
                   "--no-write-fetch-head", "--no-auto-gc", "--atomic", bundle, "+refs/*:refs/*"]):  # fmt: skip
        done = run(["git", *words], cwd=folder, timeout=LONG, env=QUIET)
        if done.code:
            raise GongkaiError(
                msg(
                    "{file} is no whole bundle of a repository: {reason}", file=str(file), reason=_said(done)
                ),
                msg("take another backup; this one is broken or was changed"),
                Exit.FINDINGS,
            )
    return refs_of(folder)


def _git(folder: Path, *words: str, stdin: bytes | None = None) -> bytes:
    done = run(["git", *words], cwd=folder, timeout=LONG, stdin=stdin, env=QUIET)
    _need(done, words[0], folder)
    return done.out


def _need(done: Done, command: str, folder: Path) -> None:
    if done.code:
        raise GongkaiError(
            msg("git {command} failed: {reason}", command=command, reason=_said(done)),
            msg("check the permissions of {folder} and the room on its disk", folder=str(folder)),
            Exit.BROKEN,
        )


def _said(done: Done) -> str:
    return done.err.decode("utf-8", "replace").strip()
