"""Approvals and returns as they arrive in the inbox, and the acceptance that the last approval brings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gongkai.evidence.acts import Approval
from gongkai.evidence.ledger import MAIN
from gongkai.evidence.policy import HIGHER, Policy
from gongkai.evidence.ruling import fault, fill, frees, held, higher_fault, needed, rule_on
from gongkai.evidence.short import levels_of, owes
from gongkai.evidence.state import DAY, Submission
from gongkai.evidence.statement import MAX_BYTES, signed_by, unpack
from gongkai.gate.judging import Result, judge, stale
from gongkai.gate.names import INBOX
from gongkai.gate.receive import gainers, gains, key_faults, policy_faults, widened_by
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.model.evidence import Ruling, Statement, Step
from gongkai.model.message import Message, msg

AGAIN = msg(
    "nothing was recorded; `gongkai review show NUMBER` shows what stands there now, and who may decide"
)

Given = tuple[Gate, Statement, dict[str, Any], Policy, datetime]
"""What a statement is recorded with: the gate, the statement, its proof, the settings, the time of its receipt."""


@dataclass(frozen=True)
class Decision:
    """What an approval or return brought: the submission, the ruling after it, main's new commit if accepted."""

    number: str
    kind: str
    ruling: Ruling
    accepted: str = ""


def take_in(gate: Gate, ref: str, blob: str, user: str, now: datetime) -> Decision:
    """Lay a pushed statement into the inbox and decide on it; one that is refused does not stay. Create-only.

    The caller holds the gate's lock.
    """
    packed = opened(gate, blob)
    there = gate.objects.ref(ref)
    if there not in ("", blob):
        raise Refused([msg("{ref} is there already and cannot be changed", ref=ref)])
    if not there:
        gate.objects.move(ref, blob, "")
    try:
        return decide(gate, ref, packed, user, now)
    except Refused:
        if not there:
            gate.objects.move(ref, "", blob)
        raise


def opened(gate: Gate, blob: str) -> bytes:
    """The bytes of a pushed statement; nothing when it is too large to be one: its size is asked before it is read."""
    readable = gate.objects.kind(blob) == "blob" and gate.objects.size(blob) <= MAX_BYTES
    return gate.objects.repository.blob(blob) if readable else b""


def decide(gate: Gate, ref: str, packed: bytes, user: str, now: datetime) -> Decision:
    """Record the signed statement that was pushed to the inbox, and accept when the ruling is yes.

    The caller holds the gate's lock.
    """
    match = INBOX.match(ref)
    unpacked = unpack(packed)
    if match is None or unpacked is None:
        raise Refused([msg("the signed statement cannot be read")])
    statement, raw, signature = unpacked
    policy = gate.policy(now)
    key = signed_by(statement, raw, signature, policy, now)
    proof = {"key": key, "statement": raw.decode(), "signature": signature}
    wrong = _shape(gate, match["person"], match["sha256"], packed, statement, user, key)
    wrong.extend(_too_many(gate, statement, policy, now))
    if statement.kind in OTHERS:
        if wrong:
            raise Refused(wrong, hint=AGAIN)
        OTHERS[statement.kind](gate, statement, proof, policy, now)
        return Decision(statement.submission or statement.step or statement.person, statement.kind, Ruling())
    submission = gate.state.submissions.get(statement.submission)
    if submission is None:
        wrong.append(msg("there is no submission {number}", number=statement.submission))
    elif not wrong:
        wrong.extend(_standing(submission, statement, policy, now))
    if wrong or submission is None:
        raise Refused(wrong, hint=AGAIN)
    return _record(gate, submission, statement, proof, policy, now)


def _review_again(*given: *Given) -> None:
    from gongkai.gate.afterwards import review_again

    review_again(*given)


def _revoke(*given: *Given) -> None:
    from gongkai.gate.revocation import revoke

    revoke(*given)


def _accept_clock(*given: *Given) -> None:
    from gongkai.gate.clockwork import accept_clock

    accept_clock(*given)


OTHERS: dict[str, Callable[[*Given], None]] = {
    "confirmation": _review_again, "objection": _review_again, "revocation": _revoke, "clock": _accept_clock,
}  # fmt: skip
"""Statements that decide no open submission, each with what records it: imported when one comes, for they are rare."""


def _too_many(gate: Gate, statement: Statement, policy: Policy, now: datetime) -> list[Message]:
    """The inbox holds so many statements of one person a day. A key can be revoked all the same."""
    said = [t for t in gate.state.said.get(statement.person, ()) if now - t < DAY]
    if statement.kind == "revocation" or len(said) < policy.statements:
        return []
    return [
        msg(
            "{person} has handed in {count} signed statements within a day; more are taken in tomorrow",
            person=statement.person, count=len(said),
        )
    ]  # fmt: skip


