"""The reviewer's two acts, approve and return: refused here, with who can do it, before the server has to refuse.

What is signed is what was shown: the digest on the screen, never whatever stands on the branch by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from gongkai.evidence.acts import Owed
from gongkai.evidence.policy import HIGHER
from gongkai.evidence.ruling import needed
from gongkai.evidence.state import OPEN, Submission
from gongkai.gate.client import Clone, config, fetch_all, push_statement
from gongkai.gate.desk import Desk, Waiting, bring
from gongkai.gate.judging import judge, kinds_of, stale
from gongkai.gate.receive import gains, policy_faults, widened_by
from gongkai.gate.refusal import Refused
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Statement, Step
from gongkai.model.item import Item
from gongkai.model.message import Message, msg

ALL = "*"
"""The key of a return's reason that is about no single item (a change of settings)."""


@dataclass(frozen=True)
class Outcome:
    """What came of an act: the server's words, the submission as the ledger has it now, the addresses of its items."""

    said: str
    submission: Submission
    commit: str = ""
    addresses: tuple[str, ...] = ()
    kind: str = "approval"


def remember(clone: Clone, submission: Submission) -> None:
    """Keep which content of a submission was shown here last: `approve` signs that and nothing else."""
    clone.gate.objects.git("config", _key(submission.number), submission.last.change.digest)


def remembered(clone: Clone, number: str) -> str:
    """The digest that was shown last; empty when the submission was never shown here."""
    return config(clone.folder, _key(number))


def _key(number: str) -> str:
    return f"gongkai.{number}.shown"


def approve(desk: Desk, number: str, digest: str = "", step: str = "", reason: str = "") -> Outcome:
    """Sign exactly what was shown and hand it in. Refused, with who can, when it is not mine or not as it was shown.

    Of what was accepted by a short level this is the second review. `reason` goes with a decision from above over
    somebody's return.
    """
    submission = desk.find(number)
    me = desk.clone.me().person
    owed = desk.owed(submission)
    if owed is not None:
        _must_be_shown(desk, submission, digest)
        chosen = _my_second(desk, owed, step)
        return _hand_in(desk, _statement(desk, "confirmation", submission, step=chosen.code), [])
    _must_wait(submission)
    _must_be_shown(desk, submission, digest)
    gate, change = desk.clone.gate, submission.last.change
    bring(desk.clone, submission.last.tip)
    result = judge(gate, change, desk.now)
    chosen = _my_step(desk, submission, desk.waiting(submission, result.kinds), step)
    against = [*stale(gate, change), *policy_faults(change, result, desk.now, gate.state.revoked)]
    against += [gains(me)] if me in widened_by(submission, result, desk.policy) else []
    if against or result.errors:
        raise Refused(
            against,
            result.errors,
            msg("return it with `gongkai review return`, so that its officer mends it and submits again"),
        )
    steps = needed(submission, result.kinds, desk.policy)
    bearing = desk.policy.bearing(steps, (kind for kind, _ in result.kinds))
    words = _spread(submission, {"": reason}) if chosen == HIGHER or reason else {}
    statement = _statement(desk, "approval", submission, bearing, chosen.code, words)
    return _hand_in(desk, statement, [result.portal.corpus.by_id.get(i) for i in change.items])


def send_back(desk: Desk, number: str, reasons: Mapping[str, str]) -> Outcome:
    """Return a submission. `reasons` are words by item id; those under "" are about every item."""
    submission = desk.find(number)
    desk.clone.me()
    owed = desk.owed(submission)
    if owed is not None:
        spread = _spread(submission, reasons)
        _my_second(desk, owed, "")
        return _hand_in(desk, _statement(desk, "objection", submission, reasons=spread), [])
    if submission.state not in OPEN:
        raise _decided(submission)
    if remembered(desk.clone, submission.number):
        _must_be_shown(desk, submission, "")
    spread = _spread(submission, reasons)
    _must_review(desk, submission)
    return _hand_in(desk, _statement(desk, "return", submission, reasons=spread), [])


