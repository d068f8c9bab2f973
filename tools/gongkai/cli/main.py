"""The command `gongkai`: its global options, and commands that are imported only when they are called."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from gongkai import __version__
from gongkai.cli.door import Door, errors_shown
from gongkai.model.message import N_, Message
from gongkai.store.catalogue import Catalogue
from gongkai.store.environment import clean_environment

COMMANDS = {
    "init": ("portal", "init", N_("make a fresh portal in a folder")),
    "new": ("intake", "new_command", N_("make a new item's file, to be filled")),
    "import": ("intake", "import_command", N_("bring in a table of old items")),
    "clean": ("clean", "clean_command", N_("a copy of an attachment without its hidden traces")),
    "mask": ("mask", "mask_command", N_("make a masked copy of a list or text")),
    "check": ("check", "check", N_("check items and settings")),
    "scan": ("scan", "scan_command", N_("look at all that is published again: an issue list")),
    "links": ("links", "links", N_("links to other sites: a list, or a check that they still answer")),
    "explain": ("check", "explain", N_("what a rule asks, and why")),
    "deadline": ("deadline", "deadline", N_("when something is due, day by day")),
    "setup": ("officer", "setup", N_("make a clone of the server's portal one's own, with a key to sign")),
    "submit": ("officer", "submit", N_("hand items in for review and get a receipt")),
    "status": ("officer", "status", N_("where the submissions stand, and who is to act")),
    "update": ("officer", "update", N_("bring the working copy up to what is accepted")),
    "cancel": ("officer", "cancel", N_("take back a submission that is not decided yet")),
    "withdraw": ("officer", "withdraw", N_("take a published item down, with the reason on its page")),
    "replace": ("officer", "replace", N_("put a new item in an old one's place")),
    "remove": (
        "remove",
        "remove",
        N_("remove what should never have been public; a notice stays in its place"),
    ),
    "review": ("review", "review", N_("what is to be decided: list, show, approve, return")),
    "gate": ("gate", "gate", N_("on a forge: the ruling on a pull request, the ledger after the merge")),
    "server": ("server", "server", N_("the server's repository: init, settle, doctor, published")),
    "audit": ("audit", "audit_command", N_("verify everything that was ever accepted")),
    "evidence": ("audit", "evidence", N_("the chain of proof of one item")),
    "people": ("people", "people", N_("who leaves hands over to a successor")),
    "build": ("build", "build", N_("build the public portal")),
    "publish": ("publish", "publish", N_("verify, build and switch: visitors see one whole release")),
    "releases": ("publish", "releases", N_("the releases, and which one visitors see")),
    "rollback": ("publish", "rollback", N_("let visitors see an older release at once")),
    "send": ("sending", "send", N_("send a release to another host: rsync, S3")),
    "backup": ("backup", "backup", N_("save everything in one dated folder, and prove it")),
    "restore": ("backup", "restore", N_("make the server again from a backup")),
    "doctor": ("doctor", "doctor", N_("is all there, right and recent: what is wrong, and what to do")),
    "site": ("site", "site", N_("the whole site for the web server")),
    "headers": ("headers", "headers", N_("the security headers for the web server")),
    "redirects": ("redirects", "redirects", N_("where old addresses lead, for the web server")),
    "preview": ("preview", "preview", N_("see the pages while you write, with what is to be mended")),
    "serve": ("build", "serve", N_("show a built portal in the browser")),
}


class Lazy(click.Group):
    """A group that imports a command's module only when the command is called: start-up stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of an officer's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"gongkai.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the reader's language, without importing any of them."""
        say = Catalogue(_language(ctx.params.get("lang"))).say
        with formatter.section(say(Message(N_("Commands")))):
            formatter.write_dl([(name, say(Message(words))) for name, (_, _, words) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Every command runs inside the one error context."""
        with errors_shown(_door(ctx)):
            return super().invoke(ctx)


def _language(given: str | None) -> str:
    return given or os.environ.get("GONGKAI_LANG") or "zh"


def _door(ctx: click.Context) -> Door:
    if ctx.obj is None:
        root = Path(ctx.params.get("root") or ".")
        ctx.obj = Door(root, _language(ctx.params.get("lang")))
    door: Door = ctx.obj
    return door


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root", type=click.Path(path_type=Path), help="门户所在文件夹 / the portal's folder (default: .)"
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), is_eager=True, help="语言 / language (GONGKAI_LANG; zh)"
)
@click.version_option(__version__, package_name="gongkai")
@click.pass_context
def cli(ctx: click.Context, root: Path | None, lang: str | None) -> None:
    """公开：先审查，后发布；谁发布，谁负责。.

    Gongkai publishes information on time, only after review, and can prove both.
    """
    clean_environment()
    _door(ctx)
