"""A returned item goes back first to who returned it, or to somebody above, on whatever branch it comes (property 8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.ledger import LEDGER, append, read
from gongkai.evidence.statement import NAMESPACES, text_of
from gongkai.gate.desk import open_desk, row_of
from gongkai.store import clock
from gongkai.store.signing import sign

from .conftest import path_of

PEOPLE = "site_config/people.yml"
FIRST = "{item} was returned by {person}, who looks at it first"
ITEM = "tide-2026-00001"


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def returned(server, report, now):
    """A report that `person` returned and whose officer has mended it; returns its number."""

    def make(person="office-reviewer", name="x", title="潮汐观测科完成例行复测（已改）"):
        number = server.hand_in(report(server), now, name="x").number
        server.say("return", number, person, now, reason="来源没有写清")
        return server.hand_in(report(server, title=title), now, name=name).number

    return make


def leaving(text, person, day):
    return text.replace(f"- code: {person}\n", f"- code: {person}\n    until: {day}\n")


def test_nobody_elses_yes_counts_before_who_returned_it(server, returned, now, why):
    number = returned()
    assert why(server.say, "approval", number, "tide-head", now) == (FIRST,)
    assert why(server.say, "approval", number, "office-reviewer-b", now) == (FIRST,)
    assert not server.say("approval", number, "office-reviewer", now).accepted
    assert server.say("approval", number, "tide-head", now).accepted
    assert server.faults() == [] and server.audited() == ""


def test_once_it_is_accepted_the_return_is_over(server, returned, report, now):
    server.accept(returned(), now, ("office-reviewer", "tide-head"))
    later = server.hand_in(report(server, title="再次修改"), now, name="y").number
    server.accept(later, now)
    assert server.gate.state.holds == {}


def test_it_follows_the_item_to_another_branch(server, report, now, why):
    number = server.hand_in(report(server), now).number
    server.say("return", number, "office-reviewer", now, reason="来源没有写清")
    server.say("cancel", number, "tide-officer", now)
    other = server.hand_in(report(server, title="换一个分支再来"), now, name="fresh").number
    assert other != number
    assert why(server.say, "approval", other, "tide-head", now) == (FIRST,)
    server.say("approval", other, "office-reviewer", now)
    assert server.say("approval", other, "tide-head", now).accepted and server.audited() == ""


def test_of_two_who_returned_it_both_look_first(server, report, now, why):
    number = server.hand_in(report(server), now).number
    server.say("return", number, "office-reviewer", now, reason="来源没有写清")
    server.say("return", number, "tide-head", now, reason="标题不准确")
    server.hand_in(report(server, title="都改了"), now)
    assert why(server.say, "approval", number, "office-reviewer-b", now) == (FIRST,)
    server.say("approval", number, "tide-head", now)
    assert why(server.say, "approval", number, "office-reviewer-b", now) == (FIRST,)
    assert server.say("approval", number, "office-reviewer", now).accepted


def test_a_reason_for_one_item_holds_that_item_only(server, report, now, why):
    """Two items; one is returned, and handed in alone the other needs nobody first."""
    other = "tide-2026-00002"
    both = {**report(server), **report(server, other, title="另一篇")}
    number = server.hand_in(both, now).number
    server.say("return", number, "office-reviewer", now, reasons={other: "来源没有写清"})
    server.say("cancel", number, "tide-officer", now)
    alone = server.hand_in(report(server), now, name="alone").number
    server.accept(alone, now)
    again = server.hand_in(report(server, other, title="另一篇（已改）"), now, name="again").number
    assert why(server.say, "approval", again, "tide-head", now) == (FIRST,)


class TestSomebodyAbove:
    def test_a_leader_may_let_the_review_go_on_with_a_reason(self, server, returned, now, why):
        number = returned()
        assert why(server.say, "approval", number, "leader", now, step="higher") == (
            "a decision over somebody's return needs a reason",
        )
        server.say("approval", number, "leader", now, step="higher", reasons={ITEM: "情况紧急，由我决定"})
        server.say("approval", number, "tide-head", now)
        assert server.say("approval", number, "office-reviewer-b", now).accepted
        assert server.faults() == [] and server.audited() == ""

    def test_nobody_else_may(self, server, returned, now, why):
        number = returned()
        words = {"step": "higher", "reasons": {ITEM: "由我决定"}}
        assert why(server.say, "approval", number, "tide-head", now, **words) == (
            "{person} cannot fill the step {step}",
        )

    def test_it_fills_no_step_and_is_not_taken_without_a_return(self, server, report, returned, now, why):
        plain = server.hand_in(report(server, "tide-2026-00002"), now, name="plain").number
        words = {"step": "higher", "reasons": {"tide-2026-00002": "由我决定"}}
        assert why(server.say, "approval", plain, "leader", now, **words) == (
            "nothing of {number} was returned that a decision from above could let go on",
        )
        number = returned()
        words = {"step": "higher", "reasons": {ITEM: "由我决定"}}
        assert len(server.say("approval", number, "leader", now, **words).ruling.waiting) == 2

    def test_the_words_are_kept_in_the_ledger(self, server, returned, now):
        number = returned()
        server.say("approval", number, "leader", now, step="higher", reasons={ITEM: "情况紧急"})
        event = read(server.gate.objects, server.gate.objects.ref(LEDGER))[-1]
        assert (event.data["step"], event.data["reasons"]) == ("higher", {ITEM: "情况紧急"})


class TestWhoReturnedItHasNoSayAnyMore:
    def test_who_left_is_stood_in_for_by_who_fills_the_same_step(self, server, returned, now, why):
        number = returned()
        day = (server.gate.policy(now).day(now) - timedelta(days=1)).isoformat()
        server.change_policy({PEOPLE: leaving(server.people(), "office-reviewer", day)}, now)
        assert why(server.say, "approval", number, "tide-head", now) == (FIRST,)
        server.say("approval", number, "office-reviewer-b", now)
        assert server.say("approval", number, "tide-head", now).accepted and server.audited() == ""

    def test_so_is_whose_key_was_revoked(self, server, returned, now):
        number = returned()
        server.revoke("office-reviewer", "admin-a", now)
        server.say("approval", number, "office-reviewer-b", now)
        assert server.say("approval", number, "tide-head", now).accepted and server.audited() == ""

    def test_and_who_handed_in_a_version_since(self, server, report, now):
        text = re.sub(
            r"(- code: tide-deputy\n(?:    .*\n)*?    roles: )\[.*\]", r"\1[officer, head]", server.people()
        )
        server.change_policy({PEOPLE: text}, now)
        number = server.hand_in(report(server), now).number
        server.say("return", number, "tide-deputy", now, reason="标题不准确")
        server.hand_in(report(server, title="本人改好了"), now, person="tide-deputy")
        server.say("approval", number, "tide-head", now)
        assert server.say("approval", number, "office-reviewer", now).accepted


def test_a_return_of_settings_goes_back_the_same_way(server, now, why):
    files = {"README.md": "# 一\n"}
    number = server.hand_in(files, now, person="admin-a", department="office", name="p").number
    server.say("return", number, "auditor", now, reason="说明不全")
    server.hand_in({"README.md": "# 二\n"}, now, person="admin-a", department="office", name="p")
    assert why(server.say, "approval", number, "publisher", now, step="second") == (FIRST,)
    server.say("approval", number, "auditor", now, step="second")
    assert server.say("approval", number, "admin-b", now, step="administrator").accepted
    assert server.audited() == ""


def test_the_list_offers_it_to_who_may_look_first_and_to_nobody_else(server, returned, now):
    number = returned()
    people = {}
    for person in ("office-reviewer", "office-reviewer-b", "tide-head", "leader"):
        desk = open_desk(server.clone(person).clone(), clock.now())
        people[person] = [s.code for s in row_of(desk, desk.find(number)).mine]
    assert people == {
        "office-reviewer": ["office"], "office-reviewer-b": [], "tide-head": [], "leader": ["higher"],
    }  # fmt: skip


def test_show_says_to_whom_it_goes_back_and_a_leader_decides_with_one_command(server, returned):
    number = returned()
    leader = server.clone("leader")

    def run(*args):
        return CliRunner().invoke(cli, ["--root", str(leader.folder), "--lang", "en", "review", *args])

    shown = run("show", number, "--no-page")
    assert f"{ITEM} goes back first to Office reviewer (office-reviewer), or to a leader" in shown.stdout
    assert f"review approve {number} --reason TEXT" in shown.stderr
    assert run("approve", number).exit_code != 0
    done = run("approve", number, "--reason", "情况紧急，由我决定")
    assert done.exit_code == 0, done.stderr
    assert [a.step for a in server.gate.refresh().submissions[number].approvals] == ["higher"]


def test_an_approval_that_the_gate_ought_to_have_refused_is_not_counted_by_the_audit(server, returned, now):
    """A server that lets an approval pass before the one who returned it: the acceptance is named."""
    number = returned()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gongkai.gate.decide.frees", lambda *a: True)
        patch.setattr("gongkai.evidence.ruling.frees", lambda *a: True)
        server.say("approval", number, "tide-head", now)
        assert server.say("approval", number, "office-reviewer-b", now).accepted
    assert server.audited() == FIRST


def test_the_date_of_an_item_that_was_taken_back_is_compared_too(server, report, now):
    from gongkai.gate.shown import look

    day = server.today()
    earlier = (now - timedelta(days=3)).date().isoformat()
    number = server.hand_in({path_of(ITEM): report(server)[path_of(ITEM)].replace(day, earlier)}, now).number
    server.say("cancel", number, "tide-officer", now)
    again = server.hand_in(report(server), now, name="fresh").number
    desk = open_desk(server.clone("tide-head").clone(), clock.now())
    moved = [r for r in look(desk, again, "en").remarks if "was changed after version" in r.text]
    assert [(r.holes["old"], r.holes["new"]) for r in moved] == [(earlier, day)]


def test_a_forged_event_of_the_kind_approved_frees_nothing(server, returned, now):
    """The returner's yes of the version before is not the yes to this one."""
    number = returned()
    statement = server.statement("approval", number, "office-reviewer", now=now)
    statement = type(statement)(
        **{**{f: getattr(statement, f) for f in statement.__dataclass_fields__}, "version": 1}
    )
    signature = sign(server.key("office-reviewer"), NAMESPACES["approval"], text_of(statement))
    last = read(server.gate.objects, server.gate.objects.ref(LEDGER))[-1]
    data = {
        "submission": number, "version": 1, "change": statement.change, "person": "office-reviewer",
        "step": statement.step, "policy": statement.policy, "reasons": {}, "key": server.gate.policy(now).good("office-reviewer")[0],
        "statement": text_of(statement).decode(), "signature": signature,
    }  # fmt: skip
    event = append(server.gate.objects, last, "approved", data, now)
    server.gate.objects.git("-c", "core.hooksPath=/dev/null", "update-ref", LEDGER, event.id)
    assert server.audited() == "it is about another version than the last"
