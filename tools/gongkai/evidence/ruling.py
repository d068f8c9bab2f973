"""The ruling: pure, every reason at once, the same for officer, server, publisher and auditor.

In this order: the change itself (returned before, empty), who handed it in, each approval (person, content, policy,
lapse), then which steps still wait. One person fills one step; whoever handed in a version never counts. What was
returned goes back first to who returned it, or to somebody above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gongkai.evidence.acts import Approval, Hold
from gongkai.evidence.policy import HIGHER, LAPSE, POLICY_STEPS, Policy
from gongkai.evidence.short import over_quota
from gongkai.evidence.state import State, Submission
from gongkai.model.deadline import Period, Unit
from gongkai.model.evidence import Ruling, Step
from gongkai.model.message import Message, msg


@dataclass
class Filling:
    """Which approval fills which step, what is wrong with those that fill none, and the returns that still bear."""

    filled: dict[Step, Approval] = field(default_factory=dict)
    remarks: list[Message] = field(default_factory=list)
    pending: set[Hold] = field(default_factory=set)


def rule_on(
    submission: Submission,
    kinds: Sequence[tuple[str, str]],
    errors: int,
    state: State,
    policy: Policy,
    now: datetime,
) -> Ruling:
    """Whether the last version of `submission` may be accepted now.

    `kinds` are (type, department) of every item touched, old and new: the stricter of two levels is their union.
    `errors` is what `check` found wrong in the whole result. `policy` is that of the protected branch as it stands.
    """
    policy = policy.without(state.revoked)
    steps = needed(submission, kinds, policy)
    bearing = policy.bearing(steps, (kind for kind, _ in kinds))
    found = fill(submission, steps, bearing, policy, now, state.holds_on(submission))
    reasons = [
        *_against(submission, errors, state), *_person(submission, policy),
        *over_quota(submission, kinds, state, policy, now), *found.remarks,
    ]  # fmt: skip
    if not steps:
        reasons.append(msg("the rules name nobody who would have to approve this"))
    if found.pending and len(found.filled) == len(steps):
        reasons.append(held(min(found.pending, key=lambda h: h.event)))
    first = _first(submission, steps, found.pending, policy, now) if found.pending else None
    return Ruling(tuple(reasons), tuple(s for s in steps if s not in found.filled), first)


def needed(submission: Submission, kinds: Sequence[tuple[str, str]], policy: Policy) -> tuple[Step, ...]:
    """The steps that the change needs."""
    return POLICY_STEPS if submission.policy else policy.steps(kinds, submission.people)


def _against(submission: Submission, errors: int, state: State) -> Iterator[Message]:
    change = submission.last.change
    if errors:
        yield msg("the check finds {count} errors", count=errors)
    if not change.paths:
        yield msg("nothing is changed")
    if change.is_policy and any(p.path.startswith("content/") for p in change.paths):
        yield msg("settings and content cannot be changed together")
    if submission.state == "returned":
        yield msg("the submission was returned and waits for a changed version")
    elif change.returned_in(state.returned_changes):
        yield msg("exactly this content was returned before")


def _person(submission: Submission, policy: Policy) -> Iterator[Message]:
    version = submission.last
    if version.key and version.key not in policy.good(version.person):
        yield msg("the key of {person} is no longer valid", person=version.person)
    if submission.policy:
        if version.person not in policy.administrators(version.received):
            yield msg("{person} is no administrator and cannot change settings", person=version.person)
    elif version.person not in policy.officers(submission.department, version.received):
        yield msg(
            "{person} is no officer of {department}", person=version.person, department=submission.department
        )


def fill(
    submission: Submission,
    steps: Sequence[Step],
    bearing: str,
    policy: Policy,
    now: datetime,
    holds: Iterable[Hold] = (),
) -> Filling:
    """Which approval fills which step, in the order in which they came. `holds` are returns that bear on the change."""
    found = Filling(pending=set(holds))
    for approval in submission.given:
        wrong = fault(approval, submission, bearing, policy, now)
        step = next(
            (
                s
                for s in steps
                if s.code == approval.step and s not in found.filled and policy.may(approval.person, s, now)
            ),
            None,
        )
        if wrong is None and approval.step == HIGHER.code:
            wrong = higher_fault(approval, policy, now)
            found.pending = found.pending if wrong else set()
        elif wrong is None and step is None:
            wrong = msg("{person} cannot fill the step {step}", person=approval.person, step=approval.step)
        elif wrong is None and any(a.person == approval.person for a in found.filled.values()):
            wrong = msg("{person} has already approved; one person fills one step", person=approval.person)
        freed = {h for h in found.pending if frees(approval.person, h, submission, steps, policy, now)}
        if wrong is None and found.pending and not freed:
            wrong = held(min(found.pending, key=lambda h: h.event))
        if wrong is not None:
            found.remarks.append(wrong)
        elif step is not None:
            found.filled[step] = approval
            found.pending -= freed
    # A remark about an approval matters only while a step is still empty: a spare one that lapsed blocks nothing.
    if len(found.filled) == len(steps):
        found.remarks.clear()
    return found


def held(hold: Hold) -> Message:
    """Why an approval does not count yet."""
    return msg("{item} was returned by {person}, who looks at it first", item=hold.key, person=hold.person)


def higher_fault(approval: Approval, policy: Policy, now: datetime) -> Message | None:
    """Why a decision from above does not count; None when it does: a leader's, with reasons."""
    if not policy.may(approval.person, HIGHER, now):
        return msg("{person} cannot fill the step {step}", person=approval.person, step=approval.step)
    if not any(text.strip() for text in approval.reasons.values()):
        return msg("a decision over somebody's return needs a reason")
    return None


