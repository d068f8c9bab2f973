"""What the guard (PRV, SEC, WRD, ATT, LNK, INJ) adds to `check`: CPU seconds at N items, cold and with what is kept.

python tests/bench/guard_speed.py [--items 10000] [--runs 5]        CPU time of one process, in turn; medians
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from make_portal import make

from gongkai.checks.portal import read_portal
from gongkai.checks.run import run
from gongkai.checks.table import RULES
from gongkai.store import clock
from gongkai.store.kept import Kept
from gongkai.store.tree import FolderTree

GUARD = ("PRV", "SEC", "WRD", "ATT", "LNK", "INJ")


def once(folder: Path, guard: bool, kept: Path | None) -> float:
    """CPU seconds of reading a portal and checking it, with the guard or without."""
    rules = [r for r in RULES.values() if guard or not r.code.startswith(GUARD)]
    begun = time.process_time()
    run(
        read_portal(FolderTree(folder), now=clock.now(), changed=frozenset(), kept=kept and Kept(kept)), rules
    )
    return time.process_time() - begun


def main() -> None:
    """Make the portal, measure in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        portal = Path(folder) / "portal"
        make(options.items, portal)
        ways = {
            "without the guard, cold": (False, None),
            "with the guard, cold": (True, None),
            "without the guard, kept": (False, Path(folder) / "without"),
            "with the guard, kept": (True, Path(folder) / "with"),
        }
        for guard, kept in ways.values():
            once(portal, guard, kept)
        seconds = {name: [] for name in ways}
        for _ in range(options.runs):
            for name, (guard, kept) in ways.items():
                seconds[name].append(once(portal, guard, kept))
        middle = {name: statistics.median(found) for name, found in seconds.items()}
        for name, found in seconds.items():
            sys.stdout.write(
                f"{name:28} {options.items:>7} {middle[name]:6.2f} s  ({min(found):.2f}–{max(found):.2f})\n"
            )
        for state in ("cold", "kept"):
            ratio = middle[f"with the guard, {state}"] / middle[f"without the guard, {state}"]
            sys.stdout.write(f"ratio, {state:21} {ratio:14.2f}\n")


if __name__ == "__main__":
    main()