def _statement(
    desk: Desk,
    kind: str,
    submission: Submission,
    bearing: str = "",
    step: str = "",
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> Statement:
    """What I sign about the last version of a submission."""
    last = submission.last
    return Statement(
        kind, desk.clone.gate.state.genesis, submission.number, last.number, last.change.digest,
        desk.clone.me().person, desk.now.isoformat(), bearing, step, dict(reasons),
    )  # fmt: skip


def _my_second(desk: Desk, owed: Owed, wanted: str) -> Step:
    """The step of a second review that is mine; Refused with who can when none is, or when somebody said no already."""
    waiting = desk.second(owed)
    chosen = next((s for s in desk.mine(waiting) if wanted in ("", s.code)), None)
    if chosen is None:
        me = desk.clone.me().person
        reason = (
            msg("{person} has refused the second review of {number}; its items must be withdrawn or mended",
                person=desk.person(owed.objection.person), number=owed.submission)
            if owed.objection is not None
            else msg("{person} handed in or approved {number}; somebody else must look at it again",
                     person=desk.person(me), number=owed.submission)
            if me in owed.people
            else msg("no step that waits is yours")
        )  # fmt: skip
        raise Refused(
            [reason, *desk.who_can(waiting)], hint=msg("leave it to one of those named; nothing was signed")
        )
    return chosen


def _spread(submission: Submission, reasons: Mapping[str, str]) -> Mapping[str, str]:
    """Each item with its own words and those about all of them: an officer finds them at the item."""
    items = submission.last.change.items
    strange = [ident for ident in reasons if ident and ident not in items]
    if strange:
        raise GongkaiError(
            msg("submission {number} does not hold {item}", number=submission.number, item=strange[0]),
            msg("its items are: {items}", items=", ".join(items) or "-"),
        )
    if not any(text.strip() for text in reasons.values()):
        raise GongkaiError(
            msg("a return needs a reason"), msg("say with --reason what is to be mended, so that it can be")
        )
    general = reasons.get("", "").strip()
    if not items:
        return {ALL: general}
    both = {i: "\n".join(t for t in (general, reasons.get(i, "").strip()) if t) for i in items}
    return {ident: text for ident, text in both.items() if text}


def _hand_in(desk: Desk, statement: Statement, items: Iterable[Item | None]) -> Outcome:
    said = push_statement(desk.clone, statement)
    fetch_all(desk.clone.folder)
    state = desk.clone.gate.refresh()
    submission = state.submissions[statement.submission]
    if submission.state != "accepted" or statement.kind != "approval":
        return Outcome(said, submission, kind=statement.kind)
    top = str(desk.portal.settings.portal.get("url") or "").rstrip("/")
    addresses = tuple(f"{top}/{item.address}" if top else item.address for item in items if item)
    return Outcome(said, submission, state.main, addresses)


def _must_wait(submission: Submission) -> None:
    if submission.state == "returned":
        raise Refused(
            [msg("the submission was returned and waits for a changed version")],
            hint=msg("wait for its officer's next version; `gongkai review list --all` shows it"),
        )
    if submission.state != "waiting":
        raise _decided(submission)


def _decided(submission: Submission) -> Refused:
    says = {
        "accepted": msg("submission {number} is accepted already", number=submission.number),
        "cancelled": msg("submission {number} was taken back by its officers", number=submission.number),
    }
    reason = says.get(submission.state) or msg("submission {number} is decided", number=submission.number)
    return Refused(
        [reason], hint=msg("there is nothing to decide; `gongkai review list` shows what is yours")
    )


def _must_be_shown(desk: Desk, submission: Submission, digest: str) -> None:
    """What is signed is what was shown: the digest on the screen, not whatever stands on the branch by now."""
    number = submission.number
    look = msg("look at it first: `gongkai review show {number}`", number=number)
    shown = digest or remembered(desk.clone, number)
    if not shown:
        raise Refused([msg("submission {number} was not shown to you here", number=number)], hint=look)
    if shown.lower() != submission.last.change.digest:
        raise Refused(
            [msg("submission {number} has changed since you looked at it", number=number)], hint=look
        )


def _my_step(desk: Desk, submission: Submission, waiting: Waiting, wanted: str) -> Step:
    """The step to sign for; Refused with who can when it is not mine."""
    mine = desk.mine(waiting)
    chosen = next((step for step in mine if wanted in ("", step.code)), None)
    why = _against_me(desk, submission, desk.clone.me().person)
    if chosen is None or why:
        reason = why or (
            msg("you cannot do the step {step}", step=wanted)
            if wanted
            else msg("no step that waits is yours")
        )
        raise Refused(
            [reason, *desk.who_can(waiting)], hint=msg("leave it to one of those named; nothing was signed")
        )
    return chosen


def _must_review(desk: Desk, submission: Submission) -> None:
    """A return comes from somebody who could fill one of its steps, whether that step still waits or not."""
    bring(desk.clone, submission.last.tip)
    change, me = submission.last.change, desk.clone.me().person
    steps = needed(submission, kinds_of(change, desk.portal, desk.laid(change)), desk.policy)
    able = tuple((step, _able(desk, submission, step)) for step in steps)
    why = _against_me(desk, submission, me, returning=True)
    if not why and not any(me in people for _, people in able):
        why = msg("{person} reviews none of its steps", person=desk.person(me))
    if why:
        raise Refused(
            [why, *desk.who_can(able)], hint=msg("leave it to one of those named; nothing was signed")
        )


def _able(desk: Desk, submission: Submission, step: Step) -> tuple[str, ...]:
    people = (p for p in desk.policy.people if p not in submission.people)
    return tuple(p for p in people if desk.policy.may(p, step, desk.now))


def _against_me(desk: Desk, submission: Submission, me: str, *, returning: bool = False) -> Message | None:
    """What bars me from deciding this submission at all."""
    who = desk.policy.people.get(me)
    if who is None or not who.active(desk.policy.day(desk.now)):
        return msg("{person} holds no office in people.yml today", person=me)
    if me in submission.people and returning:
        return msg("{person} handed in the submission and cannot return it", person=desk.person(me))
    if me in submission.people:
        return msg("{person} handed in the submission and cannot approve it", person=desk.person(me))
    before = (a.person for a in submission.given if a.step != HIGHER.code)
    if not returning and me in before:
        return msg("{person} has already approved; one person fills one step", person=desk.person(me))
    if not _has_my_key(desk, me):
        return msg(
            "the key in this clone is not among those of {person} in people.yml", person=desk.person(me)
        )
    return None


def _has_my_key(desk: Desk, me: str) -> bool:
    """Whether the policy knows the public half of the key; true when that half is not at hand: the server decides."""
    key = desk.clone.me().key
    half = key if key.suffix == ".pub" else Path(f"{key}.pub")
    if not half.is_file():
        return True
    mine = half.read_text(encoding="utf-8", errors="replace").split()[:2]
    return any(person == me and known.split()[:2] == mine for person, known in desk.policy.keys(desk.now))
