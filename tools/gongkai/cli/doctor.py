"""`gongkai doctor`: is everything that a portal needs there, right and recent? Every part a line, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from gongkai.checks.portal import Portal, read_portal
from gongkai.cli.door import MARKERS, Door
from gongkai.cli.publish import place_of
from gongkai.evidence.policy import read_policy
from gongkai.gate.checkpoints import read_kept
from gongkai.gate.client import config
from gongkai.gate.clockwork import jumped
from gongkai.gate.doctor import look
from gongkai.gate.releasing import is_server
from gongkai.gate.repository import Gate, open_gate
from gongkai.gate.setup import is_registered, public_key
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.backup import backups
from gongkai.release.place import Place
from gongkai.report.escape import json_text, terminal, visible
from gongkai.store.tree import FolderTree
from gongkai.supervise import doctor as parts
from gongkai.supervise.doctor import Level, Line, good
from gongkai.workdays.tables import tables

WORDS = {Level.OK: msg("fine"), Level.WARNING: msg("note"), Level.ERROR: msg("WRONG")}
FOLDER = click.Path(path_type=Path)


@dataclass(frozen=True)
class Asked:
    """What is to be looked at, and when."""

    root: Path
    repo: Path | None
    to: Place | None
    backups: Path | None
    checkpoints: str | None
    now: datetime


@click.command()
@click.option(
    "--repo", type=FOLDER, help="服务器仓库或工作副本 / the server's repository, or a clone (default: --root)"
)
@click.option("--to", type=FOLDER, metavar="DIR", help="发布文件夹 / the folder of releases")
@click.option("--state", type=FOLDER, metavar="DIR", help="发布端自己的文件夹 / the publisher's own folder")
@click.option("--backups", "saved", type=FOLDER, metavar="DIR", help="备份文件夹 / the folder of backups")
@click.option(
    "--checkpoints", metavar="PLACE", help="会签的检查点 / countersigned checkpoints: a folder or file"
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def doctor(
    door: Door, repo: Path | None, to: Path | None, state: Path | None, saved: Path | None, checkpoints: str | None,
    format_: str,
) -> None:  # fmt: skip
    """体检 / git, keys, holidays, clock, disk, backups, versions: what is wrong, and what to do; 1 when something is."""
    asked = Asked(door.root, repo, place_of(to, state) if to else None, saved, checkpoints, door.now())
    found = list(examine(asked))
    wrong = sum(line.level is Level.ERROR for line in found)
    if format_ == "json":
        rows = [{"part": line.part, "level": str(line.level), "message": visible(door.say(line.says)),
                 "hint": visible(door.say(line.hint)) if line.hint.text else ""} for line in found]  # fmt: skip
        click.echo(json_text({"schema_version": 1, "sound": not wrong, "lines": rows}))
    else:
        _show(door, found)
    if wrong:
        door.tell(msg("{count} parts are wrong; what to do stands below each", count=wrong))
        raise SystemExit(Exit.FINDINGS)
    door.tell(msg("nothing is wrong"))


def _show(door: Door, found: list[Line]) -> None:
    for line in found:
        click.echo(terminal(f"{door.say(WORDS[line.level])}\t{line.part}\t{door.say(line.says)}"))
        if line.hint.text:
            click.echo(terminal(f"\t→ {door.say(line.hint)}"))


def examine(asked: Asked) -> Iterator[Line]:
    """Every part that there is here."""
    yield from parts.programs()
    yield parts.libraries()
    gate = _gate(asked)
    if isinstance(gate, Line):
        yield gate
    elif gate is not None:
        yield from _of_gate(gate, asked)
    elif (asked.root / MARKERS[0]).is_file():
        yield from _of_portal(
            read_portal(FolderTree(asked.root), now=asked.now, changed=frozenset()), None, asked
        )
    yield from parts.room(_folders(asked))
    if asked.to is not None:
        yield _releases(asked.to)
    if (
        asked.backups is not None
        or asked.to is not None
        or (isinstance(gate, Gate) and is_server(gate.folder))
    ):
        yield _backup(asked)
        yield _checkpoint(asked)


def _folders(asked: Asked) -> Iterator[Path]:
    yield asked.repo or asked.root
    if asked.to is not None:
        yield asked.to.root
        yield asked.to.state
    if asked.backups is not None:
        yield asked.backups


def _gate(asked: Asked) -> Gate | Line | None:
    """The repository with a ledger; a line when it was named and cannot be read, or holds something unsound."""
    folder = asked.repo or asked.root
    try:
        return open_gate(folder)
    except GongkaiError as error:
        if asked.repo is None and error.code is not Exit.FINDINGS:
            return None
        return Line("repository", Level.ERROR, error.says, error.hint)


def _of_gate(gate: Gate, asked: Asked) -> Iterator[Line]:
    now, last = asked.now, gate.state.last
    yield good("repository", msg("the ledger of {folder} can be read: {count} events", folder=str(gate.folder),
                                 count=last.number + 1 if last else 0))  # fmt: skip
    bare = config(gate.folder, "core.bare") == "true"
    if bare:
        found = list(look(gate, now))
        yield from (Line("gate", Level.ERROR, finding.says, finding.hint) for finding in found)
        if not found:
            yield good(
                "gate",
                msg("hooks and settings are those that Gongkai writes; `gongkai server doctor` proves them"),
            )
    yield parts.clock(now, last.time if last else None, jumped(gate.state, gate.policy(now), now))
    yield from _of_portal(gate.portal(gate.state.main, now), gate, asked)
    if not bare:
        yield _key(gate, now)


def _of_portal(portal: Portal, gate: Gate | None, asked: Asked) -> Iterator[Line]:
    yield from parts.holidays(tables(portal.settings.files), portal.today)
    policy = gate.policy(asked.now) if gate else read_policy(portal.settings, portal.types)
    if gate is not None:
        yield from parts.people(policy, asked.now)


def _key(gate: Gate, now: datetime) -> Line:
    person, name = config(gate.folder, "gongkai.person"), config(gate.folder, "gongkai.key")
    file = Path(name).expanduser() if name else None
    try:
        return parts.key(
            file,
            person,
            lambda: file is not None and is_registered(public_key(file), gate.policy(now), person, now),
        )
    except GongkaiError as error:
        return Line("key", Level.ERROR, error.says, error.hint)


def _releases(place: Place) -> Line:
    current, held = place.current(), place.held()
    if current is None:
        return Line("releases", Level.ERROR, msg("visitors see no release of {folder}", folder=str(place.root)),
                    msg("run `gongkai publish --repo REPO --to {folder}`", folder=str(place.root)))  # fmt: skip
    if held:
        return Line("releases", Level.WARNING, msg("the portal is held at {name}: nothing new goes out", name=held),
                    msg("`gongkai rollback --to {folder} --unlock` lets go; then publish", folder=str(place.root)))  # fmt: skip
    return good("releases", msg("visitors see {name}, made {time}", name=current.name, time=current.made))


def _backup(asked: Asked) -> Line:
    found = backups(asked.backups) if asked.backups else []
    return parts.backup(found[0][1].moment if found else None, asked.now, asked.backups)


def _checkpoint(asked: Asked) -> Line:
    if asked.checkpoints is None:
        return parts.checkpoint(None, asked.now)
    try:
        return parts.checkpoint(read_kept(asked.checkpoints)[-1].checkpoint.moment, asked.now)
    except GongkaiError as error:
        return Line("checkpoint", Level.ERROR, error.says, error.hint)
