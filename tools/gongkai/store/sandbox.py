"""A child process that opens strangers' files: bounded in memory and time, cut off, replaced when it breaks.

One child serves many files in turn, since starting Python costs more than reading most files. After a crash, a
timeout, or when the caller distrusts a file, the next one gets a fresh child. `store/cage.py` is the child's side.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.cage import FAILED, HEAD

MEMORY = 460_000_000
SECONDS = 8.0
MAX_ANSWER = 64_000_000
MAX_SERVED = 2_000
MAX_KEPT = 250_000
"""KiB of memory at its peak after which a child is not used again: what it held once may be in pieces."""
_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from gongkai.store.cage import main
main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: `crash`, `time`, `memory`, `long`; `detail` names the exception, if it was one."""

    reason: str
    detail: str = ""


class Sandbox:
    """Asks `entry` ("module:function", name and bytes in, bytes out) in a child process. Close it, or let it go."""

    def __init__(self, entry: str, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self.entry, self.memory, self.seconds = entry, memory, seconds
        self.peak = 0
        """KiB: the most memory that any child held so far."""
        self.started = 0
        self._served = 0
        self._child: _Child | None = None

    def ask(self, name: str, raw: bytes) -> bytes | Failure:
        """The function's answer for these bytes. Whatever happens to the child is a value, never an exception.

        GongkaiError only when no child can be started at all.
        """
        for fresh in (False, True):
            child = self._ready()
            if child.send(name, raw, self.seconds):
                break
            broke_at_once = not fresh and self._served > 0
            self.close()
            if not broke_at_once:  # an idle child may have ended; a fresh one must take its work
                return Failure("crash")
        self._served += 1
        said = child.receive(self.seconds)
        if isinstance(said, Failure):
            self.close()
            return said
        memory, data = said
        self.peak = max(self.peak, memory)
        if memory > MAX_KEPT or self._served >= MAX_SERVED or data.startswith(FAILED):
            self.close()
        if data.startswith(FAILED):
            word = data[1:].decode("ascii", "replace")
            return Failure("memory") if word in ("memory", "MemoryError") else Failure("crash", word)
        return data

    def close(self) -> None:
        """End the child, if there is one, and take its folder away."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _ready(self) -> _Child:
        if self._child is None or not self._child.alive:
            self.close()
            self._child, self._served = _Child(self.entry, self.memory, int(self.seconds) + 1), 0
            self.started += 1
        return self._child


class _Child:
    """One process, its pipes, and its folder."""

    def __init__(self, entry: str, memory: int, seconds: int) -> None:
        folder = tempfile.mkdtemp(prefix="gongkai-sandbox-")
        try:
            self.process = _start(folder, entry, memory, seconds)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise GongkaiError(
                msg("{program} could not be started: {reason}", program=sys.executable, reason=str(error)),
                msg("install the program and try again"),
                Exit.BROKEN,
            ) from error
        self.end = weakref.finalize(self, _end, self.process, folder)
        self._out = _pipe(self.process.stdout)
        self._in = _pipe(self.process.stdin)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def send(self, name: str, raw: bytes, seconds: float) -> bool:
        """Hand over a request; False when the child does not take it."""
        words = name.encode("utf-8", "replace")[:1000]
        left = memoryview(HEAD.pack(len(words), len(raw)) + words + raw)
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._in, selectors.EVENT_WRITE)
            while left:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    return False
                try:
                    left = left[os.write(self._in, left[:1_000_000]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    return False
        return True

    def receive(self, seconds: float) -> tuple[int, bytes] | Failure:
        """(peak of memory in KiB, answer), or why there is none."""
        until = time.monotonic() + seconds
        head = self._take(HEAD.size, until)
        if isinstance(head, Failure):
            return head
        memory, size = HEAD.unpack(head)
        if size > MAX_ANSWER:
            return Failure("long")
        data = self._take(size, until + seconds)
        return data if isinstance(data, Failure) else (memory, data)

    def _take(self, size: int, until: float) -> bytes | Failure:
        pieces = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._out, selectors.EVENT_READ)
            while len(pieces) < size:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    return Failure("time")
                try:
                    piece = os.read(self._out, min(size - len(pieces), 1_000_000))
                except BlockingIOError:
                    continue
                if not piece:
                    return self._how_it_ended()
                pieces += piece
        return bytes(pieces)

    def _how_it_ended(self) -> Failure:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        if self.process.returncode == -getattr(signal, "SIGXCPU", 24):
            return Failure("time")
        return Failure("crash", str(self.process.returncode or ""))


def _start(folder: str, entry: str, memory: int, seconds: int) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own, so that whatever it starts ends with it."""
    paths = [str(Path(p).resolve()) for p in sys.path if p and Path(p).exists()]
    home = {"HOME": folder, "TMPDIR": folder, "TMP": folder, "TEMP": folder}
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _START, json.dumps(paths), entry, str(memory), str(seconds)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **home},
    )


def _pipe(pipe: IO[bytes] | None) -> int:
    assert pipe is not None
    os.set_blocking(pipe.fileno(), False)
    return pipe.fileno()


def _end(process: subprocess.Popen[bytes], folder: str) -> None:
    """Kill the child with all that it may have started, wait for it, and take its folder away."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