def _shape(
    gate: Gate, person: str, digest: str, packed: bytes, statement: Statement, user: str, key: str
) -> list[Message]:
    wrong: list[Message] = []
    if hashlib.sha256(packed).hexdigest() != digest or statement.person != person:
        wrong.append(msg("the statement does not belong at this address"))
    if user and user != statement.person:
        wrong.append(
            msg("the account {user} cannot hand in what {person} signed", user=user, person=statement.person)
        )
    if not key:
        wrong.append(
            msg(
                "the signature is not that of {person}, or the key is not valid today",
                person=statement.person,
            )
        )
    if statement.repository != gate.state.genesis:
        wrong.append(msg("the statement was signed for another repository"))
    if statement.kind not in (*_KINDS, *OTHERS):
        wrong.append(msg("the statement is of an unknown kind"))
    return wrong


def _standing(submission: Submission, statement: Statement, policy: Policy, now: datetime) -> list[Message]:
    """Whether the statement is about what is now to be decided."""
    wrong: list[Message] = []
    if submission.state not in ("waiting", "returned") or (
        submission.state == "returned" and statement.kind == "approval"
    ):
        wrong.append(
            msg(
                "submission {number} is no longer waiting ({state})",
                number=submission.number,
                state=submission.state,
            )
        )
    if (statement.version, statement.change) != (submission.last.number, submission.last.change.digest):
        wrong.append(msg("submission {number} has changed since you looked at it", number=submission.number))
    if statement.kind == "cancel" and statement.person not in owners(submission, policy, now):
        wrong.append(msg("only its officers can cancel submission {number}", number=submission.number))
    if statement.kind == "return":
        wrong.extend(_may_return(submission, statement))
    return wrong


def owners(submission: Submission, policy: Policy, now: datetime) -> frozenset[str]:
    """Who could hand it in now, and so take it back: the department's officers; of settings, the administrators."""
    if submission.policy:
        return policy.administrators(now)
    return policy.officers(submission.department, now)


def _may_return(submission: Submission, statement: Statement) -> list[Message]:
    """A return does not come from the officers themselves, and says why; who may is judged with the change's steps."""
    wrong: list[Message] = []
    if statement.person in submission.people:
        wrong.append(msg("{person} handed in the submission and cannot return it", person=statement.person))
    if any((r.person, r.version) == (statement.person, statement.version) for r in submission.returns):
        wrong.append(msg("{person} has already returned this version", person=statement.person))
    if not any(reason.strip() for reason in statement.reasons.values()):
        wrong.append(msg("a return needs a reason"))
    return wrong


_KINDS = {"approval": "approved", "return": "returned", "cancel": "cancelled"}


def _record(
    gate: Gate,
    submission: Submission,
    statement: Statement,
    proof: dict[str, Any],
    policy: Policy,
    now: datetime,
) -> Decision:
    result = judge(gate, submission.last.change, now) if statement.kind != "cancel" else None
    if result is not None and statement.kind == "approval":
        _refuse_useless(gate, submission, statement, proof["key"], result, policy, now)
    elif result is not None:
        _refuse_stranger(submission, statement, result, policy, now)
    data = {
        "submission": submission.number, "version": statement.version, "change": statement.change,
        "person": statement.person, "step": statement.step, "policy": statement.policy,
        "reasons": dict(statement.reasons), **proof,
    }  # fmt: skip
    gate.record(_KINDS[statement.kind], data, now)
    if statement.kind != "approval":
        _drop_branch(gate, gate.state.submissions[submission.number])
        return Decision(submission.number, statement.kind, Ruling())
    return accept_if_due(gate, submission.number, now, result)


def _refuse_useless(
    gate: Gate,
    submission: Submission,
    statement: Statement,
    key: str,
    result: Result,
    policy: Policy,
    now: datetime,
) -> None:
    """An approval that cannot count is refused at once, with its reason, instead of lying there as if it did."""
    steps = needed(submission, result.kinds, policy)
    bearing = policy.bearing(steps, (kind for kind, _ in result.kinds))
    approval = Approval(
        statement.person, statement.step, statement.version, statement.change, statement.policy, key, now,
        -1, statement.reasons,
    )  # fmt: skip
    pending = fill(submission, steps, bearing, policy, now, gate.state.holds_on(submission)).pending
    wrong = fault(approval, submission, bearing, policy, now)
    if wrong is None and statement.step == HIGHER.code:
        wrong = higher_fault(approval, policy, now)
        if wrong is None and not pending:
            wrong = msg("nothing of {number} was returned that a decision from above could let go on",
                        number=submission.number)  # fmt: skip
    elif wrong is None:
        wrong = _placeless(submission, approval, steps, bearing, policy, now)
        freed = any(frees(approval.person, h, submission, steps, policy, now) for h in pending)
        if wrong is None and pending and not freed:
            wrong = held(min(pending, key=lambda h: h.event))
    if wrong is None and statement.person in widened_by(submission, result, policy):
        wrong = gains(statement.person)
    if wrong is not None:
        raise Refused([wrong], hint=AGAIN)


