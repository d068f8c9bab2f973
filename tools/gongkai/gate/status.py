"""How a department's submissions stand: waiting for whom and since when, returned why, accepted when, and where to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongkai.evidence.acts import Approval, Owed
from gongkai.evidence.ruling import rule_on, waiting_for
from gongkai.evidence.state import OPEN, Submission
from gongkai.gate.desk import Desk, Limit, Waiting, bring, second_limit
from gongkai.gate.judging import kinds_of, stale
from gongkai.items.read import is_item_path, read_item
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.model.message import Message

RECENT = timedelta(days=30)
"""Decided submissions are listed so long; `--all` lists every one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One item of a submission: its title as it was handed in, its address on the portal, the ledger's facts."""

    id: str
    title: str
    address: str
    facts: ItemFacts


@dataclass(frozen=True)
class Standing:
    """One submission: `since` is when it came to stand as it does, `reasons` what keeps it from being accepted."""

    submission: Submission
    pieces: tuple[Piece, ...]
    since: datetime
    waiting: Waiting = ()
    reasons: tuple[Message, ...] = ()
    owed: Owed | None = None
    second: Limit | None = None
    """The second review that is still owed, and by when; `waiting` is then about that."""

    @property
    def returned(self) -> Approval | None:
        """The last return, while the submission is returned."""
        return self.submission.returns[-1] if self.submission.state == "returned" else None

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who has approved the last version."""
        return self.submission.given


def standings(desk: Desk, department: str, *, everything: bool = False) -> list[Standing]:
    """The submissions of a department: those to be mended first, then those that wait or owe a second review, then
    what was decided lately.
    """
    mine = (s for s in desk.clone.gate.state.submissions.values() if s.department == department)
    listed = [s for s in mine if everything or s.state in OPEN or desk.owed(s) or _recent(s, desk.now)]
    return [_standing(desk, s) for s in sorted(listed, key=lambda s: (_order(desk, s), s.number))]


def _order(desk: Desk, submission: Submission) -> int:
    owed = desk.owed(submission)
    if submission.state == "returned" or (owed is not None and owed.objection is not None):
        return 0
    return 1 if submission.state == "waiting" or owed is not None else 2


def _recent(submission: Submission, now: datetime) -> bool:
    return submission.decided is None or now - submission.decided <= RECENT


def _standing(desk: Desk, submission: Submission) -> Standing:
    bring(desk.clone, submission.last.tip)
    waiting, reasons = _ruled(desk, submission) if submission.state == "waiting" else ((), ())
    owed = desk.owed(submission)
    return Standing(
        submission, tuple(_pieces(desk, submission)), _since(submission), desk.second(owed) if owed else waiting,
        reasons, owed, second_limit(desk, owed) if owed else None,
    )  # fmt: skip


def _ruled(desk: Desk, submission: Submission) -> tuple[Waiting, tuple[Message, ...]]:
    """The same ruling as the server's, but for the check, which the submission has passed when it was received."""
    change, gate = submission.last.change, desk.clone.gate
    kinds = kinds_of(change, desk.portal, desk.laid(change))
    ruling = rule_on(submission, kinds, 0, gate.state, desk.policy, desk.now)
    return tuple(waiting_for(ruling, submission, desk.policy, desk.now)), (
        *ruling.reasons,
        *stale(gate, change),
    )


def _since(submission: Submission) -> datetime:
    if submission.decided is not None:
        return submission.decided
    acts = (*submission.approvals, *submission.returns)
    return max([submission.last.received, *(a.time for a in acts if a.version == submission.last.number)])


def _pieces(desk: Desk, submission: Submission) -> Iterator[Piece]:
    items = {item.id: item for item in _items(desk, submission)}
    for ident in submission.last.change.items:
        item = items.get(ident) or desk.portal.corpus.by_id.get(ident)
        facts = desk.clone.gate.state.facts.get(ident, ItemFacts())
        yield Piece(ident, item.title if item else ident, item.address if item else "", facts)


def _items(desk: Desk, submission: Submission) -> Iterator[Item]:
    """The items as they were handed in."""
    for row in submission.last.change.paths:
        if row.new and is_item_path(row.path):
            item = read_item(row.path, desk.clone.gate.objects.repository.blob(row.new), row.new)[0]
            if item is not None:
                yield item
