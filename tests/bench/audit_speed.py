"""What an audit takes from the beginning, and what from where the last one ended; on the tests' small bureau.

python -m tests.bench.audit_speed --events 200 500 1000            wall and processor seconds, medians
python -m tests.bench.audit_speed --events 60 --items 10000        the same with so many items on main
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.gate.conftest import ROOT, SEED, Server, news, path_of, with_key

from gongkai.evidence.ledger import LEDGER, MAIN, MOVES, read
from gongkai.gate.audit import GENESIS, SEEN, Audit, audit
from gongkai.gate.publication import record_published
from gongkai.gate.repository import open_gate
from gongkai.gate.server import init
from gongkai.gate.verified import Keeping
from gongkai.store import clock
from gongkai.store.process import run
from gongkai.store.signing import make_key

DAY = timedelta(days=1)


def portal(folder: Path, items: int) -> Path:
    """The tests' portal with so many items, and keys for everybody beside it."""
    root = folder / "portal"
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    many = (f"tide-{2015 + n % 10}-{n // 10 + 1:05}" for n in range(items))
    for ident in (*(i for idents in SEED.values() for i in idents), *many):
        target = root / path_of(ident)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(news(ident, f"{ident.split('-')[1]}-06-03"), encoding="utf-8")
    people = (root / "site_config/people.yml").read_text(encoding="utf-8")
    for person in re.findall(r"- code: (\S+)", people):
        people = with_key(people, person, make_key(folder / "keys" / person, person))
    (root / "site_config/people.yml").write_text(people, encoding="utf-8")
    return root


def grown(folder: Path, items: int, sizes: list[int]) -> Iterator[tuple[int, Server]]:
    """A ledger that has grown to each of these numbers of events: a receipt, two approvals, an acceptance; releases."""
    start = clock.now() - DAY
    init(folder / "server.git", portal(folder, items), start)
    server = Server(folder / "server.git", folder / "keys", open_gate(folder / "server.git"), start)
    now, number, fresh = start, 0, []
    for size in sizes:
        while (last := server.gate.state.last) is None or last.number + 1 < size:
            number += 1
            now += timedelta(minutes=15)  # two hundred statements a day and person at most
            ident = f"tide-{now.year}-{number:05}"
            text = news(ident, now.date().isoformat(), f"潮汐观测科完成第{number}次复测")
            server.accept(server.hand_in({path_of(ident): text}, now, name=f"b{number}").number, now)
            fresh.append(ident)
            if number % 10 == 0:
                record_published(server.gate, fresh, now)
                fresh = []
        yield size, server


class Measured:
    """Audits of one repository, each several times."""

    def __init__(self, server: Server, place: Path, times: int) -> None:
        self.folder, self.place, self.times, self.objects = server.folder, place, times, server.gate.objects

    def back(self, events: int) -> dict[str, str]:
        """Set the repository back by so many events, as it stood then, audited then; where its refs stood before."""
        now = {ref: self.objects.ref(ref) for ref in (LEDGER, MAIN)}
        old = read(self.objects, now[LEDGER])[: len(read(self.objects, now[LEDGER])) - events]
        main = [e.data["main"] for e in old if e.kind in MOVES][-1]
        self.set({LEDGER: old[-1].id, MAIN: main})
        for name in (SEEN, GENESIS):
            run(["git", "config", "--unset", name], cwd=self.folder)
        shutil.rmtree(self.place, ignore_errors=True)
        audit(self.folder, fetch=False, keeping=Keeping(self.place, clock.now()))
        return now

    def set(self, refs: dict[str, str]) -> None:
        """Move refs, whoever might object."""
        for ref, oid in refs.items():
            self.objects.git("-c", "core.hooksPath=/dev/null", "update-ref", ref, oid)

    def row(self, name: str, news: int, **asked: object) -> None:
        """One line of the table: an audit with `news` events more than the last one saw; the last is not measured."""
        walls, works = [], []
        for _ in range(self.times):
            before = self.back(news) if not asked.get("again") else {}
            self.set(before)
            begun, worked = time.perf_counter(), work()
            found = audit(self.folder, fetch=False, keeping=Keeping(self.place, clock.now(), **asked))  # type: ignore[arg-type]
            walls.append(time.perf_counter() - begun)
            works.append(work() - worked)
            sound(found, news, again=bool(asked.get("again")))
        sys.stdout.write(
            f"{found.events:6} events  {name:46} {statistics.median(walls):7.2f} s wall"
            f" {statistics.median(works):7.2f} s work  (n={len(walls)})\n"
        )
        sys.stdout.flush()


def work() -> float:
    """Processor seconds of this process and its children so far."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def sound(found: Audit, news: int, *, again: bool) -> None:
    """Stop when the audit did something else than what is measured."""
    since = -1 if again else found.events - news - 1
    if found.fault is not None or found.since != since:
        sys.exit(f"no such audit: {found}")


def main() -> None:
    """Make the ledgers, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[200, 500, 1000])
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    with tempfile.TemporaryDirectory() as folder:
        begun: datetime = clock.now()
        for _, server in grown(Path(folder), options.items, options.events):
            measured = Measured(server, Path(folder) / "points", options.times)
            measured.row("from the beginning", 0, again=True)
            measured.row("12 new, all hashed again (`audit`)", 12)
            measured.row("nothing new, all hashed again (`audit`)", 0)
            measured.row("12 new, hashed here within the day (`publish`)", 12, rehash=DAY)
        sys.stdout.write(f"in all {(clock.now() - begun).total_seconds():.0f} s\n")


if __name__ == "__main__":
    main()
