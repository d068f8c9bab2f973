"""How far the ledger was verified: kept outside the published folder and outside the server, and never lowered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.files import write_whole

FILE = "anchor.json"
VERSION = 1


@dataclass(frozen=True)
class Anchor:
    """The ledger as it was last found sound: genesis, last event, number of events, main's commit and tree, the version
    of the policy, and the moment (RFC 3339) of the last publication.
    """

    genesis: str
    ledger: str
    events: int
    main: str
    tree: str
    policy: int = 0
    effective: str = ""

    def goes_on(self, older: Anchor | None) -> bool:
        """Whether this may take the other's place: the same ledger, and not a shorter one."""
        return older is None or (self.genesis == older.genesis and self.events >= older.events)


def read_anchor(state: Path) -> Anchor | None:
    """The anchor kept in a folder; None when nothing was published from here yet. GongkaiError when it is damaged."""
    file = state / FILE
    if not file.exists():
        return None
    names = {f.name: f.type for f in fields(Anchor)}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        values = {n: data[n] for n in names}
        right = all(isinstance(v, int if names[n] == "int" else str) for n, v in values.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        right = False
    if not right:
        raise GongkaiError(
            msg("{file} cannot be read: it tells up to where the ledger was verified", file=str(file)),
            msg("bring it back from a backup; do not publish without it, or a rewritten ledger may pass"),
            Exit.FINDINGS,
        )
    return Anchor(**values)


def keep_anchor(state: Path, anchor: Anchor) -> None:
    """Keep the anchor, unless the one that is kept reaches further."""
    if anchor.goes_on(read_anchor(state)):
        data = {"schema_version": VERSION, **asdict(anchor)}
        write_whole(state / FILE, json.dumps(data, indent=1) + "\n")
