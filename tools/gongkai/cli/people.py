"""`gongkai people handover A B`: an officer leaves, another takes over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from gongkai.cli.door import Door
from gongkai.cli.officer import hand_in
from gongkai.cli.refusals import refusals_told, tell
from gongkai.gate.client import open_clone
from gongkai.gate.desk import open_desk
from gongkai.gate.handover import Handover, hand_over
from gongkai.gate.officer import Wish
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg


@click.group()
def people() -> None:
    """人员 / People: who leaves hands over to a successor."""


@people.command()
@click.argument("leaving", metavar="A")
@click.argument("successor", metavar="B")
@click.option("--reason", default="", metavar="TEXT", help="原因，如“岗位调整” / why")
@click.option("--until", default="", metavar="DATE", help="最后一个工作日 / the last day (default: today)")
@click.option("--no-submit", is_flag=True, help="只改文件，先不报送 / only change the files")
@click.pass_obj
def handover(door: Door, leaving: str, successor: str, reason: str, until: str, no_submit: bool) -> None:
    """交接 / A leaves: open submissions, roles and duties pass to B; submitted as a change of settings."""
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        clone.me()
        desk = open_desk(clone, door.now())
        day = _day(until) if until else desk.policy.day(desk.now)
        done = hand_over(desk, leaving, successor, day, reason)
        for message in _said(done, leaving, successor):
            tell(door, message)
        if not no_submit:
            paths = set(done.paths)
            hand_in(door, clone, lambda path: path in paths, Wish(message=f"handover {leaving} {successor}"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GongkaiError(msg("{text} is not a date", text=text), msg("write it like 2026-03-01")) from None


def _said(done: Handover, leaving: str, successor: str) -> Iterator[Message]:
    for submission in done.submissions:
        yield msg(
            "{number} passes to {person}",
            number=submission.number,
            person=successor,
        )
    if done.roles:
        yield msg("{person} also becomes: {roles}", person=successor, roles=", ".join(done.roles))
    for duty in done.duties:
        yield msg("{duty}: {person} instead of {other}", duty=duty, person=successor, other=leaving)
    for path in done.paths:
        yield msg("written: {path}", path=path)
