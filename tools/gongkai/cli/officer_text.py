"""Receipts and the standing of submissions, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from gongkai.cli.door import Door
from gongkai.cli.review_json import owed_data
from gongkai.evidence.acts import Approval, Owed
from gongkai.gate.desk import Desk, Limit
from gongkai.gate.officer import Sent
from gongkai.gate.status import Piece, Standing
from gongkai.gate.worded import clean
from gongkai.model.message import Message, msg

STATES = {
    "waiting": msg("waiting for approval"),
    "returned": msg("RETURNED: mend it and run `gongkai submit` again"),
    "accepted": msg("accepted"),
    "cancelled": msg("taken back"),
}


def moment(desk: Desk, time: datetime) -> str:
    """A time of the ledger in the portal's zone, to the minute."""
    return _local(time, desk.portal.settings.timezone)


def _local(time: datetime, zone: tzinfo | None) -> str:
    return time.astimezone(zone).isoformat(sep=" ", timespec="minutes")


def receipt_lines(door: Door, zone: tzinfo | None, sent: Sent) -> Iterator[str]:
    """The receipt: number, version, time in the portal's zone, and each item's due date. All of it from the ledger."""
    for message in _receipt(zone, sent):
        yield clean(door.say(message))


def _receipt(zone: tzinfo | None, sent: Sent) -> Iterator[Message]:
    receipt, first = sent.receipt, sent.submission.versions[0].received
    if sent.again and sent.submission.state == "returned":
        yield msg("{number} was returned and is not changed yet; nothing was sent", number=receipt.number)
    elif sent.again:
        yield msg("{number} lies with the server already; nothing new was sent", number=receipt.number)
    yield msg(
        "RECEIPT {number}, version {version}, received {time}",
        number=receipt.number,
        version=receipt.version,
        time=_local(receipt.received, zone),
    )
    if receipt.version > 1:
        yield msg("  first received {time}: deadlines count by that", time=_local(first, zone))
    for ident, due, late in receipt.items:
        yield _due(ident, due, late)


def _due(ident: str, due: datetime | None, late: int) -> Message:
    if due is None:
        return msg("  {item}: no deadline", item=ident)
    if late:
        return msg("  {item}: was due {due}, {late} days late", item=ident, due=_day(due), late=late)
    return msg("  {item}: due {due}, on time", item=ident, due=_day(due))


def _day(due: datetime) -> str:
    """An hour is said when one is due; midnight without a zone stands for a day."""
    return due.isoformat(sep=" ", timespec="minutes") if due.tzinfo else due.date().isoformat()


def receipt_data(sent: Sent) -> dict[str, Any]:
    """The receipt for machines."""
    receipt = sent.receipt
    return {
        "number": receipt.number,
        "version": receipt.version,
        "received": receipt.received.isoformat(),
        "first_received": sent.submission.versions[0].received.isoformat(),
        "branch": sent.submission.branch,
        "state": sent.submission.state,
        "sent": not sent.again,
        "warnings": receipt.warnings,
        "items": [
            {"id": ident, "due": _day(due) if due else None, "days_late": late}
            for ident, due, late in receipt.items
        ],
    }


def standing_lines(door: Door, desk: Desk, row: Standing) -> Iterator[str]:
    """One submission: what it is, how it stands since when, and what comes next."""
    for message in _standing(desk, row):
        yield clean(door.say(message))


def _standing(desk: Desk, row: Standing) -> Iterator[Message]:
    submission = row.submission
    yield msg(
        "{number}  {state} (version {version}, since {time})",
        number=submission.number,
        state=STATES.get(submission.state, Message(submission.state)),
        version=submission.last.number,
        time=moment(desk, row.since),
    )
    for piece in row.pieces:
        yield msg("  {item}  {title}", item=piece.id, title=piece.title)
        if submission.state == "accepted":
            yield _public(desk, piece)
    if submission.policy:
        yield msg("  settings: {paths}", paths=", ".join(p.path for p in submission.last.change.paths))
    if row.returned:
        yield from _returned(desk, row.returned)
    for approval in row.approvals if submission.state == "waiting" else ():
        yield msg(
            "  approved by {person}, {time}",
            person=desk.person(approval.person),
            time=moment(desk, approval.time),
        )
    if row.owed is not None and row.second is not None:
        yield from _second(desk, row.owed, row.second)
    for step in desk.who_can(row.waiting):
        yield msg("  waiting: {step}", step=step)
    for reason in row.reasons:
        yield msg("  in the way: {reason}", reason=reason)


