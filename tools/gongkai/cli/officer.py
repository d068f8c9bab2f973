"""The officer's commands: `setup`, `submit`, `status`, `update`, `cancel`, `withdraw`, `replace`."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gongkai.cli.door import Door
from gongkai.cli.officer_text import receipt_data, receipt_lines, standing_lines, standings_data
from gongkai.cli.refusals import refusals_told, tell, tell_findings
from gongkai.gate import takedown
from gongkai.gate.client import Clone, open_clone
from gongkai.gate.desk import open_desk
from gongkai.gate.drafting import Wanted
from gongkai.gate.officer import Prepared, Sent, Wish, prepare, send
from gongkai.gate.officer import cancel as cancel_submission
from gongkai.gate.setup import Ready
from gongkai.gate.setup import setup as set_up
from gongkai.gate.status import standings
from gongkai.gate.update import Updated
from gongkai.gate.update import update as bring_up
from gongkai.gate.working import key_of
from gongkai.items.config import read_settings
from gongkai.model.errors import GongkaiError
from gongkai.model.item import ID_PATTERN
from gongkai.model.message import Message, msg
from gongkai.model.settings import words
from gongkai.report.escape import file_name, json_text, terminal
from gongkai.store.catalogue import Catalogue
from gongkai.store.tree import CommitTree

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
NO_SUBMIT = click.option("--no-submit", is_flag=True, help="只改文件，先不报送 / only change the files")
MESSAGE = click.option("--message", "-m", default="", help="附言 / a word about it, for the record")


@click.command()
@click.argument("url")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--person", default="", metavar="CODE", help="我是谁 / who works here, by the code of people.yml"
)
@click.option(
    "--key", type=click.Path(path_type=Path), help="已有的签名私钥 / a private key that exists already"
)
@click.pass_obj
def setup(door: Door, url: str, folder: Path | None, person: str, key: Path | None) -> None:
    """第一次使用 / Clone the server's repository URL (or `.`: the clone I stand in), say who I am, make my key."""
    with refusals_told(door):
        place = str(door.root) if url == "." else url
        ready = set_up(place, folder, person, key, lambda people: _asked(door, people), door.now())
    _tell_setup(door, ready)
    click.echo(terminal(ready.public))


