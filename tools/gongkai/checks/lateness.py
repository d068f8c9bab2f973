"""What is late, and what will soon be: the looking functions of DUE101 to DUE104 and DUE107.

A late item is still published: lateness is recorded and shown, it never blocks (design §5). Only new or
changed items are judged, never those carried over from an old portal or withdrawn. The server's clock
counts; without a ledger an item is received now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from gongkai.checks.due import Deadline, deadlines, is_judged, is_met
from gongkai.checks.portal import Portal
from gongkai.model.deadline import Due, Period, Unit
from gongkai.model.errors import GongkaiError
from gongkai.model.finding import Hit, Place
from gongkai.model.item import Item
from gongkai.model.message import Hole, Message, msg
from gongkai.schema.deadlines import STAGES
from gongkai.workdays.counting import unit_name

SOON = 2
"""A publication is announced as near this many working days before it is due."""

HORIZON = timedelta(60)
"""No run of days off is so long: what is due later is not near, and its working days need not be counted."""

STALE = {"news": ("occurred_on", Period(Unit.WORKING_DAYS, 10))}
"""Types whose items need a reason when they come later than this after the event (domain D.2, row 4)."""


def stage_name(stage: str) -> Message:
    """A stage in words: what has to be done by the due date."""
    return STAGES.get(stage) or Message("{stage}", {"stage": stage})


def _stage(name: str, item: Item, portal: Portal) -> Iterator[Deadline]:
    if is_judged(item, portal):
        yield from (found for found in deadlines(item, portal) if found.stage == name)


def _received(item: Item, portal: Portal) -> datetime:
    """The server's clock when the item arrived; without a ledger that is now."""
    return portal.facts_of(item).received or portal.now


def _late(due: Due, moment: datetime, portal: Portal) -> Message | None:
    """By how much `moment` is late, in hours for a due hour and in days for a due day; None when in time."""
    if isinstance(due.due, datetime):
        seconds = (moment - due.due).total_seconds()
        return msg("{hours} h", hours=ceil(seconds / 3600)) if seconds > 0 else None
    days = (portal.calendar.day_of(moment) - due.due).days
    return _days(days) if days > 0 else None


def _days(number: int) -> Message:
    return msg("1 day") if number == 1 else msg("{days} days", days=number)


def _late_submission(item: Item, portal: Portal) -> Iterator[tuple[Deadline, Message]]:
    for found in _stage("submit", item, portal):
        late = _late(found.due, _received(item, portal), portal)
        if late is not None:
            yield found, late


def submission_overdue(item: Item, portal: Portal) -> Iterator[Hit]:
    """DUE101."""
    for found, late in _late_submission(item, portal):
        yield _hit(item, found.field, due=shown(found.due), late=late)


def late_without_reason(item: Item, portal: Portal) -> Iterator[Hit]:
    """DUE102. Silent where DUE107 asks for the same reason in stronger words."""
    if item.text("late_reason").strip() or any(stale_news(item, portal)):
        return
    for found, late in _late_submission(item, portal):
        yield _hit(item, found.field, late=late)


def publication_near(item: Item, portal: Portal) -> Iterator[Hit]:
    """DUE103."""
    for found in _stage("publish", item, portal):
        state = None if is_met("publish", item, portal) else _state(found.due, portal)
        if state is not None:
            yield _hit(item, found.field, due=shown(found.due), state=state)


def _state(due: Due, portal: Portal) -> Message | None:
    """Overdue, due today, or due within the next working days; None when there is still time."""
    late = _late(due, portal.now, portal)
    if late is not None:
        return msg("{late} overdue", late=late)
    today = portal.calendar.day_of(portal.now)
    if due.day == today:
        return msg("today is the last day")
    if due.day - today > HORIZON:
        return None
    left = portal.calendar.working_days_between(today, due.day)
    if left > SOON:
        return None
    if left < 2:
        return msg("1 working day left") if left else msg("no working day left")
    return msg("{days} working days left", days=left)


def provisional(item: Item, portal: Portal) -> Iterator[Hit]:
    """DUE104, once an item: the earlier stage stands for both."""
    for stage in ("submit", "publish"):
        for found in _stage(stage, item, portal):
            if found.due.provisional:
                year = max(line.date for line in found.due.days).year
                yield _hit(item, found.field, stage=stage_name(stage), due=shown(found.due), year=year)
                return


def stale_news(item: Item, portal: Portal) -> Iterator[Hit]:
    """DUE107."""
    name, period = STALE.get(item.type, ("", None))
    event = item.date(name) if name else None
    if period is None or event is None or item.text("late_reason").strip() or not is_judged(item, portal):
        return
    try:
        due = portal.calendar.due(event, period)
    except GongkaiError:
        return
    if _late(due, _received(item, portal), portal):
        yield _hit(item, name, event=event, amount=period.amount, unit=unit_name(period.unit))


def _hit(item: Item, field: str, **holes: Hole) -> Hit:
    return Hit(_place(item, field), holes, field)


def _place(item: Item, field: str) -> Place:
    return item.place(field) if field else item.place()


def shown(due: Due) -> str:
    """The due date, or the due time to the minute with its offset."""
    if isinstance(due.due, datetime):
        return due.due.isoformat(sep=" ", timespec="minutes")
    return due.due.isoformat()