def _second(desk: Desk, owed: Owed, limit: Limit) -> Iterator[Message]:
    """The second review that an acceptance by a short level owes, or what somebody had against it."""
    if owed.objection is not None:
        yield msg("  second review REFUSED by {person}: withdraw or mend the items", person=desk.person(owed.objection.person))  # fmt: skip
        for ident, reason in owed.objection.reasons.items():
            yield msg("    {item}: {reason}", item=ident, reason=reason)
    elif limit.late:
        yield msg("  second review OVERDUE: it was due {due}", due=owed.due)
    else:
        yield msg("  second review owed by {due}", due=owed.due)


def _returned(desk: Desk, returned: Approval) -> Iterator[Message]:
    yield msg(
        "  returned by {person}, {time}:",
        person=desk.person(returned.person),
        time=moment(desk, returned.time),
    )
    for ident, reason in returned.reasons.items():
        if ident in ("", "*"):
            yield msg("    {reason}", reason=reason)
        else:
            yield msg("    {item}: {reason}", item=ident, reason=reason)


def _public(desk: Desk, piece: Piece) -> Message:
    address = address_of(desk, piece)
    if piece.facts.published is None:
        return msg("    will be published at {address}", address=address)
    day = piece.facts.published
    time = moment(desk, day) if isinstance(day, datetime) else day.isoformat()
    return msg("    published {time} at {address}", time=time, address=address)


def address_of(desk: Desk, piece: Piece) -> str:
    """The item's address on the portal: the whole one when portal.yml names the portal's."""
    base = str(desk.portal.settings.portal.get("url") or "")
    return f"{base.rstrip('/')}/{piece.address}" if base else piece.address


def standings_data(door: Door, desk: Desk, rows: Sequence[Standing]) -> dict[str, Any]:
    """The standing of submissions for machines."""
    return {"schema_version": 1, "submissions": [_standing_data(door, desk, row) for row in rows]}


def _standing_data(door: Door, desk: Desk, row: Standing) -> dict[str, Any]:
    submission, returned = row.submission, row.returned
    return {
        "number": submission.number,
        "department": submission.department,
        "branch": submission.branch,
        "state": submission.state,
        "version": submission.last.number,
        "person": submission.last.person,
        "first_received": submission.versions[0].received.isoformat(),
        "received": submission.last.received.isoformat(),
        "since": row.since.isoformat(),
        "items": [_piece_data(desk, piece) for piece in row.pieces],
        "settings": [p.path for p in submission.last.change.paths] if submission.policy else [],
        "approvals": [_act(a) for a in row.approvals],
        "waiting": [
            {"step": step.code, "title": desk.step(step).in_language(door.lang), "people": list(people)}
            for step, people in row.waiting
        ],
        "second_review": owed_data(row.owed),
        "in_the_way": [door.say(reason) for reason in row.reasons],
        "returned": {**_act(returned), "reasons": dict(returned.reasons)} if returned else None,
    }


def _act(act: Approval) -> dict[str, Any]:
    return {"person": act.person, "step": act.step, "time": act.time.isoformat()}


def _piece_data(desk: Desk, piece: Piece) -> dict[str, Any]:
    facts = piece.facts
    return {
        "id": piece.id,
        "title": piece.title,
        "address": address_of(desk, piece),
        "accepted": facts.accepted.isoformat() if facts.accepted else None,
        "published": facts.published.isoformat() if facts.published else None,
    }
