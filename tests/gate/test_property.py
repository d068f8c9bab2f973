"""Whatever people do in whatever order, killed or not: nothing is on main that was not approved, nothing is lost."""

from __future__ import annotations

import os
import signal
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gongkai.evidence.ledger import LEDGER, read
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.refusal import Refused
from gongkai.gate.settle import settle
from gongkai.store import clock
from gongkai.store.signing import sign

from .conftest import alert, news, path_of
from .dying import die_at_move, in_child, killed

REVIEW = "site_config/review.yml"

ITEMS = ("tide-2026-00001", "tide-2026-00002", "emergency-2026-00001")
OFFICERS = {"tide": ("tide-officer", "tide-deputy"), "emergency": ("emergency-officer", "emergency-deputy")}
ALERT = 2
"""The slot of the item that one leader on duty accepts, and that owes a second review."""
PEOPLE = ("tide-head", "office-reviewer", "office-reviewer-b", "tide-officer", "duty-leader", "leader")
EXAMPLES = int(os.environ.get("GONGKAI_PROPERTY_EXAMPLES", "12"))
"""How many stories are told beside those written down here; `GONGKAI_PROPERTY_EXAMPLES=200` for a night."""
LATER = timedelta(days=9)
SLOTS = st.integers(0, len(ITEMS) - 1)
ACTS = st.one_of(
    st.tuples(st.just("submit"), SLOTS, st.sampled_from([0, 1])),
    st.tuples(st.just("approve"), SLOTS, st.sampled_from(PEOPLE)),
    st.tuples(st.just("approve"), SLOTS, st.sampled_from(PEOPLE[:2])),
    st.tuples(st.just("approve"), st.just(ALERT), st.just("duty-leader")),
    st.tuples(st.just("higher"), SLOTS, st.just("leader")),
    st.tuples(st.just("return"), SLOTS, st.sampled_from(PEOPLE)),
    st.tuples(st.just("cancel"), SLOTS, st.sampled_from(["tide-officer", "emergency-officer"])),
    st.tuples(st.just("confirm"), st.just(ALERT), st.sampled_from(["office-reviewer", "duty-leader"])),
    st.tuples(st.just("object"), st.just(ALERT), st.sampled_from(["office-reviewer-b", "tide-head"])),
    st.tuples(st.just("revoke"), SLOTS, st.sampled_from(["tide-head", "office-reviewer", "duty-leader"])),
    st.tuples(st.just("wait"), SLOTS, st.just("")),
    st.tuples(st.just("replay"), SLOTS, st.just("")),
    st.tuples(st.just("two"), SLOTS, st.sampled_from([PEOPLE[:2], PEOPLE[1:3]])),
)
STEPS = st.tuples(ACTS, st.none() | st.tuples(st.integers(1, 5), st.booleans()))
FULL = [
    (("submit", 0, 0), None),
    (("approve", 0, "tide-head"), None),
    (("submit", 1, 0), (1, True)),
    (("approve", 0, "office-reviewer"), (3, True)),
    (("replay", 0, ""), None),
    (("submit", 0, 1), None),
]
SHORT = [
    (("submit", 2, 0), None),
    (("approve", 2, "duty-leader"), (3, True)),
    (("submit", 0, 0), None),
    (("return", 0, "office-reviewer"), None),
    (("submit", 0, 1), None),
    (("approve", 0, "tide-head"), None),
    (("two", 0, ("office-reviewer", "tide-head")), None),
    (("approve", 0, "tide-head"), None),
    (("wait", 2, ""), (3, True)),
    (("revoke", 0, "tide-head"), None),
    (("approve", 0, "tide-head"), None),
]
"""An emergency whose second review lapses (the gate dies on its withdrawal), a return, two at once, a void key."""
BOTH = [
    (("submit", 0, 1), None),
    (("two", 0, ("tide-head", "office-reviewer")), (2, True)),
    (("two", 0, ("tide-head", "office-reviewer")), (1, False)),
    (("approve", 0, "office-reviewer"), None),
]
"""Two at once, each of whom is killed at a move of a ref: found by the machine, and it killed the test's own child."""


