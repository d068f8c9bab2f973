"""The way back: a server's repository, and the publisher's knowledge, made again from a backup."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.backup import SERVER, STATE, Audit, Backup, prove
from gongkai.release.place import Tell
from gongkai.store.durable import clear, settle_disk, settle_folder
from gongkai.store.files import write_whole

Arrange = Callable[[Path, Path], None]
"""Gives a repository its configuration and hooks, as they must be once it stands at the second path."""


@dataclass(frozen=True)
class Wanted:
    """Where to: the repository's folder, the publisher's own folder (or none), the genesis id known from elsewhere.

    `beside` are the files that may be brought back into the repository's folder: the server's own settings.
    """

    to: Path
    state: Path | None = None
    genesis: str = ""
    rehearse: bool = False
    beside: tuple[str, ...] = ()


def restore(folder: Path, wanted: Wanted, audit: Audit, arrange: Arrange, tell: Tell) -> Backup:
    """Make the server's repository of a backup again, with the gate's hooks from its first moment on.

    GongkaiError: exit 2 when something stands there already, 1 when the backup is broken or of another ledger; nothing
    is left then. `rehearse` does all of it and takes it away again.
    """
    for place in filter(None, (wanted.to, wanted.state)):
        _refuse_full(place)
    to = wanted.to.absolute()
    part = to.parent / f".{to.name}.restoring"
    clear(part)
    try:
        tell(msg("reading the backup, and auditing its ledger from the first event on"))
        made = prove(folder, part, audit)
        _refuse_stranger(made, wanted.genesis)
        arrange(part, to)
        for name in wanted.beside:
            if (folder / SERVER / name).is_file():
                write_whole(part / name, (folder / SERVER / name).read_bytes())
                (part / name).chmod(0o600)  # tokens and addresses stand in it
        settle_disk(part)
        if not wanted.rehearse:
            if wanted.state is not None:
                _bring_state(folder, wanted.state)
            part.rename(to)
            settle_folder(to.parent)
    finally:
        clear(part)
    return made


def _refuse_full(place: Path) -> None:
    if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
        raise GongkaiError(
            msg("{folder} is not an empty folder", folder=str(place)),
            msg("name a new folder; nothing was written"),
        )


def _refuse_stranger(made: Backup, genesis: str) -> None:
    if genesis and genesis != made.seen.genesis:
        raise GongkaiError(
            msg(
                "the backup's ledger begins with {there}, not with {wanted}",
                there=made.seen.genesis,
                wanted=genesis,
            ),
            msg("this is another portal's backup, or somebody has rewritten it whole; do not use it"),
            Exit.FINDINGS,
        )


def _bring_state(folder: Path, state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in sorted((folder / STATE).glob("*")):
        shutil.copyfile(file, state / file.name)
    settle_disk(state)
