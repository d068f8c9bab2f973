"""The ledger: an append-only chain of events in `refs/gongkai/ledger`, one commit each, with the server's time.

An event is the canonical JSON in its commit's message, below a line for people; the commit's parent is the event before
it. So `git log refs/gongkai/ledger` reads as a record, and no event can change without changing all that follow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from gongkai import __version__
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import canonical
from gongkai.model.message import msg
from gongkai.store.objects import Objects

LEDGER = "refs/gongkai/ledger"
MAIN = "refs/heads/main"
MOVES = ("genesis", "accepted", "withdrawn")
"""The kinds of events that name a commit of main: each moves main one step."""
TURNS = frozenset({*MOVES, "published"})
"""The kinds of events after which the public may see something else."""
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its commit's id, its number from 0, the server's time, what kind, and what it says."""

    id: str
    number: int
    time: datetime
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


def read(objects: Objects, tip: str, since: str = "") -> tuple[Event, ...]:
    """The events from genesis (or after the event `since`) to `tip`, oldest first.

    Raises GongkaiError when the chain is not what it must be: numbers without a gap, times that never step back.
    """
    events = tuple(_event(commit, raw) for commit, raw in objects.line(tip, since))
    for before, after in pairwise(events):
        if after.number != before.number + 1 or after.time < before.time:
            raise _broken(after.id)
    if events and not since and events[0].kind != "genesis":
        raise _broken(events[0].id)
    return events


def append(
    objects: Objects,
    last: Event | None,
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
    ahead: timedelta | None = None,
) -> Event:
    """Make the event that follows `last`; only an object is written, the ref is the caller's to move.

    Refuses to write when the clock stands before the last event: a record of times must never step back. Nor may it
    jump further than `ahead` beyond it: a clock set forward would lift embargoes (gate.md property 9).
    """
    moment = now.astimezone(UTC).replace(microsecond=0)
    if last is not None and moment < last.time:
        raise GongkaiError(
            msg(
                "the server's clock ({now}) stands before the last event ({last})", now=moment, last=last.time
            ),
            msg("set the clock right; nothing was recorded"),
            Exit.BROKEN,
        )
    if last is not None and ahead is not None and moment - last.time > ahead:
        raise GongkaiError(
            msg(
                "the server's clock ({now}) stands {days} days after the last event ({last}); more than {limit} days"
                " need an administrator",
                now=moment, days=(moment - last.time).days, last=last.time, limit=ahead.days,
            ),
            msg(
                "set the clock right; if it is right, an administrator accepts it with `gongkai server clock CLONE --accept`"
            ),
            Exit.BROKEN,
        )  # fmt: skip
    number = last.number + 1 if last else 0
    body = {
        "schema_version": 1,
        "engine": __version__,
        "number": number,
        "time": moment.isoformat(),
        "kind": kind,
        "data": data,
    }
    title = " ".join(
        str(x) for x in (number, kind, data.get("submission", ""), data.get("person", "")) if x != ""
    )
    text = f"{title}\n\n{canonical(body).decode()}"
    # The event before has stored the tree with nothing in it.
    tree = EMPTY_TREE if last else objects.empty_tree()
    commit = objects.write_commit(tree, [last.id] if last else [], text, moment)
    return Event(commit, number, moment, kind, data)


def _event(commit: str, raw: bytes) -> Event:
    try:
        body = json.loads(raw.partition(b"\n\n")[2].partition(b"\n\n")[2])
        return Event(commit, body["number"], datetime.fromisoformat(body["time"]), body["kind"], body["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(commit) from error


def _broken(commit: str) -> GongkaiError:
    return GongkaiError(
        msg("the ledger is broken at {commit}", commit=commit),
        msg("stop publishing, keep the repository as it is, and compare it with a backup or a clone"),
        Exit.FINDINGS,
    )
