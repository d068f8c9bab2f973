"""`gongkai people`: an officer leaves and another takes over; keys are listed, and declared void at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import click

from gongkai.cli.door import Door
from gongkai.cli.officer import hand_in
from gongkai.cli.refusals import refusals_told, tell
from gongkai.evidence.policy import key_body
from gongkai.gate.client import open_clone
from gongkai.gate.desk import open_desk
from gongkai.gate.handover import Handover, hand_over
from gongkai.gate.officer import Wish
from gongkai.gate.revocation import revoke_from, shortened
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg


@click.group()
def people() -> None:
    """人员 / People: who leaves hands over to a successor; a lost key is revoked."""


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


@people.command()
@click.argument("person", metavar="PERSON")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="END",
    help="哪一把密钥：写末尾几位 / which key: its last characters",
)
@click.option("--reason", required=True, metavar="TEXT", help="原因，如“电脑丢失” / why")
@click.pass_obj
def revoke(door: Door, person: str, keys: tuple[str, ...], reason: str) -> None:
    """吊销密钥，立即生效 / Declare a person's keys void, at once: an administrator alone, or the owner."""
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        clone.me()
        done = revoke_from(clone, person, keys, reason, door.now())
    for key in done.keys:
        click.echo(key)
        tell(door, msg("revoked: {person}, {key}; from now on it is good for nothing", person=person, key=shortened(key)))  # fmt: skip
    for submission in done.submissions:
        tell(door, msg("{number}: what was signed with it there no longer counts", number=submission.number))
    if done.administrators < 2:
        tell(
            door,
            msg(
                "WARNING: {count} administrators have a good key; two are needed to change settings",
                count=done.administrators,
            ),
        )
    tell(door, msg("next: take the login key off the server, and put a new signing key into people.yml"))


@people.command("keys")
@click.argument("person", metavar="PERSON", required=False)
@click.pass_obj
def keys_command(door: Door, person: str | None) -> None:
    """列出密钥 / List signing keys, and which of them are void."""
    clone = open_clone(door.portal_root)
    policy, revoked = clone.gate.policy(door.now()), clone.gate.state.revoked
    if person is not None and person not in policy.people:
        raise GongkaiError(
            msg("there is no person {value}", value=person),
            msg("choose one of: {choices}", choices=", ".join(policy.people)),
        )
    for code, who in policy.people.items():
        for key in dict.fromkeys(key_body(k) for k in who.keys) if person in (None, code) else ():
            when = revoked.get(key)
            state = msg("void since {time}", time=when.astimezone(policy.zone)) if when else msg("good")
            click.echo(f"{code}\t{shortened(key)}\t{door.say(state)}")
