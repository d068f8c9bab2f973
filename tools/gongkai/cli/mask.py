"""`gongkai mask`: a copy of a file with the numbers of persons starred out."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.checks.personal_kinds import Kind
from gongkai.cli.door import Door
from gongkai.intake.mask import PLAIN, Copy, mask_plain
from gongkai.intake.mask_office import mask_office
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import N_, Message, msg
from gongkai.store.files import create_new

OFFICE = frozenset({".docx", ".xlsx"})
KINDS = {
    Kind.IDENTITY: N_("identity number"), Kind.MISTYPED: N_("identity number"), Kind.PERMIT: N_("permit number"),
    Kind.PASSPORT: N_("passport number"), Kind.BANK: N_("bank account"), Kind.MOBILE: N_("mobile number"),
    Kind.PLATE: N_("number plate"), Kind.HOME: N_("home address"), Kind.HARDSHIP: N_("name"),
    Kind.HARDSHIP_LIST: N_("name"), Kind.CHILD: N_("name"),
}  # fmt: skip


@click.command("mask")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(path_type=Path), help="副本的文件名 / the copy's name (FILE-masked)"
)
@click.option("--names", is_flag=True, help="名单里的姓名也掩码：张* / mask the names of lists as well")
@click.pass_obj
def mask_command(door: Door, file: Path, output: Path | None, names: bool) -> None:
    """生成掩码副本 / Make a masked copy of a text, Markdown, CSV, XLSX or DOCX file; the original stays as it is."""
    target = output or file.with_name(f"{file.stem}-masked{file.suffix}")
    copy = _masked(file, names=names)
    for row in copy.rows:
        click.echo(
            f"{row.where}\t{door.say(Message(KINDS[row.kind] if row.kind else N_('name')))}\t{row.shown}"
        )
    for words in copy.left:
        door.tell(words)
    if not copy.rows:
        door.tell(msg("nothing to mask was found; no copy was made"))
        return
    if not create_new(target, copy.data):
        raise GongkaiError(
            msg("{path} is there already and is not overwritten", path=str(target)),
            msg("give the copy another name with --output"),
        )
    door.tell(msg("{count} places were masked; the copy is {path}", count=len(copy.rows), path=str(target)))
    door.tell(msg("read the copy before you publish it: what only a human sees was not masked"))


def _masked(file: Path, *, names: bool) -> Copy:
    if not file.is_file():
        raise GongkaiError(msg("{path} is not there", path=str(file)), msg("check the name"))
    suffix = file.suffix.lower()
    if suffix in PLAIN:
        return mask_plain(file, names=names)
    if suffix in OFFICE:
        return mask_office(file, names=names)
    raise GongkaiError(
        msg("files that end in {ending} cannot be masked", ending=suffix or "-"),
        msg("save it as .docx, .xlsx, .csv or text in Word, Excel or WPS, and mask that"),
        Exit.WRONG_USE,
    )