def _asked(door: Door, people: Mapping[str, Mapping[str, Any]]) -> str:
    """Ask who works here; nobody is asked unless both ends are a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ""
    tell(door, msg("Who works in this folder?"))
    for code, row in people.items():
        title = words(row.get("title"))
        tell(door, msg("  {code}  {title}", code=code, title=title or code))
    answer: str = click.prompt(
        door.say(msg("your code")), type=click.Choice(list(people)), show_choices=False, err=True
    )
    return answer


def _tell_setup(door: Door, ready: Ready) -> None:
    tell(door, msg("{folder}: {person} works here", folder=str(ready.folder), person=ready.person))
    if ready.made:
        tell(
            door,
            msg("a key was made: {path} (keep it to yourself; it has no passphrase)", path=str(ready.key)),
        )
    else:
        tell(door, msg("the key is {path}", path=str(ready.key)))
    if ready.registered:
        tell(door, msg("the server knows your key: `gongkai submit` and `gongkai status` work here"))
        return
    tell(
        door,
        msg("the server does not know your key yet; an administrator adds it in site_config/people.yml,"),
    )
    tell(
        door,
        msg(
            "  below `- code: {person}`, as the line under this one, and submits the file:",
            person=ready.person,
        ),
    )
    click.echo(terminal(f"    {ready.line}"), err=True)
    tell(door, msg("your public key, to send to the administrator (it is no secret):"))


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--name", default="", help="分支名 / the branch's name (default: the first item's id)")
@MESSAGE
@click.option(
    "--submission", default="", metavar="NUMBER", help="接着这一件报送 / go on with this submission"
)
@FORMAT
@click.pass_obj
def submit(door: Door, paths: tuple[str, ...], name: str, message: str, submission: str, form: str) -> None:
    """报送 / Check what I changed, sign it, hand it in; prints the receipt. PATHS: files, folders or ids."""
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        clone.me()
        wish = Wish(name, message, submission.upper())
        hand_in(door, clone, _wanted(door, paths), wish, form)


def hand_in(door: Door, clone: Clone, wanted: Wanted, wish: Wish, form: str = "text") -> None:
    """Check, sign, push, and show each receipt; around it stands `refusals_told`."""
    prepared = prepare(clone, wanted, wish, door.now())
    _tell_prepared(door, prepared)
    if not prepared.ready and not prepared.plan.already:
        raise GongkaiError(
            msg("there is nothing to submit: no item differs from what is published"),
            msg("`gongkai new` makes a new item; `gongkai status` shows what was submitted"),
        )
    sent: list[Sent] = []
    try:
        for one in send(clone, prepared, door.now()):
            sent.append(one)
            _tell_sent(door, prepared, one, form)
    finally:
        if form == "json":
            data = {"schema_version": 1, "receipts": [receipt_data(s) for s in sent]}
            click.echo(json_text(data))


def _tell_prepared(door: Door, prepared: Prepared) -> None:
    for old, new in prepared.renamed.items():
        tell(door, _renamed(old, new))
    for path in prepared.plan.strays:
        tell(door, msg("left out: {path} belongs to no item", path=path))
    for message in prepared.warned:
        tell(door, message)


def _tell_sent(door: Door, prepared: Prepared, sent: Sent, form: str) -> None:
    tell_findings(door, sent.findings)
    for line in receipt_lines(door, prepared.zone, sent):
        click.echo(line, err=True)
    if form == "text":
        click.echo(sent.receipt.number)


def _wanted(door: Door, paths: tuple[str, ...]) -> Wanted:
    """Which changed paths are asked for: all, or those of the items, files and folders named. Items go whole."""
    if not paths:
        return lambda path: True
    names = [_named(door, p) for p in paths]
    keys = {key_of(n) for n in names} - {""}
    folders = tuple(n.rstrip("/") + "/" for n in names)
    return lambda path: "." in names or path in names or path.startswith(folders) or key_of(path) in keys


def _named(door: Door, path: str) -> str:
    """The path as git writes it, from a path as seen from here or from the portal's folder, or from an item's id."""
    root = Path(posixpath.normpath(door.root.absolute().as_posix()))
    match = ID_PATTERN.match(path)
    if match and not Path(path).exists():
        return f"content/{match['department']}/{match['year']}/{path}.md"
    places = [Path(posixpath.normpath(p.as_posix())) for p in (Path(path).absolute(), root / path)]
    there = [p for p in places if p.exists() or p.is_symlink()]
    if not there:
        raise GongkaiError(
            msg("{path} is not there", path=path), msg("check the name; paths may be files or folders")
        )
    normal = next((p for p in there if p.is_relative_to(root)), None)
    if normal is None:
        raise GongkaiError(
            msg("{path} is not in the portal {folder}", path=path, folder=str(root)),
            msg("name the portal's folder with --root"),
        )
    return normal.relative_to(root).as_posix()


@click.command()
@click.option("--all", "everything", is_flag=True, help="包括早已办结的 / also what was decided long ago")
@click.option("--department", default="", metavar="CODE", help="哪个科室 / which department (default: mine)")
@FORMAT
@click.pass_obj
def status(door: Door, everything: bool, department: str, form: str) -> None:
    """报送件的状态 / How my department's submissions stand: waiting for whom, returned why, published where."""
    clone = open_clone(door.portal_root)
    me = clone.me().person if not department else ""
    desk = open_desk(clone, door.now())
    mine = department or (desk.policy.people[me].department if me in desk.policy.people else "")
    rows = standings(desk, mine, everything=everything)
    if form == "json":
        click.echo(json_text(standings_data(door, desk, rows)))
        return
    for row in rows:
        for line in standing_lines(door, desk, row):
            click.echo(line)
    if not rows:
        tell(door, msg("{department} has submitted nothing lately", department=mine))


