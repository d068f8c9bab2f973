"""The gate put to the proof: forbidden things are really pushed into a scratch copy, and each must be refused, rightly.

The copy has the server's own configuration, hooks and refs; its objects are borrowed, so it is made at once however
large the repository is, and whatever comes of it is thrown away.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai.evidence.ledger import LEDGER, MAIN
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.client import config
from gongkai.gate.repository import Gate, open_gate
from gongkai.gate.settle import settle
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Statement
from gongkai.model.message import Message, msg
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.process import run
from gongkai.store.signing import make_key, sign

QUIET = {"GONGKAI_LANG": "en", "GONGKAI_USER": "", "GL_USER": ""}
"""Nobody vouches for the rehearsal, and the hooks speak English, so that the reason can be told from another."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A forbidden thing that was tried: what, whether it was refused, whether for the right reason, what was said."""

    what: Message
    refused: bool
    rightly: bool
    said: str


@dataclass
class _Stage:
    """The scratch copy and somebody outside who pushes into it."""

    server: Path
    outside: Path
    gate: Gate
    now: datetime

    def refs(self) -> dict[str, str]:
        return self.gate.objects.refs("refs/")


def rehearse(gate: Gate, now: datetime) -> tuple[tuple[Attempt, ...], tuple[Message, ...]]:
    """Every attempt on a scratch copy of the server, and what `settle` found to do there."""
    with tempfile.TemporaryDirectory(prefix="gongkai-doctor-") as folder:
        stage = _stage(gate, Path(folder), now)
        try:
            settled = tuple(settle(stage.gate, now))
        except GongkaiError as error:
            settled = (error.says,)
        return tuple(_attempts(stage)), settled


def _stage(gate: Gate, folder: Path, now: datetime) -> _Stage:
    server, outside = folder / "server.git", folder / "outside"
    server.mkdir()
    for name in ("HEAD", "config", "packed-refs"):
        if (gate.folder / name).is_file():
            shutil.copy(gate.folder / name, server / name)
    for name in ("refs", "hooks"):
        shutil.copytree(gate.folder / name, server / name, symlinks=True)
    _borrow(server / "objects", gate.folder)
    hooks = config(server, "core.hooksPath")
    if hooks and Path(hooks).resolve() == (gate.folder / "hooks").resolve():
        run(["git", "config", "core.hooksPath", str(server / "hooks")], cwd=server)
    run(["git", "init", "--quiet", str(outside)])
    _borrow(outside / ".git" / "objects", gate.folder)
    return _Stage(server, outside, open_gate(server), now)


def _borrow(objects: Path, folder: Path) -> None:
    (objects / "info").mkdir(parents=True, exist_ok=True)
    (objects / "info" / "alternates").write_text(f"{(folder / 'objects').resolve()}\n")


def _attempts(stage: _Stage) -> Iterator[Attempt]:
    """Name what is tried, what is pushed, and a part of the only right answer."""
    main = stage.gate.state.main
    outside = Objects(Repository(stage.outside))
    person, department = _somebody(stage.gate, stage.now)
    path = f"content/{department}/{stage.now.year}/{department}-{stage.now.year}-99999.yml"
    tree = outside.overlay(main, {path: outside.write_blob(b"title: unreviewed\n")})
    commit = outside.write_commit(tree, [main], "unreviewed", stage.now)
    review = f"{commit}:refs/heads/review/{department}/doctor"
    foreign = "cannot be pushed here"
    tries: tuple[tuple[Message, Sequence[str], str], ...] = (
        (msg("a push to main"), [f"{commit}:{MAIN}"], "nobody pushes main"),
        (msg("the deletion of main"), [f":{MAIN}"], "nobody pushes main"),
        (msg("a push to the ledger"), [f"+{commit}:{LEDGER}"], foreign),
        (msg("a branch of another name"), [f"{commit}:refs/heads/other"], foreign),
        (msg("a tag"), [f"{commit}:refs/tags/main"], foreign),
        (msg("a replace ref"), [f"{commit}:refs/replace/{main}"], foreign),
        (msg("two branches at once"), [review, f"{review}-2"], "one branch at a time"),
        (msg("a submission that nobody signed"), [review], "nobody vouches"),
        (
            msg("a submission signed with a stranger's key"),
            [_signed(stage, person), review],
            "the signature is not",
        ),
        (msg("a forged approval"), [_forged(stage, outside, person)], "the signature is not"),
    )
    for what, args, right in tries:
        yield _try(stage, what, ["git", "push", str(stage.server), *args], stage.outside, right)
    stored = stage.gate.objects.write_commit(stage.gate.state.main_tree, [main], "behind the gate", stage.now)
    behind = ["git", "update-ref", MAIN, stored]
    yield _try(
        stage, msg("main moved inside the repository, as a fetch into it would"), behind, stage.server,
        "main only follows the ledger",
    )  # fmt: skip


def _try(stage: _Stage, what: Message, args: Sequence[str], where: Path, right: str) -> Attempt:
    before = stage.refs()
    done = run(args, cwd=where, timeout=600, env=QUIET)
    said = done.err.decode("utf-8", "replace")
    refused = done.code != 0 and stage.refs() == before
    return Attempt(what, refused, refused and right in said, _first(said))


def _first(said: str) -> str:
    """The first thing that the other side said; else the last line of git's own."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    remote = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return (remote or lines[-1:] or [""])[0]


def _somebody(gate: Gate, now: datetime) -> tuple[str, str]:
    """An officer whom a forger would name, and the department."""
    policy = gate.policy(now)
    for person in policy.people.values():
        if "officer" in person.roles and person.active(policy.day(now)):
            return person.code, person.department
    return "officer", "office"


def _stranger(stage: _Stage) -> Path:
    """A key that no policy knows."""
    key = stage.outside.parent / "stranger"
    if not key.exists():
        make_key(key, "stranger")
    return key


def _packed(stage: _Stage, kind: str, person: str) -> bytes:
    submissions = [s for s in stage.gate.state.submissions.values() if s.state == "waiting"]
    number = submissions[0].number if submissions else "S-0000-00001"
    version, change = (
        (submissions[0].last.number, submissions[0].last.change.digest) if submissions else (1, "0" * 64)
    )
    statement = Statement(
        kind, stage.gate.state.genesis, number, version, change, person, stage.now.isoformat(), "", "head"
    )
    return pack(statement, sign(_stranger(stage), NAMESPACES[kind], text_of(statement)))


def _signed(stage: _Stage, person: str) -> str:
    return (
        f"--push-option=gongkai-statement={base64.b64encode(_packed(stage, 'submission', person)).decode()}"
    )


def _forged(stage: _Stage, outside: Objects, person: str) -> str:
    packed = _packed(stage, "approval", person)
    return f"{outside.write_blob(packed)}:refs/gongkai/inbox/{person}/{hashlib.sha256(packed).hexdigest()}"
