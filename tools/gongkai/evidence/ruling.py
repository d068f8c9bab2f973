"""The ruling: pure, every reason at once, the same for officer, server, publisher and auditor.

In this order: the change itself (returned before, empty), who handed it in, each approval (person, content, policy,
lapse), then which steps still wait. One person fills one step; whoever handed in a version never counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from gongkai.evidence.policy import LAPSE, POLICY_STEPS, Policy
from gongkai.evidence.state import Approval, State, Submission
from gongkai.model.deadline import Period, Unit
from gongkai.model.evidence import Ruling, Step
from gongkai.model.message import Message, msg


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
    steps = needed(submission, kinds, policy)
    bearing = policy.bearing(steps, (kind for kind, _ in kinds))
    filled, remarks = fill(submission, steps, bearing, policy, now)
    reasons = [*_against(submission, errors, state), *_person(submission, policy), *remarks]
    if not steps:
        reasons.append(msg("the rules name nobody who would have to approve this"))
    return Ruling(tuple(reasons), tuple(s for s in steps if s not in filled))


def needed(submission: Submission, kinds: Sequence[tuple[str, str]], policy: Policy) -> tuple[Step, ...]:
    """The steps that the change needs."""
    return POLICY_STEPS if submission.policy else policy.steps(kinds)


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
    holder = policy.people.get(version.person)
    if version.key and (holder is None or version.key not in holder.keys):
        yield msg("the key of {person} is no longer valid", person=version.person)
    if submission.policy:
        if version.person not in policy.administrators(version.received):
            yield msg("{person} is no administrator and cannot change settings", person=version.person)
    elif version.person not in policy.officers(submission.department, version.received):
        yield msg(
            "{person} is no officer of {department}", person=version.person, department=submission.department
        )


def fill(
    submission: Submission, steps: Sequence[Step], bearing: str, policy: Policy, now: datetime
) -> tuple[dict[Step, Approval], list[Message]]:
    """Which approval fills which step, and what is wrong with approvals that fill none although they were meant to."""
    filled: dict[Step, Approval] = {}
    remarks: list[Message] = []
    for approval in submission.approvals:
        if approval.version != submission.last.number:
            continue
        wrong = fault(approval, submission, bearing, policy, now)
        step = next(
            (
                s
                for s in steps
                if s.code == approval.step and s not in filled and policy.may(approval.person, s, now)
            ),
            None,
        )
        if wrong is None and step is None:
            wrong = msg("{person} cannot fill the step {step}", person=approval.person, step=approval.step)
        if wrong is None and any(a.person == approval.person for a in filled.values()):
            wrong = msg("{person} has already approved; one person fills one step", person=approval.person)
        if wrong is not None:
            remarks.append(wrong)
        elif step is not None:
            filled[step] = approval
    # A remark about an approval matters only while a step is still empty: a spare one that lapsed blocks nothing.
    return filled, remarks if len(filled) < len(steps) else []


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
    """Each step that waits, with everyone who could fill it now."""
    taken = submission.people | {
        a.person for a in submission.approvals if a.version == submission.last.number
    }
    for step in ruling.waiting:
        people = (code for code in policy.people if code not in taken and policy.may(code, step, now))
        yield step, tuple(people)
