"""What a short level owes afterwards, and how often it may be used: real repositories, real signatures."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.ledger import LEDGER, append, read
from gongkai.gate.refusal import Refused
from gongkai.gate.settle import settle
from gongkai.store import clock

from .conftest import alert, path_of

ITEM, PATH = "emergency-2026-00001", path_of("emergency-2026-00001")
REVIEW = "site_config/review.yml"


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def emergency(server, now):
    """Hand in an alert and let the leader on duty accept it: `emergency(at=…)` returns the submission's number."""

    def make(ident=ITEM, at=now, name="alarm", person="emergency-officer", **words):
        files = {path_of(ident): alert(ident, at, **words)}
        number = server.hand_in(files, at, person=person, name=name, department="emergency").number
        assert server.say("approval", number, "duty-leader", at).accepted
        return number

    return make


def told(server, now):
    return [m.text for m in settle(server.anew().gate, now)]


def withdrawing(server, now):
    """Set `lapse: withdraw` (and nothing else)."""
    text = server.read(REVIEW)
    assert "lapse: show" in text
    server.change_policy({REVIEW: text.replace("lapse: show", "lapse: withdraw")}, now)
    return server


def late(server, number):
    """A moment when the second review of a submission is overdue."""
    return server.gate.refresh().owed[number].until(server.gate.policy(clock.now()).zone) + timedelta(hours=1)


class TestTheDuty:
    def test_an_acceptance_by_one_person_owes_a_second_review_by_a_working_day(self, server, emergency, now):
        number = emergency()
        owed = server.gate.refresh().owed[number]
        assert (owed.state, owed.items, [s.code for s in owed.steps]) == ("owed", (ITEM,), ["office"])
        calendar = server.gate.policy(now).calendar
        assert calendar.working_days_between(calendar.day_of(now), owed.until(calendar.zone).date()) == 2
        assert server.faults() == [] and server.audited() == ""

    def test_another_persons_yes_fulfils_it(self, server, emergency):
        number = emergency()
        server.say("confirmation", number, "office-reviewer")
        assert server.gate.refresh().owed[number].state == "done" and server.gate.state.duties() == ()
        assert server.events()[-1] == "confirmed"
        assert server.faults() == [] and server.audited() == ""

    def test_who_handed_in_or_approved_first_does_not_count(self, server, emergency, now, why):
        text = re.sub(
            r"(- code: duty-leader\n(?:    .*\n)*?    roles: )\[.*\]", r"\1[duty, office]", server.people()
        )
        server.change_policy({"site_config/people.yml": text}, now)
        number = emergency()
        assert why(server.say, "confirmation", number, "duty-leader", step="office") == (
            "{person} handed in or approved {number}; somebody else must look at it again",
        )
        assert server.gate.refresh().owed[number].open

    def test_somebody_without_the_step_does_not_count(self, server, emergency, why):
        number = emergency()
        assert why(server.say, "confirmation", number, "tide-head", step="office") == (
            "{person} cannot fill the step {step}",
        )
        assert why(server.say, "objection", number, "tide-head", reason="来源没有写清") == (
            "{person} reviews none of its steps",
        )

    def test_a_second_review_is_of_the_content_that_was_accepted(self, server, emergency, why):
        number = emergency()
        assert why(server.say, "confirmation", number, "office-reviewer", change="0" * 64) == (
            "submission {number} has changed since you looked at it",
        )

    def test_an_approval_is_no_second_review_and_the_other_way_round(self, server, emergency, now, why):
        number = emergency()
        assert "submission {number} is no longer waiting ({state})" in why(
            server.say, "approval", number, "office-reviewer", step="office"
        )
        other = server.hand_in(
            {path_of("emergency-2026-00002"): alert("emergency-2026-00002", now)},
            person="emergency-officer", name="b", department="emergency",
        ).number  # fmt: skip
        assert why(server.say, "confirmation", other, "office-reviewer", step="office") == (
            "{number} owes no second review",
        )

    def test_it_is_given_once(self, server, emergency, why):
        number = emergency()
        server.say("confirmation", number, "office-reviewer")
        assert "{number} owes no second review" in why(
            server.say, "confirmation", number, "office-reviewer-b", step="office"
        )

    def test_what_was_reviewed_in_full_owes_nothing(self, server, report, now):
        number = server.hand_in(report(server)).number
        server.accept(number)
        assert server.gate.refresh().owed == {}

    def test_a_level_for_some_people_is_for_these_only(self, server, emergency, now):
        text = server.read(REVIEW).replace(
            "only: {types: [emergency]", "only: {people: [emergency-deputy], types: [emergency]"
        )
        assert "people: [emergency-deputy]" in text
        server.change_policy({REVIEW: text}, now)
        files = {PATH: alert(ITEM, now)}
        number = server.hand_in(
            files, now, person="emergency-officer", name="a", department="emergency"
        ).number
        assert [s.code for s in server.steps(number)[0]] == ["head", "office", "leader"]
        assert emergency("emergency-2026-00002", person="emergency-deputy", name="b")


