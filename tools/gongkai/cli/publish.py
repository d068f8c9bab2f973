"""`gongkai publish`, `releases` and `rollback`: what visitors see is one whole release or another."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from gongkai.cli.checkpoints import watched
from gongkai.cli.door import Door
from gongkai.cli.publish_source import ServerSource
from gongkai.cli.publish_watch import UNITS, print_unit, watch_for
from gongkai.evidence.ledger import LEDGER
from gongkai.gate.releasing import is_server, record_act
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.anchor import read_anchor
from gongkai.release.making import KEEP, Order, Unsound
from gongkai.release.manifest import differences
from gongkai.release.place import Place, Release
from gongkai.release.publish import Outcome
from gongkai.release.publish import publish as publish_now
from gongkai.release.rollback import Act, let_go
from gongkai.release.rollback import rollback as go_back
from gongkai.release.view import Source, View
from gongkai.report.escape import json_text, terminal
from gongkai.store import clock
from gongkai.store.crew import uncounted
from gongkai.store.durable import stands_of
from gongkai.store.files import write_whole
from gongkai.store.kept import engine
from gongkai.store.porter import Porter

SHOWN = 20
"""So many faults are told."""
REPO = "repo"
TO = click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="发布文件夹 / the folder of releases",
)
STATE = click.option(
    "--state", type=click.Path(path_type=Path), metavar="DIR",
    help="发布端自己的文件夹 / the publisher's own folder (default: DIR.state beside DIR)",
)  # fmt: skip


def place_of(to: Path, state: Path | None) -> Place:
    """The folders that --to and --state name."""
    to = to.absolute()
    return Place(to, (state or to.with_name(f"{to.name}.state")).absolute())


@click.command()
@click.option(
    "--repo", metavar="REPO", help="服务器仓库或其完整克隆 / the server's repository, or a full clone of it"
)
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="DIR", help="发布文件夹 / the folder of releases"
)
@STATE
@click.option(
    "--now", metavar="TIME", help="以此时刻为准，不能是将来 / as of this moment, never one to come (RFC 3339)"
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=KEEP,
    show_default=True,
    help="保留几个版本 / how many releases stay",
)
@click.option(
    "--genesis", metavar="ID", default="", help="另行得知的台账起点 / the genesis id you know from elsewhere"
)
@click.option(
    "--ledger", metavar="REF", default=LEDGER, help="台账所在的引用 / the ledger's ref, on a forge a branch"
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="会签的检查点 / countersigned checkpoints",
)
@click.option(
    "--allow-shrink",
    is_flag=True,
    help="允许比上次小很多 / the new release may be much smaller than the last",
)
@click.option("--again", is_flag=True, help="没有变化也重新生成 / make a release although nothing is new")
@click.option(
    "--clock-ran-ahead", is_flag=True, help="上次发布时时钟快了 / the clock was wrong at the last publication"
)
@click.option(
    "--watch",
    is_flag=True,
    help="一直运行，有变化或到时间就发布 / stay, publish on every change and at every due minute",
)
@click.option(
    "--unit",
    type=click.Choice(UNITS),
    help="打印 systemd 单元或 cron 行 / print a unit for systemd, or a cron line",
)
@click.pass_obj
def publish(
    door: Door, repo: str | None, to: Path | None, state: Path | None, now: str | None, keep: int, genesis: str,
    ledger: str, checkpoints: Path | None, allow_shrink: bool, again: bool, clock_ran_ahead: bool, watch: bool,
    unit: str | None,
) -> None:  # fmt: skip
    """发布 / Verify, build aside, check, record, then switch at once; visitors always see one whole release."""
    if repo is None or to is None:
        raise GongkaiError(
            msg("publish needs --repo and --to"),
            msg("for example `gongkai publish --repo /srv/gongkai.git --to /srv/www`"),
        )
    place = place_of(to, state)
    if unit:
        click.echo(print_unit(unit, repo, place), nl=False)
        return
    porter = Porter() if watch else None
    source = ServerSource(
        repo, place.state / "mirror.git", genesis, ledger, checkpoints, watched, wall=clock.now, porter=porter
    )
    moment: Callable[[], datetime] = (lambda: clock.parse(now)) if now else clock.now
    order = Order(moment, clock.now, door.tell, engine=engine(), keep=keep, allow_shrink=allow_shrink, again=again,
                  ran_ahead=clock_ran_ahead, stands=porter.stands if porter else stands_of)  # fmt: skip
    if watch:
        watch_for(door, place, repo, lambda: publish_once(door, place, source, order), source.ready)
        return
    with uncounted():
        publish_once(door, place, source, order)
        gc.freeze()  # it stays until the end: nobody need look through it


def publish_once(door: Door, place: Place, source: ServerSource, order: Order) -> Outcome:
    """One publication, told; its faults are named before it is refused."""
    try:
        with uncounted():
            done = publish_now(place, source, order)
    except Unsound as unsound:
        for fault in unsound.faults[:SHOWN]:
            door.tell(fault)
        if len(unsound.faults) > SHOWN:
            door.tell(msg("… and {count} more", count=len(unsound.faults) - SHOWN))
        raise
    write_whole(place.state / REPO, f"{source.repo}\n")
    if done.fresh:
        door.tell(msg("published: {name}, {items} items, {files} files", name=done.release.name, items=done.release.items,
                      files=done.release.files))  # fmt: skip
        door.tell(msg("{count} items were recorded as published", count=done.recorded))
    else:
        door.tell(msg("nothing is new: visitors see {name} already", name=done.release.name))
    door.tell(msg("the public view changes next at {time}", time=done.next))
    click.echo(terminal(done.release.name))
    return done


@click.command()
@TO
@STATE
@click.option("--verify", is_flag=True, help="逐个文件核对清单 / compare every file with the manifest")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def releases(door: Door, to: Path, state: Path | None, verify: bool, format_: str) -> None:
    """各个版本 / The releases, the newest first; `*` marks the one that visitors see."""
    place = place_of(to, state)
    current, held = place.current(), place.held()
    found = place.all()
    shown = current.name if current else ""
    wrong = {r.name: differences(place.folder(r.name), place.site(r.name)) for r in found} if verify else {}
    if format_ == "json":
        click.echo(json_text(_data(found, shown, held, wrong)))
    else:
        for release in found:
            click.echo(_line(release, shown, held))
    if not found:
        door.tell(msg("there is no release in {folder} yet", folder=str(place.root)))
    if held:
        door.tell(msg("held at {name}: publications change nothing until `rollback --unlock`", name=held))
    for name, paths in wrong.items():
        for path in paths[:SHOWN]:
            door.tell(msg("{name}: {path} is not what the manifest says", name=name, path=path))
    if any(wrong.values()):
        raise SystemExit(Exit.FINDINGS)


def _line(release: Release, shown: str, held: str) -> str:
    marks = f"{'*' if release.name == shown else ' '}{'=' if release.name == held else ' '}"
    parts = (
        release.name,
        release.effective,
        release.main[:12],
        str(release.items),
        str(release.files),
        str(release.bytes),
    )
    return f"{marks} " + "\t".join(map(terminal, parts))


def _data(found: list[Release], shown: str, held: str, wrong: dict[str, list[str]]) -> dict[str, object]:
    rows = [
        {"name": r.name, "current": r.name == shown, "held": r.name == held, "main": r.main, "ledger": r.ledger,
         "effective": r.effective, "made": r.made, "items": r.items, "files": r.files, "bytes": r.bytes,
         "laid": list(r.laid), "differs": wrong.get(r.name)}
        for r in found
    ]  # fmt: skip
    return {"schema_version": 1, "releases": rows}


@click.command()
@click.argument("release", required=False, default="")
@TO
@STATE
@click.option(
    "--lock", is_flag=True, help="锁定：以后的发布不改动它 / publications leave it so until --unlock"
)
@click.option("--unlock", is_flag=True, help="解除锁定 / let go of a locked portal")
@click.pass_obj
def rollback(door: Door, release: str, to: Path, state: Path | None, lock: bool, unlock: bool) -> None:
    """退回 / Let visitors see an older release at once; what was taken down since stays down."""
    place = place_of(to, state)
    order = Order(clock.now, clock.now, door.tell, engine=engine())
    if unlock:
        _unlock(door, place, order, release, lock)
        return
    act = go_back(place, order, lambda: _look(place, order), release, hold=lock)
    click.echo(terminal(act.new.name))
    door.tell(msg("visitors see {new} now", new=act.new.name))
    if not lock:
        door.tell(msg("the next publication goes forward again; --lock would keep it from that"))
    _record(door, place, act)


def _unlock(door: Door, place: Place, order: Order, release: str, lock: bool) -> None:
    if release or lock:
        raise GongkaiError(msg("--unlock stands alone"), msg("leave the release and --lock out"))
    held = let_go(place, order)
    door.tell(
        msg("let go of {name}; `gongkai publish` goes forward", name=held)
        if held
        else msg("nothing was locked")
    )


def _repo(place: Place) -> str:
    """The repository that was published from last; empty when it is not known."""
    file = place.state / REPO
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def _look(place: Place, order: Order) -> tuple[Source, View]:
    """Ask the server, for a release that must be renewed first."""
    source = ServerSource(_repo(place), place.state / "mirror.git", watch=watched, wall=clock.now)
    return source, source.look(read_anchor(place.state), order.now())


def _record(door: Door, place: Place, act: Act) -> None:
    """The act in the server's ledger, where it can be written from here. It stands in the publisher's own list anyway."""
    repo = _repo(place)
    data = {"release": act.new.name, "main": act.new.main, "from": act.old, "held": act.held}
    try:
        if repo and "://" not in repo and is_server(Path(repo)):
            record_act(Path(repo), data, clock.now())
            return
    except (GongkaiError, OSError) as error:
        says = error.says if isinstance(error, GongkaiError) else msg("{words}", words=str(error))
        door.tell(msg("the server's ledger could not be told: {reason}", reason=says))
        return
    door.tell(msg("the server's ledger cannot be written from here; the act stands in {file}",
                  file=str(place.state / "acts.jsonl")))  # fmt: skip
