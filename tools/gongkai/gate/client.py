"""An officer's or reviewer's clone: who one is, what the server knows, and the one way to hand something in."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from gongkai.evidence.ledger import LEDGER
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate, open_gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import Statement
from gongkai.model.message import msg
from gongkai.store.process import run
from gongkai.store.signing import sign

REMOTE = "origin"


@dataclass(frozen=True)
class Identity:
    """Who works in this clone (git config gongkai.person) and the private key they sign with (gongkai.key)."""

    person: str
    key: Path


@dataclass(frozen=True)
class Clone:
    """A clone of a server's repository, with its ledger fetched: `gate` reads it as the server does, and only reads."""

    folder: Path
    gate: Gate
    identity: Identity | None

    def me(self) -> Identity:
        """The identity; GongkaiError (exit 2) when nobody was set up here."""
        if self.identity is None:
            raise GongkaiError(
                msg("this clone does not know who you are"),
                msg("run `gongkai setup URL`, or in this folder `gongkai setup .`"),
            )
        return self.identity


def open_clone(folder: Path, *, fetch: bool = True) -> Clone:
    """The clone at `folder`, brought up to date with the server unless `fetch` is off."""
    if fetch:
        fetch_all(folder)
    person, key = config(folder, "gongkai.person"), config(folder, "gongkai.key")
    identity = Identity(person, Path(key)) if person and key else None
    return Clone(folder, open_gate(folder), identity)


def fetch_all(folder: Path) -> None:
    """Fetch branches and the ledger (a default clone leaves it out). GongkaiError (exit 3) when it cannot be reached.

    The ledger is not forced: a server whose ledger is no continuation of what this clone has seen is found out here.
    """
    refs = ["+refs/heads/*:refs/remotes/origin/*", f"{LEDGER}:{LEDGER}"]
    # Not --quiet: then git would not say that it rejected the ledger.
    done = run(["git", "fetch", "--prune", "--no-tags", REMOTE, *refs], cwd=folder, timeout=600)
    reason = done.err.decode("utf-8", "replace").strip()
    if done.code and "[rejected]" in reason and LEDGER.removeprefix("refs/") in reason:
        raise GongkaiError(
            msg("the server's ledger is no continuation of the one that this clone has seen before"),
            msg(
                "somebody has rewritten it, or the server was made anew: keep this clone as it is, tell an administrator"
            ),
            Exit.FINDINGS,
        )
    if done.code:
        raise unreachable(reason)


def unreachable(reason: str) -> GongkaiError:
    """The world broke between here and the server."""
    return GongkaiError(
        msg("the server cannot be reached: {reason}", reason=reason),
        msg("check the network and the address (`git remote -v`), and try again; nothing was changed"),
        Exit.BROKEN,
    )


def remember(folder: Path, name: str, value: str) -> None:
    """Set a value of the clone's own git configuration; GongkaiError (exit 3) when it cannot be written."""
    done = run(["git", "config", name, value], cwd=folder)
    if done.code:
        reason = done.err.decode("utf-8", "replace").strip()
        raise GongkaiError(
            msg("git {command} failed: {reason}", command="config", reason=reason),
            msg("check the permissions of the folder .git"),
            Exit.BROKEN,
        )


def memory(folder: Path) -> dict[str, str]:
    """What this clone remembers: `gongkai.<id>.submission` (an item went out with it), `gongkai.<id>.base` (written on)."""
    out = run(["git", "config", "-z", "--get-regexp", r"^gongkai\."], cwd=folder).out.decode(
        "utf-8", "replace"
    )
    rows = (row.partition("\n") for row in out.split("\0") if row)
    return {name: value for name, _, value in rows}


def config(folder: Path, name: str) -> str:
    """A value of the clone's git configuration; empty when it is not set."""
    return run(["git", "config", "--get", name], cwd=folder).out.decode("utf-8", "replace").strip()


def push_branch(clone: Clone, commit: str, branch: str, statement: Statement) -> str:
    """Push a commit to a review branch with its signed statement; returns what the server said. Refused when it said no."""
    option = base64.b64encode(_packed(clone, statement)).decode()
    return _push(clone, f"{commit}:{branch}", ["-o", f"gongkai-statement={option}", "--force"])


def push_statement(clone: Clone, statement: Statement) -> str:
    """Push a signed approval, return or cancellation to the inbox; returns what the server said."""
    packed = _packed(clone, statement)
    blob = clone.gate.objects.write_blob(packed)
    digest = hashlib.sha256(packed).hexdigest()
    return _push(clone, f"{blob}:refs/gongkai/inbox/{statement.person}/{digest}", [])


def _packed(clone: Clone, statement: Statement) -> bytes:
    return pack(statement, sign(clone.me().key, NAMESPACES[statement.kind], text_of(statement)))


def _push(clone: Clone, refspec: str, options: list[str]) -> str:
    done = run(["git", "push", *options, REMOTE, refspec], cwd=clone.folder, timeout=600)
    said = remote_words(done.err.decode("utf-8", "replace"))
    if done.code and not said and "remote rejected" not in done.err.decode("utf-8", "replace"):
        raise unreachable(done.err.decode("utf-8", "replace").strip())
    if done.code:
        raise _refused(said)
    return "\n".join(said)


def _refused(said: list[str]) -> Refused:
    """The server's refusal: its reasons each on a line, its advice as the hint."""
    hints = [line.removeprefix("  → ") for line in said if line.startswith("  → ")]
    first = next((i for i, line in enumerate(said) if line.startswith("  - ")), 0)
    reasons = [line.removeprefix("  - ") for line in said[first:] if not line.startswith("  → ")]
    return Refused(
        [msg("{words}", words=line) for line in reasons] or [msg("git push failed")],
        hint=msg("{words}", words=hints[-1])
        if hints
        else msg("nothing was handed in; mend what the server named and try again"),
    )


def remote_words(text: str) -> list[str]:
    """What the server's hook printed, without git's `remote: ` in front."""
    lines = (
        line.removeprefix("remote: ").rstrip() for line in text.splitlines() if line.startswith("remote: ")
    )
    return [line for line in lines if line]
