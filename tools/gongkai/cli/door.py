"""What every command is handed: where the portal is, how to speak, what time it is; and the one error context."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.report.escape import terminal
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.logfile import write_bug

if TYPE_CHECKING:
    from gongkai.store.kept import Kept
    from gongkai.store.tree import Tree

MARKERS = ("site_config/portal.yml", "mkdocs.yml")


@dataclass
class Door:
    """The context object of every command (`@click.pass_obj`)."""

    root: Path
    lang: str = "zh"

    @cached_property
    def catalogue(self) -> Catalogue:
        """Messages in the reader's language."""
        return Catalogue(self.lang)

    def say(self, message: Message) -> str:
        """The message in the reader's language."""
        return self.catalogue.say(message)

    def tell(self, message: Message) -> None:
        """Say it on stderr: words never mix with data on stdout, and what others wrote in them is only shown."""
        click.echo(terminal(self.say(message)), err=True)

    def now(self, text: str | None = None) -> datetime:
        """The moment given by `--now`, or the clock's."""
        return clock.parse(text) if text else clock.now()

    @property
    def portal_root(self) -> Path:
        """The portal's folder; GongkaiError (exit 2) when there is no portal there."""
        if not (self.root / MARKERS[0]).is_file():
            raise GongkaiError(
                msg("{folder} is not a portal: it has no {file}", folder=str(self.root), file=MARKERS[0]),
                msg(
                    "change into the portal's folder, name it with --root, or make one with `gongkai init DIR`"
                ),
            )
        return self.root

    def tree(self, commit: str | None = None, repo: Path | None = None, kept: Kept | None = None) -> Tree:
        """The portal's folder, or a commit of it (of the bare repository `repo`)."""
        from gongkai.store.tree import CommitTree, FolderTree  # `--help` reads no tree

        if commit is None and repo is None:
            return FolderTree(self.portal_root, kept)
        tree = CommitTree(repo or self.root, commit or "HEAD", kept)
        if not any(e.path == MARKERS[0] for e in tree.entries("site_config")):
            raise GongkaiError(
                msg(
                    "commit {commit} holds no portal: it has no {file}",
                    commit=tree.commit[:12],
                    file=MARKERS[0],
                ),
                msg("name a commit of a portal's repository with --commit"),
            )
        return tree


@contextmanager
def errors_shown(door: Door) -> Iterator[None]:
    """Around every command: a GongkaiError in plain words and its exit code; anything else is our bug, with a log."""
    try:
        yield
    except GongkaiError as error:
        _show(door, error)
        sys.exit(error.code)
    except (KeyboardInterrupt, click.Abort):
        door.tell(msg("interrupted; nothing half-done was left"))
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.CLEAN)
    except click.ClickException as error:
        # It names what was typed, or what a shell's * found: a file's name may be anything.
        error.__dict__["message"] = terminal(error.message)
        raise
    except click.exceptions.Exit:
        raise
    except OSError as error:
        _show(door, _world_broke(error))
        sys.exit(Exit.BROKEN)
    except Exception as error:
        _show_bug(door, error)
        sys.exit(Exit.BROKEN)


def _world_broke(error: OSError) -> GongkaiError:
    return GongkaiError(
        msg("{path}: {reason}", path=str(error.filename or ""), reason=error.strerror or str(error)),
        msg(
            "make room on the disk or mend its permissions, and run the command again; what was there before is intact"
        ),
        Exit.BROKEN,
    )


def _show(door: Door, error: GongkaiError) -> None:
    door.tell(msg("error: {says}", says=error.says))
    if error.hint.text:
        click.echo(terminal(f"  → {door.say(error.hint)}"), err=True)


def _show_bug(door: Door, error: Exception) -> None:
    try:
        log = str(write_bug(error))
    except OSError as failed:
        log = str(failed)
    door.tell(msg("internal fault ({kind}); the details are in {log}", kind=type(error).__name__, log=log))
    door.tell(
        msg(
            "  → this is our fault, not yours: nothing was lost; send the log file to whoever maintains Gongkai"
        )
    )
