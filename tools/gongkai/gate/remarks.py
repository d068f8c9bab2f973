"""What a reviewer must know before anything else: personal information, moved dates, lateness, what was returned."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.checks.due import anchor_fields
from gongkai.checks.waivers import Waiver, waivers_of
from gongkai.evidence.earlier import FIELD, asked
from gongkai.evidence.state import Version
from gongkai.gate.judging import stale
from gongkai.gate.view import View
from gongkai.model.item import Item
from gongkai.model.message import Message, Words, msg

DATES = ("occurred_on", "document_date")
"""Dates that a due date may hang on: whoever moves one after the receipt moves the due date with it."""


def remarks(view: View, *, decided: bool) -> Iterator[Message]:
    """What a reviewer must know before anything else."""
    yield from _second(view)
    for ident in view.submission.last.change.items:
        yield from _personal(view, ident)
        yield from _difference(view, ident)
    for ident in view.submission.last.change.items:
        yield from _redated(view, ident)
        yield from _late(view, ident)
    yield from _gone_versions(view)
    yield from _returned(view)
    if not decided:
        yield from stale(view.desk.clone.gate, view.submission.last.change)


def _second(view: View) -> Iterator[Message]:
    """That it is public already, and owes a second review; and what somebody had against it."""
    owed = view.desk.owed(view.submission)
    if owed is None:
        return
    late = owed.until(view.desk.policy.zone) < view.desk.now
    if owed.objection is not None:
        for ident, reason in owed.objection.reasons.items():
            yield msg(
                "{person} refused the second review; a withdrawal is owed: {item}: {reason}",
                person=view.desk.person(owed.objection.person), item=ident, reason=reason,
            )  # fmt: skip
    elif late:
        yield msg("accepted by a short level; its second review was due {due} and is OVERDUE", due=owed.due)
    else:
        yield msg("accepted by a short level; its second review is due {due}", due=owed.due)


def _personal(view: View, ident: str) -> Iterator[Message]:
    item = view.pair(ident)[1]
    for waiver in waivers_of(item) if item else ():
        yield _waived(view, ident, waiver)
    said = item.group("personal_information") if item else {}
    if said.get("present"):
        basis = str(said.get("basis") or "")
        yield msg("{item} publishes personal information; basis given: {basis}", item=ident, basis=basis)


def _waived(view: View, ident: str, waiver: Waiver) -> Message:
    by = view.desk.person(waiver.decided_by) if waiver.decided_by else "-"
    return msg(
        "{item}: {rule} is let pass at {place} until {until}, decided by {person}; basis given: {basis}",
        item=ident, rule=waiver.rule, place=waiver.place, until=waiver.until, person=by, basis=waiver.basis,
    )  # fmt: skip


def _difference(view: View, ident: str) -> Iterator[Message]:
    """That the public will see what stood there before; or will not, although the field is filled."""
    old, new = view.pair(ident)
    words = new.text(FIELD) if new else ""
    if asked(old, new):
        yield msg(
            "{item}: THE PUBLIC WILL SEE what this change took out and put in, the earlier text too: “{words}”",
            item=ident, words=words,
        )  # fmt: skip
    elif words and old is not new:
        yield msg(
            "{item}: show_difference stands there from before, or there is no version before: no difference is shown",
            item=ident,
        )  # fmt: skip


def _redated(view: View, ident: str) -> Iterator[Message]:
    """Dates that differ from what main has, or from what an earlier version said when it was received."""
    new = view.pair(ident)[1]
    if new is None:
        return
    kind = view.portal.types.get(new.type)
    names = dict.fromkeys(
        (*DATES, *(n for rule in (kind.deadlines if kind else {}).values() for n in anchor_fields(rule)))
    )
    for number, old in _earlier(view, ident):
        for name in names:
            if old.text(name) and old.text(name) != new.text(name):
                title = kind.fields[name].title if kind and name in kind.fields else Words(name, name)
                yield _moved(ident, title, old.text(name), new.text(name), number)


def _moved(ident: str, title: Words, old: str, new: str, number: int) -> Message:
    new = new or "-"
    if number == 0:
        return msg(
            "{item}: “{field}” is changed after publication was decided: {old} → {new}",
            item=ident, field=title, old=old, new=new,
        )  # fmt: skip
    return msg(
        "{item}: “{field}” was changed after version {number} was received: {old} → {new}",
        item=ident, field=title, old=old, new=new, number=number,
    )  # fmt: skip


def _earlier(view: View, ident: str) -> Iterator[tuple[int, Item]]:
    """The item as main has it (number 0), and as each earlier version had it, as far as they can still be read.

    Versions of submissions that were taken back count too: the item was received with them (gate.md property 9).
    """
    old = view.pair(ident)[0]
    if old is not None:
        yield 0, old
    for version in (*_taken_back(view, ident), *view.submission.versions[:-1]):
        row = view.row_in(version, ident)
        if row is not None and row.new and view.has(version):
            item = view.read(row.path, row.new)
            if item is not None:
                yield version.number, item


def _taken_back(view: View, ident: str) -> Iterator[Version]:
    """The versions of cancelled submissions that held the item, if it was handed in anew since."""
    for other in view.desk.clone.gate.state.submissions.values():
        if other.state == "cancelled" and other.versions[0].received <= view.submission.last.received:
            yield from (v for v in other.versions if ident in v.change.items)


def _gone_versions(view: View) -> Iterator[Message]:
    for version in view.submission.versions[:-1]:
        if not view.has(version):
            yield msg("version {number} can no longer be read, so it was not compared", number=version.number)


def _late(view: View, ident: str) -> Iterator[Message]:
    """A late submission is published all the same, but nobody overlooks it."""
    item = view.pair(ident)[1]
    due = next((d for d in view.dues(item) if d.stage == "submit" and d.late), None) if item else None
    if item is None or due is None:
        return
    reason = item.text("late_reason")
    if reason:
        yield msg(
            "{item} was received late (due {due}); reason given: {reason}",
            item=ident,
            due=due.due.day,
            reason=reason,
        )
    else:
        yield msg("{item} was received late (due {due}); no reason is given", item=ident, due=due.due.day)


def _returned(view: View) -> Iterator[Message]:
    """What was asked for when an earlier version was returned: the reviewer looks whether it was done."""
    holds = view.desk.clone.gate.state.holds_on(view.submission)
    elsewhere = [h for h in holds if h.submission != view.submission.number]
    submissions = view.desk.clone.gate.state.submissions
    others = (b for h in elsewhere for b in submissions[h.submission].returns if b.event == h.event)
    for back in (*others, *view.submission.returns):
        for ident, reason in back.reasons.items():
            yield msg(
                "version {number} was returned by {person}: {item}: {reason}",
                number=back.version, person=view.desk.person(back.person), item=ident, reason=reason,
            )  # fmt: skip
    if view.submission.state == "waiting":
        decided = {a.person for a in view.submission.given}
        for hold in (h for h in holds if h.person not in decided):
            yield msg(
                "{item} goes back first to {person}, or to a leader: no other approval counts before",
                item=hold.key, person=view.desk.person(hold.person),
            )  # fmt: skip
