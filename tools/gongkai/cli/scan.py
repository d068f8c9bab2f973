"""`gongkai scan`: the stock of published items against the rules of today, as an issue list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from gongkai.checks.portal import read_portal
from gongkai.checks.run import run
from gongkai.cli.door import Door
from gongkai.model.errors import Exit
from gongkai.model.finding import Severity
from gongkai.model.message import Message, msg
from gongkai.report.escape import csv_text, json_text, terminal
from gongkai.store.kept import kept_for
from gongkai.store.state import state_file
from gongkai.supervise.scan import MENDED, OVERDUE, Issue, read_list, scan, wanted, write_list

HEADER = tuple(Issue.__dataclass_fields__)


@click.command("scan")
@click.option(
    "--commit",
    metavar="REV",
    help="查某个提交 / a commit instead of the folder (a bare repository: its main)",
)
@click.option("--repo", type=click.Path(path_type=Path), help="（裸）仓库 / a repository, may be bare")
@click.option("--rules", metavar="PRV,SEC,…", default="", help="只查这些规则 / only these families of rules")
@click.option("--least", type=click.Choice(["error", "warning"]), default="error", show_default=True)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@click.option("--all", "everything", is_flag=True, help="已整改的也列出 / list what was mended, too")
@click.option(
    "--state", type=click.Path(path_type=Path), help="问题清单文件 / where the list is kept between scans"
)
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def scan_command(
    door: Door,
    commit: str | None,
    repo: Path | None,
    rules: str,
    least: str,
    form: str,
    everything: bool,
    state: Path | None,
    now: str | None,
) -> None:
    """重新检查已公开的全部信息，列出问题、责任人和期限 / Look at all that is published again: an issue list."""
    moment = door.now(now)
    tree = door.tree(commit or ("refs/heads/main" if repo else None), repo)
    portal = read_portal(tree, now=moment, changed=frozenset(), kept=kept_for(repo or door.root))
    families = [name.strip().upper() for name in rules.split(",") if name.strip()]
    report = wanted(families, Severity(least), run(portal))
    path = state or state_file(repo or door.root, "issues.json")
    issues = scan(report, portal, read_list(path), door.say)
    write_list(path, issues, moment)
    shown = [i for i in issues if everything or i.state != MENDED]
    click.echo(_FORMS[form](shown, door, moment), nl=False)
    late = sum(i.state == OVERDUE for i in issues)
    open_ = [i for i in issues if i.state != MENDED]
    door.tell(
        msg(
            "{items} published items scanned: {open} issues, {late} of them overdue; the list is kept in {path}",
            items=len(portal.corpus.items),
            open=len(open_),
            late=late,
            path=str(path),
        )
    )
    if open_:
        raise SystemExit(Exit.FINDINGS)


def _text(issues: Iterable[Issue], door: Door, _now: datetime) -> str:
    lines: list[str] = []
    for i in issues:
        lines.append(f"{i.path}:{i.line}: {i.code} {i.message}")
        owner = "、".join(i.owner) if door.lang.startswith("zh") else ", ".join(i.owner)
        says = msg(
            "{state}: {owner}, listed on {listed}, to be mended by {due}",
            state=_STATES[i.state],
            owner=owner or msg("nobody in office"),
            listed=i.listed,
            due=i.due,
        )
        lines += [f"    → {i.title}: {door.say(says)}", f"    → {i.hint}"]
    return "".join(f"{terminal(line)}\n" for line in lines)


_STATES: dict[str, Message] = {"open": msg("open"), "overdue": msg("overdue"), "mended": msg("mended")}


def _json(issues: Iterable[Issue], _door: Door, now: datetime) -> str:
    rows = [asdict(i) for i in issues]
    return json_text({"schema_version": 1, "scanned": now.isoformat(), "issues": rows}, indent=1) + "\n"


def _csv(issues: Iterable[Issue], _door: Door, _now: datetime) -> str:
    rows = ([str(_cell(getattr(i, name))) for name in HEADER] for i in issues)
    return csv_text([HEADER, *rows])


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value


_FORMS = {"text": _text, "json": _json, "csv": _csv}
