"""The due dates of new or changed items, in words under `check`."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.checks.due import upcoming
from gongkai.checks.portal import Portal
from gongkai.model.message import N_, Hole, Message, msg
from gongkai.schema.deadlines import STAGES


def due_words(portal: Portal) -> Iterator[Message]:
    """One sentence for each deadline of a new or changed item: when, and how many days are left or lost."""
    for item, stage, due, days in upcoming(portal):
        holes: dict[str, Hole] = {
            "id": item.id,
            "stage": STAGES[stage],
            "due": due.day,
            "mark": msg(" (provisional)") if due.provisional else "",
        }
        if days < 0:
            yield Message(
                N_("{id}: {stage} was due on {due}{mark}, {days} days ago"), {**holes, "days": -days}
            )
        elif days == 0:
            yield Message(N_("{id}: {stage} is due today, {due}{mark}"), holes)
        else:
            yield Message(
                N_("{id}: {stage} is due on {due}{mark}, {days} days left"), {**holes, "days": days}
            )