def _placeless(
    submission: Submission,
    approval: Approval,
    steps: Sequence[Step],
    bearing: str,
    policy: Policy,
    now: datetime,
) -> Message | None:
    """Why an approval would fill no step."""
    person = approval.person
    if not any(s.code == approval.step and policy.may(person, s, now) for s in steps):
        return msg("{person} cannot fill the step {step}", person=person, step=approval.step)
    # One that no longer counts, because it lapsed or the rules changed, may be given anew.
    before = (a for a in submission.given if a.step != HIGHER.code)
    if any(a.person == person and fault(a, submission, bearing, policy, now) is None for a in before):
        return msg("{person} has already approved; one person fills one step", person=person)
    return None


def _refuse_stranger(
    submission: Submission, statement: Statement, result: Result, policy: Policy, now: datetime
) -> None:
    """A return comes from somebody who could fill a step of this change, in an own role or as a delegate."""
    steps = needed(submission, result.kinds, policy)
    if not any(policy.may(statement.person, step, now) for step in steps):
        raise Refused([msg("{person} reviews none of its steps", person=statement.person)])


def accept_if_due(gate: Gate, number: str, now: datetime, result: Result | None = None) -> Decision:
    """Accept the submission when the ruling is yes: one commit, one event, then main follows.

    The caller holds the lock. Safe to call again after a crash at any instant.
    """
    submission = gate.state.submissions[number]
    if submission.state != "waiting":
        return Decision(
            number, "approval", Ruling(), gate.state.main if submission.state == "accepted" else ""
        )
    moved = stale(gate, submission.last.change)
    result = result or judge(gate, submission.last.change, now)
    policy = gate.policy(now)
    ruling = rule_on(submission, result.kinds, len(result.errors), gate.state, policy, now)
    change = submission.last.change
    extra = (
        *moved, *policy_faults(change, result, now, gate.state.revoked), *key_faults(gate, change, result),
        *gainers(submission, result, policy),
    )  # fmt: skip
    ruling = replace(ruling, reasons=(*ruling.reasons, *extra))
    if not ruling.yes:
        return Decision(number, "approval", ruling)
    return Decision(number, "approval", ruling, _accept(gate, submission, result, policy, now))


def _accept(gate: Gate, submission: Submission, result: Result, policy: Policy, now: datetime) -> str:
    """Exactly the approved blobs on main's tree; the event names the commit before main moves to it."""
    message = f"{submission.number} {' '.join(submission.last.change.items)}".strip()
    commit = gate.objects.write_commit(result.tree, [gate.state.main], message, now)
    approvals = [a.event for a in submission.given]
    data: dict[str, Any] = {
        "submission": submission.number, "version": submission.last.number, "main": commit, "tree": result.tree,
        "previous": gate.state.main, "change": submission.last.change.digest,
        "items": list(submission.last.change.items), "approvals": approvals,
    }  # fmt: skip
    data |= short_level(submission, result.kinds, policy, now)
    gate.record("accepted", data, now)
    gate.follow()
    _drop_branch(gate, gate.state.submissions[submission.number])
    return commit


def short_level(
    submission: Submission, kinds: Sequence[tuple[str, str]], policy: Policy, now: datetime
) -> dict[str, Any]:
    """What an acceptance by a short level says besides: the levels with a quota, and the second review it owes."""
    levels = levels_of(submission, kinds, policy)
    owed = owes(submission, kinds, needed(submission, kinds, policy), policy, now)
    return {**({"levels": list(levels)} if levels else {}), **({"owes": dict(owed)} if owed else {})}


def _drop_branch(gate: Gate, submission: Submission) -> None:
    """A decided submission's branch goes; a returned one stays for its officer."""
    if submission.state in ("accepted", "cancelled"):
        there = gate.objects.ref(submission.branch)
        if there and submission.branch != MAIN:
            gate.objects.move(submission.branch, "", there)
