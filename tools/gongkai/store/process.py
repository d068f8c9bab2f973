"""Running other programs: no shell, a time limit, all output kept."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
        with _Child(
            [str(a) for a in args],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env} if env else None,
        ) as child:
            try:
                out, err = child.communicate(stdin or b"", timeout)
            except BaseException:
                child.kill()
                raise
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
        raise not_started(args[0], error) from error
    return Done(child.returncode, out, err)


class _Child(subprocess.Popen[bytes]):
    """A program whose end is noticed at once: within a time limit Python would only look for it now and then, a millisecond
    or more too late. Where the system cannot wake us, it does.
    """

    def wait(self, timeout: float | None = None) -> int:
        """See `Popen`."""
        if timeout is not None and self.returncode is None and sys.platform == "linux":
            with suppress(OSError), os.fdopen(os.pidfd_open(self.pid), "rb", 0) as ended:
                waiting = select.poll()
                waiting.register(ended, select.POLLIN)
                if not waiting.poll(max(timeout, 0.0) * 1000):
                    raise subprocess.TimeoutExpired(self.args, timeout)
        return super().wait(timeout)


def run_short(args: Sequence[str | Path], *, cwd: Path, limit: int, timeout: float = 60.0) -> Done | None:
    """Run a program whose output an attacker can make long: it is stopped after `limit` bytes, and None returned.

    Its messages are dropped. Raises GongkaiError when it is missing; a program that is too slow is stopped (code < 0).
    """
    try:
        child = subprocess.Popen(
            [str(a) for a in args],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise not_started(args[0], error) from error
    stop = threading.Timer(timeout, child.kill)
    stop.start()
    with child:
        out = child.stdout.read(limit + 1) if child.stdout else b""
        if len(out) > limit:
            child.kill()
    stop.cancel()
    return Done(child.returncode, out, b"") if len(out) <= limit else None


def start(args: Sequence[str | Path], *, cwd: Path) -> None:
    """Start a program on its own and go on at once: it holds none of our pipes and outlives our session.

    Raises GongkaiError when it is missing; how it ends is its own business.
    """
    try:
        subprocess.Popen(
            [str(a) for a in args],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise not_started(args[0], error) from error


def not_started(program: str | Path, error: OSError) -> GongkaiError:
    """The error for a program that is missing or may not be run."""
    return GongkaiError(
        msg("{program} could not be started: {reason}", program=str(program), reason=str(error)),
        msg("install the program and try again"),
        Exit.BROKEN,
    )


def find(program: str) -> Path | None:
    """Where the program stands on this machine; None when it is not installed."""
    found = shutil.which(program)
    return Path(found) if found else None
