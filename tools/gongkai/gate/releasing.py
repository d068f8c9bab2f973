"""What the publisher asks of the gate: verify since last time, write the publication down, know what was taken down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gongkai.evidence.checkpoint import Checkpoint
from gongkai.evidence.ledger import LEDGER, MAIN, Event, append, read
from gongkai.gate.audit import Audit, Fault, Watch, audit
from gongkai.gate.client import REMOTE
from gongkai.gate.repository import Gate, open_gate
from gongkai.gate.verified import Keeping
from gongkai.items.read import is_item_path, read_item
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import Item
from gongkai.model.message import Message, msg
from gongkai.store.git import Repository, settings_of
from gongkai.store.locks import locked
from gongkai.store.mirror import fetch_whole
from gongkai.store.objects import Objects

ROLLED_BACK = "rolled_back"
"""The kind of event that says visitors were taken back to an older release; it changes nothing in the ledger's state."""


@dataclass(frozen=True)
class Known:
    """What the publisher knew before: the last event it verified and what it said. `policy` is the policy's version then."""

    checkpoint: Checkpoint
    policy: int


class Unverified(GongkaiError):
    """The ledger or main does not hold; nothing may be published from it."""

    def __init__(self, says: Message, fault: Fault | None = None) -> None:
        self.fault = fault
        super().__init__(
            msg("nothing was published: {says}", says=says),
            msg(
                "keep the repository as it is, and run `gongkai audit` on it; visitors still see the last release"
            ),
            Exit.FINDINGS,
        )


def fetch_and_verify(
    mirror: Path, source: str, known: Known | None, *, genesis: str = "", ledger: str = LEDGER,
    watch: Watch = lambda events: events, keeping: Keeping | None = None,
) -> tuple[Gate, Audit]:  # fmt: skip
    """Bring the server's main and ledger into the publisher's own copy, and audit what is new since `known`.

    Approvals and rulings are judged of what came after `known`, which were judged then. What is new is hashed; what was
    hashed here before, again as often as `keeping` asks (without it: always), and then every event is numbered from
    genesis on. Unverified names the first thing that does not hold.
    """
    settings = fetch_whole(mirror, source, dict.fromkeys((MAIN, ledger)))
    objects = Objects(Repository(mirror))
    if ledger != LEDGER:
        objects.move(LEDGER, objects.ref(ledger), objects.ref(LEDGER))
    against = [known.checkpoint] if known else []
    genesis = genesis or (known.checkpoint.genesis if known else "")
    found = audit(
        mirror, genesis=genesis, since=known.checkpoint.ledger if known else "", fetch=False, watch=watch,
        against=against, ledger=ledger, keeping=keeping, settings=settings,
    )  # fmt: skip
    if found.fault is not None:
        raise Unverified(_with_policy(mirror, known, _where(found.fault)), found.fault)
    return open_gate(mirror, found.state), found


def _with_policy(mirror: Path, known: Known | None, says: Message) -> Message:
    """What does not hold, and that it would bring back older settings, where that can be told of such a ledger."""
    try:
        version = open_gate(mirror).state.policy_version
    except (GongkaiError, KeyError, TypeError, ValueError, AttributeError):
        return says
    if known is None or version >= known.policy:
        return says
    return msg(
        "the settings went back from version {old} to {new}; {says}",
        old=known.policy,
        new=version,
        says=says,
    )


def _where(fault: Fault) -> Message:
    if fault.event is None:
        return msg("{says} (commit {commit})", says=fault.says, commit=fault.commit[:12])
    return msg(
        "event {number} ({kind}, {commit}): {says}",
        number=fault.event, kind=fault.kind or "?", commit=fault.commit[:12], says=fault.says,
    )  # fmt: skip


def is_server(folder: Path) -> bool:
    """Whether a folder is the server's own repository, and may be written: a clone's ledger is only a copy."""
    settings = settings_of(folder) if folder.is_dir() else {}
    if settings.get("core.bare") != "true" or settings.get(f"remote.{REMOTE}.url"):
        return False
    try:
        with locked(folder / "gongkai.lock", 60.0):
            return bool(Objects(Repository(folder)).ref(LEDGER))
    except PermissionError:
        return False


def server_lock(folder: Path, seconds: float = 60.0) -> AbstractContextManager[timedelta]:
    """Keep the server from deciding anything meanwhile; wait for at most so many seconds, then GongkaiError."""
    return locked(folder / "gongkai.lock", seconds)


def write_after(folder: Path, event: Event, last: Event, now: datetime) -> bool:
    """Write `event`, prepared in the publisher's copy, into the server's ledger after `last`; the lock is the caller's.

    False when the server's ledger has gone on since. The event is the very same object, or GongkaiError.
    """
    objects = Objects(Repository(folder))
    if objects.ref(LEDGER) != last.id:
        return False
    made = append(objects, last, event.kind, event.data, now)
    if made.id != event.id:
        raise GongkaiError(
            msg("the event that was prepared differs from the one to be written"), code=Exit.BROKEN
        )
    return objects.move(LEDGER, made.id, last.id)


def record_act(folder: Path, data: Mapping[str, Any], now: datetime) -> None:
    """Record in the server's ledger that visitors were taken back. GongkaiError when it cannot be written."""
    with server_lock(folder) as waited:
        objects = Objects(Repository(folder))
        tip = objects.ref(LEDGER)
        parents = objects.git("rev-list", "--parents", "--max-count=1", tip).decode().split()[1:]
        last = read(objects, tip, parents[0] if parents else "")[-1]
        event = append(objects, last, ROLLED_BACK, data, now + waited)
        if not objects.move(LEDGER, event.id, tip):
            raise GongkaiError(
                msg("the ledger moved in the meantime; nothing was recorded"),
                msg("try again; `gongkai server settle` puts in order what was begun"),
                Exit.BROKEN,
            )


def past_of(gate: Gate, removed: Callable[[str], bool]) -> Iterator[tuple[Item | None, str]]:
    """What stood on main of removed items before: each former text as an item, with its blob; of other files the blob."""
    for submission in gate.state.submissions.values():
        if submission.state == "accepted":
            for row in submission.last.change.paths:
                if removed(row.path):
                    yield from (_former(gate, row.path, blob) for blob in (row.old, row.new) if blob)


def _former(gate: Gate, path: str, blob: str) -> tuple[Item | None, str]:
    if not is_item_path(path):
        return None, blob
    return read_item(path, gate.objects.repository.blob(blob), blob)[0], blob