def frees(
    person: str, hold: Hold, submission: Submission, steps: Sequence[Step], policy: Policy, now: datetime
) -> bool:
    """Whether this person's yes ends a return: who returned it, somebody above, or, should the first have no say any
    more, whoever may fill a step in their place.
    """
    if person == hold.person or policy.may(person, HIGHER, now):
        return True
    if submission.policy and person in policy.administrators(now):
        return True
    if _has_a_say(hold.person, submission, steps, policy, now):
        return False
    places = [s for s in steps if policy.fits(hold.person, s)] or list(steps)
    return any(policy.may(person, s, now) for s in places)


def _has_a_say(
    person: str, submission: Submission, steps: Sequence[Step], policy: Policy, now: datetime
) -> bool:
    """Whether somebody could still approve: in office, with a good key, in a role that is asked for, no officer of it."""
    able = person not in submission.people and bool(policy.good(person))
    return able and any(policy.may(person, s, now) for s in steps)


def _first(
    submission: Submission, steps: Sequence[Step], pending: Iterable[Hold], policy: Policy, now: datetime
) -> frozenset[str]:
    """Everybody whose yes would end one of the returns."""
    pending = tuple(pending)
    return frozenset(
        p for p in policy.people if any(frees(p, h, submission, steps, policy, now) for h in pending)
    )


def fault(
    approval: Approval, submission: Submission, bearing: str, policy: Policy, now: datetime
) -> Message | None:
    """Why an approval does not count now; None when it does."""
    person = approval.person
    if person in submission.people:
        return msg("{person} handed in the submission and cannot approve it", person=person)
    if approval.change != submission.last.change.digest:
        return msg("{person} approved other content", person=person)
    if not submission.policy and approval.policy != bearing:
        return msg("the rules changed since {person} approved", person=person)
    if not any(p == person and key == approval.key for p, key in policy.keys(now)):
        return msg("the key of {person} is no longer valid", person=person)
    if (now - approval.time).days >= _lapse(policy).amount:
        return msg("the approval of {person} has lapsed", person=person)
    return None


def _lapse(policy: Policy) -> Period:
    days = policy.review.get("approval_lapses", {}).get("days")
    return Period(Unit.DAYS, days) if isinstance(days, int) and days > 0 else LAPSE


def waiting_for(
    ruling: Ruling, submission: Submission, policy: Policy, now: datetime
) -> Iterable[tuple[Step, tuple[str, ...]]]:
    """Each step that waits, with everyone who could fill it now.

    While a return still bears, only those who may end it are named, and a leader may do so without a step of their own.
    """
    taken = submission.people | {a.person for a in submission.given if a.step != HIGHER.code}
    named: set[str] = set()
    for step in ruling.waiting:
        able = (code for code in policy.people if code not in taken and policy.may(code, step, now))
        people = tuple(p for p in able if ruling.first is None or p in ruling.first)
        named.update(people)
        if people or ruling.first is None:
            yield step, people
    if ruling.first is not None:
        able = (p for p in policy.people if p not in submission.people and policy.may(p, HIGHER, now))
        above = tuple(p for p in able if p not in named)
        if above:
            yield HIGHER, above
