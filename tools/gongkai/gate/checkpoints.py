"""Checkpoints that are kept outside the server: read, compared with the ledger of today, countersigned by the publisher.

The publisher runs on another host than the server. It keeps the checkpoints it has signed in a folder of its own, and
signs a new one only for a ledger that still contains the last: whoever owns the server alone cannot rewrite it unseen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gongkai.evidence import checkpoint as form
from gongkai.evidence.checkpoint import NAMESPACE, Checkpoint, Signed, chain_fault, signed_by
from gongkai.evidence.ledger import Event
from gongkai.evidence.state import State
from gongkai.gate.audit import Audit, Watch, audit
from gongkai.gate.history import read_ledger
from gongkai.gate.repository import open_gate
from gongkai.gate.setup import public_key
from gongkai.gate.verified import Keeping
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.fetch import fetch_bytes
from gongkai.store.files import write_whole
from gongkai.store.locks import locked
from gongkai.store.proven import Proven
from gongkai.store.signing import sign

FILE = "checkpoints.json"
VERIFIED = "verified"
"""Below the publisher's folder: how far the last audit judged."""
MAX_BYTES = 20_000_000


def read_kept(place: str | Path) -> tuple[Signed, ...]:
    """The checkpoints of a file, of a publisher's folder, or of a portal's address (http, https).

    GongkaiError: exit 2 when there is nothing of that kind, 1 when they do not follow one another, 3 when the address
    cannot be reached.
    """
    text = str(place)
    raw = fetch_bytes(text, MAX_BYTES) if text.startswith(("http://", "https://")) else _file(Path(place))
    found = form.read(raw)
    if found is None:
        raise GongkaiError(
            msg("{place} holds no checkpoints", place=text),
            msg("name a saved checkpoints.json, or the portal's address of it (https://…/checkpoints.json)"),
        )
    wrong = chain_fault(found)
    if wrong is not None:
        raise GongkaiError(
            wrong, msg("somebody has changed this list; compare it with an older copy"), Exit.FINDINGS
        )
    return found


def _file(path: Path) -> bytes:
    place = path / FILE if path.is_dir() else path
    if not place.is_file():
        raise GongkaiError(
            msg("{place} is not there", place=str(place)),
            msg("name a saved checkpoints.json, or the portal's address of it (https://…/checkpoints.json)"),
        )
    return place.read_bytes()


def unsigned(checkpoints: Sequence[Signed], keys: Sequence[str]) -> tuple[Checkpoint, ...]:
    """Those that none of the publisher's keys has countersigned."""
    return tuple(s.checkpoint for s in checkpoints if not signed_by(s, keys))


def is_old(checkpoints: Sequence[Signed], now: datetime, days: int) -> bool:
    """Whether the newest is older than so many days: somebody may be holding the portal back."""
    return (now - checkpoints[-1].checkpoint.moment).total_seconds() > days * 86_400


def of_audit(found: Audit, now: datetime, previous: str = "") -> Checkpoint:
    """The checkpoint of a ledger that was just audited and found sound."""
    time = now.replace(microsecond=0).isoformat()
    return Checkpoint(found.genesis, found.ledger, found.events, found.main, found.tree, time, previous)


def countersign(
    repo: Path,
    key: Path,
    state: Path,
    now: datetime,
    *,
    genesis: str = "",
    watch: Watch = lambda events: events,
) -> tuple[Signed, Audit]:
    """Audit the server through the publisher's clone (or in place), then sign where its ledger stands now.

    `state` is the publisher's own folder; it only grows. Refused (GongkaiError, exit 1) when the audit fails, when the
    ledger no longer contains what was signed last, when the clock stands before it, or when the kept list was touched.
    """
    state.mkdir(parents=True, exist_ok=True)
    with locked(state / "gongkai.lock"):
        kept = read_kept(state) if (state / FILE).exists() else ()
        _refuse(_kept_fault(kept, key, now))
        last = [s.checkpoint for s in kept[-1:]]
        found = audit(
            repo, genesis=genesis or (last[0].genesis if last else ""), against=last, watch=watch,
            keeping=Keeping(state / VERIFIED, now),
        )  # fmt: skip
        _refuse(found.fault.says if found.fault else None)
        made = of_audit(found, now, last[0].digest if last else "")
        signed = Signed(made, sign(key, NAMESPACE, made.signed_bytes))
        data = json.dumps(form.as_data([*kept, signed]), indent=1)
        write_whole(state / FILE, data + "\n")
    return signed, found


def checkpoints_for(repo: Path, folder: Path | None, now: datetime) -> tuple[Signed, ...]:
    """What a portal built from a server publishes: the publisher's list, else one of now that nobody has signed.

    GongkaiError (exit 1) when the ledger is no continuation of the list: then nothing may be built from it.
    """
    state = open_gate(repo).state
    tip = state.last.id if state.last else ""
    events = read_ledger(Proven(repo), tip) if folder is not None else ()
    return checkpoints_of(state, events, folder, now)


def checkpoints_of(
    state: State, events: Sequence[Event], folder: Path | None, now: datetime
) -> tuple[Signed, ...]:
    """The same of a ledger that was just read: its state, and its events (asked for only with a list)."""
    if folder is None:
        return (Signed(form.of_state(state, now)),)
    kept = read_kept(folder)
    wrong = form.fault(kept[-1].checkpoint, events)
    if wrong is not None:
        raise GongkaiError(
            wrong, msg("publish nothing; keep the server as it is, and run `gongkai audit`"), Exit.FINDINGS
        )
    return kept


def _kept_fault(kept: Sequence[Signed], key: Path, now: datetime) -> Message | None:
    """What speaks against going on from this list; `key` may be a new one, but then the list's last was its own too."""
    if not kept:
        return None
    last = kept[-1]
    if now < last.checkpoint.moment:
        return msg(
            "the clock ({now}) stands before the last checkpoint ({last})", now=now, last=last.checkpoint.time
        )
    if not signed_by(last, [public_key(key)]):
        return msg("the last checkpoint of {time} was not signed with this key", time=last.checkpoint.time)
    return None


def _refuse(says: Message | None) -> None:
    if says is not None:
        raise GongkaiError(
            msg("not countersigned: {says}", says=says),
            msg("publish nothing; keep the server and this folder as they are, and have both examined"),
            Exit.FINDINGS,
        )
