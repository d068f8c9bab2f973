"""`gongkai clean`: a copy of an attachment without what nobody sees on its pages."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.intake.clean import clean
from gongkai.model.errors import Exit
from gongkai.model.message import msg


@click.command("clean")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), help="副本的位置 / where the copy goes")
@click.pass_obj
def clean_command(door: Door, file: Path, output: Path | None) -> None:
    """清除附件里看不见的内容，另存一份 / A copy of an attachment without its hidden traces; prints its path."""
    done = clean(file, output)
    click.echo(str(done.path))
    for words in done.removed:
        door.tell(msg("  - taken out: {what}", what=words))
    for words in done.left:
        door.tell(msg("  ! still in it: {what}", what=words))
    if not done.removed and not done.left:
        door.tell(msg("there was nothing to take out; the copy says the same"))
    elif done.left:
        door.tell(msg("take out the rest by hand, in the program the file was made with"))
    else:
        door.tell(
            msg("look through the copy, then put it in the file's place; the file itself was not changed")
        )
    if done.left:
        raise click.exceptions.Exit(Exit.FINDINGS)
