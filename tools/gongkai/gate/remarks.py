"""What a reviewer must know before anything else: personal information, moved dates, lateness, what was returned."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.checks.due import anchor_fields
from gongkai.gate.judging import stale
from gongkai.gate.view import View
from gongkai.model.item import Item
from gongkai.model.message import Message, Words, msg

DATES = ("occurred_on", "document_date")
"""Dates that a due date may hang on: whoever moves one after the receipt moves the due date with it."""


def remarks(view: View, *, decided: bool) -> Iterator[Message]:
    """What a reviewer must know before anything else."""
    for ident in view.submission.last.change.items:
        yield from _personal(view, ident)
    for ident in view.submission.last.change.items:
        yield from _redated(view, ident)
        yield from _late(view, ident)
    yield from _gone_versions(view)
    yield from _returned(view)
    if not decided:
        yield from stale(view.desk.clone.gate, view.submission.last.change)


def _personal(view: View, ident: str) -> Iterator[Message]:
    item = view.pair(ident)[1]
    said = item.group("personal_information") if item else {}
    if said.get("present"):
        basis = str(said.get("basis") or "")
        yield msg("{item} publishes personal information; basis given: {basis}", item=ident, basis=basis)


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
    """The item as main has it (number 0), and as each earlier version had it, as far as they can still be read."""
    old = view.pair(ident)[0]
    if old is not None:
        yield 0, old
    for index, version in enumerate(view.submission.versions[:-1]):
        row = view.row_of(ident, index)
        if row is not None and row.new and view.has(version):
            item = view.read(row.path, row.new)
            if item is not None:
                yield version.number, item


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
    for back in view.submission.returns:
        for ident, reason in back.reasons.items():
            yield msg(
                "version {number} was returned by {person}: {item}: {reason}",
                number=back.version, person=view.desk.person(back.person), item=ident, reason=reason,
            )  # fmt: skip
