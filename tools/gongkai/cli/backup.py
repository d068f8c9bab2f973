"""`gongkai backup` and `gongkai restore`: everything in one dated folder, and a server made of it again."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from gongkai.cli.checkpoints import watched
from gongkai.cli.door import Door
from gongkai.cli.publish import place_of
from gongkai.cli.sending import ENDPOINT, REGION, STYLE, send_backup, target_of
from gongkai.gate.audit import audit
from gongkai.gate.calling import SETTINGS as NOTIFY
from gongkai.gate.client import config
from gongkai.gate.releasing import is_server, server_lock
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.backup import KEEP, Origin, Seen, make_backup
from gongkai.release.place import Place
from gongkai.release.restoring import Wanted
from gongkai.release.restoring import restore as restore_now
from gongkai.report.escape import terminal
from gongkai.store.git import Repository

BESIDE = (NOTIFY,)
UNITS = ("service", "timer", "cron")
SERVICE = """# /etc/systemd/system/gongkai-backup.service (started by gongkai-backup.timer)
[Unit]
Description=Gongkai saves the portal's repository and proves the backup

[Service]
Type=oneshot
ExecStart={command}
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
Nice=10
"""
TIMER = """# /etc/systemd/system/gongkai-backup.timer
[Unit]
Description=Every night: Gongkai's backup

[Timer]
OnCalendar=*-*-* 02:30
RandomizedDelaySec=15m
Persistent=true

[Install]
WantedBy=timers.target
"""
CRON = "30 2 * * * {command} 2>>{log} >/dev/null\n"


@click.command()
@click.option(
    "--repo", required=True, type=click.Path(path_type=Path), help="服务器仓库 / the server's repository"
)
@click.option("--releases", type=click.Path(path_type=Path), metavar="DIR",
              help="发布文件夹 / the folder of releases: manifests and the publisher's state are saved too")  # fmt: skip
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR",
              help="发布端自己的文件夹 / the publisher's own folder (default: beside --releases)")  # fmt: skip
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="备份文件夹，最好在另一块盘上 / the folder of backups, better on another disk")  # fmt: skip
@click.option(
    "--keep", type=click.IntRange(1), default=KEEP, show_default=True, help="保留几份 / how many stay"
)
@click.option(
    "--send", metavar="TARGET", help="再送到别处 / and to another host: rsync://…, user@host:/…, s3://…"
)
@ENDPOINT
@REGION
@STYLE
@click.option(
    "--unit", type=click.Choice(UNITS), help="打印 systemd 单元或 cron 行 / print a unit or a cron line"
)
@click.pass_obj
def backup(
    door: Door, repo: Path, releases: Path | None, state: Path | None, to: Path, keep: int, send: str | None,
    endpoint: str | None, region: str | None, style: str, unit: str | None,
) -> None:  # fmt: skip
    """备份 / Save the repository, its ledger and the publisher's knowledge; read it again; prove it; keep the last."""
    if unit:
        click.echo(print_unit(unit, repo, releases, state, to, keep, send, endpoint), nl=False)
        return
    if send:
        target_of(send, endpoint, region, style)
    gate = open_gate(repo)
    if config(repo, "core.bare") != "true":
        raise GongkaiError(
            msg("{folder} is a clone that somebody works in", folder=str(repo)),
            msg("name the server's own repository with --repo"),
        )
    still = server_lock(gate.folder) if is_server(repo) else nullcontext()
    origin = Origin(repo, still, _place(releases, state), BESIDE)
    made = make_backup(origin, to, door.now(), seen_by_audit, door.tell, keep)
    click.echo(terminal(str(made)))
    door.tell(msg("saved, read again and proved: {folder}", folder=str(made)))
    door.tell(
        msg(
            "it holds what is not public: embargoed and removed texts, people's keys and addresses; keep it closed"
        )
    )
    if send:
        send_backup(door, made, target_of(send, endpoint, region, style, below=made.name))


