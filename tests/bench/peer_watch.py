"""Gongkai's resident publisher: from the moment the ledger's acceptance moved main to the switched release."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable

from gate_speed import OFFICER
from peer_base import Corpus, Failed, Step
from peer_gongkai import ME, GongkaiPublish
from peer_measure import Run, Tree, ticks

PATIENCE = 300.0
"""So many seconds at most until a change is seen by visitors."""
LOOK = 0.002
QUIET = 0.5
"""So many seconds without work after which the publisher has done all that came after the switch."""


class GongkaiWatch(GongkaiPublish):
    """`gongkai publish --watch`, as its systemd unit runs it: one process that stays."""

    key, title = "gongkai-watch", "Gongkai publish --watch"
    differs = (
        "the same work by a process that stays: no start, nothing imported. Measured from the instant at which main moved on the "
        "server (the end of the last approval) to the instant at which `current` leads to the new release; CPU with what comes after."
    )

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self._process: subprocess.Popen[bytes] | None = None

    def steps(self) -> list[Step]:
        return [Step("switched", [], self.begin, self.shown, run=self.switched)]

    def begin(self, number: int) -> None:
        """The publisher runs and has nothing to do; a change is handed in and waits for its approvals."""
        if self._process is None:
            command = [*ME, "publish", "--repo", self.folder / "server.git", "--to", self.folder / "www"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen([*command, "--watch"], env=self.env, cwd=self.folder, **quiet)
            _until((self.folder / "www" / "current").is_symlink, self._process)
        self._rest()
        server = self.bench
        tip = server.edit(number)
        server.be(OFFICER)
        server.submit(tip, f"bench{number}")
        self._rest()
        self.note(number)

    def switched(self, number: int) -> Run:
        """The approvals are given; then the publisher is on its own."""
        process = self._process
        assert process is not None
        main, current = self.folder / "server.git/refs/heads/main", self.folder / "www/current"
        before, release, tree = main.read_bytes(), current.readlink(), Tree(process.pid, False)
        push = threading.Thread(target=self.bench.approve, args=(f"bench{number}",), daemon=True)
        push.start()
        _until(lambda: main.read_bytes() != before, process)
        begun, cpu = time.perf_counter(), ticks(process.pid)
        tree.start()
        _until(lambda: current.readlink() != release, process)
        seconds = time.perf_counter() - begun
        push.join()
        self._rest()
        return Run(seconds, ticks(process.pid) - cpu, tree.stop(), 0, "")

    def end(self) -> None:
        """End the process, as systemd does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def _rest(self) -> None:
        assert self._process is not None
        before = -1.0
        while (now := ticks(self._process.pid)) != before:
            before = now
            time.sleep(QUIET)


def _until(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if process.poll() is not None or time.monotonic() > end:
            raise Failed("Gongkai publish --watch: no release was switched")
        time.sleep(LOOK)
