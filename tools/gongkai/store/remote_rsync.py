"""Another host's folder through the rsync program: over SSH, an rsync server, or a path of this machine."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.process import Done, find, run

LONG = 6 * 3600.0
FORM = re.compile(
    r"rsync://[\w.\-@:\[\]]+/.+|(?:[\w.\-]+@)?(?:[\w.\-]+|\[[0-9a-fA-F:]+\]):(?!//)[^\x00-\x1f]+|/[^\x00-\x1f]*"
)
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30"
MISSING, VANISHED = 23, 24
"""rsync's exit codes: something could not be read; something asked for is not there any more."""
_OLD = re.compile(rb"--(?:mkpath|secluded-args|delete-missing-args): unknown option|unknown option")
PUT = ("--checksum", "--times", "--chmod=D755,F644", "--delay-updates", "--mkpath")
"""Compared by content; put in place together at the end of each stage; readable by the web server."""


class RsyncTarget:
    """A folder on a host (`user@host:/path`, `rsync://host/module/path`) or of this machine (`/path`).

    Each file is written beside its old one and renamed: nobody reads a half one. GongkaiError: exit 2 when the address has
    no such form, 3 when rsync is missing or fails.
    """

    def __init__(self, address: str) -> None:
        if not FORM.fullmatch(address):
            raise GongkaiError(
                msg("{target} is no address that rsync knows", target=address),
                msg("write rsync://host/module/path, user@host:/path, s3://bucket/prefix or a whole path /…"),
            )
        if find("rsync") is None:
            raise GongkaiError(
                msg("rsync is not installed"),
                msg("install it on both machines (Debian: `apt install rsync`)"),
                Exit.BROKEN,
            )
        self.address = address.rstrip("/") + "/"

    def recall(self, name: str) -> bytes | None:
        """See `release.sending.Target`."""
        with tempfile.TemporaryDirectory(prefix="gongkai-rsync-") as folder:
            done = self._run([f"{self.address}{name}", f"{folder}/"], allowed=(MISSING,))
            file = Path(folder) / name
            if done.code == MISSING and not _is_absent(done):
                raise self._failed(done)
            return file.read_bytes() if file.is_file() else None

    def remember(self, name: str, data: bytes) -> None:
        """See `release.sending.Target`."""
        with tempfile.TemporaryDirectory(prefix="gongkai-rsync-") as folder:
            (Path(folder) / name).write_bytes(data)
            self._run([*PUT, f"{folder}/{name}", self.address])

    def sizes(self) -> Mapping[str, int] | None:
        """Not known: rsync compares the files it is given, and those only."""
        return None

    def put(self, folder: Path, paths: Sequence[str]) -> None:
        """See `release.sending.Target`."""
        self._run([*PUT, "--from0", "--files-from=-", f"{folder}/", self.address], paths)

    def take_away(self, paths: Sequence[str], folders: Sequence[str]) -> None:
        """See `release.sending.Target`. rsync takes away what it is asked to send and does not find here."""
        with tempfile.TemporaryDirectory(prefix="gongkai-rsync-") as empty:
            for names in (paths, *([folder] for folder in folders)):
                order = [
                    "--dirs",
                    "--delete-missing-args",
                    "--from0",
                    "--files-from=-",
                    f"{empty}/",
                    self.address,
                ]
                self._run(order, names, allowed=(VANISHED,))

    def _run(self, words: list[str], names: Sequence[str] = (), allowed: tuple[int, ...] = ()) -> Done:
        # For an rsync server a shell would mean: reach the server through it.
        own = os.environ.get("RSYNC_RSH") or self.address.startswith("rsync://")
        shell = [] if own else ["--rsh", SSH]
        listed = "\0".join(names).encode("utf-8", "surrogateescape")
        done = run(["rsync", "--secluded-args", *shell, *words], stdin=listed, timeout=LONG)
        if done.code and done.code not in allowed:
            raise self._failed(done)
        return done

    def _failed(self, done: Done) -> GongkaiError:
        if _OLD.search(done.err):
            return GongkaiError(
                msg("rsync is too old here or on the other host: 3.2.4 or later is needed"),
                msg("install a newer rsync on both machines"),
                Exit.BROKEN,
            )
        return GongkaiError(
            msg("rsync to {target} failed: {reason}", target=self.address, reason=_said(done)),
            msg(
                "check the address, the key and the room there, and run the command again: it goes on where it stopped"
            ),
            Exit.BROKEN,
        )


def _is_absent(done: Done) -> bool:
    return b"No such file or directory" in done.err


def _said(done: Done) -> str:
    lines = [line for line in done.err.decode("utf-8", "replace").splitlines() if line.strip()]
    return "; ".join(lines[:3]) or str(done.code)
