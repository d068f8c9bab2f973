"""`gongkai server`: make a server's repository, put it in order, prove that its gate holds, record what is public."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.cli.refusals import refusals_told
from gongkai.gate.client import open_clone
from gongkai.gate.clockwork import accept_from, jumped
from gongkai.gate.doctor import MEND, Finding, Setting, look, setting
from gongkai.gate.publication import record_published
from gongkai.gate.rehearsal import Attempt, rehearse
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.gate.server import init as make_server
from gongkai.gate.settle import settle as settle_gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.portal.standing import is_notice, is_shown
from gongkai.report.escape import json_text, terminal, visible

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
FORMAT = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)
PROMISES = {
    "guarded": msg("what nobody approved is refused; root on this machine is found out by audits elsewhere"),
    "local": msg(
        "a pusher can switch the hooks off here: what nobody approved is found by `gongkai audit`, not refused"
    ),
}


@click.group()
def server() -> None:
    """服务器仓库 / A server's repository: make it, put it in order, prove its gate."""


@server.command()
@FOLDER
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="现有门户 / the portal to begin from (default: --root)",
)
@click.pass_obj
def init(door: Door, folder: Path, source: Path | None) -> None:
    """新建服务器仓库 / Make a bare repository with the gate's hooks; the portal's content becomes its genesis."""
    portal = Door(source, door.lang).portal_root if source else door.portal_root
    with refusals_told(door):
        gate = make_server(folder, portal, door.now())
    click.echo(gate.state.genesis)
    door.tell(msg("the server's repository stands in {folder}", folder=str(folder)))
    door.tell(msg("write down the genesis id above: `gongkai audit --genesis ID` compares with it"))
    _tell_setting(door, setting(folder))
    door.tell(
        msg(
            "next: `gongkai server doctor {folder}`, then officers run `gongkai setup URL`",
            folder=str(folder),
        )
    )


@server.command()
@FOLDER
@click.pass_obj
def settle(door: Door, folder: Path) -> None:
    """整理 / Finish whatever a crash left; safe at any time, and nothing to do means nothing done."""
    done = 0
    for says in settle_gate(open_gate(folder), door.now()):
        click.echo(terminal(door.say(says)))
        done += 1
    if not done:
        door.tell(msg("all was in order; nothing was to be done"))


@server.command()
@FOLDER
@click.option("--mend", is_flag=True, help="重写设置与钩子 / write configuration and hooks again first")
@FORMAT
@click.pass_obj
def doctor(door: Door, folder: Path, mend: bool, format_: str) -> None:
    """体检 / Prove the gate: forbidden things are pushed into a scratch copy, and each must be refused."""
    gate, now = open_gate(folder), door.now()
    if mend:
        configure(folder)
    found = list(look(gate, now))
    attempts, settled = rehearse(gate, now)
    found += [*map(_settled, settled), *(_missed(a) for a in attempts if not a.rightly)]
    here = setting(folder)
    if format_ == "json":
        click.echo(json_text(_data(door, here, attempts, found)))
    else:
        _show(door, attempts, found)
    _tell_setting(door, here)
    if found:
        raise SystemExit(Exit.FINDINGS)
    door.tell(
        msg("the gate stands: {count} forbidden things were tried, and all were refused", count=len(attempts))
    )


def _settled(says: Message) -> Finding:
    return Finding(
        msg("something was left undone: {says}", says=says), msg("run `gongkai server settle DIR`")
    )


def _missed(attempt: Attempt) -> Finding:
    if not attempt.refused:
        return Finding(msg("not refused: {what}", what=attempt.what), MEND)
    return Finding(
        msg("{what} was refused, but not by the gate's rule: {said}", what=attempt.what, said=attempt.said),
        MEND,
    )


def _show(door: Door, attempts: tuple[Attempt, ...], found: list[Finding]) -> None:
    for attempt in (a for a in attempts if a.rightly):
        click.echo(terminal(door.say(msg("refused, as it must be: {what}", what=attempt.what))))
    for finding in found:
        click.echo(terminal(door.say(msg("WRONG: {says}", says=finding.says))))
        click.echo(terminal(f"  → {door.say(finding.hint)}"))


def _data(
    door: Door, here: Setting, attempts: tuple[Attempt, ...], found: list[Finding]
) -> dict[str, object]:
    return {
        "schema_version": 1,
        "sound": not found,
        "setting": here.name,
        "why": [door.say(w) for w in here.why],
        "attempts": [
            {"what": door.say(a.what), "refused": a.refused, "rightly": a.rightly, "said": a.said}
            for a in attempts
        ],
        "findings": [{"message": visible(door.say(f.says)), "hint": door.say(f.hint)} for f in found],
    }


def _tell_setting(door: Door, here: Setting) -> None:
    names = {"guarded": msg("guarded"), "local": msg("local")}
    door.tell(msg("setting: {name}. {promise}", name=names[here.name], promise=PROMISES[here.name]))
    for why in here.why:
        door.tell(msg("  because {why}", why=why))


@server.command()
@FOLDER
@click.option(
    "--accept", is_flag=True, help="管理员在自己的工作副本里确认 / an administrator vouches, in a clone"
)
@click.pass_obj
def clock(door: Door, folder: Path, accept: bool) -> None:
    """时钟 / How far the clock stands from the last event; --accept (in an administrator's clone) lets a jump pass."""
    now = door.now()
    with refusals_told(door):
        clone = open_clone(folder) if accept else None
        gate = clone.gate if clone else open_gate(folder)
        last, policy = gate.state.last, gate.policy(now)
        if last is None:
            raise GongkaiError(msg("{folder} has no ledger", folder=str(folder)))
        click.echo(f"{now.isoformat(timespec='seconds')}\t{last.time.isoformat()}\t{(now - last.time).days}")
        if clone is not None:
            clone.me()
            accept_from(clone, now)
            door.tell(msg("recorded: you vouch for the time {now}; the ledger goes on", now=now))
            return
    if jumped(gate.state, policy, now):
        door.tell(
            msg(
                "the clock stands {days} days after the last event; more than {limit} need an administrator: if it is right,"
                " `gongkai server clock CLONE --accept`",
                days=(now - last.time).days, limit=policy.ahead.days,
            )
        )  # fmt: skip
        raise SystemExit(Exit.FINDINGS)
    door.tell(msg("the clock is as the ledger expects it"))


@server.command()
@FOLDER
@FORMAT
@click.pass_obj
def published(door: Door, folder: Path, format_: str) -> None:
    """登记发布 / Record that the portal now shows main: dates of publication, and index numbers given once."""
    gate, now = open_gate(folder), door.now()
    if gate.state.last is None:
        raise GongkaiError(msg("{folder} has no ledger", folder=str(folder)))
    portal = gate.portal(gate.state.main, now)
    rows = record_published(
        gate, (i.id for i in portal.corpus.items if is_shown(i, portal) or is_notice(i)), now
    )
    if format_ == "json":
        click.echo(json_text({"schema_version": 1, "published": dict(rows)}))
    else:
        for ident, number in rows.items():
            click.echo(f"{terminal(ident)}\t{terminal(number)}")
    door.tell(msg("{count} items were recorded as published", count=len(rows)))
