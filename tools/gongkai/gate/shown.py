"""What a reviewer is shown of a submission: everything that an approval would let out, and what speaks for care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongkai.evidence.acts import Approval, Owed
from gongkai.evidence.policy import HIGHER
from gongkai.evidence.ruling import fill, needed, rule_on
from gongkai.evidence.state import OPEN, Submission
from gongkai.gate.desk import Desk, Waiting, bring
from gongkai.gate.judging import Result, judge
from gongkai.gate.receive import policy_faults
from gongkai.gate.remarks import remarks
from gongkai.gate.view import FileShown, ItemShown, View
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import PathChange
from gongkai.model.finding import Finding
from gongkai.model.message import Message, msg


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    """A yes that was given to this version, and whether it counts now."""

    approval: Approval
    counts: bool


@dataclass(frozen=True)
class Shown:
    """A submission as it is shown. `remarks` come before everything; `commit` is the result for building its pages."""

    submission: Submission
    items: tuple[ItemShown, ...]
    files: tuple[FileShown, ...]
    remarks: tuple[Message, ...]
    findings: tuple[Finding, ...]
    approvals: tuple[ApprovalShown, ...]
    waiting: Waiting
    against: tuple[Message, ...]
    commit: str = ""
    owed: Owed | None = None
    """The second review that is owed for it: `waiting` is then about that."""


def look(desk: Desk, number: str, lang: str) -> Shown:
    """Everything there is to see of a submission; of a decided one without findings and pages."""
    submission = desk.find(number)
    if not bring(desk.clone, submission.last.tip):
        raise GongkaiError(
            msg("the content of submission {number} is no longer on the server", number=submission.number),
            msg("`gongkai review list --all` shows those that are open"),
            Exit.FINDINGS,
        )
    change = submission.last.change
    result = judge(desk.clone.gate, change, desk.now) if submission.state in OPEN else None
    portal = result.portal if result else desk.portal
    view = View(desk, submission, portal, lang)
    items = tuple(view.item(ident) for ident in change.items)
    approvals, waiting, against = _standing(desk, submission, result)
    return Shown(
        submission=submission,
        items=items,
        files=tuple(view.files(_left(view, items), texts=True)),
        remarks=tuple(remarks(view, decided=result is None)),
        findings=result.findings if result else (),
        approvals=approvals,
        waiting=waiting,
        against=against,
        owed=desk.owed(submission),
        commit=str(getattr(result.portal.tree, "commit", "")) if result else "",
    )


def _standing(
    desk: Desk, submission: Submission, result: Result | None
) -> tuple[tuple[ApprovalShown, ...], Waiting, tuple[Message, ...]]:
    """Which approvals count, which steps wait, and what speaks against an acceptance now."""
    given = submission.given
    if result is None:
        owed = desk.clone.gate.state.owed.get(submission.number)
        shown = [ApprovalShown(a, submission.state == "accepted") for a in given]
        shown += [ApprovalShown(a, True) for a in owed.given] if owed else []
        return tuple(shown), desk.second(owed) if owed and owed.open else (), ()
    steps = needed(submission, result.kinds, desk.policy)
    bearing = desk.policy.bearing(steps, (kind for kind, _ in result.kinds))
    state = desk.clone.gate.state
    filled = fill(
        submission, steps, bearing, desk.policy, desk.now, state.holds_on(submission)
    ).filled.values()
    ruling = rule_on(submission, result.kinds, len(result.errors), state, desk.policy, desk.now)
    against = (*ruling.reasons, *policy_faults(submission.last.change, result, desk.now, state.revoked))
    counted = tuple(ApprovalShown(a, a in filled or a.step == HIGHER.code) for a in given)
    return counted, desk.waiting(submission, result.kinds), against


def _left(view: View, items: Iterable[ItemShown]) -> Iterator[PathChange]:
    """Every path that is not shown with an item: settings, and whatever else stands where it should not."""
    shown = {file.path for item in items for file in item.files}
    own = {row.path for item in items if (row := view.row_of(item.id)) is not None}
    return (row for row in view.submission.last.change.paths if row.path not in shown | own)
