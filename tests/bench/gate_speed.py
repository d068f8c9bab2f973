"""What the gate's hook takes to answer, at 10,000 items with one changed, and whether acceptances grow slower.

nox -s bench        prints the medians of the pushes (wall seconds, git and SSH signing of the pusher left out)
python tests/bench/gate_speed.py --items 10000 --pushes 5 --acceptances 200
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from make_portal import make

from gongkai.evidence.ruling import needed
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.change import change_between
from gongkai.gate.client import open_clone, push_statement
from gongkai.gate.receive import Push, receive
from gongkai.gate.repository import open_gate
from gongkai.gate.server import init
from gongkai.model.evidence import Statement
from gongkai.store import clock
from gongkai.store.process import run
from gongkai.store.signing import make_key, sign

OFFICER, APPROVERS = "tide-officer", (("tide-head", "head"), ("office-reviewer", "office"))


@dataclass
class Bench:
    """A server of N items, and one clone that acts for everybody."""

    server: Path
    clone: Path
    keys: Path
    edits: int = 0

    def git(self, *args: str) -> str:
        """Git in the clone."""
        done = run(["git", *args], cwd=self.clone, timeout=600)
        if done.code:
            sys.exit(done.err.decode())
        return done.out.decode().strip()

    def be(self, person: str) -> None:
        """Work as this person."""
        self.git("config", "gongkai.person", person)
        self.git("config", "gongkai.key", str(self.keys / person))

    def edit(self, number: int) -> str:
        """A commit that changes one item of the tide department; returns its id."""
        self.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        self.git("checkout", "-q", "--detach", "-f", "origin/main")
        paths = sorted(self.clone.glob("content/tide/*/*.md"))
        path = paths[number % len(paths)]
        text = path.read_text(encoding="utf-8")
        self.edits += 1
        words = f"summary: 第{self.edits}次修改"
        path.write_text(re.sub(r"^summary: .*$", words, text, count=1, flags=re.MULTILINE), "utf-8")
        self.git("commit", "-q", "-a", "-m", "edit")
        return self.git("rev-parse", "HEAD")

    def submit(self, tip: str, name: str) -> float:
        """Push to a review branch, signed; the wall seconds of the push."""
        import base64

        gate = open_gate(self.server)
        change, _ = change_between(gate.objects, gate.state.main, self._there(tip))
        statement = Statement(
            "submission", gate.state.genesis, "", 0, change.digest, OFFICER, clock.now().isoformat()
        )
        packed = pack(statement, sign(self.keys / OFFICER, NAMESPACES["submission"], text_of(statement)))
        option = base64.b64encode(packed).decode()
        args = [
            "git",
            "push",
            "-q",
            "-o",
            f"gongkai-statement={option}",
            "origin",
            f"{tip}:refs/heads/review/tide/{name}",
        ]
        return self._timed(args)

    def _there(self, tip: str) -> str:
        """The commit's objects, laid into the server without a push: only so that its change can be computed here."""
        run(["git", "fetch", "-q", str(self.clone), tip], cwd=self.server, timeout=600)
        return tip

    def approve(self, name: str) -> list[float]:
        """Everybody who is needed says yes; the wall seconds of each push."""
        times = []
        for person, step in APPROVERS:
            self.be(person)
            clone = open_clone(self.clone)
            gate = clone.gate
            submission = gate.state.open_for(f"refs/heads/review/tide/{name}")
            assert submission is not None
            policy, moment = gate.policy(clock.now()), clock.now()
            kinds = tuple({("notice", "tide"), ("policy", "tide")} & set(self.kinds(submission.last.change)))
            steps = needed(submission, kinds, policy)
            bearing = policy.bearing(steps, (k for k, _ in kinds))
            statement = Statement(
                "approval", gate.state.genesis, submission.number, submission.last.number,
                submission.last.change.digest, person, moment.isoformat(), bearing, step,
            )  # fmt: skip
            begun = time.perf_counter()
            push_statement(clone, statement)
            times.append(time.perf_counter() - begun)
        return times

    def kinds(self, change: object) -> list[tuple[str, str]]:
        """The types of the items that the change touches, read from the clone's files."""
        found = []
        for row in change.paths:  # type: ignore[attr-defined]
            text = (self.clone / row.path).read_text(encoding="utf-8")
            match = re.search(r"^type: (\S+)$", text, re.MULTILINE)
            found.append((match[1] if match else "", "tide"))
        return found

    def _timed(self, args: list[str]) -> float:
        begun = time.perf_counter()
        done = subprocess.run(args, cwd=self.clone, capture_output=True, check=False)
        if done.returncode:
            sys.exit(done.stderr.decode())
        return time.perf_counter() - begun


