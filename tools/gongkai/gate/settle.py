"""Finishing what a crash left: safe at any time, as often as one likes, by anybody who may write the repository."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gongkai.evidence.ledger import MAIN
from gongkai.gate.afterwards import lapse
from gongkai.gate.decide import accept_if_due, decide, opened
from gongkai.gate.names import INBOX
from gongkai.gate.notify import deliver
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.locks import abandoned

PACKING = 600
"""So many seconds at most takes a `git pack-refs`."""


def settle(gate: Gate, now: datetime) -> Iterator[Message]:
    """Bring refs to what the ledger says, record what lies unrecorded in the inbox, accept what is fully approved,
    and record the second reviews that nobody gave in time.

    Yields a sentence for each thing done; nothing when all was in order.
    """
    with gate.lock() as waited:
        now += waited
        yield from _locks(gate, now)
        gate.refresh()
        yield from _main(gate)
        yield from _inbox(gate, now)
        yield from _waiting(gate, now)
        yield from lapse(gate, now)
        yield from _branches(gate)
    yield from deliver(gate, now)


def _locks(gate: Gate, now: datetime) -> Iterator[Message]:
    """Lock files that a killed git left on refs which the gate alone moves: we hold its lock, so nobody uses them.

    The lock of all packed refs may be an administrator's at work; it goes when it is older than ten minutes.
    """
    # Git locks HEAD too when the branch moves that HEAD names.
    ours = [gate.folder / "HEAD.lock", gate.folder / f"{MAIN}.lock"]
    for part in ("refs/gongkai", "refs/heads/review"):
        ours.extend((gate.folder / part).rglob("*.lock"))
    packed = gate.folder / "packed-refs.lock"
    if packed.exists() and now.timestamp() - packed.stat().st_mtime > PACKING:
        ours.append(packed)
    for lock in abandoned(ours):
        lock.unlink(missing_ok=True)
        yield msg(
            "the lock {lock} of a process that died was cleared", lock=str(lock.relative_to(gate.folder))
        )


def _main(gate: Gate) -> Iterator[Message]:
    there = gate.objects.ref(MAIN)
    if there != gate.state.main:
        gate.follow()
        if gate.objects.ref(MAIN) != gate.state.main:
            raise GongkaiError(
                msg("main could not be moved to {new}, as the ledger says", new=gate.state.main[:12]),
                msg(
                    "look whether another git is at work in {folder}, and try again", folder=str(gate.folder)
                ),
                Exit.BROKEN,
            )
        yield msg(
            "main moved from {old} to {new}, as the ledger says",
            old=there[:12] or "-",
            new=gate.state.main[:12],
        )


def _inbox(gate: Gate, now: datetime) -> Iterator[Message]:
    """Statements whose ref landed but whose event did not."""
    known = gate.state.recorded
    for ref, blob in gate.objects.refs("refs/gongkai/inbox/").items():
        match = INBOX.match(ref)
        if match is None or match["sha256"] in known:
            continue
        try:
            decision = decide(gate, ref, opened(gate, blob), "", now)
            yield msg(
                "the statement of {person} on {number} was recorded",
                person=match["person"],
                number=decision.number,
            )
        except Refused as refused:
            gate.objects.move(ref, "", blob)
            yield msg(
                "a statement of {person} was dropped: {reason}",
                person=match["person"],
                reason=refused.reasons[0],
            )


def _waiting(gate: Gate, now: datetime) -> Iterator[Message]:
    for number in [s.number for s in gate.state.submissions.values() if s.state == "waiting" and s.approvals]:
        if accept_if_due(gate, number, now).accepted:
            yield msg("submission {number} was accepted", number=number)


def _branches(gate: Gate) -> Iterator[Message]:
    """Review branches stand where they were received; those of decided submissions are gone."""
    wanted: dict[str, str] = {}
    for submission in gate.state.submissions.values():
        wanted[submission.branch] = submission.last.tip if submission.state in ("waiting", "returned") else ""
    there = gate.objects.refs("refs/heads/review/")
    for branch, tip in wanted.items():
        if there.get(branch, "") != tip:
            gate.objects.move(branch, tip, there.get(branch, ""))
            yield msg("{branch} was set to what the ledger says", branch=branch)
    for branch in there.keys() - wanted.keys():
        gate.objects.move(branch, "", there[branch])
        yield msg("{branch} was never received and is gone", branch=branch)
