"""Telling people that something waits for them: off until the server's operator says how each person is reached.

`gongkai-notify.yml` in the server's folder, never in the portal, for it holds addresses and tokens:

    language: zh
    targets:
      tide-head: ["mailtos://user:password@mail.example/?to=head@tide.yundu.example"]
      tide-officer: ["wecombot://…"]

The ledger is what is told of. A cursor says up to which event; each message lies in `gongkai-notices/` until it is sent,
so that neither a crash nor a dead mail server loses one. All this happens beside the gate, in a process of its own that
the hook starts and does not wait for: no message can delay or change a decision. Messages name numbers, steps and days,
never a title or a text: what is not published does not go through other people's services.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.evidence.ledger import LEDGER, Event, read
from gongkai.evidence.state import Submission
from gongkai.gate.calling import SETTINGS
from gongkai.gate.client import Clone
from gongkai.gate.desk import Desk, Row, open_desk, row_of
from gongkai.gate.repository import Gate
from gongkai.items.config import read_config_file
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, Words, msg
from gongkai.report.escape import header, terminal, visible
from gongkai.store.catalogue import Catalogue
from gongkai.store.files import write_whole
from gongkai.store.locks import locked
from gongkai.store.notices import send

FOLDER = "gongkai-notices"
CURSOR = "told-until"
TRIES = 5
"""After so many vain attempts a message is given up, and the log says so."""
LOG = "gongkai-notify.log"


@dataclass(frozen=True)
class Notice:
    """One message to one person about one submission."""

    person: str
    title: Message
    text: tuple[Message, ...]


@dataclass(frozen=True)
class Targets:
    """How each person is reached, and in which language."""

    language: str
    addresses: Mapping[str, tuple[str, ...]]


def deliver(gate: Gate, now: datetime) -> Iterator[Message]:
    """Write what the new events ask to be told, and send everything that lies there; a sentence for each trouble.

    One process at a time; safe to call again. Nothing at all when no addresses are set.
    """
    targets = read_targets(gate.folder)
    if targets is None:
        return
    folder = gate.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with locked(folder / "lock"):
        gate.refresh()
        _write(gate, targets, now)
        yield from _send(gate.folder, targets, now)


def read_targets(folder: Path) -> Targets | None:
    """The server's own settings; None when there are none. GongkaiError (exit 2) when they make no sense."""
    path = folder / SETTINGS
    if not path.is_file():
        return None
    file, _ = read_config_file(SETTINGS, path.read_bytes())
    data = file.data if file else None
    rows = data.get("targets") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(rows, dict):
        raise GongkaiError(
            msg("{path} cannot be read as addresses", path=str(path)),
            msg("write `targets:` with a line `person: [address]` for each person"),
        )
    addresses = {str(person): _texts(value) for person, value in rows.items()}
    return Targets(str(data.get("language") or "zh"), addresses)


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(v for v in values if isinstance(v, str) and v)


def _write(gate: Gate, targets: Targets, now: datetime) -> None:
    """A file for each message that the events since the cursor ask for; then the cursor moves."""
    cursor = gate.folder / FOLDER / CURSOR
    events = read(gate.objects, gate.objects.ref(LEDGER), _since(gate, cursor))
    if not events:
        return
    desk = open_desk(Clone(gate.folder, gate, None), now)
    say = Catalogue(targets.language).say
    for event in events:
        for notice in notices(desk, event):
            if targets.addresses.get(notice.person):
                data = {
                    "person": notice.person,
                    "title": header(say(notice.title)),
                    "text": [visible(say(t)) for t in notice.text],
                }
                name = f"{event.number:08d}-{notice.person}.json"
                write_whole(gate.folder / FOLDER / name, json.dumps({**data, "tries": 0}, ensure_ascii=False))
        write_whole(cursor, event.id)


def _since(gate: Gate, cursor: Path) -> str:
    """The last event that was told of. A server that has never told anything begins with its newest event."""
    chain = gate.objects.chain(gate.objects.ref(LEDGER))
    known = cursor.read_text(encoding="ascii", errors="replace").strip() if cursor.is_file() else ""
    if known in chain:
        return known
    return chain[-2] if len(chain) > 1 else ""


