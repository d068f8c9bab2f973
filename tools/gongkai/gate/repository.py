"""The server's repository as the gate sees it: its ledger folded to a state, its policy, its lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal, read_portal
from gongkai.evidence.ledger import LEDGER, MAIN, Event, append, read
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.state import State, replay
from gongkai.items.config import read_settings
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.schema.library import read_types
from gongkai.store.git import Repository
from gongkai.store.locks import locked
from gongkai.store.objects import Objects
from gongkai.store.tree import CommitTree


@dataclass
class Gate:
    """A bare repository with a ledger. Read `state` again after taking the lock: another may have been quicker."""

    folder: Path
    objects: Objects = field(init=False)
    state: State = field(init=False, default_factory=State)
    _policies: dict[str, Policy] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.objects = Objects(Repository(self.folder))
        self.refresh()

    def lock(self) -> AbstractContextManager[None]:
        """One decision at a time; a killed process lets go."""
        return locked(self.folder / "gongkai.lock")

    def refresh(self) -> State:
        """Read what was recorded since the last look."""
        tip = self.objects.ref(LEDGER)
        known = self.state.last
        if not tip or (known is not None and tip == known.id):
            return self.state
        self.state = replay(read(self.objects, tip, known.id if known else ""), self.state)
        return self.state

    def record(self, kind: str, data: dict[str, Any], now: datetime) -> Event:
        """Append an event and move the ledger to it; the caller holds the lock. GongkaiError when it moved meanwhile."""
        last = self.state.last
        event = append(self.objects, last, kind, data, now)
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
        portal = read_portal(CommitTree(self.folder, commit), now=now, changed=changed)
        return replace(portal, facts=self.state.facts)

    def policy(self, now: datetime) -> Policy:
        """The policy of the protected branch as it stands: read once per commit, and without its items."""
        main = self.state.main
        if main not in self._policies:
            tree = CommitTree(self.folder, main)
            self._policies = {main: read_policy(read_settings(tree)[0], read_types(tree).types)}
        return self._policies[main]


def open_gate(folder: Path) -> Gate:
    """The gate of a server's repository; GongkaiError (exit 2) when the folder holds none."""
    try:
        gate = Gate(folder)
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
