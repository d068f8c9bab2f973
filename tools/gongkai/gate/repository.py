"""The server's repository as the gate sees it: its ledger folded to a state, its policy, its lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal, read_portal
from gongkai.evidence.ledger import LEDGER, MAIN, Event, append, read
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.state import State, replay
from gongkai.gate.snapshot import pack, unpack
from gongkai.items.config import read_settings
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.schema.library import read_types
from gongkai.store.git import Repository
from gongkai.store.kept import Kept, kept_for
from gongkai.store.locks import locked
from gongkai.store.objects import Objects
from gongkai.store.tree import CommitTree

STATE = "state"
SNAPSHOT = 50
"""After so many events that had to be folded the state is kept."""


@dataclass
class Gate:
    """A bare repository with a ledger. Read `state` again after taking the lock: another may have been quicker."""

    folder: Path
    state: State = field(default_factory=State)
    objects: Objects = field(init=False)
    kept: Kept = field(init=False, repr=False)
    _policies: dict[str, Policy] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.objects = Objects(Repository(self.folder))
        self.kept = kept_for(self.folder)
        self.refresh()

    def lock(self) -> AbstractContextManager[timedelta]:
        """One decision at a time; a killed process lets go. Gives how long it was waited for."""
        return locked(self.folder / "gongkai.lock")

    def refresh(self) -> State:
        """Read what was recorded since the last look, of this process or of another."""
        tip = self.objects.ref(LEDGER)
        start = self.state if self.state.last else self._remembered()
        if not tip or (start.last is not None and tip == start.last.id):
            self.state = start if tip else self.state
            return self.state
        events = read(self.objects, tip, start.last.id if start.last else "")
        if start.last is not None and (not events or events[0].number != start.last.number + 1):
            # What was remembered is no part of this ledger: all of it is read.
            start, events = State(), read(self.objects, tip)
        self.state = replay(events, start)
        if len(events) >= SNAPSHOT:
            self.kept.put(STATE, {tip: pack(self.state)}, alone=True)
        return self.state

    def _remembered(self) -> State:
        found = (unpack(raw) for raw in self.kept.all(STATE).values())
        return next((s for s in found if s is not None and s.last is not None), State())

    def record(self, kind: str, data: dict[str, Any], now: datetime) -> Event:
        """Append an event and move the ledger to it; the caller holds the lock. GongkaiError when it moved meanwhile.

        Only an administrator's word (an event `clock`) goes beyond a clock that jumped ahead.
        """
        last = self.state.last
        event = append(
            self.objects, last, kind, data, now, self.policy(now).ahead if kind != "clock" else None
        )
        if not self.objects.move(LEDGER, event.id, last.id if last else ""):
            raise GongkaiError(
                msg("the ledger moved in the meantime; nothing was recorded"),
                msg("try again; `gongkai server settle` puts in order what was begun"),
                Exit.BROKEN,
            )
        self.state = replay([event], self.state)
        return event

    def follow(self) -> None:
        """Move main to the commit that the ledger names: the ledger is the truth, main follows it."""
        there = self.objects.ref(MAIN)
        if there != self.state.main:
            self.objects.move(MAIN, self.state.main, there)

    def portal(self, commit: str, now: datetime, changed: frozenset[str] = frozenset()) -> Portal:
        """The portal of a commit, with the ledger's facts."""
        tree = CommitTree(self.folder, commit, self.kept)
        return read_portal(tree, now=now, changed=changed, kept=self.kept, facts=self.state.facts)

    def policy(self, now: datetime) -> Policy:
        """The policy of the protected branch as it stands, without keys that were revoked: read once per commit."""
        main = self.state.main
        if main not in self._policies:
            tree = CommitTree(self.folder, main, self.kept)
            self._policies = {main: read_policy(read_settings(tree)[0], read_types(tree).types)}
        return self._policies[main].without(self.state.revoked)


def open_gate(folder: Path, state: State | None = None) -> Gate:
    """The gate of a server's repository; GongkaiError (exit 2) when the folder holds none.

    `state` is what its ledger added up to when somebody just read it: only what came since is read.
    """
    try:
        gate = Gate(folder, state or State())
    except GongkaiError as error:
        if error.code is Exit.FINDINGS:
            raise
        raise _no_gate(folder) from error
    if gate.state.last is None:
        raise _no_gate(folder)
    return gate


def _no_gate(folder: Path) -> GongkaiError:
    return GongkaiError(
        msg("{folder} is not a server's repository: it has no ledger", folder=str(folder)),
        msg("make one with `gongkai server init DIR --from PORTAL`"),
    )
