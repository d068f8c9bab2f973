"""A backup: the whole repository and the publisher's own knowledge in one dated folder, proved before it gets its name.

Attachments are files of the repository like the items themselves, so the bundle holds them. A release's public files are
not in it: they are built again from the repository, and the manifests that are kept here tell whether byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gongkai import __version__
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.release.manifest import FILE as MANIFEST
from gongkai.release.place import ABOUT, HELD, RELEASES, Place, Tell
from gongkai.release.sending import RECORD
from gongkai.store.bundle import make_bare, make_bundle, refs_of, unpack_bundle
from gongkai.store.digests import SUMS, compare, read_sums, write_sums
from gongkai.store.durable import clear, settle_disk, settle_folder
from gongkai.store.files import write_whole
from gongkai.store.locks import locked

PREFIX = "gongkai-backup-"
STAMP = "%Y%m%dT%H%M%SZ"
BUNDLE, ABOUT_IT, STATE, SERVER = "repository.bundle", "backup.json", "state", "server"
STATE_FILES = ("*.json", "*.jsonl")
"""What the publisher knows; its copy of the repository, locks and logs are made anew."""
KEEP = 30
SHOWN = 10
HIDDEN = ".part-"
WRONG = {
    "missing": lambda path: msg("{path} is missing", path=path),
    "changed": lambda path: msg("{path} is not what was saved", path=path),
    "strange": lambda path: msg("{path} is no part of the backup", path=path),
}


@dataclass(frozen=True)
class Seen:
    """What an audit found of a repository: first and last event, their number, where main stands."""

    genesis: str
    ledger: str
    events: int
    main: str


Audit = Callable[[Path], Seen]
"""Judges a repository from its genesis on; GongkaiError (exit 1) names the first thing that does not hold."""


@dataclass(frozen=True)
class Origin:
    """What is backed up: the server's repository, how to keep it still for a moment, the publisher's folders if it has any.

    `beside` are files in the repository's folder that git does not know: the server's own settings.
    """

    repository: Path
    still: AbstractContextManager[object]
    place: Place | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backup:
    """What a backup holds, as its own `backup.json` says. `time` is RFC 3339, `refs` names what every ref stood at."""

    time: str
    engine: str
    seen: Seen
    refs: Mapping[str, str] = field(default_factory=dict)
    current: str = ""

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.time)


def make_backup(origin: Origin, to: Path, now: datetime, audit: Audit, tell: Tell, keep: int = KEEP) -> Path:
    """Make a backup in the folder `to`, prove it by making a repository of it, then give it its name; the oldest go.

    GongkaiError when the repository does not hold or the disk gave back other bytes: then nothing of it stays.
    """
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(to / ".lock"):
        for left in to.glob(f"{HIDDEN}*"):
            clear(left)
        name = _new_name(to, now)
        part, scratch = to / f"{HIDDEN}{name}", to / f"{HIDDEN}{name}.scratch"
        try:
            part.mkdir(mode=0o700)
            _write(origin, part, scratch, now, audit, tell)
            _refuse_faults(part)
            part.rename(to / name)
            settle_folder(to)
        finally:
            clear(part)
            clear(scratch)
        _prune(to, keep)
    return to / name


def _write(origin: Origin, part: Path, scratch: Path, now: datetime, audit: Audit, tell: Tell) -> None:
    # The publisher's knowledge first: it must not reach further than the ledger that is saved with it.
    current = _save_place(origin.place, part) if origin.place else ""
    for name in origin.beside:
        _copy(origin.repository / name, part / SERVER / name)
    with origin.still:
        refs = refs_of(origin.repository)
    tell(msg("saving {count} refs of {folder}", count=len(refs), folder=str(origin.repository)))
    make_bundle(origin.repository, refs, part / BUNDLE, scratch / "borrowed")
    tell(msg("reading it again: making a repository of it, and auditing that"))
    again = scratch / "again"
    _unpack(part, again, refs)
    seen = audit(again)
    about = Backup(now.astimezone(UTC).isoformat(timespec="seconds"), __version__, seen, refs, current)
    write_whole(part / ABOUT_IT, json.dumps({"schema_version": 1, **asdict(about)}, indent=1) + "\n")
    write_sums(part)
    settle_disk(part)


def _save_place(place: Place, part: Path) -> str:
    """The publisher's own knowledge, and of every release what it is and its manifest; the name of the current one."""
    for pattern in STATE_FILES:
        for file in sorted(place.state.glob(pattern)):
            _copy(file, part / STATE / file.name)
    for release in place.all():
        for name in (MANIFEST, ABOUT):
            _copy(place.folder(release.name) / name, part / RELEASES / release.name / name)
    if (place.root / HELD).is_file():
        _copy(place.root / HELD, part / RELEASES / HELD)
    current = place.current()
    return current.name if current else ""