class TestOverdue:
    def test_a_lapse_is_recorded_once(self, server, emergency):
        number = emergency()
        moment = late(server, number)
        assert told(server, moment - timedelta(hours=2)) == []
        assert told(server, moment) == ["{number} got no second review by {due}"]
        assert told(server, moment) == [] and server.events()[-1] == "lapsed"
        assert server.gate.refresh().owed[number].state == "lapsed"
        assert server.read(PATH) and "withdrawal" not in server.read(PATH)
        assert server.faults() == [] and server.audited() == ""

    def test_a_late_second_review_still_counts(self, server, emergency):
        number = emergency()
        moment = late(server, number)
        told(server, moment)
        server.say("confirmation", number, "office-reviewer", moment)
        assert server.gate.refresh().owed[number].state == "done" and server.audited() == ""

    def test_by_setting_the_gate_withdraws_what_nobody_looked_at_again(self, server, emergency, now):
        withdrawing(server, now)
        number = emergency()
        before, moment = server.read(PATH), late(server, number)
        assert told(server, moment) == ["{number} passed no second review by {due}: {items} were withdrawn"]
        after = server.read(PATH)
        assert "withdrawal:" in after and after.startswith(before.split("\n---\n\n")[0])
        assert server.gate.refresh().owed[number].state == "withdrawn" and server.events()[-1] == "withdrawn"
        assert told(server, moment) == []
        assert server.faults() == [] and server.audited() == ""

    def test_what_was_confirmed_in_time_stays(self, server, emergency, now):
        withdrawing(server, now)
        number = emergency()
        moment = late(server, number)
        server.say("confirmation", number, "office-reviewer")
        assert told(server, moment) == [] and "withdrawal" not in server.read(PATH)

    def test_a_withdrawal_that_died_between_event_and_main_is_finished(
        self, server, emergency, now, monkeypatch
    ):
        from gongkai.gate.repository import Gate

        withdrawing(server, now)
        number = emergency()
        moment = late(server, number)
        with monkeypatch.context() as patch:
            patch.setattr(Gate, "follow", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                list(settle(server.anew().gate, moment))
        assert server.events()[-1] == "withdrawn" and "withdrawal" not in server.read(PATH)
        assert told(server, moment) == ["main moved from {old} to {new}, as the ledger says"]
        assert "withdrawal" in server.read(PATH) and server.faults() == [] and server.audited() == ""

    def test_a_correction_in_between_is_owed_and_withdrawn_for_itself(self, server, emergency, now):
        """Two emergencies about one item: the later text is not withdrawn before its own time, and then once."""
        withdrawing(server, now)
        first = emergency()
        second = emergency(at=now + timedelta(minutes=5), title="听澜渡口因大风停航（更正）", name="again")
        server.say("confirmation", second, "office-reviewer", now + timedelta(minutes=9))
        assert server.gate.refresh().owed[first].state == "replaced"
        assert told(server, late(server, first)) == [] and "withdrawal" not in server.read(PATH)


class TestARefusal:
    def test_a_no_is_recorded_with_its_reasons_and_a_withdrawal_is_owed(self, server, emergency, why):
        number = emergency()
        server.say("objection", number, "office-reviewer", reason="伤亡情况未核实")
        owed = server.gate.refresh().owed[number]
        assert owed.state == "objected" and owed.objection.reasons == {ITEM: "伤亡情况未核实"}
        assert why(server.say, "confirmation", number, "office-reviewer-b", step="office") == (
            "{person} has refused the second review of {number}; its items must be withdrawn or mended",
        )
        assert server.audited() == ""

    def test_it_needs_a_reason(self, server, emergency, why):
        assert why(server.say, "objection", emergency(), "office-reviewer") == ("a return needs a reason",)

    def test_a_withdrawal_that_was_looked_at_twice_settles_it(self, server, emergency, now):
        number = emergency()
        server.say("objection", number, "office-reviewer", reason="伤亡情况未核实")
        text = server.read(PATH).replace(
            "retention: permanent\n",
            "retention: permanent\nwithdrawal: {reason: 内容有误, explanation: 情况有误，现撤下。}\n",
        )
        other = server.hand_in(
            {PATH: text}, person="emergency-officer", name="w", department="emergency"
        ).number
        assert server.say("approval", other, "duty-leader").accepted
        assert server.gate.refresh().owed[number].state == "objected"
        server.say("confirmation", other, "office-reviewer-b")
        assert server.gate.refresh().owed[number].state == "replaced" and server.gate.state.duties() == ()
        assert server.audited() == ""

    def test_by_setting_the_gate_withdraws_what_was_refused_and_not_mended(self, server, emergency, now):
        withdrawing(server, now)
        number = emergency()
        server.say("objection", number, "office-reviewer", reason="伤亡情况未核实")
        assert told(server, now) == [] and "withdrawal" not in server.read(PATH)
        assert told(server, late(server, number)) == [
            "{number} passed no second review by {due}: {items} were withdrawn"
        ]
        assert "withdrawal" in server.read(PATH) and server.audited() == ""


class TestTheQuota:
    def test_a_level_is_used_so_often_a_month_and_then_an_administrator_must_raise_it(
        self, server, emergency, now
    ):
        text = server.read(REVIEW)
        server.change_policy({REVIEW: text.replace("quota: 20", "quota: 1")}, now)
        emergency(at=now)
        ident = "emergency-2026-00002"
        files = {path_of(ident): alert(ident, now)}
        number = server.hand_in(
            files, now, person="emergency-officer", name="b", department="emergency"
        ).number
        ruling = server.say("approval", number, "duty-leader", now).ruling
        assert not ruling.yes and [r.text[:42] for r in ruling.reasons] == [
            "the level {level} was used {count} times t"
        ]
        server.change_policy({REVIEW: text.replace("quota: 20", "quota: 2")}, now)
        assert told(server, now) == ["submission {number} was accepted"]
        assert server.faults() == [] and server.audited() == ""

    def test_another_month_begins_anew(self, server, emergency, now):
        server.change_policy({REVIEW: server.read(REVIEW).replace("quota: 20", "quota: 1")}, now)
        emergency(at=now)
        emergency("emergency-2026-00002", at=now + timedelta(days=32), name="b")


class TestWhereItIsShown:
    @pytest.fixture
    def run(self):
        def call(worker, *args, lang="en"):
            args = ["--root", str(worker.folder), "--lang", lang, *args]
            return CliRunner().invoke(cli, args, catch_exceptions=False)

        return call

    def test_it_stands_first_in_the_list_of_who_can_give_it(self, server, emergency, report, run):
        server.say("approval", server.hand_in(report(server)).number, "tide-head")
        # Not the moment at which the test began: what is handed in above was recorded after it.
        number = emergency(at=clock.now())
        office = server.clone("office-reviewer")
        lines = run(office, "review", "list").stdout.splitlines()
        assert lines[0].startswith(number) and "your step: Office" in lines[3]
        assert "second review is due" in lines[2]
        data = json.loads(run(office, "review", "list", "--format", "json").stdout)
        assert data["submissions"][0]["second_review"]["state"] == "owed"
        assert run(server.clone("duty-leader"), "review", "list").stdout == ""

    def test_overdue_is_said_in_the_list_in_show_and_in_the_status(self, server, emergency, run, monkeypatch):
        number = emergency()
        overdue = late(server, number)
        moment = overdue.isoformat()
        office = server.clone("office-reviewer")
        assert "OVERDUE: second review was due" in run(office, "review", "list", "--now", moment).stdout
        shown = run(office, "review", "show", number, "--no-page", "--now", moment).stdout
        assert "is OVERDUE" in shown.splitlines()[0]
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(overdue.timestamp())))
        status = run(server.clone("emergency-officer"), "status")
        assert "second review OVERDUE" in status.stdout

    def test_approve_and_return_are_the_second_review(self, server, emergency, run):
        number = emergency()
        office = server.clone("office-reviewer")
        assert run(office, "review", "approve", number).exit_code == 1
        assert run(office, "review", "show", number, "--no-page").exit_code == 0
        done = run(office, "review", "approve", number)
        assert done.exit_code == 0 and "your second review is recorded" in done.stderr
        assert server.events()[-1] == "confirmed"
        again = emergency("emergency-2026-00002", at=clock.now(), name="b")
        done = run(office, "review", "return", again, "--reason", "伤亡情况未核实")
        assert done.exit_code == 0 and server.events()[-1] == "objected"
        status = run(server.clone("emergency-officer"), "status")
        assert "second review REFUSED by Office reviewer (office-reviewer)" in status.stdout
        assert "伤亡情况未核实" in status.stdout

    def test_the_audit_says_what_is_owed(self, server, emergency, run, tmp_path):
        number = emergency()
        done = run(server.clone("auditor"), "audit")
        assert done.exit_code == 0 and f"{number} owes a second review of {ITEM}" in done.stderr