def _place(releases: Path | None, state: Path | None) -> Place | None:
    if releases is None:
        return None
    place = place_of(releases, state)
    if not (place.root / "releases").is_dir():
        raise GongkaiError(
            msg("{folder} is not a folder of releases", folder=str(place.root)),
            msg("name the folder that `gongkai publish --to` writes to, or leave --releases out"),
        )
    return place


def seen_by_audit(repository: Path) -> Seen:
    """The audit of a whole ledger; GongkaiError (exit 1) names its first fault."""
    found = audit(repository, fetch=False, watch=watched)
    if found.fault is not None:
        raise GongkaiError(
            msg(
                "the ledger of {folder} does not hold: {says}", folder=str(repository), says=found.fault.says
            ),
            msg("keep the repository as it is, and run `gongkai audit` on it; older backups stay"),
            Exit.FINDINGS,
        )
    return Seen(found.genesis, found.ledger, found.events, found.main)


def print_unit(
    kind: str, repo: Path, releases: Path | None, state: Path | None, to: Path, keep: int, send: str | None,
    endpoint: str | None,
) -> str:  # fmt: skip
    """A unit for systemd or a line for cron that makes this backup every night."""
    words = [
        sys.executable,
        "-m",
        "gongkai",
        "backup",
        "--repo",
        str(repo.absolute()),
        "--to",
        str(to.absolute()),
    ]
    words += ["--keep", str(keep)] if keep != KEEP else []
    for name, value in (("--releases", releases and releases.absolute()), ("--state", state and state.absolute()),
                        ("--send", send), ("--endpoint", endpoint)):  # fmt: skip
        words += [name, str(value)] if value else []
    command = shlex.join(words)
    log = shlex.quote(str(to.absolute() / "backup.log"))
    text = {"service": SERVICE, "timer": TIMER, "cron": CRON}[kind]
    # % means something to both: a specifier to systemd, a line's end to cron.
    command = command.replace("%", "\\%" if kind == "cron" else "%%")
    return text.format(command=command, log=log)


@click.command()
@click.argument("folder", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="新的服务器仓库，须为空 / the new server's repository: a new or empty folder")  # fmt: skip
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR",
              help="发布端自己的文件夹，须为空 / the publisher's own folder, brought back too")  # fmt: skip
@click.option(
    "--genesis", metavar="ID", default="", help="另行得知的台账起点 / the genesis id you know from elsewhere"
)
@click.option("--rehearse", is_flag=True, help="只演练，不留下 / do all of it, then take it away again")
@click.pass_obj
def restore(door: Door, folder: Path, to: Path, state: Path | None, genesis: str, rehearse: bool) -> None:
    """恢复 / Make the server's repository again from a backup, with hooks and settings; broken backups are named."""
    wanted = Wanted(to, state, genesis, rehearse, BESIDE)
    made = restore_now(folder, wanted, seen_by_audit, arrange, door.tell)
    click.echo(terminal(made.seen.genesis))
    door.tell(msg("the backup of {time} holds {count} events; the last is {id}",
                  time=made.time, count=made.seen.events, id=made.seen.ledger))  # fmt: skip
    if not genesis:
        door.tell(
            msg("compare the genesis id above with the one that was written down, or name it with --genesis")
        )
    if rehearse:
        door.tell(msg("rehearsed: the backup can be restored; nothing was left"))
        return
    door.tell(msg("the server's repository stands in {folder}", folder=str(to)))
    door.tell(
        msg(
            "next: `gongkai server doctor {folder}`, then `gongkai publish --repo {folder} --to DIR`",
            folder=str(to),
        )
    )


def arrange(part: Path, final: Path) -> None:
    """The gate's settings and hooks, for the path at which the repository will stand once it is renamed."""
    configure(part)
    Repository(part).run("config", "core.hooksPath", str(final.resolve() / "hooks"))