def notices(desk: Desk, event: Event) -> Iterator[Notice]:
    """Whom an event concerns: those who can decide now, or the officers who must mend or may rejoice.

    An event that was overtaken (approved, and accepted since) concerns nobody any more.
    """
    submission = desk.clone.gate.state.submissions.get(str(event.data.get("submission")))
    if submission is None:
        return
    if event.kind in ("received", "approved") and submission.state == "waiting":
        if event.kind == "received" or event.data["version"] == submission.last.number:
            yield from _to_decide(desk, row_of(desk, submission), event.kind)
    elif event.kind == "returned" and submission.state == "returned":
        yield from _to_mend(desk, submission)
    elif event.kind == "accepted":
        yield from _accepted(desk, submission)


def _to_decide(desk: Desk, row: Row, kind: str) -> Iterator[Notice]:
    number = row.submission.number
    told: set[str] = set()
    for step, people in row.waiting:
        for person in people:
            if person not in told:
                told.add(person)
                text = [
                    msg(
                        "{number} of {department} waits for you.",
                        number=number,
                        department=_department(desk, row),
                    ),
                    msg("Step: {step}.", step=desk.step(step)),
                    *(_by(limit.due.due.isoformat()) for limit in row.limits[:1]),
                    msg("Look at it with `gongkai review show {number}`.", number=number),
                ]
                title = msg("To review: {number}", number=number)
                yield Notice(
                    person,
                    title if kind == "received" else msg("Still to review: {number}", number=number),
                    tuple(text),
                )


def _by(due: str) -> Message:
    return msg("Due: {due}.", due=due)


def _department(desk: Desk, row: Row) -> Words | str:
    known = desk.portal.settings.departments.get(row.submission.department)
    return known.title if known else row.submission.department


def _to_mend(desk: Desk, submission: Submission) -> Iterator[Notice]:
    back = submission.returns[-1]
    text = (
        msg("{number} was returned by {person}.", number=submission.number, person=desk.person(back.person)),
        msg("`gongkai status` shows the reasons; mend it and submit it again."),
    )
    for person in _officers(desk, submission):
        yield Notice(person, msg("Returned: {number}", number=submission.number), text)


def _accepted(desk: Desk, submission: Submission) -> Iterator[Notice]:
    text = (
        msg("{number} was accepted.", number=submission.number),
        msg("It appears on the portal with the next publication."),
    )
    for person in _officers(desk, submission):
        yield Notice(person, msg("Accepted: {number}", number=submission.number), text)


def _officers(desk: Desk, submission: Submission) -> Iterable[str]:
    """Those who handed it in and are still in office; else the department's officers of today."""
    day = desk.policy.day(desk.now)
    own = [
        p for p in sorted(submission.people) if p in desk.policy.people and desk.policy.people[p].active(day)
    ]
    return own or sorted(desk.policy.officers(submission.department, desk.now))


def _send(folder: Path, targets: Targets, now: datetime) -> Iterator[Message]:
    for path in sorted((folder / FOLDER).glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        person, tries = str(data["person"]), int(data["tries"]) + 1
        if send(targets.addresses.get(person, ()), str(data["title"]), "\n".join(data["text"])):
            path.unlink()
            continue
        says = msg(
            "{notice} did not reach {person} (attempt {tries})", notice=path.stem, person=person, tries=tries
        )
        if tries >= TRIES:
            path.unlink()
            says = msg("{notice} did not reach {person} and is given up", notice=path.stem, person=person)
        else:
            write_whole(path, json.dumps({**data, "tries": tries}, ensure_ascii=False))
        _log(folder, now, Catalogue(targets.language).say(says))
        yield says


def _log(folder: Path, now: datetime, line: str) -> None:
    with (folder / LOG).open("a", encoding="utf-8") as sink:
        sink.write(terminal(f"{now.isoformat()} {line}") + "\n")