class TestTheAudit:
    """Whoever can write the server's files forges an event; the audit names it."""

    @staticmethod
    def forge(server, kind, data, now):
        last = read(server.gate.objects, server.gate.objects.ref(LEDGER))[-1]
        event = append(server.gate.objects, last, kind, data, now)
        server.gate.objects.git("-c", "core.hooksPath=/dev/null", "update-ref", LEDGER, event.id)

    def test_a_lapse_before_its_time_is_named(self, server, emergency, now):
        number = emergency()
        owed = server.gate.refresh().owed[number]
        self.forge(server, "lapsed", {"submission": number, "items": [ITEM], "due": owed.due}, clock.now())
        assert server.audited() == "the second review of {number} was not overdue then"

    def test_a_withdrawal_that_the_rules_do_not_know_is_named(self, server, emergency, now):
        from gongkai.gate import afterwards

        number = emergency()
        gate, moment = server.anew().gate, late(server, number)
        assert afterwards._withdraw(gate, gate.state.owed[number], moment)
        assert server.audited() == "the rules do not let the gate withdraw what {number} accepted"

    def test_a_withdrawal_that_changes_more_is_named(self, server, emergency, now, monkeypatch):
        from gongkai.gate import afterwards

        withdrawing(server, now)
        number = emergency()
        monkeypatch.setattr(
            afterwards,
            "set_field",
            lambda text, form, name, value: text.replace(
                "retention:", "withdrawal: {reason: 无, explanation: 无}\nretention:"
            ).replace("九级", "五级"),
        )
        monkeypatch.setattr(afterwards, "note", lambda: {"reason": "无", "explanation": "无"})
        told(server, late(server, number))
        assert server.events()[-1] == "withdrawn"
        assert server.audited() == "{path} on main is not what was approved"

    def test_an_acceptance_that_hides_what_it_owes_is_named(self, server, emergency, monkeypatch):
        monkeypatch.setattr("gongkai.gate.decide.owes", lambda *a: None)
        emergency()
        monkeypatch.undo()
        assert server.audited() == "it says something else about the second review than the rules of that day"


def test_a_refused_second_review_leaves_nothing_in_the_inbox(server, emergency):
    number = emergency()
    before = server.refs()
    with pytest.raises(Refused):
        server.say("confirmation", number, "tide-head", step="office")
    assert server.refs() == before
