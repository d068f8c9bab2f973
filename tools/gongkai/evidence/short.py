"""Acceptance by a short level (应急流程): how often it may be used, and the second review that it owes (property 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gongkai.evidence.policy import Policy
from gongkai.evidence.state import State, Submission
from gongkai.model.deadline import Due
from gongkai.model.evidence import Step
from gongkai.model.message import Message, msg
from gongkai.schema.deadlines import read_period

Kinds = Sequence[tuple[str, str]]


def levels_of(submission: Submission, kinds: Kinds, policy: Policy) -> tuple[str, ...]:
    """The levels with a quota or a second review that a submission is reviewed by; none for settings."""
    return () if submission.policy else tuple(level for level, _ in policy.short(kinds, submission.people))


def over_quota(
    submission: Submission, kinds: Kinds, state: State, policy: Policy, now: datetime
) -> Iterator[Message]:
    """Why a level cannot be used once more in this month of the portal's calendar."""
    month = policy.day(now).replace(day=1)
    for level in levels_of(submission, kinds, policy):
        quota = policy.level(level).get("quota")
        used = sum(
            level in s.levels and s.decided is not None and policy.day(s.decided).replace(day=1) == month
            for s in state.submissions.values()
        )
        if type(quota) is int and used >= quota:
            yield msg(
                "the level {level} was used {count} times this month, and {quota} times are allowed: an administrator"
                " can raise the quota in review.yml",
                level=level, count=used, quota=quota,
            )  # fmt: skip


def owes(
    submission: Submission, kinds: Kinds, steps: Sequence[Step], policy: Policy, now: datetime
) -> Mapping[str, Any] | None:
    """What an acceptance at `now` owes, as its event says it: the steps, by when, what a lapse does; None for nothing.

    `steps` are those of the first review: a step that was filled there is not owed again. Of several levels the
    shortest time counts, and the stricter lapse.
    """
    if submission.policy or policy.calendar is None:
        return None
    rows = [
        (policy.level(level)["afterwards"], departments)
        for level, departments in policy.short(kinds, submission.people)
        if isinstance(policy.level(level).get("afterwards"), dict)
    ]
    owed = dict.fromkeys(
        policy.step(code, d) for row, departments in rows for code in row["steps"] for d in departments
    )
    left = [step for step in owed if step not in steps]
    if not left:
        return None
    dues = [policy.calendar.due(now.astimezone(policy.zone), read_period(row["within"])) for row, _ in rows]
    lapse = "withdraw" if any(row.get("lapse") == "withdraw" for row, _ in rows) else ""
    return {
        "steps": [[s.code, s.role, s.department] for s in left],
        "due": min(dues, key=_order).due.isoformat(),
        "lapse": lapse,
    }


def _order(due: Due) -> tuple[str, bool, str]:
    """An hour of a day comes before that day's end."""
    return due.day.isoformat(), not isinstance(due.due, datetime), due.due.isoformat()