class Story:
    """A server, and what people do to it."""

    def __init__(self, server):
        self.server = server
        self.kept: list[tuple[bytes, str]] = []
        self.told = 0
        self.dying = False
        self.now = clock.now()

    def act(self, kind, slot, person):
        """One act; a refusal is an answer like any other."""
        try:
            getattr(self, kind)(slot, person)
        except Refused:
            self.server.gate.refresh()

    def submit(self, slot, officer):
        self.told += 1
        ident, title = ITEMS[slot], f"潮汐观测科完成第{self.told}次复测"
        department = ident.partition("-")[0]
        files = {path_of(ident): news(ident, self.now.date().isoformat(), title)}
        if slot == ALERT:
            files = {path_of(ident): alert(ident, self.now, title)}
        self.server.hand_in(
            files, self.now, person=OFFICERS[department][officer], name=f"b{slot}", department=department
        )

    def approve(self, slot, person):
        self._say("approval", slot, person)

    def higher(self, slot, person):
        self._say("approval", slot, person, "由我决定", step="higher")

    def cancel(self, slot, person):
        self._say("cancel", slot, person)

    def confirm(self, slot, person):
        if self.number(slot) in self.server.gate.state.owed:
            self._say("confirmation", slot, person)

    def object(self, slot, person):
        self._say("objection", slot, person, "情况未核实")

    def _say(self, kind, slot, person, reason="", step=""):
        number = self.number(slot)
        if number:
            statement = self.server.statement(kind, number, person, step, reason=reason, now=self.now)
            signature = sign(self.server.key(person), NAMESPACES[kind], text_of(statement))
            self.kept.append((pack(statement, signature), person))
            self.server.bring(*self.kept[-1], self.now)

    def revoke(self, _slot, person):
        self.server.revoke(person, "admin-a", self.now)

    def wait(self, _slot, _person):
        """Days pass, and the timed settle comes: what is overdue by then is recorded, or withdrawn."""
        self.now += LATER
        list(settle(self.server.anew().gate, self.now))
        self.server.gate.refresh()

    def replay(self, slot, _person):
        """Bring again what somebody once signed."""
        if self.kept:
            self.server.bring(*self.kept[slot % len(self.kept)], self.now)

    def two(self, slot, people):
        """Two people decide on it at the same time, in processes of their own."""
        number = self.number(slot)
        if not number:
            return
        children = [in_child(lambda person=person: self._approve_anew(slot, person)) for person in people]
        ends = {os.waitpid(child, 0)[1] for child in children}
        assert ends <= ({0, signal.SIGKILL} if self.dying else {0})
        self.server = self.server.anew()

    def _approve_anew(self, slot, person):
        self.server = self.server.anew()
        self.act("approve", slot, person)

    def number(self, slot):
        found = [
            s.number
            for s in self.server.gate.refresh().submissions.values()
            if s.branch.endswith(f"/b{slot}")
        ]
        return found[-1] if found else ""

    def die(self, act, point, after):
        """The act in a child process that is killed at its n-th move of a ref, or not when it has fewer; then settle."""
        killed(lambda: self._die(act, point, after))
        self.told += act[0] == "submit"
        self.now += LATER if act[0] == "wait" else timedelta()
        list(settle(self.server.anew().gate, self.now))
        self.server.gate.refresh()
        assert self.server.faults() == []

    def _die(self, act, point, after):
        self.server, self.dying = self.server.anew(), True
        die_at_move(point, after=after)
        self.act(*act)


setattr(Story, "return", lambda self, slot, person: self._say("return", slot, person, "来源没有写清"))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@example(FULL, False)
@example(SHORT, True)
@example(BOTH, False)
@given(st.lists(STEPS, min_size=4, max_size=10), st.booleans())
def test_no_order_of_acts_and_crashes_brings_in_what_was_not_approved(new_server, steps, withdrawing):
    with tempfile.TemporaryDirectory() as folder:
        story = Story(new_server(Path(folder)))
        if withdrawing:
            text = story.server.read(REVIEW)
            story.server.change_policy({REVIEW: text.replace("lapse: show", "lapse: withdraw")}, story.now)
        for act, death in steps:
            before = len(story.server.events())
            if death:
                story.die(act, *death)
            else:
                story.act(*act)
            assert len(story.server.events()) >= before
        assert list(settle(story.server.anew().gate, story.now)) == []
        assert story.server.faults() == [] and story.server.audited() == ""
        assert owing(story.server) == []
        if steps == FULL:
            kinds = ["genesis", "received", "approved", "received", "approved", "accepted", "received"]
            assert story.server.events() == kinds
        if steps == SHORT:
            kinds = ["received", "approved", "accepted", "received", "returned", "received"]
            assert story.server.events()[5:11] == kinds
            assert {"accepted", "withdrawn", "revoked"} <= set(story.server.events()[11:])


def owing(server):
    """Acceptances of the short level whose second review is neither given nor owed nor overtaken."""
    events = read(server.gate.objects, server.gate.objects.ref(LEDGER))
    owed = {e.data["submission"]: e for e in events if e.kind == "accepted" and "owes" in e.data}
    settled = {
        e.data["submission"] for e in events if e.kind in ("confirmed", "objected", "lapsed", "withdrawn")
    }
    duties = {o.submission for o in server.anew().gate.state.duties()}
    later = {e.data["submission"] for e in owed.values() if _overtaken(e, owed, settled)}
    return sorted(owed.keys() - settled - duties - later)


def _overtaken(event, owed, settled):
    after = (e for e in owed.values() if e.number > event.number)
    return any(
        set(event.data["items"]) <= set(e.data["items"]) and e.data["submission"] in settled for e in after
    )
