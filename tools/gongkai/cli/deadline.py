"""`gongkai deadline`: when a period ends, day by day; with the portal's tables, or outside one with ours."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import click

from gongkai.checks.portal import Portal
from gongkai.cli.door import MARKERS, Door
from gongkai.cli.explained import Answer, show_json, show_text
from gongkai.cli.typed import of_type
from gongkai.items.config import read_settings
from gongkai.model.corpus import Corpus
from gongkai.model.deadline import Period, Unit
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.model.settings import Settings
from gongkai.schema.library import read_types
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree, Tree
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@click.command()
@click.option("--from", "start", required=True, metavar="DATE", help="事件日期或时间，第 0 天 / the event")
@click.option("--working-days", type=int, metavar="N", help="N 个工作日 / working days")
@click.option("--days", type=int, metavar="N", help="N 个自然日 / calendar days")
@click.option("--hours", type=int, metavar="N", help="N 小时 / hours")
@click.option("--months", type=int, metavar="N", help="N 个月 / months")
@click.option("--type", "kind", metavar="TYPE", help="某类信息的各项时限 / an item of a type")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="该信息的字段 / its field")
@click.option("--roll", is_flag=True, help="期满日放假则顺延 / past days off")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def deadline(
    door: Door,
    start: str,
    kind: str | None,
    given: tuple[str, ...],
    roll: bool,
    form: str,
    working_days: int | None,
    days: int | None,
    hours: int | None,
    months: int | None,
) -> None:
    """推算期限，逐日说明 / When something is due, and why, day by day."""
    amounts = (
        (Unit.WORKING_DAYS, working_days),
        (Unit.DAYS, days),
        (Unit.HOURS, hours),
        (Unit.MONTHS, months),
    )
    chosen = {unit: n for unit, n in amounts if n is not None}
    if len(chosen) + (kind is not None) != 1:
        raise GongkaiError(
            msg("say how long the period is, in exactly one way"),
            msg("give one of --working-days, --days, --hours, --months or --type"),
        )
    tree = _tree(door)
    settings = _settings(door, tree)
    since = _start(start, settings)
    if kind is None:
        unit, amount = chosen.popitem()
        answers = [Answer(_calendar(settings).due(since, Period(unit, amount, roll)))]
    else:
        answers = of_type(_portal(tree, settings, door.now()), kind, since, _pairs(given))
    if form == "json":
        show_json(door, answers, kind)
    else:
        show_text(door, answers)


def _tree(door: Door) -> Tree:
    """The portal's own folder; outside a portal the tables and types that came with the engine."""
    inside = (door.root / MARKERS[0]).is_file()
    named = door.root != Path()
    return FolderTree(door.portal_root if inside or named else template_root())


def _settings(door: Door, tree: Tree) -> Settings:
    """The settings; a holiday table that cannot be read is named, for its year then goes by the law alone."""
    settings, unread = read_settings(tree)
    for fault in unread:
        if fault.fatal and "/holidays/" in fault.place.path:
            door.tell(
                msg("{path} cannot be read and is left out; `gongkai check` says why", path=fault.place.path)
            )
    return settings


def _calendar(settings: Settings) -> Calendar:
    return Calendar(tables(settings.files), settings.timezone)


def _start(text: str, settings: Settings) -> date | datetime:
    """A date, or a time (RFC 3339; without an offset it is the portal's time)."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(_time(text))
    except ValueError:
        raise GongkaiError(
            msg("{text} is not a date", text=text),
            msg("write it like 2026-02-13, or with the time like 2026-02-13T09:30:00+08:00"),
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.timezone)


def _time(text: str) -> str:
    if not re.match(_DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}", text):
        raise ValueError(text)
    return text


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise GongkaiError(msg("{text} is not of the form FIELD=VALUE", text=text))
        pairs[name] = value
    return pairs


def _portal(tree: Tree, settings: Settings, now: datetime) -> Portal:
    return Portal(tree, Corpus(), settings, read_types(tree), _calendar(settings), now)
