"""Killed at every instant: nothing that was taken in is lost, nothing is there twice, `settle` finishes what was begun.

A child process does what a hook does and is killed with signal 9 before or after the n-th move of a ref: these are the
instants that leave something behind, for objects without a ref are nothing. Then git itself is killed inside its own
transaction, by the hook that it calls there.
"""

from __future__ import annotations

import os
import shutil
import threading
import time

import pytest

from gongkai.gate.refusal import Refused
from gongkai.gate.releasing import record_act
from gongkai.gate.server import configure
from gongkai.gate.settle import settle
from gongkai.model.errors import GongkaiError
from gongkai.store import clock

from .dying import die_at_move, killed

NUMBER = "S-{year}-00001"
DONE = {
    "submit": (2, ["received"]),
    "approve first": (2, ["received", "approved"]),
    "approve last": (5, ["received", "approved", "approved", "accepted"]),
    "return": (2, ["received", "approved", "returned"]),
    "cancel": (3, ["received", "approved", "cancelled"]),
}
"""Each act: how many refs it moves, and the events after genesis once it is done."""
POINTS = [
    (act, n, when)
    for act, (moves, _) in DONE.items()
    for n in range(1, moves + 1)
    for when in ("before", "after")
]


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """A folder for servers on the way (submitted, approved once): made when first asked for, copied per test."""
    return tmp_path_factory.mktemp("stages")


@pytest.fixture
def at(server, report, stages):
    """Bring the server to the state before an act."""
    fresh = server.folder.with_name("fresh.git")
    shutil.copytree(server.folder, fresh)

    def put(folder):
        shutil.rmtree(server.folder)
        shutil.copytree(folder, server.folder)
        configure(server.folder)
        return server.anew()

    def bring(act):
        if act == "submit":
            return put(fresh)
        stage = stages / ("submitted" if act == "approve first" else "approved")
        if not stage.exists():
            here = put(fresh)
            number = here.hand_in(report(here)).number
            if stage.name == "approved":
                here.say("approval", number, "tide-head")
            shutil.copytree(here.folder, stage)
        return put(stage)

    return bring


def do(act, server, report):
    """The act itself, as the hook would do it."""
    number = NUMBER.format(year=server.today()[:4])
    if act == "submit":
        server.hand_in(report(server))
    elif act == "approve first":
        server.say("approval", number, "tide-head")
    elif act == "approve last":
        server.say("approval", number, "office-reviewer")
    elif act == "return":
        server.say("return", number, "office-reviewer", reason="来源没有写清")
    else:
        server.say("cancel", number, "tide-officer")


def dying(work, point, when):
    """`work`, killed with signal 9 before or after the ref move number `point`."""

    def run():
        die_at_move(point, after=when == "after")
        work()

    return run


def settled(server):
    """Settle twice; the second time there must be nothing to do."""
    done = [m.text for m in settle(server.anew().gate, clock.now())]
    assert list(settle(server.anew().gate, clock.now())) == []
    return done


@pytest.mark.parametrize("act, point, when", POINTS)
def test_killed_at_any_instant_the_act_is_whole_or_can_be_done_again(at, report, act, point, when):
    server = at(act)
    assert killed(dying(lambda: do(act, server.anew(), report), point, when))
    settled(server)
    assert server.faults() == []
    wanted = ["genesis", *DONE[act][1]]
    begun = server.events()
    assert begun in (wanted[: len(begun)], wanted)
    if begun != wanted:
        do(act, server.anew(), report)
    assert server.events() == wanted
    assert server.faults() == [] and settled(server) == []


def test_the_points_are_all_there_are(at, report):
    """One more move than listed would be an instant that no test above has seen."""
    for act, (moves, _) in DONE.items():
        server = at(act)
        assert not killed(dying(lambda s=server, a=act: do(a, s.anew(), report), moves + 1, "before"))


def test_what_was_received_but_has_no_answer_gets_its_receipt_again(at, report):
    server = at("submit")
    assert killed(dying(lambda: do("submit", server.anew(), report), 1, "after"))
    receipt = server.anew().hand_in(report(server))
    assert receipt.version == 1 and server.events() == ["genesis", "received"]


