"""Keys declared void at once, clocks that jump, floods of statements, and who may take back or widen what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.ledger import LEDGER, append, read
from gongkai.evidence.policy import key_body
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.audit import audit
from gongkai.gate.doctor import look
from gongkai.gate.repository import Gate
from gongkai.gate.settle import settle
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Statement
from gongkai.store import clock
from gongkai.store.signing import make_key, sign

from .conftest import with_key

PEOPLE = "site_config/people.yml"
REVIEW = "site_config/review.yml"
NOT_HIS = "the signature is not that of {person}, or the key is not valid today"


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def run():
    def call(worker, *args, lang="en"):
        args = ["--root", str(worker.folder), "--lang", lang, *args]
        return CliRunner().invoke(cli, args, catch_exceptions=False)

    return call


def with_role(text, person, roles):
    return re.sub(rf"(- code: {person}\n(?:    .*\n)*?    roles: )\[.*\]", rf"\1[{roles}]", text)


def forge(server, kind, data, moment):
    last = read(server.gate.objects, server.gate.objects.ref(LEDGER))[-1]
    event = append(server.gate.objects, last, kind, data, moment)
    server.gate.objects.git("-c", "core.hooksPath=/dev/null", "update-ref", LEDGER, event.id)


class TestRevocation:
    def test_one_administrator_alone_ends_a_key_and_what_it_signed_lapses(self, server, report, now, why):
        number = server.hand_in(report(server), now).number
        server.say("approval", number, "tide-head", now)
        server.revoke("tide-head", "admin-a", now)
        assert server.events()[-1] == "revoked"
        assert why(server.say, "approval", number, "tide-head", now) == (NOT_HIS,)
        ruling = server.say("approval", number, "office-reviewer", now).ruling
        assert not ruling.yes and [s.code for s in ruling.waiting] == ["head"]
        assert server.faults() == [] and server.audited() == ""

    def test_the_owner_may_do_so_with_that_very_key(self, server, now):
        server.revoke("tide-head", "tide-head", now)
        assert server.gate.policy(now).good("tide-head") == () and server.audited() == ""

    def test_nobody_else_may(self, server, now, why):
        assert why(server.revoke, "tide-head", "tide-officer", now) == (
            "{person} may revoke their own keys only; an administrator may revoke anybody's",
        )
        assert why(server.revoke, "tide-head", "admin-a", now, key=server.key("tide-officer")) == (NOT_HIS,)
        assert server.gate.refresh().revoked == {}

    def test_a_submission_signed_with_it_is_not_accepted_any_more(self, server, officer, now):
        officer.news()
        officer.commit()
        number = officer.submit()
        server.revoke("tide-officer", "admin-a")
        server.say("approval", number, "tide-head")
        ruling = server.say("approval", number, "office-reviewer").ruling
        assert [r.text for r in ruling.reasons] == ["the key of {person} is no longer valid"]

    def test_a_push_signed_with_it_is_refused(self, server, officer, why):
        server.revoke("tide-officer", "admin-a")
        officer.news()
        officer.commit()
        assert any(
            "不是 tide-officer 的" in r or "is not that of tide-officer" in r for r in _said(officer, why)
        )

    def test_people_yml_cannot_bring_it_back(self, server, report, now, why):
        """It still stands there, and a change that writes it anew changes nothing."""
        key = server.key("tide-head").with_suffix(".pub").read_text().strip()
        server.revoke("tide-head", "admin-a", now)
        server.change_policy({PEOPLE: with_key(server.people(), "tide-head", "")}, now)
        server.change_policy({PEOPLE: with_key(server.people(), "tide-head", key)}, now)
        number = server.hand_in(report(server), now).number
        assert why(server.say, "approval", number, "tide-head", now) == (NOT_HIS,)

    def test_a_new_key_in_people_yml_is_good(self, server, report, now, tmp_path):
        server.revoke("tide-head", "admin-a", now)
        key = make_key(tmp_path / "new", "tide-head")
        server.change_policy({PEOPLE: with_key(server.people(), "tide-head", key)}, now)
        number = server.hand_in(report(server), now).number
        server.say("approval", number, "tide-head", now, key=tmp_path / "new")
        assert server.say("approval", number, "office-reviewer", now).accepted and server.audited() == ""

    def test_only_the_named_key_goes(self, server, report, now, tmp_path, why):
        old = server.key("tide-head").with_suffix(".pub").read_text().strip()
        new = make_key(tmp_path / "new", "tide-head")
        text = with_key(server.people(), "tide-head", f'{old}", "{new}')
        server.change_policy({PEOPLE: text}, now)
        server.revoke("tide-head", "admin-a", now, reasons={key_body(old): "电脑丢失"})
        number = server.hand_in(report(server), now).number
        assert why(server.say, "approval", number, "tide-head", now) == (NOT_HIS,)
        server.say("approval", number, "tide-head", now, key=tmp_path / "new")

    def test_it_is_said_once_and_of_keys_that_are_there(self, server, now, why):
        server.revoke("tide-head", "admin-a", now)
        assert why(server.revoke, "tide-head", "admin-b", now) == ("the key {key} was revoked before",)
        assert why(server.revoke, "tide-head", "admin-a", now, reasons={"ssh-ed25519 AAAA": "x"}) == (
            "{person} has no key {key}",
        )
        assert why(server.revoke, "tide-head", "admin-a", now, reasons={}) == ("no key of {person} is named",)

    def test_an_administrator_without_a_good_key_is_none_of_the_two(self, server, now, why):
        third = with_role(server.people(), "leader", "leader, administrator")
        server.change_policy({PEOPLE: third}, now)
        server.revoke("admin-b", "admin-a", now)
        fewer = with_role(server.people(), "leader", "leader")
        assert "fewer than two administrators who have a key would remain" in why(
            server.hand_in, {PEOPLE: fewer}, now, person="admin-a", department="office", name="fewer"
        )

    def test_the_audit_judges_by_the_revocations_of_that_moment(self, server, report, now):
        """What was accepted before stands; a use afterwards that a server lets pass is named."""
        server.accept(server.hand_in(report(server), now).number, now)
        number = server.hand_in(report(server, "tide-2026-00002"), now, name="b").number
        server.revoke("tide-head", "admin-a", now)
        assert server.audited() == ""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gongkai.evidence.policy.Policy.without", lambda self, revoked: self)
            server.say("approval", number, "tide-head", now)
        assert server.audited() == (
            "the signature is not that of {person}, or the key was not valid on {day}"
        )

    def test_a_revocation_that_nobody_signed_is_named(self, server, now):
        body = key_body(server.key("tide-head").with_suffix(".pub").read_text())
        forge(
            server, "revoked", {"person": "admin-a", "whose": "tide-head", "keys": [body], "reasons": {}}, now
        )
        assert server.audited() == "the event does not say what such an event must say"

    def test_it_is_one_command_and_the_keys_are_listed(self, server, report, run):
        number = server.hand_in(report(server)).number
        server.say("approval", number, "tide-head")
        admin = server.clone("admin-a")
        done = run(admin, "people", "revoke", "tide-head", "--reason", "电脑丢失")
        assert done.exit_code == 0, done.stderr
        assert f"{number}: what was signed with it there no longer counts" in done.stderr
        rows = run(admin, "people", "keys").stdout.splitlines()
        assert [r.split("\t")[2][:10] for r in rows if r.startswith(("tide-head", "admin-a"))] == [
            "void since", "good",
        ]  # fmt: skip
        assert run(admin, "people", "revoke", "tide-head", "--reason", "再来").exit_code == 1
        assert run(admin, "people", "revoke", "nobody", "--reason", "无此人").exit_code == 2

    def test_the_last_two_administrators_are_warned_of(self, server, run):
        done = run(server.clone("admin-a"), "people", "revoke", "admin-b", "--reason", "电脑丢失")
        assert "WARNING: 1 administrators have a good key" in done.stderr


def _said(officer, why):
    from gongkai.gate.refusal import Refused

    with pytest.raises(Refused) as caught:
        officer.submit()
    return [str(r.holes.get("words", r.text)) for r in caught.value.reasons]


class TestTheClock:
    @staticmethod
    def vouch(server, moment, person="admin-a", said=None):
        statement = Statement(
            "clock", server.gate.state.genesis, "", 0, "", person, (said or moment).isoformat()
        )
        signature = sign(server.key(person), NAMESPACES["clock"], text_of(statement))
        return server.bring(pack(statement, signature), person, moment)

    def test_a_jump_beyond_the_bound_records_nothing(self, server, report, now):
        server.hand_in(report(server), now + timedelta(days=98))
        with pytest.raises(GongkaiError) as caught:
            server.hand_in(report(server, "tide-2026-00002"), now + timedelta(days=200), name="b")
        assert "need an administrator" in caught.value.says.text
        assert server.events() == ["genesis", "received"]

    def test_the_bound_is_a_setting(self, server, report, now):
        text = server.read(REVIEW).replace("clock_ahead: {days: 100}", "clock_ahead: {days: 5}")
        server.change_policy({REVIEW: text}, now)
        with pytest.raises(GongkaiError):
            server.hand_in(report(server), now + timedelta(days=6))

    def test_an_administrator_whose_own_clock_agrees_lets_it_go_on(self, server, report, now):
        then = now + timedelta(days=200)
        self.vouch(server, then)
        assert server.events()[-1] == "clock"
        server.hand_in(report(server), then + timedelta(minutes=1))
        found = audit(server.folder, fetch=False)
        assert found.fault is None
        assert "event {number}: the clock jumped to {time}; {person} vouched for it" in [
            r.text for r in found.remarks
        ]

    def test_one_whose_clock_says_another_day_does_not(self, server, now, why):
        then = now + timedelta(days=200)
        assert why(self.vouch, server, then, said=now) == (
            "the clock of {person} says {time}, the server's {now}",
        )
        assert why(self.vouch, server, then, person="tide-head") == (
            "{person} is no administrator and cannot accept the clock",
        )
        assert why(self.vouch, server, now) == ("the clock has not jumped; there is nothing to accept",)

    def test_the_audit_names_a_jump_that_nobody_vouched_for(self, server, report, now):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gongkai.gate.repository.append", lambda *a: append(*a[:5]))
            server.hand_in(report(server), now + timedelta(days=200))
        assert server.audited() == "the clock jumped {days} days ahead, and no administrator accepted that"

    def test_the_doctor_sees_it(self, server, now):
        said = [f.says.text for f in look(server.gate, now + timedelta(days=200))]
        assert any("need an administrator" in text for text in said)
        assert not any("need an administrator" in f.says.text for f in look(server.gate, now))

    def test_the_command_shows_it_and_vouches(self, server, run, now, monkeypatch):
        admin = server.clone("admin-a")
        assert run(admin, "server", "clock", str(server.folder)).exit_code == 0
        then = int((now + timedelta(days=200)).timestamp())
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(then))
        assert run(admin, "server", "clock", str(server.folder)).exit_code == 1
        done = run(admin, "server", "clock", str(admin.folder), "--accept")
        assert done.exit_code == 0, done.stderr
        assert server.events()[-1] == "clock"


class TestFloods:
    def test_a_person_signs_so_much_a_day_and_no_more(self, server, report, now, why):
        text = server.read(REVIEW).replace("statements_per_day: 200", "statements_per_day: 2")
        server.change_policy({REVIEW: text}, now)
        numbers = [
            server.hand_in(report(server, f"tide-2026-0000{n}"), now, name=f"b{n}").number for n in (1, 2, 3)
        ]
        for number in numbers[:2]:
            server.say("approval", number, "tide-head", now)
        refs = server.refs()
        assert why(server.say, "approval", numbers[2], "tide-head", now) == (
            "{person} has handed in {count} signed statements within a day; more are taken in tomorrow",
        )
        assert server.refs() == refs
        server.say("approval", numbers[2], "office-reviewer", now)
        server.say("approval", numbers[2], "tide-head", now + timedelta(days=1, minutes=1))

    def test_a_key_can_be_revoked_all_the_same(self, server, report, now):
        text = server.read(REVIEW).replace("statements_per_day: 200", "statements_per_day: 1")
        server.change_policy({REVIEW: text}, now)
        server.revoke("tide-head", "admin-b", now)
        assert server.gate.refresh().revoked


class TestWhoTakesBackAndWhoGains:
    def test_settings_are_taken_back_by_administrators_only(self, server, now, why):
        files = {"README.md": "# 一\n"}
        number = server.hand_in(files, now, person="admin-a", department="office", name="p").number
        assert why(server.say, "cancel", number, "office-officer", now) == (
            "only its officers can cancel submission {number}",
        )
        server.say("cancel", number, "admin-b", now)
        assert server.gate.state.submissions[number].state == "cancelled" and server.audited() == ""

    def test_who_lost_the_office_cannot_take_a_submission_back(self, server, report, now, why):
        number = server.hand_in(report(server), now, person="tide-deputy").number
        server.change_policy({PEOPLE: with_role(server.people(), "tide-deputy", "auditor")}, now)
        assert why(server.say, "cancel", number, "tide-deputy", now) == (
            "only its officers can cancel submission {number}",
        )

    def test_the_audit_names_a_cancellation_by_somebody_else(self, server, now):
        files = {"README.md": "# 一\n"}
        number = server.hand_in(files, now, person="admin-a", department="office", name="p").number
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gongkai.gate.decide.owners", lambda *a: frozenset({"office-officer"}))
            server.say("cancel", number, "office-officer", now)
        assert server.audited() == "only its officers can cancel submission {number}"

    @pytest.mark.parametrize("how", ["role", "key", "delegation", "time"])
    def test_nobody_approves_a_change_that_gives_them_more(self, server, now, why, how, tmp_path):
        text = server.people()
        wide = {
            "role": with_role(text, "auditor", "auditor, administrator"),
            "key": with_key(text, "auditor", make_key(tmp_path / "k", "auditor")),
            "delegation": text.replace(
                "- code: leader\n",
                "- code: leader\n    delegations: [{to: auditor, from: 2026-01-01, until: 2026-12-31, reason: 出差}]\n",
            ),
            "time": text.replace("- code: auditor\n", "- code: auditor\n    until: 2099-12-31\n"),
        }[how]
        if how == "time":
            server.change_policy({PEOPLE: wide}, now, "publisher")
            wide = text
        number = server.hand_in({PEOPLE: wide}, now, person="admin-a", department="office", name="w").number
        assert why(server.say, "approval", number, "auditor", now, step="second") == (
            "the change gives {person} more rights; somebody else must approve it",
        )
        server.say("approval", number, "admin-b", now, step="administrator")
        assert server.say("approval", number, "publisher", now, step="second").accepted
        assert server.audited() == ""

    def test_the_audit_names_one_who_did(self, server, now):
        wide = with_role(server.people(), "auditor", "auditor, administrator")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gongkai.gate.decide.widened_by", lambda *a: frozenset())
            patch.setattr("gongkai.gate.decide.gainers", lambda *a: [])
            server.change_policy({PEOPLE: wide}, now)
        assert server.audited() == "the change gives {person} more rights; somebody else must approve it"


class TestTheRecord:
    def test_a_receipt_names_the_commit_of_main_that_it_was_laid_over(self, server, report, now):
        number = server.hand_in(report(server), now).number
        assert server.gate.refresh().submissions[number].last.base == server.gate.state.main

    def test_the_audit_names_a_receipt_that_does_not(self, server, report, now):
        with pytest.MonkeyPatch.context() as patch:
            real = Gate.record
            patch.setattr(
                Gate,
                "record",
                lambda self, kind, data, now: real(self, kind, {**data, "base": "0" * 40}, now),
            )
            server.hand_in(report(server), now)
        assert server.audited() == "it names another main than the one that stood then"

    def test_settle_knows_from_the_state_what_was_recorded(self, server, report, now):
        number = server.hand_in(report(server), now).number
        server.say("approval", number, "tide-head", now)
        inbox = {ref.rpartition("/")[2] for ref in server.gate.objects.refs("refs/gongkai/inbox/")}
        assert server.anew().gate.state.recorded == inbox
        assert list(settle(server.anew().gate, now)) == []

    def test_what_is_remembered_of_the_ledger_is_what_the_ledger_says(self, server, report, now):
        """Duties, returns and void keys come back from the snapshot as they are folded from the events."""
        from gongkai.evidence.ledger import read as read_events
        from gongkai.evidence.state import replay
        from gongkai.gate.snapshot import pack as remember
        from gongkai.gate.snapshot import unpack as recall

        from .conftest import alert, path_of

        ident = "emergency-2026-00001"
        files = {path_of(ident): alert(ident, now)}
        alarm = server.hand_in(
            files, now, person="emergency-officer", name="e", department="emergency"
        ).number
        server.say("approval", alarm, "duty-leader", now)
        server.say(
            "return", server.hand_in(report(server), now).number, "tide-head", now, reason="标题不准确"
        )
        server.revoke("leader", "admin-a", now)
        state = server.anew().gate.state
        assert recall(remember(state)) == state
        assert state.owed and state.holds and state.revoked and state.recorded and state.said
        events = read_events(server.gate.objects, server.gate.objects.ref(LEDGER))
        assert replay(events) == state
        for cut in range(len(events)):
            assert replay(events[cut:], replay(events[:cut])) == state
