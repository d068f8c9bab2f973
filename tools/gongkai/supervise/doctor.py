"""What an operator must know of a machine that publishes: is everything there, right, recent and roomy enough?

Each part is a line: fine, a warning, or an error, with what to do. Nothing is changed, and no network is asked.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from gongkai.evidence.policy import Policy
from gongkai.model.message import Message, msg
from gongkai.store.office import office
from gongkai.store.process import find, run
from gongkai.workdays.tables import YearTable

GIT, SSH = (2, 34), (8, 2)
"""git knows SSH signatures since 2.34; ssh-keygen makes and verifies them since 8.2."""
ROOM, SPARE = 500_000_000, 5_000_000_000
"""Less room (bytes) than the first is an error, than the second a warning."""
FULL = 0.1
BACKUP_OLD, BACKUP_TOO_OLD = timedelta(hours=36), timedelta(days=7)
CHECKPOINT_OLD = timedelta(days=8)
SOON = timedelta(days=30)
AUTUMN = 11
"""The State Council's notice for the next year comes in the first half of November (2022 alone: 8 December)."""
OPTIONAL = {
    "chromium": msg(
        "checks of pages in a browser, for whoever develops Gongkai (Debian: `apt install chromium`)"
    ),
    "rsync": msg("sending releases and backups to other hosts (Debian: `apt install rsync`)"),
}


class Level(StrEnum):
    """How a part stands."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """A part that was looked at: its name for programs, how it stands, in words, and what to do (nothing when all is well)."""

    part: str
    level: Level
    says: Message
    hint: Message = Message("")  # noqa: RUF009 - frozen


def good(part: str, says: Message) -> Line:
    """A part that is as it must be."""
    return Line(part, Level.OK, says)


def programs() -> Iterator[Line]:
    """git and ssh-keygen, without which nothing goes; what only some commands need."""
    yield _program("git", ["git", "--version"], GIT)
    yield _program("ssh-keygen", ["ssh", "-V"], SSH)
    for name, use in OPTIONAL.items():
        there = find(name)
        if there is None:
            yield Line(
                name,
                Level.WARNING,
                msg("{name} is not installed", name=name),
                msg("needed only for {use}", use=use),
            )
        else:
            yield good(name, msg("{name}: {there}", name=name, there=str(there)))
    program = office()
    if program is None:
        yield Line("libreoffice", Level.WARNING, msg("{name} is not installed", name="LibreOffice"),
                   msg("needed only for reading old .doc, .xls and .ppt files (Debian: `apt install libreoffice-nogui`)"))  # fmt: skip
    else:
        yield good("libreoffice", msg("{name}: {there}", name="LibreOffice", there=str(program)))


def _program(name: str, ask: list[str], least: tuple[int, int]) -> Line:
    if find(name) is None or find(ask[0]) is None:
        return Line(name, Level.ERROR, msg("{name} is not installed", name=name),
                    msg("install it (Debian: `apt install git openssh-client`)"))  # fmt: skip
    done = run(ask, timeout=20)
    said = (done.out + done.err).decode("utf-8", "replace").strip().splitlines()
    match = re.search(r"(\d+)\.(\d+)", said[0]) if said else None
    words = said[0] if said else "?"
    if match is None or (int(match[1]), int(match[2])) < least:
        return Line(name, Level.ERROR, msg("{there} is too old: {least} or later is needed", there=words,
                                           least=".".join(map(str, least))), msg("bring the system up to date"))  # fmt: skip
    return good(name, msg("{name}: {there}", name=name, there=words))


def libraries(package: str = "gongkai") -> Line:
    """The installed libraries against those that the package asks for."""
    wrong = []
    try:
        wanted = [Requirement(text) for text in requires(package) or ()]
    except PackageNotFoundError:
        return Line(
            "libraries", Level.ERROR, msg("{name} is not installed", name=package), msg("install it with pip")
        )
    for one in wanted:
        there = _version(one.name)
        optional = one.marker is not None and not one.marker.evaluate({"extra": ""})
        if (not there and not optional) or (there and not one.specifier.contains(there, prereleases=True)):
            wrong.append(f"{one.name} {there or '-'} ({one.specifier})")
    if wrong:
        return Line("libraries", Level.ERROR, msg("libraries are missing or of another version: {names}", names=", ".join(wrong)),
                    msg("install them again: `pip install -r requirements/run.txt`"))  # fmt: skip
    return good(
        "libraries", msg("{count} libraries are there in the versions that are asked for", count=len(wanted))
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def room(folders: Iterable[Path]) -> Iterator[Line]:
    """The room on the disks of these folders, each disk once."""
    seen = set()
    for folder in folders:
        there = next((p for p in (folder, *folder.absolute().parents) if p.exists()), Path("/"))
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(there)


def _room(folder: Path) -> Line:
    usage = shutil.disk_usage(folder)
    free = round(usage.free / 1e9, 1)
    says = msg("{free} GB are free on the disk of {folder}", free=free, folder=str(folder))
    if usage.free < ROOM:
        return Line(
            "disk", Level.ERROR, says, msg("make room now: submissions and publications will be refused")
        )
    if usage.free < SPARE and usage.free < usage.total * FULL:
        return Line(
            "disk", Level.WARNING, says, msg("make room, or keep fewer releases and backups (--keep)")
        )
    return good("disk", says)


def clock(now: datetime, last: datetime | None, jumped: bool) -> Line:
    """The clock against the ledger's last event: it must not stand before it, nor far beyond."""
    if last is None:
        return good("clock", msg("the clock says {now}; there is no ledger to compare it with", now=now))
    if now < last:
        return Line("clock", Level.ERROR, msg("the clock ({now}) stands before the ledger's last event ({last})", now=now, last=last),
                    msg("set the clock right, and let the system keep it (systemd-timesyncd or chrony)"))  # fmt: skip
    days = (now - last).days
    if jumped:
        return Line("clock", Level.ERROR, msg("the clock stands {days} days after the ledger's last event", days=days),
                    msg("set it right; if it is right, an administrator runs `gongkai server clock CLONE --accept`"))  # fmt: skip
    return good("clock", msg("the clock stands after the ledger's last event ({last})", last=last))


