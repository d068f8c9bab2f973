"""How far an auditor judged a ledger, kept in the auditor's own folder: the next audit judges only what came since.

It is no proof for anybody else, and never stands in what is fetched or in the repository that is audited: whoever may
write there could forge it. It holds the last event that was found sound, the state of that moment, and the ids of all
objects that were hashed. Where anything about it is in doubt there is none, and all is judged (docs/decisions/0011).
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gongkai.evidence.ledger import MOVES, Event
from gongkai.evidence.state import State
from gongkai.gate.snapshot import pack, unpack
from gongkai.model.message import Hole, Message
from gongkai.store.durable import clear
from gongkai.store.kept import Kept

KIND, CACHE = "audit", "audited"
OTHERS = 0o022
"""Nobody else may write where points are kept."""
MOST = 32
"""A user's cache holds the points of so many repositories; the ones longest unused go."""


@dataclass(frozen=True)
class Point:
    """A ledger as an audit found it sound at `moment`: its first events, bare but for what later checks ask of them.

    `hashed` is when all of `objects` were last hashed, `memory` what the auditor knows beside the state.
    """

    events: tuple[Event, ...]
    state: State
    memory: Mapping[str, Any]
    objects: frozenset[str]
    moment: datetime
    hashed: datetime

    @property
    def last(self) -> Event:
        """The last event that was judged."""
        return self.events[-1]


@dataclass(frozen=True)
class Keeping:
    """Where an auditor keeps points (None: nowhere), and what it asks of them, at the time `now`.

    `again` judges everything from the beginning. Objects that an earlier audit hashed are hashed again when that was
    `rehash` or longer ago: at once, unless nobody else writes into the repository. `known` are the points that a process
    which stays has kept itself, by ledger: they count as long as the place is there and still private.
    """

    place: Path | None
    now: datetime
    again: bool = False
    rehash: timedelta = field(default=timedelta(0))
    known: dict[str, Point] | None = None

    def point(self, ledger: str) -> Point | None:
        """The point kept for this ledger; None where there is none, or the least doubt about it."""
        if self.again or self.place is None or not _is_private(self.place):
            return None
        if self.known is not None and ledger in self.known:
            return self.known[ledger]
        kept = Kept(self.place)
        about, state, objects, total = (
            kept.get(_kind(ledger), name) for name in ("about", "state", "objects", "sum")
        )
        if about is None or state is None or objects is None or total != _sum(about, state, objects):
            return None
        try:
            return _point(json.loads(about), unpack(state), objects)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return None

    def is_due(self, point: Point) -> bool:
        """Whether everything that was hashed before is to be hashed again; also when the clock stepped back."""
        return not timedelta(0) <= self.now - point.hashed < self.rehash

    def keep(self, ledger: str, point: Point) -> None:
        """Keep the point in place of the one before. What cannot be kept is not: the next audit judges all."""
        if self.place is None:
            return
        try:
            self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return
        if _is_private(self.place):
            if self.known is not None:
                self.known[ledger] = point
            about, state = _about(point), pack(point.state)
            objects = bytes.fromhex("".join(point.objects))
            rows = {"about": about, "state": state, "objects": objects, "sum": _sum(about, state, objects)}
            Kept(self.place).put(_kind(ledger), rows, alone=True)
            _crowd_out(self.place)


def cache_for(folder: Path) -> Path | None:
    """Where this user keeps the points of the repository at `folder`: in the cache, never in the repository itself.

    None when nothing is to be kept (`GONGKAI_KEPT=off`) or the user has no home.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME") or ""
    if os.environ.get("GONGKAI_KEPT") == "off" or not home.startswith("/"):
        return None
    base = Path(home) if os.environ.get("XDG_CACHE_HOME") else Path(home) / ".cache"
    name = os.fsencode(folder.resolve())
    return base / "gongkai" / CACHE / hashlib.sha256(name).hexdigest()[:16]


def bare(event: Event) -> Event:
    """An event with nothing but what is asked of old ones: where main and its tree went."""
    data = {n: event.data[n] for n in ("main", "tree")} if event.kind in MOVES else {}
    return Event(event.id, event.number, event.time, event.kind, data)


def _kind(ledger: str) -> str:
    return f"{KIND} {ledger}"


def _sum(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _is_private(place: Path) -> bool:
    """Whether the folder is this user's own, and nobody else may write there."""
    try:
        at = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(at.st_mode) and at.st_uid == os.geteuid() and not at.st_mode & OTHERS


def _crowd_out(place: Path) -> None:
    """Take away what the longest unused repositories left in the user's cache, but for a bounded number of them."""
    if place.parent.name != CACHE:
        return
    with suppress(OSError):
        older = sorted(place.parent.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)[MOST:]
        for folder in older:
            clear(folder)


def _about(point: Point) -> bytes:
    rows = [[e.id, e.time.isoformat(), e.kind, dict(e.data)] for e in map(bare, point.events)]
    remarks = [[r.text, {n: _kept(h) for n, h in r.holes.items()}] for r in point.memory["remarks"]]
    data = {
        "events": rows, "moment": point.moment.isoformat(), "hashed": point.hashed.isoformat(),
        "memory": {**point.memory, "remarks": remarks},
    }  # fmt: skip
    return json.dumps(data, default=sorted).encode()


def _kept(hole: Hole) -> Any:
    """A hole of a remark as JSON: numbers and texts as they are, a time in a list."""
    return [hole.isoformat()] if isinstance(hole, datetime) else hole


def _hole(value: Any) -> Hole:
    hole: Hole = datetime.fromisoformat(value[0]) if isinstance(value, list) else value
    return hole


def _point(data: Mapping[str, Any], state: State | None, objects: bytes) -> Point | None:
    events = tuple(
        Event(str(oid), number, datetime.fromisoformat(time), str(kind), dict(rest))
        for number, (oid, time, kind, rest) in enumerate(data["events"])
    )
    last = state.last if state else None
    if state is None or last is None or (last.id, last.number) != (events[-1].id, events[-1].number):
        return None
    remarks = [
        Message(text, {n: _hole(h) for n, h in holes.items()}) for text, holes in data["memory"]["remarks"]
    ]
    digits = objects.hex()
    oids = frozenset([digits[at : at + 40] for at in range(0, len(digits), 40)])
    moment, hashed = (datetime.fromisoformat(data[name]) for name in ("moment", "hashed"))
    return Point(events, state, {**data["memory"], "remarks": remarks}, oids, moment, hashed)
