"""Running other programs: no shell, a time limit, all output kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended: its exit code and what it wrote."""

    code: int
    out: bytes
    err: bytes


def run(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    timeout: float = 60.0,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> Done:
    """Run a program, with `env` added to this process's environment, and wait for at most `timeout` seconds.

    Raises GongkaiError when it is missing or too slow.
    """
    try:
        done = subprocess.run(
            [str(a) for a in args],
            cwd=cwd,
            input=stdin or b"",
            capture_output=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **env} if env else None,
        )
    except subprocess.TimeoutExpired as error:
        raise GongkaiError(
            msg(
                "{program} did not finish within {seconds} seconds",
                program=str(args[0]),
                seconds=int(timeout),
            ),
            msg("try again; if it happens again, the file may be damaged"),
            Exit.BROKEN,
        ) from error
    except OSError as error:
        raise GongkaiError(
            msg("{program} could not be started: {reason}", program=str(args[0]), reason=str(error)),
            msg("install the program and try again"),
            Exit.BROKEN,
        ) from error
    return Done(done.returncode, done.stdout, done.stderr)


def find(program: str) -> Path | None:
    """Where the program stands on this machine; None when it is not installed."""
    found = shutil.which(program)
    return Path(found) if found else None
