"""The ledger as an auditor reads it: from the raw bytes, in its one canonical form, from the last event to genesis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from gongkai.evidence.ledger import EMPTY_TREE, Event
from gongkai.model.evidence import canonical
from gongkai.model.message import Message, msg
from gongkai.store.proven import Commit, NotProven, Proven


class Unsound(Exception):
    """The first thing that does not hold: in words, with the event's number (None: no single event) and a commit."""

    def __init__(self, says: Message, event: int | None = None, commit: str = "", kind: str = "") -> None:
        super().__init__(says.text)
        self.says = says
        self.event = event
        self.commit = commit
        self.kind = kind


def read_ledger(proven: Proven, tip: str, known: Sequence[Event] = ()) -> tuple[Event, ...]:
    """Every event from genesis to `tip`, oldest first. Unsound when the chain is not one chain of canonical events.

    `known` are the first events as they were read before: the chain is followed back to the last of them, whose id
    holds all before it. Unsound too when it does not lead there.
    """
    end = known[-1].id if known else ""
    news = tuple(reversed(list(_backwards(proven, tip, end))))
    events = (*known, *news)
    for number, event in enumerate(news, len(known)):
        if event.number != number:
            raise Unsound(
                msg("event {number} is missing: the one in its place is numbered {found}",
                    number=number, found=event.number),
                number, event.id, event.kind,
            )  # fmt: skip
        if (event.kind == "genesis") != (number == 0):
            raise Unsound(
                msg("the ledger begins with genesis, and has it once"), number, event.id, event.kind
            )
    for before, after in pairwise(events[max(len(known) - 1, 0) :]):
        if after.time < before.time:
            raise Unsound(
                msg("the time {time} stands before that of the event before it ({before})",
                    time=after.time, before=before.time),
                after.number, after.id, after.kind,
            )  # fmt: skip
    return events


def _backwards(proven: Proven, tip: str, end: str) -> Iterator[Event]:
    commit, number = tip, None
    while commit != end:
        try:
            raw = proven.commit(commit)
        except NotProven as error:
            raise Unsound(error.says, None if number is None else number - 1, commit) from error
        event = _event(raw, None if number is None else number - 1)
        yield event
        if len(raw.parents) > 1:
            raise Unsound(msg("an event has exactly one before it"), event.number, commit, event.kind)
        commit, number = raw.parents[0] if raw.parents else "", event.number
        if not commit and end:
            raise Unsound(
                msg("the ledger does not go on from the event {id}", id=end), event.number, event.id
            )


def _event(commit: Commit, expected: int | None) -> Event:
    text = commit.message.partition("\n\n")[2].removesuffix("\n")
    try:
        body = json.loads(text)
        event = Event(
            commit.id, body["number"], datetime.fromisoformat(body["time"]), body["kind"], body["data"]
        )
        sound = canonical(body) == text.encode() and type(event.number) is int
        sound = sound and isinstance(event.kind, str) and isinstance(event.data, dict)
        stamp = int(event.time.timestamp())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unsound(msg("the event cannot be read"), expected, commit.id) from error
    if not sound or commit.tree != EMPTY_TREE:
        raise Unsound(msg("the event is not in its canonical form"), expected, commit.id)
    if stamp != commit.stamp or event.time.tzinfo is None:
        raise Unsound(
            msg("the event's time ({time}) is not the time at which it was recorded", time=event.time),
            event.number, commit.id, event.kind,
        )  # fmt: skip
    return event


def check_main(proven: Proven, tip: str, mains: Sequence[tuple[int, str]]) -> None:
    """Whether main stands where the ledger says; `mains` are (event, commit) of genesis and of every acceptance.

    That each of these commits has the one before it as its only parent was seen before; so the tip decides.
    """
    known = {commit: number for number, commit in mains}
    last, wanted = mains[-1]
    if tip == wanted:
        return
    if not tip:
        raise Unsound(msg("there is no branch main"), last, wanted)
    if tip in known:
        raise Unsound(
            msg("main stands at event {there}, but the ledger has accepted more (event {last})",
                there=known[tip], last=last),
            last, wanted, "accepted",
        )  # fmt: skip
    stranger, after = _stranger(proven, tip, known)
    raise Unsound(
        msg(
            "main has the commit {commit}, which no event names; it was put there behind the gate",
            commit=stranger,
        ),
        after,
        stranger,
    )


def _stranger(proven: Proven, tip: str, known: dict[str, int]) -> tuple[str, int | None]:
    """The oldest commit of main that no event names, and the event on whose commit it stands."""
    stranger, below = tip, tip
    while below and below not in known:
        stranger = below
        try:
            parents = proven.commit(below).parents
        except NotProven:
            break
        below = parents[0] if parents else ""
    return stranger, known.get(below)
