"""Whatever people do in whatever order, killed or not: nothing is on main that was not approved, nothing is lost."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.refusal import Refused
from gongkai.gate.settle import settle
from gongkai.store import clock
from gongkai.store.objects import Objects
from gongkai.store.signing import sign

ITEMS = ("tide-2026-00001", "tide-2026-00002")
PEOPLE = ("tide-head", "office-reviewer", "office-reviewer-b", "tide-officer", "ferry-head")
SLOTS = st.integers(0, len(ITEMS) - 1)
ACTS = st.one_of(
    st.tuples(st.just("submit"), SLOTS, st.sampled_from(["tide-officer", "tide-deputy"])),
    st.tuples(st.just("approve"), SLOTS, st.sampled_from(PEOPLE)),
    st.tuples(st.just("approve"), SLOTS, st.sampled_from(PEOPLE[:2])),
    st.tuples(st.just("return"), SLOTS, st.sampled_from(PEOPLE)),
    st.tuples(st.just("cancel"), SLOTS, st.sampled_from(["tide-officer", "ferry-head"])),
    st.tuples(st.just("replay"), SLOTS, st.just("")),
)
STEPS = st.tuples(ACTS, st.none() | st.tuples(st.integers(1, 5), st.booleans()))
FULL = [
    (("submit", 0, "tide-officer"), None),
    (("approve", 0, "tide-head"), None),
    (("submit", 1, "tide-officer"), (1, True)),
    (("approve", 0, "office-reviewer"), (3, True)),
    (("replay", 0, ""), None),
    (("submit", 0, "tide-deputy"), None),
]


class Story:
    """A server, and what people do to it."""

    def __init__(self, server, report):
        self.server, self.report = server, report
        self.kept: list[tuple[bytes, str]] = []
        self.told = 0

    def act(self, kind, slot, person):
        """One act; a refusal is an answer like any other."""
        try:
            getattr(self, kind)(slot, person)
        except Refused:
            self.server.gate.refresh()

    def submit(self, slot, person):
        self.told += 1
        files = self.report(self.server, ITEMS[slot], title=f"潮汐观测科完成第{self.told}次复测")
        self.server.hand_in(files, person=person, name=f"b{slot}")

    def approve(self, slot, person):
        self._say("approval", slot, person)

    def cancel(self, slot, person):
        self._say("cancel", slot, person)

    def _say(self, kind, slot, person, reason=""):
        number = self.number(slot)
        if number:
            statement = self.server.statement(kind, number, person, reason=reason)
            signature = sign(self.server.key(person), NAMESPACES[kind], text_of(statement))
            self.kept.append((pack(statement, signature), person))
            self.server.bring(*self.kept[-1])

    def replay(self, slot, _person):
        """Bring again what somebody once signed."""
        if self.kept:
            self.server.bring(*self.kept[slot % len(self.kept)])

    def number(self, slot):
        found = [
            s.number
            for s in self.server.gate.refresh().submissions.values()
            if s.branch.endswith(f"/b{slot}")
        ]
        return found[-1] if found else ""

    def die(self, act, point, after):
        """The act in a child process that is killed at its n-th move of a ref, or not when it has fewer; then settle."""
        child = os.fork()
        if child == 0:
            try:
                self.server = self.server.anew()
                _fatal(point, after)
                self.act(*act)
            except BaseException:  # the child must never come back into pytest
                os._exit(3)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status == 0 or os.WIFSIGNALED(status)
        self.told += act[0] == "submit"
        list(settle(self.server.anew().gate, clock.now()))
        self.server.gate.refresh()
        assert self.server.faults() == []


setattr(Story, "return", lambda self, slot, person: self._say("return", slot, person, "来源没有写清"))


def _fatal(point, after):
    count, move = [0], Objects.move

    def fatal(self, name, new, old):
        count[0] += 1
        if count[0] == point and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = move(self, name, new, old)
        if count[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Objects.move = fatal


@settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@example(FULL)
@given(st.lists(STEPS, min_size=4, max_size=10))
def test_no_order_of_acts_and_crashes_brings_in_what_was_not_approved(new_server, report, steps):
    with tempfile.TemporaryDirectory() as folder:
        story = Story(new_server(Path(folder)), report)
        for act, death in steps:
            before = len(story.server.events())
            if death:
                story.die(act, *death)
            else:
                story.act(*act)
            assert len(story.server.events()) >= before
        assert list(settle(story.server.anew().gate, clock.now())) == []
        assert story.server.faults() == [] and story.server.audited() == ""
        if steps == FULL:
            kinds = ["genesis", "received", "approved", "received", "approved", "accepted", "received"]
            assert story.server.events() == kinds
