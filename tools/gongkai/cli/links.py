"""`gongkai links`: the links to other hosts; with `--external` each one is asked whether it still answers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from gongkai import __version__
from gongkai.checks.portal import Portal, read_portal
from gongkai.cli.door import Door
from gongkai.model.errors import Exit
from gongkai.model.message import Message, msg
from gongkai.report.escape import csv_text, json_text, terminal
from gongkai.store.asking import Asker
from gongkai.store.state import state_file
from gongkai.supervise.outside import (
    BROKEN,
    ELSEWHERE,
    UNCLEAR,
    Known,
    Manners,
    Outside,
    State,
    ask_all,
    due,
    judged,
    outside_links,
    read_state,
    to_ask,
    write_state,
)

AGENT = f"gongkai-links/{__version__}"
HEADER = (
    "state",
    "url",
    "status",
    "fault",
    "final",
    "id",
    "title",
    "department",
    "path",
    "line",
    "first_broken",
    "due",
)


@click.command()
@click.option("--external", is_flag=True, help="逐个访问 / ask each address whether it still answers")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@click.option("--all", "everything", is_flag=True, help="正常的也列出 / list those that are well, too")
@click.option("--state", type=click.Path(path_type=Path), help="记录文件 / where earlier answers are kept")
@click.option(
    "--age", type=click.IntRange(0), default=7, show_default=True, help="几天后重查 / days until asked again"
)
@click.option(
    "--delay", type=click.FloatRange(0), default=1.0, show_default=True, help="同一网站间隔秒数 / seconds"
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=20.0, show_default=True, help="最多等几秒 / seconds"
)
@click.option("--inner", is_flag=True, help="内网地址也访问 / also ask addresses of the own network")
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def links(
    door: Door,
    external: bool,
    form: str,
    everything: bool,
    state: Path | None,
    age: int,
    delay: float,
    timeout: float,
    inner: bool,
    now: str | None,
) -> None:
    """站外链接：清单与巡检 / Links to other sites: a list, or with --external a check. Never part of the gate."""
    moment = door.now(now)
    portal = read_portal(door.tree(), now=moment)
    rows = list(outside_links(portal))
    path = state or state_file(door.root, "links.json")
    known = read_state(path)
    if external:
        asker = Asker(AGENT, seconds=timeout, inner=inner)
        known = _asked(
            door, rows, known, moment, timedelta(days=age), asker, Manners(delay, time.sleep, AGENT)
        )
        write_state(path, known)
    shown = [r for r in rows if everything or not external or _is_bad(known.get(r.url))]
    click.echo(_FORMS[form]([_row(r, known.get(r.url), portal) for r in shown], door), nl=False)
    broken = {r.url for r in rows if (k := known.get(r.url)) and k.state == BROKEN}
    if external:
        door.tell(
            msg(
                "{links} links to other sites, {broken} of them broken",
                links=len({r.url for r in rows}),
                broken=len(broken),
            )
        )
        if broken:
            raise SystemExit(Exit.FINDINGS)
    else:
        door.tell(
            msg(
                "{links} links to other sites; --external asks each whether it answers",
                links=len({r.url for r in rows}),
            )
        )


def _asked(
    door: Door,
    rows: list[Outside],
    known: State,
    now: datetime,
    age: timedelta,
    asker: Asker,
    manners: Manners,
) -> State:
    """What is known after this run; addresses that no item has any more are forgotten."""
    urls = {r.url: None for r in rows}
    chosen = to_ask(urls, known, now, age)
    door.tell(msg("{count} addresses are asked", count=len(chosen)))
    answers = ask_all(chosen, asker, manners)
    kept = {url: k for url, k in known.items() if url in urls}
    return kept | {url: judged(url, a, known.get(url), now) for url, a in answers.items()}


def _is_bad(known: Known | None) -> bool:
    return known is not None and known.state in (BROKEN, ELSEWHERE, UNCLEAR)


def _row(link: Outside, known: Known | None, portal: Portal) -> dict[str, Any]:
    return {
        "state": known.state if known else "",
        "url": link.url,
        "status": known.status if known else 0,
        "fault": known.fault if known else "",
        "final": known.final if known and known.final != link.url else "",
        "id": link.item.id,
        "title": link.item.title,
        "department": link.item.text("department"),
        "path": link.place.path,
        "line": link.place.line,
        "first_broken": known.first_broken if known else "",
        "due": due(known, portal).isoformat() if known and known.first_broken else "",
    }


def _text(rows: list[dict[str, Any]], door: Door) -> str:
    return "".join(f"{line}\n" for row in rows for line in _lines(row, door))


def _lines(row: dict[str, Any], door: Door) -> Iterable[str]:
    words = door.say(_WORDS[row["state"]]) if row["state"] in _WORDS else ""
    cause = door.say(_FAULTS[row["fault"]]) if row["fault"] in _FAULTS else str(row["status"] or "")
    head = f"{row['path']}:{row['line']}: {row['url']}"
    yield terminal(f"{head}  {words} {cause}".rstrip())
    if row["first_broken"]:
        says = msg(
            "first seen {first}, to be mended by {due}", first=row["first_broken"][:10], due=row["due"]
        )
        yield terminal(f"    → {row['title']}: {door.say(says)}")


_WORDS: dict[str, Message] = {
    "ok": msg("answers"),
    "broken": msg("is broken:"),
    "elsewhere": msg("now leads to another site:"),
    "unclear": msg("cannot be told:"),
}
_FAULTS: dict[str, Message] = {
    "name": msg("there is no such host"),
    "refused": msg("the host refuses the connection"),
    "tls": msg("the host's certificate is not valid"),
    "time": msg("no answer in time"),
    "loop": msg("it redirects in a circle"),
    "inner": msg("it is an address of an inner network"),
    "broken": msg("the answer makes no sense"),
    "robots": msg("the host asks not to be visited by programs (robots.txt)"),
}


def _json(rows: list[dict[str, Any]], _door: Door) -> str:
    return json_text({"schema_version": 1, "links": rows}) + "\n"


def _csv(rows: list[dict[str, Any]], _door: Door) -> str:
    return csv_text([HEADER, *([str(row[name]) for name in HEADER] for row in rows)])


_FORMS = {"text": _text, "json": _json, "csv": _csv}
