"""The rounds: every peer in turn, each round beginning with another one, on the same items in the same minutes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peer_base import Failed, Peer, Step
from peer_measure import Run, measure

Tell = Callable[[str], None]


@dataclass
class Series:
    """All runs of one step of one peer, and the size of what it made."""

    key: str
    title: str
    state: str
    runs: list[Run] = field(default_factory=list)
    shared: int = 0
    """Bytes at most at one time, pages shared by several processes counted once; 0 when not measured."""
    size: int = 0
    files: int = 0

    @property
    def median(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def span(self) -> tuple[float, float]:
        return min(run.seconds for run in self.runs), max(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        return statistics.median(run.cpu for run in self.runs)

    @property
    def memory(self) -> int:
        return max(run.memory for run in self.runs)


def run_rounds(peers: Sequence[Peer], rounds: int, slow: int, warm_up: bool, tell: Tell) -> list[Series]:
    """Lay everything out, warm up once (there memory is looked at closely), then measure in turn."""
    series: dict[tuple[str, str], Series] = {}
    for peer in peers:
        tell(f"{peer.title}: making its files")
        peer.lay_out()
        for step in peer.steps():
            series[peer.key, step.state] = Series(peer.key, peer.title, step.state)
    for peer in peers if warm_up else ():
        for step in (s for s in peer.steps() if s.state == "cold"):
            found = series[peer.key, step.state]
            for _ in range(
                1 if peer.slow else rounds
            ):  # as many looks as at what processes hold each by itself
                run = once(peer, step, 0, shared=True)
                found.shared = max(found.shared, run.memory)
                tell(
                    f"{peer.title:24} {step.state:8} {run.seconds:8.2f} s  {run.memory / 1e6:7.0f} MB  (warm-up)"
                )
    for number in range(1, rounds + 1):
        turn = number % len(peers)
        for peer in (*peers[turn:], *peers[:turn]):
            if peer.slow and number > slow:
                continue
            for step in peer.steps():
                if not step.once or number == 1:
                    _measured(peer, step, number, series[peer.key, step.state], tell)
    return [found for found in series.values() if found.runs]


def _measured(peer: Peer, step: Step, number: int, series: Series, tell: Tell) -> None:
    run = once(peer, step, number)
    series.runs.append(run)
    series.size, series.files = size_of(peer.output())
    tell(f"{peer.title:24} {step.state:8} {run.seconds:8.2f} s  {run.memory / 1e6:7.0f} MB  (round {number})")


def once(peer: Peer, step: Step, number: int, *, shared: bool = False) -> Run:
    """Bring the state about, run, look at what came out."""
    step.before(number)
    run = step.run(number) if step.run else measure(step.commands, cwd=peer.cwd, env=peer.env, shared=shared)
    if run.code:
        raise Failed(f"{peer.title}, {step.state}: exit {run.code}\n{run.said}")
    if wrong := step.after(number):
        raise Failed(f"{peer.title}, {step.state}: {wrong}")
    return run


def size_of(folder: Path | None) -> tuple[int, int]:
    """Bytes and number of files in a folder, compressed twins and all."""
    if folder is None:
        return 0, 0
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)
