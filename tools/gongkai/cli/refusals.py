"""A refusal at the door: every reason, every finding with what to do, and exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from gongkai.cli.door import Door
from gongkai.gate.refusal import Refused
from gongkai.gate.worded import clean
from gongkai.model.errors import Exit
from gongkai.model.finding import Finding, Report
from gongkai.model.message import Message, msg
from gongkai.report.formats import text
from gongkai.report.shown import Sheet


@contextmanager
def refusals_told(door: Door) -> Iterator[None]:
    """Around an act that the gate may refuse."""
    try:
        yield
    except Refused as refused:
        tell(door, msg("error: {says}", says=refused.says))
        for reason in refused.reasons:
            click.echo(f"  - {clean(door.say(reason))}", err=True)
        tell_findings(door, refused.findings)
        click.echo(f"  → {clean(door.say(refused.hint))}", err=True)
        raise SystemExit(Exit.FINDINGS) from refused


def tell(door: Door, words: Message) -> None:
    """One line on stderr; what others wrote in it is shown, never obeyed by the terminal."""
    click.echo(clean(door.say(words)), err=True)


def tell_findings(door: Door, findings: tuple[Finding, ...]) -> None:
    """Findings as `check` prints them, on stderr."""
    if findings:
        click.echo(text(Sheet(Report.of(findings), door.say, {})), err=True, nl=False)
