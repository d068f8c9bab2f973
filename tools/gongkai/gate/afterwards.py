"""The second review of what was accepted by a short level: given, refused, or let lapse (gate.md property 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongkai.evidence.acts import Owed
from gongkai.evidence.policy import Policy
from gongkai.gate.judging import judge
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.items.read import is_item_path, read_item
from gongkai.items.write import set_field
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Change, PathChange, Statement
from gongkai.model.message import Message, msg
from gongkai.store.tree import CommitTree

KINDS = {"confirmation": "confirmed", "objection": "objected"}
REASON = "未按时通过事后复核"
EXPLANATION = "本信息按应急流程先行发布，未在规定时限内通过事后复核，现予撤下。"


def review_again(
    gate: Gate, statement: Statement, proof: dict[str, Any], policy: Policy, now: datetime
) -> None:
    """Record a second review, a yes or a no with reasons; Refused when it is not this person's to give.

    The caller holds the lock and has verified the signature.
    """
    owed = gate.state.owed.get(statement.submission)
    wrong = (
        [msg("{number} owes no second review", number=statement.submission)]
        if owed is None
        else list(against(owed, statement, policy, now))
    )
    if wrong:
        raise Refused(
            wrong,
            hint=msg("nothing was recorded; `gongkai review list` shows which second reviews are yours"),
        )
    data = {
        "submission": statement.submission, "version": statement.version, "change": statement.change,
        "person": statement.person, "step": statement.step, "policy": statement.policy,
        "reasons": dict(statement.reasons), **proof,
    }  # fmt: skip
    gate.record(KINDS[statement.kind], data, now)


def against(owed: Owed, statement: Statement, policy: Policy, now: datetime) -> Iterator[Message]:
    """What speaks against this second review: the same for server, desk and auditor."""
    person = statement.person
    if not owed.open:
        yield msg("{number} owes no second review", number=owed.submission)
    if owed.objection is not None:
        yield msg(
            "{person} has refused the second review of {number}; its items must be withdrawn or mended",
            person=owed.objection.person, number=owed.submission,
        )  # fmt: skip
    if (statement.version, statement.change) != (owed.version, owed.change):
        yield msg("submission {number} has changed since you looked at it", number=owed.submission)
    if person in owed.people:
        yield msg("{person} handed in or approved {number}; somebody else must look at it again",
                  person=person, number=owed.submission)  # fmt: skip
    if any(a.person == person for a in owed.given):
        yield msg("{person} has already approved; one person fills one step", person=person)
    able = [s for s in owed.waiting if policy.may(person, s, now)]
    if statement.kind == "objection" and not able:
        yield msg("{person} reviews none of its steps", person=person)
    if statement.kind == "objection" and not any(t.strip() for t in statement.reasons.values()):
        yield msg("a return needs a reason")
    if statement.kind == "confirmation" and all(s.code != statement.step for s in able):
        yield msg("{person} cannot fill the step {step}", person=person, step=statement.step)


def lapse(gate: Gate, now: datetime) -> Iterator[Message]:
    """Record the second reviews whose time is over; where review.yml says so, take their items down.

    The caller holds the lock. Safe to call at any time: what was recorded is not recorded again.
    """
    zone = gate.policy(now).zone
    for owed in gate.state.duties():
        if now <= owed.until(zone):
            continue
        if owed.lapse == "withdraw" and _withdraw(gate, owed, now):
            yield msg(
                "{number} passed no second review by {due}: {items} were withdrawn",
                number=owed.submission, due=owed.due, items=", ".join(owed.items),
            )  # fmt: skip
        elif owed.lapsed is None and owed.objection is None:
            data = {"submission": owed.submission, "items": list(owed.items), "due": owed.due}
            gate.record("lapsed", data, now)
            yield msg("{number} got no second review by {due}", number=owed.submission, due=owed.due)


def _withdraw(gate: Gate, owed: Owed, now: datetime) -> bool:
    """Lay the items' withdrawal on main as an act of the gate; False when it cannot be done soundly.

    Nothing of an item changes but its `withdrawal`; the result must pass the check. Event first, then main.
    """
    rows = tuple(_rows(gate, owed))
    if not rows:
        return False
    change = Change(rows, tuple(i for i in owed.items if any(f"/{i}." in r.path for r in rows)))
    result = judge(gate, change, now)
    if result.errors:
        return False
    commit = gate.objects.write_commit(
        result.tree, [gate.state.main], f"{owed.submission} withdrawn {' '.join(change.items)}", now
    )
    data = {
        "submission": owed.submission, "items": list(change.items), "due": owed.due, "main": commit, "tree": result.tree,
        "previous": gate.state.main, "change": [[r.path, r.old, r.new, r.sha256] for r in rows], "withdrawal": note(),
    }  # fmt: skip
    gate.record("withdrawn", data, now)
    gate.follow()
    return True


def _rows(gate: Gate, owed: Owed) -> Iterator[PathChange]:
    """The items' files with their withdrawal written in; those that are taken down already are left alone."""
    listing = gate.objects.listing(gate.state.main)
    tree = CommitTree(gate.folder, gate.state.main)
    for path in sorted(p for p in listing if is_item_path(p)):
        if path.rpartition("/")[2].rpartition(".")[0] not in owed.items:
            continue
        raw = tree.read(path)
        item, _ = read_item(path, raw)
        if item is None or item.group("withdrawal"):
            continue
        try:
            text = set_field(raw.decode(), item.form, "withdrawal", note())
        except GongkaiError:  # written so that a machine had better not touch it
            continue
        blob = gate.objects.write_blob(text.encode())
        yield PathChange(path, listing[path].blob, blob, hashlib.sha256(text.encode()).hexdigest())


def note() -> dict[str, str]:
    """What the gate writes into `withdrawal`."""
    return {"reason": REASON, "explanation": EXPLANATION}