def test_a_crash_between_event_and_main_is_mended_though_others_came_in_between(at, report):
    """The last event is then no acceptance any more: main must still go where the last acceptance says."""
    server = at("approve last")
    assert killed(dying(lambda: do("approve last", server.anew(), report), 3, "after"))
    server.anew().hand_in(report(server, "tide-2026-00002"), name="y")
    assert server.events()[-1] == "received"
    assert settled(server) == [
        "main moved from {old} to {new}, as the ledger says",
        "{branch} was set to what the ledger says",
    ]
    assert server.faults() == []


# Inside git's own transaction

KILLER = """#!/bin/sh
while read -r old new ref; do
  case "$1 $ref" in "{state} {ref}") kill -9 $PPID; sleep 0.2; exit 1 ;; esac
done
"""


@pytest.mark.parametrize("state", ["prepared", "committed"])
@pytest.mark.parametrize("ref", ["refs/gongkai/ledger", "refs/heads/main", "refs/heads/review/tide/x"])
def test_git_killed_inside_its_own_ref_transaction(at, report, ref, state):
    server = at("approve last")
    hook = server.folder / "hooks/reference-transaction"
    hook.write_text(KILLER.format(state=state, ref=ref))
    try:
        do("approve last", server.anew(), report)
    except GongkaiError as error:
        assert not isinstance(error, Refused)
    left = list((server.folder / "refs").rglob("*.lock"))
    assert left if state == "prepared" and ref != "refs/heads/review/tide/x" else True
    configure(server.folder)
    for lock in server.folder.glob("packed-refs.lock"):
        os.utime(lock, (1, 1))
    settled(server)
    assert server.faults() == []
    if server.events()[-1] != "accepted":
        do("approve last", server.anew(), report)
    assert server.events() == ["genesis", *DONE["approve last"][1]]
    assert server.faults() == []


def test_settle_says_so_when_main_cannot_follow(at, report):
    server = at("approve last")
    assert killed(dying(lambda: do("approve last", server.anew(), report), 3, "after"))
    hook = server.folder / "hooks/reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(GongkaiError) as caught:
        list(settle(server.anew().gate, clock.now()))
    assert caught.value.says.text == "main could not be moved to {new}, as the ledger says"


# Two at once


def test_two_acceptances_at_once_both_land_on_one_line(server, report):
    numbers = [server.hand_in(report(server, f"tide-2026-0000{n}"), name=f"b{n}").number for n in (1, 2)]
    for number in numbers:
        server.say("approval", number, "tide-head")
    reviewers = [server.clone("office-reviewer", f"desk{n}") for n in (1, 2)]
    said = {}

    def approve(worker, number):
        said[number] = worker.approve(number)

    threads = [threading.Thread(target=approve, args=pair) for pair in zip(reviewers, numbers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("is accepted: main is now" in words for words in said.values()) and len(said) == 2
    assert server.faults() == []
    assert server.events()[-1] == "accepted" and server.events().count("accepted") == 2
    assert server.audited() == ""
    for n in (1, 2):
        assert server.read(f"content/tide/2026/tide-2026-0000{n}.md")


def test_who_waits_for_the_lock_records_after_what_was_recorded_meanwhile(server, report):
    server.hand_in(report(server))
    held = threading.Event()

    def other():
        gate = server.anew().gate
        with gate.lock():
            gate.refresh()
            held.set()
            time.sleep(1.2)  # the ledger counts in seconds
            gate.record("rolled_back", {"release": "one", "main": gate.state.main}, clock.now())

    thread = threading.Thread(target=other)
    thread.start()
    held.wait()
    record_act(server.folder, {"release": "two", "main": server.gate.state.main}, clock.now())
    thread.join()
    assert server.events()[-2:] == ["rolled_back", "rolled_back"]
    assert server.faults() == []


def test_two_who_draw_the_same_item_number_do_not_overwrite_each_other(server, report, why):
    server.hand_in(report(server), name="one")
    assert why(server.hand_in, report(server, title="另一篇"), name="two") == (
        "{item} already belongs to submission {number}",
    )
