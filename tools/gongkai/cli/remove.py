"""`gongkai remove`: what should never have been public goes, and the duty to report it is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from gongkai.cli.door import Door
from gongkai.cli.officer import MESSAGE, NO_SUBMIT, hand_in
from gongkai.cli.refusals import refusals_told, tell
from gongkai.gate.client import open_clone
from gongkai.gate.officer import Wish
from gongkai.gate.removal import GROUNDS
from gongkai.gate.removal import remove as write_notice
from gongkai.gate.working import key_of
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.report.escape import file_name

HOURS = timedelta(hours=24)


@click.command()
@click.argument("ident", metavar="ID")
@click.option(
    "--reason", required=True, type=click.Choice(list(GROUNDS)),
    help="个人信息、国家秘密或工作秘密、商业秘密、禁止发布的内容、有权机关要求 / why",
)  # fmt: skip
@click.option(
    "--ground",
    default="",
    metavar="TEXT",
    help="依据的条款，公众看得到 / the law's article, shown to the public",
)
@NO_SUBMIT
@MESSAGE
@click.pass_obj
def remove(door: Door, ident: str, reason: str, ground: str, no_submit: bool, message: str) -> None:
    """删除违法公开的信息 / Remove what should never have been public: page, files, lists; a notice stays in its place."""
    ground = ground.strip() or GROUNDS[reason]
    if not ground:
        raise GongkaiError(
            msg("an order needs its ground"),
            msg("write --ground with the authority, the kind of paper and its number; never what is removed"),
        )
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        now = door.now()
        done = write_notice(clone, ident, reason, ground, clone.gate.policy(now).day(now))
        for path in done.paths:
            tell(door, msg("written or taken away: {path}", path=path))
            if no_submit:
                click.echo(file_name(path))
        for duty in _duties(reason, (now + HOURS).astimezone(clone.gate.policy(now).zone)):
            tell(door, duty)
        if no_submit:
            tell(door, msg("nothing was submitted; `gongkai submit` does it"))
            return
        hand_in(door, clone, lambda path: key_of(path) == key_of(done.paths[0]), Wish("", message))
        tell(
            door,
            msg("call the reviewers now: it is public until they approve and the portal is published again"),
        )


def _duties(reason: str, until: datetime) -> Iterator[Message]:
    """What the law asks besides, and what this command cannot do."""
    until = until.replace(second=0, microsecond=0)
    if reason == "secret":
        yield msg(
            "REPORT: take remedial measures at once and report to the secrecy authority and your superior within 24 hours, "
            "by {until} at the latest (保守国家秘密法实施条例 第61条); keep the records (保守国家秘密法 第34条)", until=until,
        )  # fmt: skip
    elif reason == "personal_information":
        yield msg(
            "REPORT: take remedial measures at once, tell the authority for personal information and the persons concerned "
            "(个人信息保护法 第57条); report in your house within 24 hours, by {until} at the latest", until=until,
        )  # fmt: skip
    else:
        yield msg(
            "REPORT: tell your head and your superior within 24 hours, by {until} at the latest", until=until
        )
    yield msg("the 24 hours run from when it was found out; count from then if that was earlier")
    yield msg(
        "not reached from here: the text in git's history and in clones (the repository must stay private), backups, "
        "earlier releases on the web server, search engines' caches: have these cleared too"
    )  # fmt: skip