def holidays(tables: Mapping[int, YearTable], today: date) -> Iterator[Line]:
    """Whether this year's table of working days is there, and from November on the next year's."""
    for year in (today.year, today.year + 1):
        hint = msg("enter the State Council's notice in site_config/holidays/{year}.yml", year=year)
        table = tables.get(year)
        if table is not None and not table.provisional:
            yield good("holidays", msg("the holidays of {year} are entered", year=year))
        elif year == today.year:
            yield Line("holidays", Level.ERROR, msg("the holidays of {year} are not entered: its due dates are provisional", year=year),
                       hint)  # fmt: skip
        elif today.month >= AUTUMN:
            yield Line(
                "holidays",
                Level.WARNING,
                msg("the holidays of {year} are not entered yet", year=year),
                hint,
            )


def people(policy: Policy, now: datetime) -> Iterator[Line]:
    """Administrators in office, people without keys whom the review needs, terms that end soon."""
    today = policy.day(now)
    administrators = sorted(policy.administrators(now))
    with_keys = {code for code, _ in policy.keys(now)}
    able = [code for code in administrators if code in with_keys]
    if len(able) < 2:
        yield Line("administrators", Level.ERROR, msg("{count} administrators in office have a key: fewer than two can change nothing",
                                                     count=len(able)),
                   msg("add one in people.yml while two can still decide; the handbook says how"))  # fmt: skip
    else:
        yield good("administrators", msg("{count} administrators in office have a key", count=len(able)))
    ending = sorted(
        (p.end, code) for code, p in policy.people.items() if p.end and today <= p.end <= today + SOON
    )
    for end, code in ending:
        yield Line("people", Level.WARNING, msg("{person} is in office until {day} only", person=code, day=end),
                   msg("name a successor in people.yml, or hand over with `gongkai people handover`"))  # fmt: skip
    if not ending:
        yield good("people", msg("nobody's term ends within {days} days", days=SOON.days))


def key(file: Path | None, person: str, registered: Callable[[], bool]) -> Line:
    """One's own signing key: there, closed to others, and known to the portal."""
    if file is None:
        return Line("key", Level.WARNING, msg("this copy has no signing key"),
                    msg("`gongkai setup URL` makes one; a server needs none"))  # fmt: skip
    if not file.is_file():
        return Line("key", Level.ERROR, msg("the key {file} is not there", file=str(file)),
                    msg("run `gongkai setup` again, or bring the key back; nothing can be signed without it"))  # fmt: skip
    if file.suffix != ".pub" and file.stat().st_mode & 0o077:
        return Line("key", Level.ERROR, msg("others on this machine may read the key {file}", file=str(file)),
                    msg("`chmod 600 {file}`; if somebody may have read it, have it revoked", file=str(file)))  # fmt: skip
    if not registered():
        return Line("key", Level.ERROR, msg("people.yml does not know the key {file} of {person}, or the person is not in office",
                                            file=str(file), person=person or "?"),
                    msg("have an administrator enter the key (the .pub file beside it)"))  # fmt: skip
    return good("key", msg("the key of {person} is there, closed, and known to the portal", person=person))


def backup(newest: datetime | None, now: datetime, folder: Path | None) -> Line:
    """How old the newest backup is: the alarm."""
    if folder is None:
        return Line("backup", Level.WARNING, msg("no folder of backups was named"),
                    msg("name it with --backups; `gongkai backup --unit timer` prints a timer that makes one every night"))  # fmt: skip
    if newest is None:
        return Line("backup", Level.ERROR, msg("there is no backup in {folder}", folder=str(folder)),
                    msg("run `gongkai backup` now, and its timer every night"))  # fmt: skip
    says = msg(
        "the newest backup is of {time}, {hours} hours ago",
        time=newest,
        hours=round((now - newest).total_seconds() / 3600),
    )
    if now - newest > BACKUP_OLD:
        level = Level.ERROR if now - newest > BACKUP_TOO_OLD else Level.WARNING
        return Line(
            "backup",
            level,
            says,
            msg("run `gongkai backup` and see why its timer did not (`systemctl status gongkai-backup`)"),
        )
    return good("backup", says)


def checkpoint(newest: datetime | None, now: datetime) -> Line:
    """How old the newest countersigned checkpoint is: until then outsiders would notice a rewritten ledger."""
    if newest is None:
        return Line("checkpoint", Level.WARNING, msg("no folder of countersigned checkpoints was named"),
                    msg("run `gongkai audit countersign` on the publisher's machine and name its folder with --checkpoints"))  # fmt: skip
    says = msg(
        "the newest countersigned checkpoint is of {time}, {days} days ago",
        time=newest,
        days=(now - newest).days,
    )
    if now - newest > CHECKPOINT_OLD:
        return Line(
            "checkpoint",
            Level.WARNING,
            says,
            msg("run `gongkai audit countersign` on the publisher's machine, once a week at least"),
        )
    return good("checkpoint", says)
