"""`gongkai review list | show | approve | return`: what the reviewer does, on one screen and in one act."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.cli.refusals import refusals_told, tell
from gongkai.cli.review_json import rows_json, shown_json
from gongkai.cli.review_page import Pages, build_pages
from gongkai.cli.review_text import row_lines, shown_lines, submission_words
from gongkai.evidence.policy import HIGHER
from gongkai.gate.client import open_clone
from gongkai.gate.desk import Desk, open_desk, rows
from gongkai.gate.reviewer import Outcome, approve, remember, send_back
from gongkai.gate.shown import Shown, look
from gongkai.gate.worded import clean
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.report.escape import file_name

ORDER = "gongkai.review.order"


@click.group()
def review() -> None:
    """审核 / Review what was submitted: list, show, approve, return."""


@review.command("list")
@click.option("--all", "everything", is_flag=True, help="所有未办结的 / everything that is open")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def list_command(door: Door, everything: bool, form: str, now: str | None) -> None:
    """待我审核的报送件，最急的在前 / What is mine to decide now, what is due first on top."""
    desk = _desk(door, now, nameless=everything)
    found = rows(desk, everything=everything)
    if form == "json":
        click.echo(rows_json(door, desk, found))
        return
    for row in found:
        for line in row_lines(door, desk, row):
            click.echo(line)
    if not found:
        door.tell(msg("nothing is open") if everything else msg("nothing waits for you"))
    else:
        door.tell(msg("next: `gongkai review show NUMBER`"))


@review.command("show")
@click.argument("submission")
@click.option("--open", "open_", is_flag=True, help="在浏览器中打开页面 / open the page in the browser")
@click.option("--site-dir", type=click.Path(path_type=Path), help="页面放在哪里 / where to build the pages")
@click.option("--no-page", is_flag=True, help="不构建页面 / do not build the pages")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def show_command(
    door: Door, submission: str, open_: bool, site_dir: Path | None, no_page: bool, form: str, now: str | None
) -> None:
    """改了什么、查出什么、公众将看到什么 / What changes, what the check found, what the public will see."""
    desk = _desk(door, now, nameless=True)
    shown = look(desk, submission, door.lang)
    pages = Pages() if no_page else build_pages(desk, shown, site_dir)
    if form == "json":
        click.echo(shown_json(door, desk, shown, pages))
    else:
        for line in shown_lines(door, desk, shown):
            click.echo(line)
    # Only what has stood on the screen can be signed.
    remember(desk.clone, shown.submission)
    for words in pages.said:
        tell(door, words)
    if form == "text":
        for page in pages.paths:
            click.echo(file_name(str(page)))
    for words in _next(desk, shown):
        tell(door, words)
    if open_ and pages.paths:
        click.launch(str(pages.paths[0]))


def _next(desk: Desk, shown: Shown) -> Iterator[Message]:
    """What I may do with it; nothing is offered that would be refused."""
    number = shown.submission.number
    mine = desk.mine(shown.waiting)
    if shown.owed is not None and mine:
        yield msg("your second review: gongkai review approve {number}", number=number)
        yield msg("to refuse it, so that it must be withdrawn: gongkai review return {number} --reason TEXT", number=number)  # fmt: skip
    elif mine:
        if not shown.against and mine == (HIGHER,):
            yield msg("to let the review go on over the return: gongkai review approve {number} --reason TEXT", number=number)  # fmt: skip
        elif not shown.against:
            yield msg("to approve exactly this: gongkai review approve {number}", number=number)
        yield msg("to return it: gongkai review return {number} --reason TEXT", number=number)


@review.command("approve")
@click.argument("submission")
@click.option("--digest", default="", help="所见内容的摘要 / the digest that `show` printed")
@click.option("--step", default="", metavar="STEP", help="以哪个环节的身份 / which step to fill")
@click.option("--reason", default="", metavar="TEXT", help="越过他人退回的理由 / why, over another's return")
@click.pass_obj
def approve_command(door: Door, submission: str, digest: str, step: str, reason: str) -> None:
    """同意所见的内容 / Sign exactly what was shown. The last approval needed makes the server accept."""
    with refusals_told(door):
        outcome = approve(_desk(door), submission, digest, step, reason)
    _conclude(door, outcome)


class _InOrder(click.Command):
    """Remembers the order in which options were given: a --reason belongs to the --item before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


@review.command("return", cls=_InOrder)
@click.argument("submission")
@click.option("--reason", "reasons", multiple=True, required=True, metavar="TEXT", help="退回的理由 / why")
@click.option("--item", "items", multiple=True, metavar="ID", help="其后的理由是针对这一条的 / for this item")
@click.pass_context
def return_command(
    ctx: click.Context, submission: str, reasons: tuple[str, ...], items: tuple[str, ...]
) -> None:
    """退回，逐条说明理由 / Return it with reasons: --reason for all, --item ID --reason for one item."""
    door: Door = ctx.obj
    with refusals_told(door):
        outcome = send_back(_desk(door), submission, _by_item(ctx.meta[ORDER], reasons, items))
    _conclude(door, outcome)


def _by_item(order: list[str], reasons: tuple[str, ...], items: tuple[str, ...]) -> dict[str, str]:
    """Each reason with the item named last before it; before any item it is about all of them ("")."""
    said, named, current = iter(reasons), iter(items), ""
    found: dict[str, str] = {}
    for name in order:
        if name == "items":
            current = next(named)
            found.setdefault(current, "")
        elif name == "reasons":
            found[current] = "\n".join(t for t in (found.get(current, ""), next(said)) if t)
    bare = next((ident for ident, text in found.items() if not text.strip()), None)
    if bare is not None:
        raise GongkaiError(
            msg("{item} is named without a reason", item=bare),
            msg("write its reason after it: --item {item} --reason TEXT", item=bare),
        )
    return found


def _desk(door: Door, now: str | None = None, *, nameless: bool = False) -> Desk:
    clone = open_clone(door.root)
    if not nameless:
        clone.me()
    return open_desk(clone, door.now(now))


def _conclude(door: Door, outcome: Outcome) -> None:
    """The server's answer, then how the submission stands; the addresses of what was accepted on stdout."""
    for line in outcome.said.splitlines():
        click.echo(clean(line), err=True)
    tell(door, submission_words(outcome))
    for address in outcome.addresses:
        click.echo(file_name(address))
