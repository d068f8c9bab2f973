"""Gongkai beside other tools: the same items, the same machine, in turn, in one run.

    python tests/bench/peers.py --items 10000 --rounds 5 --write
    python tests/bench/peers.py --items 300 --rounds 1 --only hugo,gongkai
    python tests/bench/peers.py --growth 1000,3000,10000,30000,100000 --rounds 3 --write

Prints medians, ranges, CPU seconds, peak memory of the whole tree of processes, output size and ratios. `--write` puts the
same into docs/performance.md, between two marker comments, and the plot into docs/performance-growth.svg. A peer that is not
installed is named and left out (pip install -r requirements/bench.txt). Everything made lies in a folder of its own, which
is taken away in the end. Numbers taken while the code of gongkai changed are printed, but not written.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from make_portal import make
from peer_base import Corpus, Failed, Peer
from peer_gongkai import GongkaiBuild, GongkaiCheck, GongkaiPublish, GongkaiUnsearched
from peer_growth import Point, growth_table, plot
from peer_others import CheckJsonschema, Hugo, MkDocs, Pagefind, Zensical
from peer_report import ROOT, machine, put, table, targets, versions
from peer_rounds import Series, once, run_rounds, size_of
from peer_watch import GongkaiWatch

from gongkai.store import clock
from gongkai.store.kept import engine

KINDS: tuple[type[Peer], ...] = (
    Hugo, GongkaiUnsearched, GongkaiBuild, GongkaiCheck, GongkaiPublish, GongkaiWatch, MkDocs, Zensical, Pagefind, CheckJsonschema,
)  # fmt: skip
DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = "performance-growth.svg"


def tell(text: str) -> None:
    """Progress, and whatever is no result, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def chosen(only: str) -> list[type[Peer]]:
    """The peers to run; `gongkai` names all of ours. Those that are not installed are named and left out."""
    wanted = [word for word in only.split(",") if word]
    unknown = [w for w in wanted if not any(_is(kind, w) for kind in KINDS)]
    if unknown:
        sys.exit(f"no peer is called {unknown[0]}: {', '.join(kind.key for kind in KINDS)}")
    found = []
    for kind in KINDS:
        if wanted and not any(_is(kind, w) for w in wanted):
            continue
        if kind.version():
            found.append(kind)
        else:
            tell(f"{kind.title} is not installed, and left out: pip install -r requirements/bench.txt")
    return found


def _is(kind: type[Peer], word: str) -> bool:
    return kind.key == word or (word == "gongkai" and kind.key.startswith("gongkai"))


def side_by_side(kinds: list[type[Peer]], base: Path, options: argparse.Namespace) -> list[Series]:
    """Make one portal and measure everybody on it."""
    corpus = Corpus(base, base / "portal", options.items)
    tell(f"making {options.items:,} items")
    make(corpus.count, corpus.portal)
    slow, peers = options.slow_rounds or options.rounds, [kind(corpus) for kind in kinds]
    try:
        return run_rounds(peers, options.rounds, slow, not options.no_warm_up, tell)
    finally:
        for peer in peers:
            peer.end()


def growing(kinds: list[type[Peer]], base: Path, sizes: list[int], rounds: int) -> list[Point]:
    """Cold builds at each number of items, in turn; one tool's output goes before the other begins."""
    points = []
    for count in sizes:
        corpus = Corpus(base / str(count), base / str(count) / "portal", count)
        make(count, corpus.portal)
        peers = [kind(corpus) for kind in kinds]
        series = {peer.key: Series(peer.key, peer.title, "cold") for peer in peers}
        for peer in peers:
            peer.lay_out()
        for number in range(rounds):
            for peer in peers if number % 2 else peers[::-1]:
                step = next(step for step in peer.steps() if step.state == "cold")
                run = once(peer, step, number)
                found = series[peer.key]
                found.runs.append(run)
                found.size, found.files = size_of(peer.output())
                shutil.rmtree(peer.output() or "", ignore_errors=True)
                tell(f"{count:>7} {peer.title:16} {run.seconds:8.2f} s  {run.memory / 1e6:7.0f} MB")
        points += [Point(peer.key, peer.title, count, series[peer.key]) for peer in peers]
        shutil.rmtree(corpus.base)
    return points