@click.command()
@click.pass_obj
def update(door: Door) -> None:
    """更新 / Bring my folder up to what is published; what I changed stays, or is merged and kept aside."""
    with refusals_told(door):
        done = bring_up(open_clone(door.portal_root), door.now())
    for message in _updated(done):
        tell(door, message)


def _updated(done: Updated) -> Iterator[Message]:
    yield msg("{count} files were brought up to what is published", count=done.followed)
    for old, new in done.renamed.items():
        yield _renamed(old, new)
    for path in done.mine:
        yield msg("  yours, as it was: {path}", path=path)
    for path, kept in done.merged.items():
        yield msg(
            "  both changes are now in {path}: read it once more (yours alone: {kept})", path=path, kept=kept
        )
    for path, kept in done.replaced.items():
        yield msg(
            "  {path} is now the published one; put your change in again from {kept}", path=path, kept=kept
        )
    if done.branch:
        yield msg("your own commits are kept on the branch {branch}", branch=done.branch)


def _renamed(old: str, new: str) -> Message:
    return msg(
        "{old} belongs to somebody else's item: yours is now {new} (file, folder, references)",
        old=old,
        new=new,
    )


@click.command()
@click.argument("submission")
@click.pass_obj
def cancel(door: Door, submission: str) -> None:
    """撤回报送件 / Take a submission back before it is accepted; my files stay as they are."""
    with refusals_told(door):
        done = cancel_submission(open_clone(door.portal_root), submission.upper(), door.now())
    tell(door, msg("{number} is taken back; your files are as they were", number=done.number))
    click.echo(done.number)


@click.command()
@click.argument("ident", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="撤下原因，一句话 / why, in a few words")
@click.option("--explanation", required=True, metavar="TEXT", help="向公众的说明 / what the public is told")
@click.option("--replaced-by", default="", metavar="ID", help="替代它的条目 / the item that takes its place")
@NO_SUBMIT
@MESSAGE
@click.pass_obj
def withdraw(
    door: Door, ident: str, reason: str, explanation: str, replaced_by: str, no_submit: bool, message: str
) -> None:
    """撤下已发布的信息 / Take a published item down: its page stays with a banner. Submitted like any other change."""
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        done = takedown.withdraw(clone, ident, reason, explanation, replaced_by)
        _taken_down(door, clone, done, no_submit, message)


@click.command()
@click.argument("ident", metavar="ID")
@click.option(
    "--with", "new", required=True, metavar="NEWID", help="新的条目 / the item that takes its place"
)
@click.option("--reason", default="", metavar="TEXT", help="撤下原因 / why, in a few words")
@click.option("--explanation", default="", metavar="TEXT", help="向公众的说明 / what the public is told")
@NO_SUBMIT
@MESSAGE
@click.pass_obj
def replace(
    door: Door, ident: str, new: str, reason: str, explanation: str, no_submit: bool, message: str
) -> None:
    """以新代旧 / Put a new item in the place of an old one: both name each other. Submitted like any other change."""
    with refusals_told(door):
        clone = open_clone(door.portal_root)
        say = Catalogue(_language(clone)).say
        done = takedown.replace(
            clone,
            ident,
            new,
            reason or say(msg("replaced by a newer item")),
            explanation or say(msg("Please see “{title}”.")),
        )
        _taken_down(door, clone, done, no_submit, message)


def _language(clone: Clone) -> str:
    """What the public reads is in the portal's language, not in the officer's."""
    return read_settings(CommitTree(clone.folder, clone.gate.state.main))[0].language


def _taken_down(door: Door, clone: Clone, done: takedown.Written, no_submit: bool, message: str) -> None:
    for path in done.paths:
        tell(door, msg("written: {path}", path=path))
        if no_submit:
            click.echo(file_name(path))
    for ident in done.elsewhere:
        tell(
            door,
            msg(
                "{item} is another department's: ask its officer to run `gongkai withdraw {item}`", item=ident
            ),
        )
    if no_submit:
        tell(door, msg("nothing was submitted; `gongkai submit` does it"))
        return
    keys = {key_of(p) for p in done.paths}
    hand_in(door, clone, lambda path: key_of(path) in keys, Wish("", message))
