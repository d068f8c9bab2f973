"""One measured run: wall seconds, CPU seconds, and the most memory that the whole tree of processes held at one time.

`ru_maxrss` knows only the largest single process, so the tree is looked at twenty times a second: the sum of the
resident sets of the process and all its descendants. Pages that forked workers share count once for each of them there,
which is to the disadvantage of whoever forks; `shared=True` asks the kernel for each one's proportional share instead
(that costs the measured process time, so it is done in a round whose time does not count).
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PAUSE = 0.05
"""Seconds between two looks at the tree of processes."""
PAGE = os.sysconf("SC_PAGE_SIZE")
Command = Sequence[str | Path]


@dataclass(frozen=True)
class Run:
    """What one run took; memory in bytes, `code` is the first exit code that is not 0, `said` the end of its stderr."""

    seconds: float
    cpu: float
    memory: int
    code: int
    said: str


class Tree(threading.Thread):
    """Looks at a process and its descendants until it is told to stop; `most` is the largest sum of bytes seen."""

    def __init__(self, root: int, shared: bool) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._size = _proportional if shared else _resident
        self._members, self._seen = {root}, {root}
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            self._look()
            self._done.wait(PAUSE)

    def stop(self) -> int:
        """Look no more; the largest sum."""
        self._done.set()
        self.join()
        return self.most

    def _look(self) -> None:
        """Parents come before their children in the order of ids, save after a wrap-around: then at the next look."""
        present = {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - names are enough
        self._seen &= present
        self._members &= present
        for pid in sorted(present - self._seen):
            parent = _parent(pid)
            if parent in self._members:
                self._members.add(pid)
            self._seen.add(pid)
        self.most = max(self.most, sum(self._size(pid) for pid in self._members))


def ticks(pid: int) -> float:
    """CPU seconds of a running process and of those children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _parent(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def _resident(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def measure(commands: Sequence[Command], *, cwd: Path, env: Mapping[str, str], shared: bool = False) -> Run:
    """Run the commands one after another as one task; stdout is thrown away."""
    seconds = cpu = 0.0
    memory = code = 0
    said = ""
    for command in commands:
        run = _one([str(part) for part in command], cwd, env, shared)
        seconds, cpu, memory = seconds + run.seconds, cpu + run.cpu, max(memory, run.memory)
        code, said = code or run.code, said or run.said
    return Run(seconds, cpu, memory, code, said)


def _one(command: list[str], cwd: Path, env: Mapping[str, str], shared: bool) -> Run:
    with tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        tree = Tree(process.pid, shared)
        tree.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too: nothing outlives the bench
            raise
        finally:
            seconds = time.perf_counter() - begun
            most = tree.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")[-2000:]
    # A run shorter than a look still knows its largest process; a proportional share has no such floor.
    memory = most if shared else max(most, usage.ru_maxrss * 1024)
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory, process.returncode, said)


def environment(home: Path) -> dict[str, str]:
    """The same for everybody: a home, a cache and a folder for temporary files of one's own, nothing else set."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "NO_MKDOCS_2_WARNING": "1",
    }
