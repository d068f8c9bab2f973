"""What each kind of sheet costs, for docs/scaling.md: CPU seconds and memory of one process that prints a whole portal.

`python tests/bench/scaling.py 1000 3000` makes the corpora and prints a table each; `--departments 300` spreads the
items over so many departments. Nothing is kept from before: GONGKAI_KEPT=off.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time

import make_portal

from gongkai.evidence.chain import Record
from gongkai.portal.lines import Lines
from gongkai.portal.making import opened
from gongkai.portal.past import Past
from gongkai.portal.plan import Plan
from gongkai.portal.press import Printed, Printer, together
from gongkai.portal.reading import read
from gongkai.portal.sheets import Sheet
from gongkai.store import clock
from gongkai.store.crew import uncounted
from gongkai.store.tree import CommitTree

WHO = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
NOW = "2026-11-01T09:00:00+08:00"
BLOCK = 4096


def timed(name: str, work: Callable[[], object], count: int = 0) -> None:
    before = process_time()
    work()
    took = process_time() - before
    each = f" {1e3 * took / count:8.3f} ms each of {count:,}" if count else ""
    print(
        f"  {name:20} {took:7.2f} s, at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:5,.0f} MB{each}"
    )


def committed(count: int, folder: Path) -> Path:
    make_portal.make(count, folder)
    for words in (["init", "-q"], ["add", "-A"], [*WHO, "commit", "-qm", "-"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def measure(repo: Path, site: Path, count: int) -> None:
    plan = Plan(repo, repo, "HEAD", clock.parse(NOW), {}, Record())
    found: list = []
    timed("open", lambda: found.extend(opened(plan, read(plan, CommitTree(repo, "HEAD")))), count)
    sheets, shell = found
    items, lists, whole = sheets.of_items(), sheets.of_lists(), sheets.of_the_whole()
    printer = Printer(sheets, shell, site)
    timed("frame", printer.frame)
    for name, group in (("items", items), ("lists", lists), *((sheet.name, [sheet]) for sheet in whole)):
        timed(name, lambda group=group: [printer.make(sheet) for sheet in group], len(group))
    printed = together([printer.report()], site)
    seen, lines = printed.seen.only(printed.paths), printed.lines or Lines()
    past = Past(site, printed.sheets, seen, sheets.site.house, lines)
    print(f"  record               {len(past.packed()) / count:,.0f} bytes an item")
    sizes("files of items", items, printed, count)
    sizes("lists", lists, printed, count)
    sizes("everything", [*items, *lists, *whole], printed, count)
    again = Printer(*opened(plan, read(plan, CommitTree(repo, "HEAD"))), site.with_name("again"), past)
    timed("take over by links", again.take_over, len(printed.paths))


def sizes(name: str, sheets: Iterable[Sheet], printed: Printed, count: int) -> None:
    rows = [row for sheet in sheets for row in printed.sheets[sheet.name].rows]
    held, blocks = sum(row[1] for row in rows), sum(-(-row[1] // BLOCK) for row in rows) * BLOCK
    print(
        f"  {name:20} {len(rows) / count:.3f} files an item, {held / count:,.0f} bytes an item, in blocks {blocks / count:,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--departments", type=int, default=0)
    options = parser.parse_args()
    os.environ |= {"GONGKAI_KEPT": "off", "GONGKAI_HANDS": "1"}  # all CPU time is this process' own
    if options.departments:
        make_portal.DEPARTMENTS = tuple(f"d{number:04d}" for number in range(options.departments))
    for count in options.counts:
        print(f"{count:,} items")
        child = os.fork()  # memory is counted from the beginning for each
        if not child:
            with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, uncounted():
                measure(committed(count, Path(folder) / "portal"), Path(folder) / "site", count)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
