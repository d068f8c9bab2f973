"""A checkpoint: what the ledger was at one moment, in a form that can be kept elsewhere and compared later.

Checkpoints make a chain of their own (each names the digest of the one before) and may carry the publisher's signature.
Whoever keeps one notices when the ledger is rewritten: it must hold, under the same number, the event named here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from gongkai.evidence.ledger import MOVES, Event
from gongkai.evidence.state import State
from gongkai.model.evidence import canonical, digest
from gongkai.model.message import Hole, Message, msg
from gongkai.store.signing import signer

NAMESPACE = "gongkai-checkpoint@v1"
MAX_AGE_DAYS = 7
"""After so many days without a new checkpoint a monitor should ask whether somebody holds the portal back."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The ledger at `time`: its genesis and last event, how many events, main's commit and tree, and the digest of the
    checkpoint before (empty for the first).
    """

    genesis: str
    ledger: str
    events: int
    main: str
    tree: str
    time: str
    previous: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes; the next checkpoint names it."""
        return digest(self._data())

    @property
    def signed_bytes(self) -> bytes:
        """What the publisher signs."""
        return canonical(self._data())

    def _data(self) -> dict[str, Any]:
        return {"schema_version": 1, **asdict(self)}

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.time)


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with the publisher's signature; empty when it was not countersigned."""

    checkpoint: Checkpoint
    signature: str = ""


def of_state(state: State, now: datetime, previous: str = "") -> Checkpoint:
    """The checkpoint of a ledger folded to a state."""
    last = state.last
    if last is None:
        raise ValueError("a ledger without an event has no checkpoint")
    time = now.replace(microsecond=0).isoformat()
    return Checkpoint(state.genesis, last.id, last.number + 1, state.main, state.main_tree, time, previous)


def as_data(checkpoints: Iterable[Signed]) -> dict[str, Any]:
    """The file that is published and kept: `max_age_days` tells monitors when to ask."""
    rows = [
        {**asdict(s.checkpoint), "digest": s.checkpoint.digest, "signature": s.signature} for s in checkpoints
    ]
    return {"schema_version": 1, "max_age_days": MAX_AGE_DAYS, "checkpoints": rows}


def read(raw: bytes) -> tuple[Signed, ...] | None:
    """The checkpoints of such a file (or of one checkpoint alone); None when it is neither."""
    try:
        data = json.loads(raw)
        rows = data.get("checkpoints", [data])
        return tuple(_signed(row) for row in rows) or None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _signed(row: Mapping[str, Any]) -> Signed:
    names = ("genesis", "ledger", "events", "main", "tree", "time", "previous")
    checkpoint = Checkpoint(**{name: row[name] for name in names})
    texts = (checkpoint.genesis, checkpoint.ledger, checkpoint.main, checkpoint.tree)
    sound = all(isinstance(t, str) and len(t) == 40 and set(t) <= _HEX for t in texts)
    sound = sound and type(checkpoint.events) is int and checkpoint.events > 0
    if (
        not sound
        or checkpoint.moment.tzinfo is None
        or row.get("digest", checkpoint.digest) != checkpoint.digest
    ):
        raise ValueError
    signature = row.get("signature", "")
    if not isinstance(signature, str) or not isinstance(checkpoint.previous, str):
        raise TypeError
    return Signed(checkpoint, signature)


def chain_fault(checkpoints: Sequence[Signed]) -> Message | None:
    """Whether each follows the one before: by digest, by number of events, by time, in one ledger."""
    for before, after in pairwise(checkpoints):
        old, new = before.checkpoint, after.checkpoint
        follows = new.previous == old.digest and new.genesis == old.genesis
        if not follows or new.events < old.events or new.moment < old.moment:
            return msg("the checkpoint of {time} does not follow the one before it", time=new.time)
    return None


def fault(checkpoint: Checkpoint, events: Sequence[Event]) -> Message | None:
    """Why the ledger of these events is no continuation of the one that the checkpoint saw; None when it is."""
    holes: dict[str, Hole] = {"time": checkpoint.time, "count": checkpoint.events}
    if not events or events[0].id != checkpoint.genesis:
        return msg("the checkpoint of {time} is of another ledger: it began with another genesis", **holes)
    if len(events) < checkpoint.events:
        return msg(
            "the ledger is shorter than at the checkpoint of {time}, which saw {count} events", **holes
        )
    if events[checkpoint.events - 1].id != checkpoint.ledger:
        return msg("the ledger was rewritten: at the checkpoint of {time} its event {number} was {id}",
                   number=checkpoint.events - 1, id=checkpoint.ledger, **holes)  # fmt: skip
    kept = events[: checkpoint.events]
    steps = [e.data for e in kept if e.kind in MOVES]
    if not steps or (steps[-1].get("main"), steps[-1].get("tree")) != (checkpoint.main, checkpoint.tree):
        return msg("the checkpoint of {time} names another main than the ledger", **holes)
    return None


def signed_by(signed: Signed, keys: Iterable[str]) -> str:
    """Which of the publisher's public keys countersigned it; empty when none did."""
    if not signed.signature:
        return ""
    checkpoint = signed.checkpoint
    named = [("publisher", key) for key in keys]
    return signer(named, NAMESPACE, checkpoint.signed_bytes, signed.signature, checkpoint.moment)[1]