def _copy(file: Path, to: Path) -> None:
    """Copy a file that may be gone: a release that a publication takes away meanwhile, settings that nobody made."""
    with suppress(FileNotFoundError):
        data = file.read_bytes()
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(data)


def _new_name(to: Path, now: datetime) -> str:
    stem = f"{PREFIX}{now.astimezone(UTC):{STAMP}}"
    name, count = stem, 1
    while (to / name).exists():
        count += 1
        name = f"{stem}-{count}"
    return name


def backups(folder: Path) -> list[tuple[Path, Backup]]:
    """The backups in a folder, the newest first. Those that cannot be read are left out."""
    found = []
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(GongkaiError):
            found.append((path, read_backup(path)))
    return sorted(found, key=lambda row: (row[1].moment, row[0].name), reverse=True)


def _prune(to: Path, keep: int) -> None:
    for path, _ in backups(to)[max(keep, 1) :]:
        hidden = to / f"{HIDDEN}old-{path.name}"
        path.rename(hidden)
        clear(hidden)


def read_backup(folder: Path) -> Backup:
    """What a backup says of itself; GongkaiError (exit 2) when the folder is none, 1 when it is a broken one."""
    file = folder / ABOUT_IT
    if not file.is_file() and not (folder / SUMS).is_file():
        raise GongkaiError(
            msg("{folder} is no backup", folder=str(folder)),
            msg("name a folder gongkai-backup-… that `gongkai backup` has made"),
        )
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        refs = {str(ref): str(oid) for ref, oid in data["refs"].items()}
        seen = Seen(**data["seen"])
        made = Backup(str(data["time"]), str(data["engine"]), seen, refs, str(data["current"]))
        if made.moment.tzinfo is None:
            raise ValueError(made.time)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(folder, [msg("{path} cannot be read", path=ABOUT_IT)]) from error
    return made


def _broken(folder: Path, faults: list[Message]) -> GongkaiError:
    says = faults[0]
    for more in faults[1:SHOWN]:
        says = msg("{one}; {other}", one=says, other=more)
    return GongkaiError(
        msg("the backup {folder} is broken: {says}", folder=str(folder), says=says),
        msg("take another backup, and find out what happened to this one"),
        Exit.FINDINGS,
    )


def _faults(folder: Path) -> Iterator[Message]:
    try:
        said = read_sums(folder)
    except (OSError, ValueError):
        yield msg("{path} cannot be read", path=SUMS)
        return
    for needed in (BUNDLE, ABOUT_IT):
        if needed not in said:
            yield msg("{path} is not in the list {sums}", path=needed, sums=SUMS)
    for kind, path in compare(folder, said):
        if path != RECORD:  # what `--send` left beside it on another host
            yield WRONG[kind](path)


def prove(folder: Path, scratch: Path, audit: Audit) -> Backup:
    """Read a backup through and make the bare repository `scratch` of it, which must stand exactly where it says.

    GongkaiError (exit 1) names what is missing, changed or too much, and what the audit finds.
    """
    made = read_backup(folder)
    _refuse_faults(folder)
    _unpack(folder, scratch, made.refs)
    if audit(scratch) != made.seen:
        raise _broken(folder, [msg("its ledger is not the one that was saved")])
    return made


def _refuse_faults(folder: Path) -> None:
    faults = list(_faults(folder))
    if faults:
        raise _broken(folder, faults)


def _unpack(folder: Path, scratch: Path, wanted: Mapping[str, str]) -> None:
    make_bare(scratch)
    refs = unpack_bundle(folder / BUNDLE, scratch)
    differ = sorted(ref for ref in refs.keys() | wanted.keys() if refs.get(ref) != wanted.get(ref))
    if differ:
        raise _broken(
            folder, [msg("{ref} stands elsewhere than when it was saved", ref=ref) for ref in differ]
        )
