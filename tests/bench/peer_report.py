"""What was measured, as tables for the terminal and as a section of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peer_base import STATES, Peer
from peer_rounds import Series

ROOT = Path(__file__).resolve().parents[2]
MINE = "gongkai"


@dataclass(frozen=True)
class Target:
    """One row of issue 7: ours beside a peer's, and how much of it we may take."""

    what: str
    ours: tuple[tuple[str, str], ...]
    theirs: tuple[str, str]
    most: float
    memory: bool = False
    once: bool = False
    """Of memory: what processes share counts once, as the kernel divides it among them; else in each of them."""
    ceiling: float | None = None


TARGETS = (
    Target("full build, cold, no search index", (("gongkai-unsearched", "cold"),), ("hugo", "cold"), 0.6),
    Target("full build, cold, ours with the search index", (("gongkai", "cold"),), ("hugo", "cold"), 0.6),
    Target("full build, nothing changed", (("gongkai", "warm"),), ("hugo", "warm"), 0.1),
    Target("one item changed: release switched", (("gongkai-publish", "changed"),), ("hugo", "changed"), 0.1, ceiling=1.0),
    Target(
        "one item changed: checked, and release switched",
        (("gongkai-check", "changed"), ("gongkai-publish", "changed")), ("hugo", "changed"), 0.1, ceiling=1.0,
    ),
    Target(
        "one item accepted: release switched by the resident publisher",
        (("gongkai-watch", "switched"),), ("hugo", "changed"), 0.1, ceiling=1.0,
    ),
    Target("one item changed: folder built again", (("gongkai", "changed"),), ("hugo", "changed"), 0.1),
    Target("check, cold", (("gongkai-check", "cold"),), ("check-jsonschema", "cold"), 0.1),
    Target("check, one file changed", (("gongkai-check", "changed"),), ("check-jsonschema", "cold"), 0.01),
    Target(
        "peak memory, full build, what processes share counted in each",
        (("gongkai", "cold"),), ("hugo", "cold"), 0.3, memory=True,
    ),
    Target(
        "peak memory, full build, counted once (proportional share)",
        (("gongkai", "cold"),), ("hugo", "cold"), 0.3, memory=True, once=True,
    ),
    Target("whole cold build, search included, beside Pagefind alone", (("gongkai", "cold"),), ("pagefind", "cold"), 0.5),
    Target("… and its peak memory", (("gongkai", "cold"),), ("pagefind", "cold"), 0.3, memory=True),
)  # fmt: skip


def table(series: Sequence[Series]) -> str:
    """A row for every step, in Markdown; ratios are to Hugo's same state, of checks to check-jsonschema."""
    found = {(s.key, s.state): s for s in series}
    rows = [
        "| | state | n | median | range | CPU | peak memory | output | files | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for s in series:
        low, high = s.span
        memory = f"{s.memory / 1e6:,.0f} MB" + (f" ({s.shared / 1e6:,.0f})" if s.shared else "")
        size = f"{s.size / 1e6:,.1f} MB | {s.files:,}" if s.files else "– | –"
        rows.append(
            f"| {s.title} | {STATES[s.state]} | {len(s.runs)} | {s.median:.2f} s | {low:.2f}–{high:.2f} | {s.cpu:.2f} s"
            f" | {memory} | {size} | {_ratio(s, found)} |"
        )
    return "\n".join(rows)


def _ratio(s: Series, found: dict[tuple[str, str], Series]) -> str:
    """Beside the peer that does the same work: for a check check-jsonschema, for Pagefind nobody, for builds Hugo."""
    if s.key == "gongkai-check":
        peer = found.get(("check-jsonschema", "cold"))
    else:
        peer = found.get(("hugo", {"first": "cold", "switched": "changed"}.get(s.state, s.state)))
    if peer is None or peer is s or s.key in ("pagefind", "check-jsonschema"):
        return "–" if peer is not s else "1"
    return f"{s.median / peer.median:.3g} × {peer.title} (CPU {s.cpu / peer.cpu:.3g} ×)"


def targets(series: Sequence[Series]) -> str:
    """The targets of issue 7 that these runs can judge, in Markdown; empty when they can judge none."""
    found = {(s.key, s.state): s for s in series}
    rows = [
        _judged(t, [found[key] for key in t.ours], found[t.theirs])
        for t in TARGETS
        if all(key in found and (found[key].shared or not t.once) for key in (*t.ours, t.theirs))
    ]
    head = ["| target | ours | peer | ratio | wanted | |", "| --- | --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) if rows else ""


def _judged(t: Target, ours: Sequence[Series], theirs: Series) -> str:
    if t.once:
        mine, peer = max(s.shared for s in ours) / 1e6, theirs.shared / 1e6
    elif t.memory:
        mine, peer = max(s.memory for s in ours) / 1e6, theirs.memory / 1e6
    else:
        mine, peer = sum(s.median for s in ours), theirs.median
    met = mine / peer <= t.most and (t.ceiling is None or mine <= t.ceiling)
    wanted = f"≤ {t.most:g}" + (f", ≤ {t.ceiling:g} s" if t.ceiling else "")
    form = "{:,.0f} MB" if t.memory else "{:.2f} s"
    return (
        f"| {t.what} | {form.format(mine)} | {theirs.title} {form.format(peer)} | {mine / peer:.3g} | {wanted}"
        f" | {'met' if met else '**not met**'} |"
    )


def machine(base: Path) -> str:
    """The machine in one line: cores, processor, memory, system, where the files lay, how busy it was."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    total = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 1e6
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", base], capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model[1] if model else platform.machine()}), {total:.0f} GB, {system}, "
        f"files on {kind or 'an unknown file system'}, load {os.getloadavg()[0]:.1f} at the start"
    )


def versions(peers: Sequence[type[Peer]]) -> str:
    """Every tool with its version; ours with its commit."""
    names = {p.title.split(" ")[0] if p.key.startswith(MINE) else p.title: p.version() for p in peers}
    commit = _git("rev-parse", "--short", "HEAD")
    if commit and "Gongkai" in names:
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "tools")
        names["Gongkai"] = (
            f"{names.get('Gongkai', '')} (commit {commit}{', with changes since' if changed else ''})".strip()
        )
    names["Python"] = platform.python_version()
    return ", ".join(f"{name} {version}" for name, version in names.items())


def _git(*args: str) -> str:
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def put(document: Path, name: str, text: str) -> None:
    """Replace what stands between the two marker comments of this name, or add them with the text at the end."""
    begin, end = f"<!-- {name}: begin, written by tests/bench/peers.py -->", f"<!-- {name}: end -->"
    before = document.read_text(encoding="utf-8")
    part = f"{begin}\n{text.strip()}\n{end}"
    if begin in before and end in before:
        head, rest = before.split(begin, 1)
        after = head + part + rest.split(end, 1)[1]
    else:
        after = f"{before.rstrip()}\n\n{part}\n"
    document.write_text(after, encoding="utf-8")
