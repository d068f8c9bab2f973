"""`gongkai import` and `gongkai new`: from what people have to items."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from gongkai.checks.portal import read_portal
from gongkai.cli.door import Door
from gongkai.cli.planned import plan_json, plan_words
from gongkai.intake.bulk import carry_out, prepare
from gongkai.intake.new import Wish, make_item
from gongkai.intake.plan import Plan
from gongkai.intake.refused import Refused
from gongkai.intake.table import Row
from gongkai.model.message import msg
from gongkai.report.escape import file_name, terminal


@click.command("import")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--map", "given", required=True, type=click.Path(path_type=Path), help="导入表 / the map of columns"
)
@click.option("--sheet", default="", help="工作表名称 / the worksheet of an .xlsx")
@click.option("--dry-run", is_flag=True, help="只看计划，不写文件 / show the plan only")
@click.option("--update", is_flag=True, help="来源有变的，改写原条目 / rewrite items whose source changed")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def import_command(
    door: Door, table: Path, given: Path, sheet: str, dry_run: bool, update: bool, format_: str
) -> None:
    """批量导入旧信息 / Bring in a table of old items (CSV, JSON Lines, XLSX): all or nothing."""
    portal = read_portal(door.tree(), now=door.now())
    try:
        plan = prepare(table, given, portal, sheet=sheet, watch=_bar)
    except Refused as refused:
        _show_problems(door, refused)
        raise
    written = 0 if dry_run else carry_out(plan, door.portal_root, update=update)
    if format_ == "json":
        click.echo(plan_json(plan, door.say, written=written, update=update), nl=False)
    else:
        _show_plan(door, plan, update)
    _conclude(door, plan, written, dry_run)


def _bar(rows: Sequence[Row]) -> Iterable[Row]:
    """A progress bar on stderr when that is a terminal."""
    return track(rows, description="", console=Console(stderr=True), disable=not sys.stderr.isatty())


def _show_problems(door: Door, refused: Refused) -> None:
    for problem in refused.problems:
        place = problem.place
        where = f"{place.path}:{place.line}:{place.column}"
        click.echo(terminal(f"{where}: {door.say(problem.says)}"), err=True)


def _show_plan(door: Door, plan: Plan, update: bool) -> None:
    for message in plan_words(plan, update=update):
        click.echo(terminal(door.say(message)))


def _conclude(door: Door, plan: Plan, written: int, dry_run: bool) -> None:
    rows, items = len(plan.planned) + len(plan.skipped), len(plan.planned)
    door.tell(
        msg(
            "{rows} rows: {items} items, {skipped} skipped", rows=rows, items=items, skipped=len(plan.skipped)
        )
    )
    if dry_run:
        door.tell(msg("nothing was written; run the command again without --dry-run"))
    elif not items:
        door.tell(msg("no row became an item; nothing was written"))
    elif written:
        door.tell(msg("{count} files were written; next: gongkai check", count=written))
    else:
        door.tell(msg("everything is there already; nothing was written"))


@click.command("new")
@click.argument("type_", metavar="TYPE")
@click.option("--department", "-d", required=True, help="科室代码 / the department's code")
@click.option("--title", default="", help="标题 / the title")
@click.option(
    "--from", "source", type=click.Path(path_type=Path), help="Word 文件 / a Word file (.docx, .doc)"
)
@click.option("--form", type=click.Choice(["md", "yml"]), default="md", show_default=True)
@click.option("--person", default="", help="信息员代码 / the officer's code")
@click.option("--now", metavar="TIME", help="以此时刻为准 / the moment to judge by (RFC 3339)")
@click.pass_obj
def new_command(
    door: Door,
    type_: str,
    department: str,
    title: str,
    source: Path | None,
    form: str,
    person: str,
    now: str | None,
) -> None:
    """新建一条信息 / Make a new item's file, ready to be filled; prints its path."""
    portal = read_portal(door.tree(), now=door.now(now))
    wish = Wish(type_, department, title, "yml" if form == "yml" else "md", person, source)
    made = make_item(wish, portal, door.portal_root, door.say)
    click.echo(file_name(str(door.portal_root / made.path)))
    for note in made.notes:
        door.tell(msg("  · {note}", note=note))
    door.tell(
        msg(
            "{id} was made: fill in what is marked, then run `gongkai check {path}`",
            id=made.item_id,
            path=made.path,
        )
    )
