"""An auditor's look at events beside submission and approval: second reviews, lapses, void keys, clocks, withdrawals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gongkai.evidence.acts import Owed
from gongkai.evidence.ledger import Event
from gongkai.evidence.policy import Policy
from gongkai.evidence.state import State
from gongkai.gate import afterwards, clockwork, revocation
from gongkai.items.read import is_item_path, read_item
from gongkai.model.evidence import Change, PathChange, Statement
from gongkai.model.item import Item
from gongkai.model.message import Message, msg
from gongkai.store.proven import Proven

OTHER_SIGNED = {
    "confirmed": "confirmation",
    "objected": "objection",
    "revoked": "revocation",
    "clock": "clock",
}
"""Events that carry a signed statement about no open submission, with the statement's kind."""
SAYS_OTHER = msg("the signed statement says something else than the event")


def signed_faults(event: Event, statement: Statement, state: State, policy: Policy) -> Iterator[Message]:
    """What does not hold of such an event whose signature was verified, by the rules that the gate went by."""
    if statement.kind != OTHER_SIGNED[event.kind]:
        yield SAYS_OTHER
    elif event.kind == "revoked":
        yield from _revoked(event, statement, state, policy)
    elif event.kind == "clock":
        yield from clockwork.against(state, statement, policy, event.time)
    else:
        yield from _second(event, statement, state, policy)


def _second(event: Event, statement: Statement, state: State, policy: Policy) -> Iterator[Message]:
    data, owed = event.data, state.owed.get(event.data["submission"])
    said = (
        statement.submission,
        statement.version,
        statement.change,
        statement.step,
        dict(statement.reasons),
    )
    if said != tuple(data[n] for n in ("submission", "version", "change", "step", "reasons")):
        yield SAYS_OTHER
    if owed is None:
        yield msg("{number} owes no second review", number=data["submission"])
    else:
        yield from afterwards.against(owed, statement, policy, event.time)


def _revoked(event: Event, statement: Statement, state: State, policy: Policy) -> Iterator[Message]:
    data = event.data
    said = (statement.step, sorted(statement.reasons), dict(statement.reasons))
    if said != (data["whose"], data["keys"], data["reasons"]):
        yield SAYS_OTHER
    yield from revocation.against(state, statement, policy, event.time)


def lapse_faults(event: Event, state: State, policy: Policy) -> Iterator[Message]:
    """What does not hold of an event that says a second review was not given in time."""
    owed = state.owed.get(event.data["submission"])
    if owed is None or not owed.open:
        yield msg("{number} owes no second review", number=event.data["submission"])
    elif event.time <= owed.until(policy.zone) or event.data["due"] != owed.due:
        yield msg("the second review of {number} was not overdue then", number=owed.submission)
    elif event.kind == "withdrawn" and owed.lapse != "withdraw":
        yield msg("the rules do not let the gate withdraw what {number} accepted", number=owed.submission)


def withdrawal_of(event: Event) -> Change:
    """The change that a withdrawal by the gate made."""
    return Change(tuple(PathChange(*row) for row in event.data["change"]), tuple(event.data["items"]))


def withdrawal_faults(event: Event, owed: Owed, proven: Proven) -> Iterator[Message]:
    """Whether a withdrawal by the gate did nothing but write `withdrawal` into items that owed a second review."""
    for row in withdrawal_of(event).paths:
        before, after = (_item(proven, row.path, blob) for blob in (row.old, row.new))
        if before is None or after is None or before.id not in owed.items or before.group("withdrawal"):
            yield msg("{path} on main is not what was approved", path=row.path)
            continue
        wanted = {**before.fields, "withdrawal": event.data["withdrawal"]}
        if dict(after.fields) != wanted or after.body != before.body:
            yield msg("{path} on main is not what was approved", path=row.path)


def _item(proven: Proven, path: str, blob: str) -> Item | None:
    return read_item(path, proven.read(blob, "blob"), blob)[0] if blob and is_item_path(path) else None


def jump(event: Event, state: State, policy: Policy) -> Message | None:
    """Why the time of an event stands too far beyond the one before it; None when it does not, or somebody vouched."""
    last = state.last
    if last is None or event.kind == "clock" or event.time - last.time <= policy.ahead:
        return None
    return msg("the clock jumped {days} days ahead, and no administrator accepted that", days=_days(event.time, last.time))  # fmt: skip


def _days(after: datetime, before: datetime) -> int:
    return (after - before).days
