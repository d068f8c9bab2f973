"""A key declared void, at once and for ever: by any administrator alone, or by its owner (gate.md, a stolen key).

people.yml may list the key on; from the event on nobody's ruling counts what it signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongkai.evidence.policy import Policy, key_body
from gongkai.evidence.state import State, Submission
from gongkai.gate.client import Clone, fetch_all, push_statement
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Statement
from gongkai.model.message import Message, msg

HINT = msg("nothing was recorded; `gongkai people keys` lists the keys and which of them are void")


@dataclass(frozen=True)
class Revoked:
    """What came of a revocation: the keys, the open submissions that it touches, and what to look after now."""

    keys: tuple[str, ...]
    submissions: tuple[Submission, ...]
    administrators: int


def revoke(gate: Gate, statement: Statement, proof: dict[str, Any], policy: Policy, now: datetime) -> None:
    """Record a revocation whose signature was verified; Refused when it is not the signer's to make."""
    wrong = list(against(gate.state, statement, policy, now))
    if wrong:
        raise Refused(wrong, hint=HINT)
    data = {
        "person": statement.person, "whose": statement.step, "keys": sorted(statement.reasons),
        "reasons": dict(statement.reasons), **proof,
    }  # fmt: skip
    gate.record("revoked", data, now)


def against(state: State, statement: Statement, policy: Policy, now: datetime) -> Iterator[Message]:
    """What speaks against a revocation: the same for server and auditor."""
    whose, keys = statement.step, statement.reasons
    if statement.person != whose and statement.person not in policy.administrators(now):
        yield msg("{person} may revoke their own keys only; an administrator may revoke anybody's", person=statement.person)  # fmt: skip
    known = {body for body, people in policy.holders().items() if whose in people}
    if not keys:
        yield msg("no key of {person} is named", person=whose)
    for key in sorted(keys):
        if key in state.revoked:
            yield msg("the key {key} was revoked before", key=shortened(key))
        elif key not in known:
            yield msg("{person} has no key {key}", person=whose, key=shortened(key))


def shortened(key: str) -> str:
    """A key's kind and end, enough to tell a person's keys apart."""
    kind, _, body = key.partition(" ")
    return f"{kind} …{body[-12:]}"


def revoke_from(clone: Clone, whose: str, wanted: Sequence[str], reason: str, now: datetime) -> Revoked:
    """Sign the revocation of somebody's keys and hand it in. `wanted` names keys by their text or its end; none: all.

    GongkaiError (exit 2) when a name fits no key or several; Refused when the server says no.
    """
    gate = clone.gate
    keys = _chosen(gate.policy(now), whose, wanted, gate.state.revoked)
    statement = Statement(
        "revocation", gate.state.genesis, "", 0, "", clone.me().person, now.isoformat(), step=whose,
        reasons=dict.fromkeys(keys, reason),
    )  # fmt: skip
    touched = tuple(_touched(gate.state, keys))
    push_statement(clone, statement)
    fetch_all(clone.folder)
    gate.refresh()
    policy = gate.policy(now)
    left = sum(bool(policy.good(code)) for code in policy.administrators(now))
    return Revoked(keys, touched, left)


def _chosen(
    policy: Policy, whose: str, wanted: Sequence[str], revoked: Mapping[str, datetime]
) -> tuple[str, ...]:
    who = policy.people.get(whose)
    if who is None:
        raise GongkaiError(
            msg("there is no person {value}", value=whose),
            msg("choose one of: {choices}", choices=", ".join(policy.people)),
        )
    there = dict.fromkeys(key_body(k) for k in who.keys)
    if not wanted:
        return tuple(k for k in there if k not in revoked)
    found = [[k for k in there if k == key_body(w) or k.endswith(w.strip().rstrip("="))] for w in wanted]
    for name, keys in zip(wanted, found, strict=True):
        if len(keys) != 1:
            raise GongkaiError(
                msg("{person} has {count} keys that end with {key}", person=whose, count=len(keys), key=name),
                msg("give more of the key's end; `gongkai people keys {person}` lists them", person=whose),
            )
    return tuple(dict.fromkeys(k for keys in found for k in keys))


def _touched(state: State, keys: Sequence[str]) -> Iterator[Submission]:
    """Open submissions that were handed in or approved with one of the keys: these acts no longer count."""
    for submission in state.submissions.values():
        used = (submission.last.key, *(a.key for a in submission.given))
        if submission.state in ("waiting", "returned") and any(key_body(k) in keys for k in used if k):
            yield submission
