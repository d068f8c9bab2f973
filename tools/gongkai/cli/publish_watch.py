"""`gongkai publish --watch`: publish on every change of the ledger and at every due minute; and the same for systemd, cron."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.cli.door import Door
from gongkai.gate.releasing import is_server, server_lock
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.place import Place
from gongkai.release.publish import Outcome
from gongkai.store import clock

if TYPE_CHECKING:
    from gongkai.store.bell import Bell

PATIENCE = 60.0
"""So many seconds at most between two looks at the clock: it may be set, and a machine may sleep."""
ASK = timedelta(minutes=5)
"""After so long another host's repository is asked again, and a refusal is tried again."""
REST = 0.5
"""So many seconds git is left to finish what it began, where there is no gate whose lock tells."""
UNITS = ("watch", "service", "timer", "cron")


def watch_for(
    door: Door, place: Place, repo: str, turn: Callable[[], Outcome], ready: Callable[[], None]
) -> None:
    """Publish now, then whenever the repository changes or a minute comes at which the public view does. Ends by Ctrl+C.

    `ready` loads what the next publication needs, and lets go what the last one left: it is called after each that made a
    release. A look that made none leaves little, and the next decision is likely under way.
    """
    from gongkai.store.bell import Bell  # listens in threads of its own: nothing that one publication needs

    refs = [Path(repo) / part for part in ("refs", ".git/refs") if (Path(repo) / part).is_dir()]
    with Bell(refs[:1]) as bell:
        due, _ = _turn(door, turn)
        gate = Path(repo) if refs and _has_gate(Path(repo)) else None
        ready()
        while True:
            left = (due - clock.now()).total_seconds()
            rang = bell.wait(min(PATIENCE, max(0.0, left)))
            if rang:
                _let_finish(gate, bell, (due - clock.now()).total_seconds())
            if rang or clock.now() >= due:
                due, made = _turn(door, turn)
                if made:
                    ready()


def _has_gate(folder: Path) -> bool:
    """Whether this is a gate's server whose lock can be asked; where that is in doubt, it is waited a little instead."""
    try:
        return is_server(folder)
    except (GongkaiError, OSError):
        return False


def _let_finish(gate: Path | None, bell: Bell, left: float) -> None:
    """Wait until all refs stand that one decision moves: the gate moves them under its lock. Something is due in `left` seconds."""
    if gate is None:
        bell.wait(REST)
        return
    with suppress(GongkaiError, OSError), server_lock(gate, max(0.0, min(PATIENCE, left))):
        bell.wait(0)  # what rang until now is seen by the turn that follows


def _turn(door: Door, turn: Callable[[], Outcome]) -> tuple[datetime, bool]:
    """One publication; a refusal is said and tried again later. When to look next, and whether something was made."""
    try:
        done = turn()
    except GongkaiError as error:
        door.tell(msg("error: {says}", says=error.says))
        if error.code is Exit.WRONG_USE:
            raise
        return clock.now() + ASK, True
    except OSError as error:
        door.tell(
            msg(
                "error: {says}",
                says=msg("{path}: {reason}", path=str(error.filename or ""), reason=str(error)),
            )
        )
        return clock.now() + ASK, True
    return min(done.next, clock.now() + ASK), done.fresh


WATCH = """# /etc/systemd/system/gongkai-publish.service
[Unit]
Description=Gongkai publishes what was accepted, and what is due
After=network-online.target

[Service]
ExecStart={program} publish --repo {repo} --to {to} --state {state} --watch
Restart=always
RestartSec=10
UMask=0022
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes

[Install]
WantedBy=multi-user.target
"""
SERVICE = """# /etc/systemd/system/gongkai-publish.service (started by gongkai-publish.timer)
[Unit]
Description=Gongkai publishes what was accepted, and what is due

[Service]
Type=oneshot
ExecStart={program} publish --repo {repo} --to {to} --state {state}
UMask=0022
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
"""
TIMER = """# /etc/systemd/system/gongkai-publish.timer
[Unit]
Description=Every minute: embargoes end on the minute

[Timer]
OnCalendar=*:0/1
AccuracySec=1s
Persistent=true

[Install]
WantedBy=timers.target
"""
CRON = (
    "* * * * * {program} publish --repo {repo} --to {to} --state {state} 2>>{state}/publish.log >/dev/null\n"
)
TEXTS = {"watch": WATCH, "service": SERVICE, "timer": TIMER, "cron": CRON}


def print_unit(kind: str, repo: str, place: Place) -> str:
    """A unit for systemd or a line for cron that does the same as this command."""
    program = f"{sys.executable} -m gongkai"
    quoted = {
        "repo": shlex.quote(repo),
        "to": shlex.quote(str(place.root)),
        "state": shlex.quote(str(place.state)),
    }
    return TEXTS[kind].format(program=program, **quoted)
