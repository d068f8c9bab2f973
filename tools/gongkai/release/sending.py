"""A folder of files to another host: only what changed, lists after the pages they point to, removed files last.

What was sent stands in a record beside the files. It is written before the first file, with everything that may be
there from then on, and after the last: so a run that was killed is finished by the next, and only files that a record of
ours names are ever taken away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gongkai.model.delivery import STAGES
from gongkai.model.delivery import stage as stage_of
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.release.manifest import Entry

RECORD = ".gongkai-sent.json"
BATCH = 2000
UNSURE = ""
"""In the place of a digest: a file that may be there, and may hold anything."""
Tell = Callable[[Message], None]
_SOUND = re.compile(r"[^/\x00-\x1f][^\x00-\x1f]*")


class Target(Protocol):
    """A place on another host. Every method may raise GongkaiError (exit 3) when it cannot be reached or written."""

    def recall(self, name: str) -> bytes | None:
        """A file's bytes; None when it is not there."""
        ...

    def remember(self, name: str, data: bytes) -> None:
        """Write a file whole."""
        ...

    def sizes(self) -> Mapping[str, int] | None:
        """What is there and how large; None where that cannot be told cheaply."""
        ...

    def put(self, folder: Path, paths: Sequence[str]) -> None:
        """Write these files of a folder under the same names."""
        ...

    def take_away(self, paths: Sequence[str], folders: Sequence[str]) -> None:
        """Take these files away, then these folders that have become empty, the deepest first. What is not there is no fault."""
        ...


@dataclass(frozen=True)
class Plan:
    """What is to be done: files to send, stage by stage; files and folders to take away; how many are there already."""

    stages: tuple[tuple[str, ...], ...]
    gone: tuple[str, ...]
    folders: tuple[str, ...]
    same: int
    bytes: int

    @property
    def files(self) -> int:
        """How many files are to be sent."""
        return sum(map(len, self.stages))

    @property
    def nothing(self) -> bool:
        """Whether the host has everything, and nothing too much."""
        return not self.files and not self.gone


def read_record(raw: bytes | None) -> dict[str, str]:
    """Digests of what was sent, by path. GongkaiError (exit 1) when the record is none of ours: then nothing is touched."""
    if raw is None:
        return {}
    try:
        rows = json.loads(raw)["files"]
        found = {str(path): str(digest) for path, digest in rows.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _strange() from error
    if not all(_SOUND.fullmatch(path) and ".." not in path.split("/") for path in found):
        raise _strange()
    return found


def _strange() -> GongkaiError:
    return GongkaiError(
        msg("the record {file} at the target cannot be read", file=RECORD),
        msg(
            "somebody changed it; take it away there and send again: then everything is sent and nothing taken away"
        ),
        Exit.FINDINGS,
    )


def plan(entries: Mapping[str, Entry], former: Mapping[str, str], sizes: Mapping[str, int] | None) -> Plan:
    """Compare what is wanted with what was sent before and, where it is known, with what is there."""
    new = [
        e
        for e in entries.values()
        if former.get(e.path) != e.sha256 or (sizes is not None and sizes.get(e.path) != e.size)
    ]
    stages = tuple(tuple(sorted(e.path for e in new if stage_of(e.path) == n)) for n in range(STAGES))
    gone = tuple(sorted(former.keys() - entries.keys()))
    left = _folders(gone) - _folders(entries)
    folders = tuple(sorted(left, key=lambda path: (-path.count("/"), path)))
    return Plan(stages, gone, folders, len(entries) - len(new), sum(e.size for e in new))


def _folders(paths: Iterable[str]) -> set[str]:
    return {path[:at] for path in paths for at, sign in enumerate(path) if sign == "/"}


def look(
    target: Target, entries: Mapping[str, Entry], *, everything: bool = False
) -> tuple[Plan, dict[str, str]]:
    """The plan for this target, and its record. `everything` sends all files, whatever the record says."""
    former = read_record(target.recall(RECORD))
    believed = dict.fromkeys(former, UNSURE) if everything else former
    return plan(entries, believed, target.sizes()), former


def send(
    folder: Path,
    entries: Mapping[str, Entry],
    target: Target,
    wanted: Plan,
    former: Mapping[str, str],
    tell: Tell,
) -> None:
    """Carry out a plan. Killed at any instant, the next `look` and `send` finish it."""
    if wanted.nothing and former == {e.path: e.sha256 for e in entries.values()}:
        return
    record = {**former, **{path: UNSURE for rows in wanted.stages for path in rows}}
    target.remember(RECORD, _packed(record))
    for rows in wanted.stages:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            target.put(folder, batch)
            record |= {path: entries[path].sha256 for path in batch}
            tell(msg("sent {count} files, the last is {path}", count=len(batch), path=batch[-1]))
            if len(rows) > BATCH:
                target.remember(RECORD, _packed(record))
    if wanted.gone:
        target.take_away(wanted.gone, wanted.folders)
    target.remember(RECORD, _packed({e.path: e.sha256 for e in entries.values()}))


def _packed(record: Mapping[str, str]) -> bytes:
    return (
        json.dumps({"schema_version": 1, "files": dict(sorted(record.items()))}, ensure_ascii=False) + "\n"
    ).encode()
