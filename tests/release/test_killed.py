"""Killed at every instant while somebody reads: visitors see one whole release, and the ledger says what is true.

A child process publishes and is killed with signal 9 at a named step, or at a random instant. All the while a visitor in
another process reads pages over HTTP (nginx where it is installed) and compares every answer with the manifests.
"""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta

import pytest
from tests.gate.dying import in_child

from gongkai.gate.audit import audit
from gongkai.gate.repository import open_gate
from gongkai.model.errors import GongkaiError
from gongkai.release.publish import STEPS
from gongkai.store import clock

from .visitors import Visitor, WebServer

RANDOM = int(os.environ.get("GONGKAI_KILLS", "20"))
"""So many random instants; the nightly run takes 200."""
NEW = "tide-2026-00001"


@pytest.fixture
def visited(publisher, tmp_path):
    """A publisher whose site is being read; nothing mixed and nothing missing was seen at the end."""
    web = WebServer(publisher.place.root / "current", tmp_path / "nginx")
    visitor = Visitor(publisher.place.root, web.port, tmp_path / "visitor")
    try:
        yield publisher
    finally:
        seen = visitor.stop()
        web.stop()
    assert (seen["mixed"], seen["missing"]) == ([], [])
    assert seen["pages"] > 100
    print(f"{seen['pages']} pages of {len(seen['releases'])} releases were read")


def killing(name):
    """A step hook that kills the process when the step is reached."""

    def step(reached):
        if reached == name:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def true_ledger(publisher):
    """After a publication that ended: whatever the ledger calls published is there with its number, and nothing else."""
    assert audit(publisher.server.folder, fetch=False).fault is None
    facts = open_gate(publisher.server.folder).state.facts
    numbers = {i: f.index_number for i, f in facts.items() if f.published}
    assert len(set(numbers.values())) == len(numbers)
    for ident, number in numbers.items():
        department, year, serial = ident.rsplit("-", 2)
        assert number in publisher.page(f"{department}/{year}/{serial}.html")
    return numbers


def due_minutes(publisher, count):
    """So many accepted items, one due each minute from the next on."""
    start = clock.now().replace(microsecond=0)
    found = {f"tide-2026-{n:05d}": start + timedelta(minutes=n) for n in range(1, count + 1)}
    publisher.accept_for(found)
    return found


def test_killed_at_every_named_step(visited):
    numbers = {}
    due = due_minutes(visited, len(STEPS))
    for name, (ident, visited.moment) in zip(STEPS, due.items(), strict=True):
        before = visited.shown.name
        child = in_child(lambda name=name: visited.publish(step=killing(name)))
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), name
        assert visited.whole()
        assert (visited.shown.name != before) == (STEPS.index(name) >= STEPS.index("switched"))
        facts = open_gate(visited.server.folder).state.facts[ident]
        assert (facts.published is not None) == (STEPS.index(name) >= STEPS.index("recorded"))
        visited.publish()
        now = true_ledger(visited)
        assert ident in now and now.items() >= numbers.items(), name
        numbers = now
        assert [p.name for p in (visited.place.root / "releases").glob(".*")] == []


def test_the_steps_are_all_there_are(publisher):
    publisher.accept(NEW)
    reached = []
    publisher.publish(step=reached.append)
    assert tuple(reached) == STEPS


def test_killed_at_random_instants(visited):
    due = iter(due_minutes(visited, RANDOM // 5 + 1).values())
    visited.moment = next(due)
    visited.publish()
    started = time.monotonic()
    os.waitpid(in_child(lambda: visited.publish(again=True)), 0)
    whole = time.monotonic() - started
    chance, killed, tried = random.Random(20260302), 0, 0
    while killed < RANDOM:
        if tried % 5 == 0:
            visited.moment = next(due, visited.moment)
        child = in_child(lambda: visited.publish(again=True))
        time.sleep(chance.uniform(0, whole * 1.15))
        os.kill(child, signal.SIGKILL)
        tried, killed = tried + 1, killed + os.WIFSIGNALED(os.waitpid(child, 0)[1])
        assert visited.whole()
    visited.publish()
    true_ledger(visited)
    print(f"killed {killed} of {tried}")


def test_two_at_once_wait_for_each_other(publisher):
    publisher.accept(NEW)
    children = [in_child(lambda: publisher.publish(again=True)) for _ in range(2)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert publisher.whole() and len(publisher.place.all()) == 3
    assert publisher.server.events().count("published") == 2
    true_ledger(publisher)


def test_an_acceptance_during_the_build_is_published_too_and_the_event_fits_the_ledger(publisher):
    publisher.accept(NEW)
    came = []

    def step(reached):
        if reached == "built" and not came:
            came.append(publisher.accept("tide-2026-00002", title="白沙站补测情况通报"))

    publisher.publish(step=step)
    assert publisher.shown.main == came[0]
    assert publisher.server.events()[-1] == "published"
    assert {NEW, "tide-2026-00002"} <= true_ledger(publisher).keys()


def test_a_ledger_that_never_stands_still_is_held_for_the_last_attempt(publisher):
    """Each time a build is ready somebody hands something in; the last attempt keeps the door shut meanwhile."""
    publisher.accept(NEW)
    tried = []

    def step(reached):
        if reached == "checked":
            tried.append(reached)
            if len(tried) < 3:
                publisher.accept(f"tide-2026-0001{len(tried)}", title=f"第{len(tried)}次补充观测情况通报")

    publisher.publish(step=step)
    assert len(tried) == 3 and publisher.whole()
    true_ledger(publisher)


def test_the_clock_that_steps_back_publishes_nothing(publisher):
    publisher.accept(NEW)
    before, events = publisher.shown.name, publisher.server.events()
    publisher.moment = publisher.server.start - timedelta(days=3)
    with pytest.raises(GongkaiError) as caught:
        publisher.publish()
    assert caught.value.says.text.startswith("the clock ({now}) stands before the last publication")
    with pytest.raises(GongkaiError) as caught:
        publisher.publish(ran_ahead=True)
    assert caught.value.says.text.startswith("the clock ({now}) stands before the last event of the ledger")
    assert (publisher.shown.name, publisher.server.events()) == (before, events)