def lay_out(count: int, folder: Path) -> Bench:
    """A server of `count` items with keys for those who act, and a clone."""
    portal = folder / "portal"
    make(count, portal)
    people = portal / "site_config/people.yml"
    text = people.read_text(encoding="utf-8")
    for person in re.findall(r"^  - code: (\S+)$", text, re.MULTILINE):
        line = make_key(folder / "keys" / person, person)
        block = re.compile(rf"(^  - code: {person}\n(?:    .*\n)*?    ssh_keys: )\[\]", re.MULTILINE)
        text = block.sub(lambda m, line=line: f'{m[1]}["{line}"]', text)
    # Types that ask for a secrecy review too would only add a push each.
    people.write_text(text, encoding="utf-8")
    review = portal / "site_config/review.yml"
    plain = review.read_text(encoding="utf-8").replace(
        "  policy: {also: [secrecy]}\n", "  policy: {level: standard}\n"
    )
    plain = re.sub(r"^statements_per_day:.*$", "statements_per_day: 100000", plain, flags=re.MULTILINE)
    review.write_text(plain, encoding="utf-8")
    server, clone = folder / "server.git", folder / "clone"
    init(server, portal, clock.now())
    run(["git", "clone", "-q", str(server), str(clone)], cwd=folder, timeout=600)
    bench = Bench(server, clone, folder / "keys")
    for name, value in {"user.name": "bench", "user.email": "bench@example.org"}.items():
        bench.git("config", name, value)
    return bench


def row(name: str, seconds: list[float]) -> None:
    """One line of the table."""
    sys.stdout.write(
        f"{name:44} {statistics.median(seconds):7.2f} s  ({min(seconds):.2f}–{max(seconds):.2f}, n={len(seconds)})\n"
    )
    sys.stdout.flush()


def answers(bench: Bench, pushes: int) -> None:
    """The three answers of the hook: a receipt, an approval, an acceptance."""
    first, submits, approvals, accepts = [], [], [], []
    for number in range(pushes + 1):
        tip = bench.edit(number)
        bench.be(OFFICER)
        seconds = bench.submit(tip, f"n{number}")
        (submits if number else first).append(seconds)
        *early, last = bench.approve(f"n{number}")
        approvals.extend(early)
        accepts.append(last)
    row("submission, nothing kept yet", first)
    row("submission, one item changed", submits)
    row("approval", approvals)
    row("last approval, accepted", accepts)


def growth(bench: Bench, count: int) -> None:
    """`count` submissions accepted one after another: the first tenth beside the last."""
    totals = []
    for number in range(count):
        tip = bench.edit(number)
        bench.be(OFFICER)
        totals.append(bench.submit(tip, f"g{number}") + sum(bench.approve(f"g{number}")))
    tenth = max(1, count // 10)
    row(f"acceptances 1–{tenth}, all three pushes", totals[:tenth])
    row(f"acceptances {count - tenth + 1}–{count}, all three pushes", totals[-tenth:])


def profile(bench: Bench) -> None:
    """Where one receipt's time goes, in this process."""
    tip = bench._there(bench.edit(39))
    gate = open_gate(bench.server)
    measured = cProfile.Profile()
    push = Push("refs/heads/review/tide/profile", tip, OFFICER)
    measured.runcall(receive, gate, push, clock.now())
    pstats.Stats(measured).sort_stats("cumulative").print_stats(35)


def main() -> None:
    """Make the server, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--pushes", type=int, default=5)
    parser.add_argument("--acceptances", type=int, default=200)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = lay_out(options.items, Path(folder))
        sys.stdout.write(f"{options.items} items\n")
        answers(bench, options.pushes)
        if options.profile:
            profile(bench)
        if options.acceptances:
            growth(bench, options.acceptances)


if __name__ == "__main__":
    main()
