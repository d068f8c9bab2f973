"""Due dates as an officer reads them: a table day by day, or the same as JSON."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gongkai.checks.lateness import stage_name
from gongkai.cli.door import Door
from gongkai.model.deadline import Due
from gongkai.model.message import N_, Message, Words, msg
from gongkai.report.escape import json_text, no_command, terminal
from gongkai.workdays.standing import FIXED, why

WIDTH = 120
"""Columns of the table where no terminal tells its own."""
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


@dataclass(frozen=True)
class Answer:
    """One due date: of which stage (empty for a plain period), counted from which field."""

    due: Due
    stage: str = ""
    field: Words | None = None


def show_json(door: Door, answers: list[Answer], kind: str | None) -> None:
    """`{"from","due","provisional","days"}`; with --type that of the first stage, and all under "stages"."""
    data = _plain(door, answers[0].due)
    if kind is not None:
        data |= {"type": kind, "stages": {a.stage: _plain(door, a.due) for a in answers}}
    click.echo(json_text(data))


def _plain(door: Door, due: Due) -> dict[str, Any]:
    days = [{"date": d.date.isoformat(), "counted": d.counted, "why": door.say(why(d))} for d in due.days]
    return {
        "from": due.start.isoformat(),
        "due": due.due.isoformat(),
        "provisional": due.provisional,
        "days": days,
    }


def show_text(door: Door, answers: list[Answer]) -> None:
    """A headline and a table for each answer, on stdout."""
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    for number, answer in enumerate(answers):
        if number:
            console.print()
        console.print(terminal(door.say(_headline(door, answer))), style="bold", markup=False, soft_wrap=True)
        if answer.due.provisional:
            console.print(
                terminal(door.say(_warning(answer.due))), style="yellow", markup=False, soft_wrap=True
            )
        with console.capture() as table:
            console.print(_table(door, answer.due))
        click.echo("\n".join(no_command(line.rstrip()) for line in table.get().splitlines()))


def _headline(door: Door, answer: Answer) -> Message:
    due = answer.due
    holes: dict[str, Any] = {"due": _when(due.due), "start": _when(_start(due))}
    if answer.stage:
        holes["stage"] = stage_name(answer.stage)
    if due.days[0].why == FIXED:
        return Message(N_("{stage}: due {due}"), holes)
    if not answer.stage:
        return Message(N_("due {due}, counted from {start}"), holes)
    if answer.field is None:
        return Message(N_("{stage}: due {due}, counted from {start}"), holes)
    return Message(N_("{stage}: due {due}, counted from “{field}” {start}"), {**holes, "field": answer.field})


def _start(due: Due) -> date | datetime:
    """What was counted from: a moment for hours, otherwise the day it fell on."""
    return due.start if isinstance(due.due, datetime) else due.days[0].date


def _when(moment: date | datetime) -> Message:
    """A date with its day of the week; a time to the minute with its offset."""
    text = (
        moment.isoformat(sep=" ", timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()
    )
    return msg("{date} ({weekday})", date=text, weekday=msg(_WEEKDAYS[moment.weekday()]))


def _warning(due: Due) -> Message:
    return msg(
        "provisional: the State Council's notice of holidays for {year} is not entered yet; "
        "the date is reckoned again when site_config/holidays/{year}.yml is there",
        year=max(d.date for d in due.days).year,
    )


def _table(door: Door, due: Due) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, justify in (
        (N_("date"), "left"),
        (N_("weekday"), "left"),
        (N_("count"), "right"),
        (N_("why"), "left"),
    ):
        table.add_column(door.say(msg(heading)), justify=justify, no_wrap=heading != "why")  # type: ignore[arg-type]
    number, by_the_hour = 0, isinstance(due.due, datetime)
    for day in due.days:
        number += day.counted
        count = "–" if not day.counted else "" if by_the_hour else str(number)
        weekday = door.say(msg(_WEEKDAYS[day.date.weekday()]))
        table.add_row(day.date.isoformat(), weekday, count, Text(terminal(door.say(why(day)))))
    return table
