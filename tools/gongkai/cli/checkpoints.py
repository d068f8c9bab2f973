"""Checkpoints at the command line: a saved one compared with the ledger of today; the publisher's countersignature."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.evidence.checkpoint import MAX_AGE_DAYS, Checkpoint, Signed
from gongkai.evidence.ledger import Event
from gongkai.gate.checkpoints import countersign as sign_now
from gongkai.gate.checkpoints import is_old, read_kept, unsigned
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg


@dataclass(frozen=True)
class Kept:
    """Checkpoints that were named with --checkpoint, the publisher's keys that were named, and the greatest age."""

    checkpoints: tuple[Signed, ...] = ()
    keys: tuple[str, ...] = ()
    max_age: int | None = None

    @property
    def against(self) -> tuple[Checkpoint, ...]:
        """What the ledger must contain."""
        return tuple(s.checkpoint for s in self.checkpoints)

    def remarks(self, door: Door) -> Iterator[Message]:
        """What is worth knowing and breaks nothing."""
        if self.checkpoints:
            last = self.checkpoints[-1].checkpoint
            yield msg("the ledger contains all {count} checkpoints; the newest is of {time}",
                      count=len(self.checkpoints), time=last.time)  # fmt: skip
            if self.max_age is None and is_old(self.checkpoints, door.now(), MAX_AGE_DAYS):
                yield msg("the newest checkpoint is older than {days} days", days=MAX_AGE_DAYS)

    def faults(self, door: Door) -> Iterator[Message]:
        """What does not hold of the checkpoints themselves."""
        if not self.checkpoints:
            return
        if self.max_age is not None and is_old(self.checkpoints, door.now(), self.max_age):
            yield msg("the newest checkpoint is older than {days} days", days=self.max_age)
        for checkpoint in unsigned(self.checkpoints, self.keys) if self.keys else ():
            yield msg(
                "the checkpoint of {time} is not countersigned with the publisher's key", time=checkpoint.time
            )


def read_named(place: str, publisher: Path | None, max_age: int | None) -> Kept:
    """What the options --checkpoint, --publisher and --max-age name."""
    if not place:
        if publisher or max_age is not None:
            raise GongkaiError(
                msg("--publisher and --max-age need --checkpoint"),
                msg(
                    "name a saved checkpoints.json, or the portal's address of it (https://…/checkpoints.json)"
                ),
            )
        return Kept()
    return Kept(read_kept(place), _keys(publisher), max_age)


def _keys(file: Path | None) -> tuple[str, ...]:
    """The public keys of a file, one a line, as ssh-keygen writes them."""
    if file is None:
        return ()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    keys = tuple(line.strip() for line in lines if line.strip().startswith(("ssh-", "ecdsa-", "sk-")))
    if not keys:
        raise GongkaiError(
            msg("{file} holds no public key", file=str(file)),
            msg("name the publisher's .pub file; it never holds the private key"),
        )
    return keys


def watched(events: Sequence[Event]) -> Iterator[Event]:
    """A bar on long work, when somebody looks on."""
    with click.progressbar(events, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar


@click.command()
@click.option(
    "--repo", type=click.Path(path_type=Path), help="发布端的克隆 / the publisher's clone (default: --root)"
)
@click.option(
    "--key", type=click.Path(path_type=Path), required=True, help="发布端的私钥 / the publisher's private key"
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="保存检查点的文件夹，不在服务器上 / the publisher's own folder, not on the server",
)
@click.option(
    "--genesis", metavar="ID", default="", help="另行得知的台账起点 / the genesis id you know from elsewhere"
)
@click.pass_obj
def countersign(door: Door, repo: Path | None, key: Path, state: Path, genesis: str) -> None:
    """会签检查点 / Audit, then sign where the ledger stands; refused when it no longer holds what was signed last."""
    signed, found = sign_now(repo or door.root, key, state, door.now(), genesis=genesis, watch=watched)
    click.echo(signed.checkpoint.digest)
    for remark in found.remarks:
        door.tell(msg("note: {says}", says=remark))
    door.tell(msg("countersigned: {count} events, the last is {id}", count=found.events, id=found.ledger))
    door.tell(msg("next: `gongkai build --repo … --checkpoints {folder}` publishes it", folder=str(state)))