def head(kinds: list[type[Peer]], about: str, items: str) -> str:
    """What a reader must know to judge the numbers: machine, day, versions, command."""
    day = clock.now().date().isoformat()
    command = " ".join(["python tests/bench/peers.py", *sys.argv[1:]])
    return f"`{command}`, {day}, {items}; {about}.\n{versions(kinds)}."


def section(kinds: list[type[Peer]], about: str, items: int, series: list[Series]) -> str:
    """The section "Side by side" of docs/performance.md."""
    notes = "\n".join(f"- **{kind.title}**: {kind.differs}" for kind in kinds)
    judged = targets(series)
    return f"""## Side by side

{head(kinds, about, f"the same {items:,} items for everybody (tests/bench/make_portal.py)")}
Every run is a fresh process, the tools take turns and each round begins with another one; the system's file cache is warm.
Peak memory: the largest sum over the whole tree of processes, looked at twenty times a second (pages that forked
processes share count in each of them; in brackets the kernel's proportional share, from runs whose time does not count).
After every run the bench looks whether each item has its page, or the changed one its new words.

{table(series)}
{chr(10) + "What issue 7 wants, as far as these runs can judge it:" + chr(10) + chr(10) + judged + chr(10) if judged else ""}
What differs, so that the numbers are read for what they are:

{notes}
"""


def growth_section(kinds: list[type[Peer]], about: str, points: list[Point]) -> str:
    """The section "Growth" of docs/performance.md."""
    return f"""## Growth

{head(kinds, about, "full builds with nothing kept, in turn")}

{growth_table(points)}

![Seconds of a full build over the number of items, Gongkai and Hugo, both axes logarithmic](performance-growth.svg)
"""


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--slow-rounds", type=int, default=0, help="rounds of the peers that take minutes (default: all)"
    )
    parser.add_argument("--only", default="", help="names with commas: " + ", ".join(k.key for k in KINDS))
    parser.add_argument("--growth", default="", help="numbers of items with commas: Gongkai and Hugo only")
    parser.add_argument("--dir", type=Path, help="where to work (default: /dev/shm, else the system's)")
    parser.add_argument("--no-warm-up", action="store_true", help="leave out the rounds that do not count")
    parser.add_argument("--write", action="store_true", help="write the document too")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="default: docs/performance.md")
    return parser.parse_args()


def work(options: argparse.Namespace, base: Path) -> None:
    """Measure, print, write."""
    about, code = machine(base), engine.__wrapped__()
    if os.getloadavg()[0] > 0.5:
        tell("the machine is busy with other work: trust CPU seconds and ratios, not seconds")
    if options.growth:
        kinds = [kind for kind in chosen(options.only or "hugo,gongkai") if kind in (Hugo, GongkaiBuild)]
        sizes = [int(word) for word in options.growth.split(",")]
        points = growing(kinds, base, sizes, options.rounds)
        name, text = "growth", growth_section(kinds, about, points)
        picture = plot(points)
    else:
        kinds, picture = chosen(options.only), ""
        series = side_by_side(kinds, base, options)
        name, text = "side by side", section(kinds, about, options.items, series)
    sys.stdout.write(text)
    if engine.__wrapped__() != code:
        sys.exit(
            "the code of gongkai changed meanwhile: what was kept was thrown away, and these numbers are void"
        )
    if options.write:
        put(options.document, name, text)
        if picture:
            (options.document.parent / PICTURE).write_text(picture, encoding="utf-8")


def main() -> None:
    """Work in a folder that goes away however this ends."""
    options = read_options()
    memory = Path("/dev/shm")
    place = options.dir or (memory if os.access(memory, os.W_OK) else None)

    def stop(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    with tempfile.TemporaryDirectory(prefix="gongkai-peers-", dir=place) as folder:
        try:
            work(options, Path(folder))
        except Failed as failed:
            sys.exit(str(failed))


if __name__ == "__main__":
    main()
