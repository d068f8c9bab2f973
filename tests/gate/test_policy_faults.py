"""Which policy counts, and which signature: the four faults of policy selection, and every approval that must not count.

The family of faults is that of gate.md, property 6: an older policy replayed, a wide rule that overrides a narrow one,
policies in between that nobody checked, a later policy ignored.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.decide import take_in
from gongkai.gate.refusal import Refused
from gongkai.gate.server import init
from gongkai.gate.settle import settle
from gongkai.store import clock
from gongkai.store.signing import make_key, sign

PEOPLE = "site_config/people.yml"
REVIEW = "site_config/review.yml"
FILE = "content/tide/2026/tide-2026-00001.md"
NOT_HIS = "the signature is not that of {person}, or the key is not valid today"


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def waiting(server, report, now):
    """The number of a report of the tide department that waits for its two approvals."""
    return server.hand_in(report(server), now).number


def row(text: str, person: str, line: str) -> str:
    """people.yml with one more line in this person's row."""
    return text.replace(f"- code: {person}\n", f"- code: {person}\n    {line}\n")


def without_key(text: str, person: str) -> str:
    return re.sub(rf"(- code: {person}\n(?:    .*\n)*?    ssh_keys: )\[.*\]", r"\1[]", text)


def with_role(text: str, person: str, roles: str) -> str:
    return re.sub(rf"(- code: {person}\n(?:    .*\n)*?    roles: )\[.*\]", rf"\1[{roles}]", text)


# 1. An older policy replayed


def test_an_older_policy_cannot_be_brought_back_with_the_approvals_it_once_had(server, now, why):
    old = server.people()
    new = with_role(old, "tide-head", "officer")
    first = server.hand_in({PEOPLE: new}, now, person="admin-a", department="office", name="one").number
    approvals = [
        server.statement("approval", first, p, s, now=now)
        for p, s in (("admin-b", "administrator"), ("auditor", "second"))
    ]
    packed = [pack(a, sign(server.key(a.person), NAMESPACES["approval"], text_of(a))) for a in approvals]
    for statement, raw in zip(approvals, packed, strict=True):
        server.bring(raw, statement.person, now)
    assert server.gate.state.policy_version == 2
    back = server.hand_in({PEOPLE: old}, now, person="admin-a", department="office", name="back").number
    assert "submission {number} is no longer waiting ({state})" in why(
        server.bring, packed[0], "admin-b", now
    )
    again = server.gate.state.submissions[back]
    altered = {"submission": back, "change": server.gate.state.submissions[first].last.change.digest}
    assert why(server.say, "approval", back, "admin-b", now, step="administrator", **altered) == (
        "submission {number} has changed since you looked at it",
    )
    assert again.state == "waiting" and "roles: [officer]" in server.people()


def test_the_version_of_the_policy_only_grows(server, now):
    old = server.people()
    server.change_policy({PEOPLE: with_role(old, "tide-head", "head, officer")}, now)
    server.change_policy({PEOPLE: old}, now)
    assert server.gate.state.policy_version == 3


def test_a_branch_that_began_under_an_older_policy_does_not_bring_it_back(server, report, now):
    base = server.gate.state.main
    new = with_role(server.people(), "auditor", "auditor, publisher")
    server.change_policy({PEOPLE: new}, now, second="publisher")
    server.accept(server.hand_in(report(server), now, base=base).number, now)
    assert server.people() == new


# 2. A wide rule that overrides a narrow one


def test_a_departments_level_cannot_weaken_what_a_type_asks_for(server, report, now):
    """news needs head and office; a department whose level is the emergency one still needs both."""
    text = server.read(REVIEW) + "\ndepartments:\n  tide: {level: emergency}\n"
    server.change_policy({REVIEW: text}, now)
    steps, _ = server.steps(server.hand_in(report(server), now).number, now)
    assert {s.code for s in steps} >= {"head", "office"}


def test_the_emergency_level_is_for_the_departments_on_its_list_only(server, now):
    policy = server.gate.policy(now)
    assert [s.code for s in policy.steps([("emergency", "emergency")])] == ["duty"]
    assert [s.code for s in policy.steps([("emergency", "tide")])] == ["head", "office", "leader"]


def test_a_level_that_review_yml_does_not_have_asks_for_the_strictest(server, now):
    policy = server.gate.policy(now)
    from dataclasses import replace

    review = {**policy.review, "types": {"news": {"level": "lenient"}}}
    steps = replace(policy, review=review).steps([("news", "tide")])
    assert [s.code for s in steps] == ["head", "office", "leader"]


def test_a_change_that_needs_nobody_is_refused_not_accepted(server, waiting, now):
    """Should a policy ever name no step for a change, the answer is no."""
    from dataclasses import replace

    from gongkai.evidence.ruling import rule_on

    policy = replace(server.gate.policy(now), review={"levels": {"standard": {"steps": []}}})
    ruling = rule_on(
        server.gate.state.submissions[waiting], [("news", "tide")], 0, server.gate.state, policy, now
    )
    assert not ruling.yes
    assert [r.text for r in ruling.reasons] == ["the rules name nobody who would have to approve this"]


# 3. Policies in between


def test_who_was_dismissed_in_between_cannot_carry_a_policy_that_was_open_before(server, now, why):
    """P2 has admin-b's yes under P0; P1 takes admin-b's office; P2 must find another administrator."""
    third = with_role(server.people(), "leader", "leader, administrator")
    server.change_policy({PEOPLE: third}, now)
    open_ = server.hand_in(
        {"README.md": "# 2\n"}, now, person="admin-a", department="office", name="p2"
    ).number
    server.say("approval", open_, "admin-b", now, step="administrator")
    dismissed = with_role(server.people(), "admin-b", "auditor")
    between = server.hand_in(
        {PEOPLE: dismissed}, now, person="admin-a", department="office", name="p1"
    ).number
    server.say("approval", between, "leader", now, step="administrator")
    assert server.say("approval", between, "auditor", now, step="second").accepted
    decision = server.say("approval", open_, "auditor", now, step="second")
    assert not decision.accepted
    assert "{person} cannot fill the step {step}" in [r.text for r in decision.ruling.reasons]
    assert server.say("approval", open_, "leader", now, step="administrator").accepted


def test_every_change_of_policy_is_judged_by_the_one_before_it(server, now, why):
    """Who is first made administrator by a change cannot approve that same change."""
    new = with_role(server.people(), "auditor", "auditor, administrator")
    number = server.hand_in({PEOPLE: new}, now, person="admin-a", department="office").number
    assert why(server.say, "approval", number, "auditor", now, step="administrator") == (
        "{person} cannot fill the step {step}",
    )


# 4. A later policy ignored


def test_an_approval_given_before_a_stricter_rule_no_longer_counts(server, waiting, now, why):
    server.say("approval", waiting, "tide-head", now)
    text = server.read(REVIEW).replace("types:\n  policy:", "types:\n  news: {also: [secrecy]}\n  policy:")
    server.change_policy({REVIEW: text}, now)
    decision = server.say("approval", waiting, "office-reviewer", now)
    assert not decision.accepted
    assert "the rules changed since {person} approved" in [r.text for r in decision.ruling.reasons]
    server.say("approval", waiting, "secrecy-reviewer", now)
    assert server.say("approval", waiting, "tide-head", now).accepted


def test_a_statement_made_under_the_older_rules_is_refused(server, waiting, now, why):
    _, bearing = server.steps(waiting, now)
    text = server.read(REVIEW).replace("types:\n  policy:", "types:\n  news: {also: [secrecy]}\n  policy:")
    server.change_policy({REVIEW: text}, now)
    assert why(server.say, "approval", waiting, "tide-head", now, policy=bearing) == (
        "the rules changed since {person} approved",
    )


def test_a_change_of_policy_that_does_not_bear_on_it_leaves_an_approval_alone(server, waiting, now):
    server.say("approval", waiting, "tide-head", now)
    server.change_policy({PEOPLE: with_role(server.people(), "ferry-head", "head, publisher")}, now)
    assert server.say("approval", waiting, "office-reviewer", now).accepted


def test_a_key_taken_away_after_the_approval_takes_the_approval_with_it(server, waiting, now):
    server.say("approval", waiting, "tide-head", now)
    server.change_policy({PEOPLE: without_key(server.people(), "tide-head")}, now)
    decision = server.say("approval", waiting, "office-reviewer", now)
    assert "the key of {person} is no longer valid" in [r.text for r in decision.ruling.reasons]
    assert not decision.accepted and not list(settle(server.gate, now))


def test_a_submission_signed_with_a_key_taken_away_since_is_not_accepted(server, officer, now):
    officer.news()
    officer.commit()
    number = officer.submit()
    server.change_policy({PEOPLE: without_key(server.people(), "tide-officer")})
    server.say("approval", number, "tide-head")
    decision = server.say("approval", number, "office-reviewer")
    assert [r.text for r in decision.ruling.reasons] == ["the key of {person} is no longer valid"]


# What a change of policy may not do


def test_settings_and_content_do_not_change_together(server, report, now, why):
    files = report(server) | {"README.md": "# x\n"}
    assert "settings and content cannot be changed together" in why(server.hand_in, files, now)


def test_an_officer_cannot_change_settings(server, now, why):
    assert why(server.hand_in, {"README.md": "# x\n"}, now) == (
        "{person} is no administrator and cannot change settings",
    )


def test_a_submission_of_content_cannot_turn_into_one_of_settings(server, report, now):
    """Both versions by one person who is officer and administrator: each version is judged by what it changes."""
    people = with_role(server.people(), "tide-officer", "officer, administrator")
    server.change_policy({PEOPLE: people}, now)
    number = server.hand_in(report(server), now).number
    server.say("approval", number, "tide-head", now)
    mine = with_role(server.people(), "tide-officer", "officer, administrator, head, office")
    assert server.hand_in({PEOPLE: mine}, now).number == number
    assert list(settle(server.gate, now)) == []
    submission = server.gate.state.submissions[number]
    assert submission.policy and submission.state == "waiting"
    assert [s.code for s in server.steps(number, now)[0]] == ["administrator", "second"]


def test_two_administrators_with_keys_must_remain(server, now, why):
    reasons = why(
        server.hand_in, {PEOPLE: without_key(server.people(), "admin-b")}, now, person="admin-a", department="office"
    )  # fmt: skip
    assert reasons == ("fewer than two administrators who have a key would remain",)


def test_two_persons_cannot_have_one_key(server, now, why):
    key = server.key("tide-head").with_suffix(".pub").read_text().split()
    people = without_key(server.people(), "tide-deputy").replace(
        "ssh_keys: []", f'ssh_keys: ["{key[0]} {key[1]} other"]'
    )
    reasons = why(server.hand_in, {PEOPLE: people}, now, person="admin-a", department="office")
    assert "{person} and {other} would have the same key" in reasons


def test_a_server_is_not_made_of_a_portal_where_two_persons_have_one_key(template, tmp_path, now, why):
    import shutil

    shutil.copytree(template / "portal", tmp_path / "portal")
    path = tmp_path / "portal" / PEOPLE
    head = (template / "keys/tide-head.pub").read_text().strip()
    path.write_text(without_key(path.read_text(), "auditor").replace("ssh_keys: []", f'ssh_keys: ["{head}"]'))
    assert "{person} and {other} would have the same key" in why(
        init, tmp_path / "s.git", tmp_path / "portal", now
    )


def test_a_key_belongs_to_one_person_for_ever(server, now, why):
    key = server.key("tide-head").with_suffix(".pub").read_text().strip()
    server.change_policy({PEOPLE: without_key(server.people(), "tide-head")}, now)
    people = without_key(server.people(), "tide-deputy")
    people = re.sub(r"(- code: tide-deputy\n(?:    .*\n)*?    ssh_keys: )\[\]", rf'\1["{key}"]', people)
    reasons = why(server.hand_in, {PEOPLE: people}, now, person="admin-a", department="office")
    assert reasons == ("{person} would get a key that was {other}'s",)


# Approvals that must not count


def test_an_approval_of_other_content_is_refused(server, waiting, now, why):
    reasons = why(server.say, "approval", waiting, "tide-head", now, change="0" * 64)
    assert reasons == ("submission {number} has changed since you looked at it",)


def test_an_approval_of_an_earlier_version_does_not_count_for_the_next(server, report, waiting, now, why):
    statement = server.statement("approval", waiting, "tide-head", now=now)
    packed = pack(statement, sign(server.key("tide-head"), NAMESPACES["approval"], text_of(statement)))
    server.bring(packed, "tide-head", now)
    server.hand_in(report(server, title="潮汐观测科完成第二次复测"), now)
    assert why(server.bring, packed, "tide-head", now) == (
        "submission {number} has changed since you looked at it",
    )
    assert not server.say("approval", waiting, "office-reviewer", now).accepted


def test_an_approval_is_spent_when_its_content_was_accepted(server, report, now, why):
    """A→B accepted, B→A accepted, then A→B again: the first yes does not count a second time."""
    original, linked = (
        server.read("content/tide/2025/tide-2025-00001.md"),
        "content/tide/2025/tide-2025-00001.md",
    )
    changed = original.replace("例行复测", "例行检查")
    first = server.hand_in({linked: changed}, now, name="ab").number
    statement = server.statement("approval", first, "tide-head", now=now)
    packed = pack(statement, sign(server.key("tide-head"), NAMESPACES["approval"], text_of(statement)))
    server.bring(packed, "tide-head", now)
    assert server.say("approval", first, "office-reviewer", now).accepted
    server.accept(server.hand_in({linked: original}, now, name="ba").number, now)
    server.hand_in({linked: changed}, now, name="again")
    assert why(server.bring, packed, "tide-head", now) == (
        "submission {number} is no longer waiting ({state})",
    )


def test_an_approval_for_another_submission_is_refused(server, report, waiting, now, why):
    other = server.hand_in(report(server, "tide-2026-00002"), now, name="y").number
    reasons = why(server.say, "approval", waiting, "tide-head", now, submission=other)
    assert reasons == ("submission {number} has changed since you looked at it",)
    assert why(server.say, "approval", waiting, "tide-head", now, submission="S-1999-00001") == (
        "there is no submission {number}",
    )


def test_an_approval_for_another_repository_is_refused(server, waiting, now, why):
    assert why(server.say, "approval", waiting, "tide-head", now, repository="0" * 40) == (
        "the statement was signed for another repository",
    )


def test_a_key_that_nobody_knows_is_refused(server, waiting, now, why, tmp_path):
    make_key(tmp_path / "stranger", "tide-head")
    assert why(server.say, "approval", waiting, "tide-head", now, key=tmp_path / "stranger") == (NOT_HIS,)


def test_another_persons_key_is_refused(server, waiting, now, why):
    assert why(server.say, "approval", waiting, "tide-head", now, key=server.key("ferry-head")) == (NOT_HIS,)


def test_a_key_that_was_taken_away_is_refused(server, waiting, now, why):
    server.change_policy({PEOPLE: without_key(server.people(), "tide-head")}, now)
    assert why(server.say, "approval", waiting, "tide-head", now, step="head") == (NOT_HIS,)


def test_the_key_of_a_person_whose_time_ended_is_refused(server, waiting, now, why):
    server.change_policy({PEOPLE: row(server.people(), "tide-head", f"until: {server.today()}")}, now)
    assert why(server.say, "approval", waiting, "tide-head", now + timedelta(days=2), step="head") == (
        NOT_HIS,
    )


def test_who_handed_in_a_version_never_approves(server, waiting, now, why):
    people = with_role(server.people(), "tide-officer", "officer, head, office")
    server.change_policy({PEOPLE: people}, now)
    assert why(server.say, "approval", waiting, "tide-officer", now) == (
        "{person} handed in the submission and cannot approve it",
    )


def test_a_deputy_cannot_hand_in_the_second_version_and_approve_the_first(server, report, now, why):
    server.change_policy({PEOPLE: with_role(server.people(), "tide-deputy", "officer, head")}, now)
    number = server.hand_in(report(server), now, person="tide-deputy").number
    server.hand_in(report(server, title="潮汐观测科完成第二次复测"), now)
    assert why(server.say, "approval", number, "tide-deputy", now) == (
        "{person} handed in the submission and cannot approve it",
    )


@pytest.mark.parametrize("start, end, counts", [(0, 5, True), (2, 5, False), (-5, -2, False)])
def test_a_delegate_approves_within_the_period_only(server, waiting, now, why, start, end, counts):
    days = [(now.date() + timedelta(days=d)).isoformat() for d in (start, end)]
    line = f'delegations: [{{to: lighthouse-head, from: "{days[0]}", until: "{days[1]}"}}]'
    server.change_policy({PEOPLE: row(server.people(), "tide-head", line)}, now)
    if counts:
        server.say("approval", waiting, "lighthouse-head", now, step="head")
    else:
        assert why(server.say, "approval", waiting, "lighthouse-head", now, step="head") == (
            "{person} cannot fill the step {step}",
        )


def test_the_head_of_another_department_cannot_fill_the_step(server, waiting, now, why):
    assert why(server.say, "approval", waiting, "ferry-head", now, step="head") == (
        "{person} cannot fill the step {step}",
    )


def test_a_signature_made_for_another_purpose_is_refused(server, waiting, now, why):
    for namespace in ("gongkai-submission@v1", "git", "file"):
        assert why(server.say, "approval", waiting, "tide-head", now, namespace=namespace) == (NOT_HIS,)


def test_one_person_counts_once(server, waiting, now, why):
    server.change_policy({PEOPLE: with_role(server.people(), "tide-head", "head, office")}, now)
    server.say("approval", waiting, "tide-head", now, step="head")
    assert why(server.say, "approval", waiting, "tide-head", now, step="office") == (
        "{person} has already approved; one person fills one step",
    )


def test_the_account_must_be_the_signers(server, waiting, now, why):
    assert why(server.say, "approval", waiting, "tide-head", now, user="ferry-head") == (
        "the account {user} cannot hand in what {person} signed",
    )


def test_a_statement_pushed_under_anothers_name_is_refused(server, waiting, now, why):
    statement = server.statement("approval", waiting, "tide-head", now=now)
    packed = pack(statement, sign(server.key("tide-head"), NAMESPACES["approval"], text_of(statement)))
    assert why(server.bring, packed, "ferry-head", now) == ("the statement does not belong at this address",)


def test_a_statement_brought_twice_counts_once_and_stays_in_the_inbox(server, waiting, now, why):
    statement = server.statement("approval", waiting, "tide-head", now=now)
    packed = pack(statement, sign(server.key("tide-head"), NAMESPACES["approval"], text_of(statement)))
    server.bring(packed, "tide-head", now)
    inbox = server.gate.objects.refs("refs/gongkai/inbox/")
    assert why(server.bring, packed, "tide-head", now) == (
        "{person} has already approved; one person fills one step",
    )
    other = server.gate.objects.write_blob(b"something else")
    assert why(take_in, server.gate, next(iter(inbox)), other, "", now) == (
        "{ref} is there already and cannot be changed",
    )
    assert server.gate.objects.refs("refs/gongkai/inbox/") == inbox and server.faults() == []


def test_an_approval_lapses_and_can_be_given_again(server, waiting, now):
    server.say("approval", waiting, "tide-head", now)
    later = now + timedelta(days=31)
    decision = server.say("approval", waiting, "office-reviewer", later)
    assert "the approval of {person} has lapsed" in [r.text for r in decision.ruling.reasons]
    assert server.say("approval", waiting, "tide-head", later).accepted


def test_a_signed_submission_counts_once(server, officer):
    """Who keeps a copy of an officer's signed statement cannot hand in again what the officer took back."""
    officer.news()
    tip = officer.commit()
    number = officer.submit()
    kept = server.gate.refresh().submissions[number].last
    officer.cancel(number)
    from gongkai.evidence.ledger import LEDGER, read
    from gongkai.gate.receive import Push, receive

    event = next(
        e for e in read(server.gate.objects, server.gate.objects.ref(LEDGER)) if e.kind == "received"
    )
    from gongkai.evidence.statement import unpack
    from gongkai.model.evidence import canonical

    packed = canonical({"statement": event.data["statement"], "signature": event.data["signature"]})
    assert unpack(packed) is not None and kept.statement == event.data["statement"]
    server.gate.refresh()
    with pytest.raises(Refused) as caught:
        receive(server.gate, Push("refs/heads/review/tide/y", tip, "", packed), clock.now())
    assert [r.text for r in caught.value.reasons] == [
        "this signed statement was used before; submit again to sign anew"
    ]


def test_returned_content_does_not_come_back_beside_something_else(server, report, waiting, now, why):
    """A return follows the item: neither another branch, nor a second item beside it, brings the same content back."""
    server.say("return", waiting, "office-reviewer", now, reason="来源没有写清")
    assert "exactly this content was returned before" in why(server.hand_in, report(server), now)
    both = report(server) | report(server, "tide-2026-00002")
    assert "exactly this content was returned before" in why(server.hand_in, both, now)
    server.say("cancel", waiting, "tide-officer", now)
    assert "exactly this content was returned before" in why(server.hand_in, both, now, name="new")
    mended = report(server, title="潮汐观测科完成第二次复测")
    assert server.hand_in(mended, now, name="new").version == 1


def test_a_return_needs_a_reason_and_a_reviewer(server, waiting, now, why):
    assert "a return needs a reason" in why(server.say, "return", waiting, "tide-head", now)
    assert why(server.say, "return", waiting, "ferry-head", now, reason="不行") == (
        "{person} reviews none of its steps",
    )
    assert why(server.say, "return", waiting, "tide-officer", now, reason="不行") == (
        "{person} handed in the submission and cannot return it",
    )


def test_a_return_brought_twice_is_recorded_once(server, waiting, now, why):
    server.say("return", waiting, "office-reviewer", now, reason="来源没有写清")
    assert why(server.say, "return", waiting, "office-reviewer", now, reason="来源没有写清") == (
        "{person} has already returned this version",
    )
    assert server.events().count("returned") == 1


def test_the_clock_never_steps_back(server, report, now):
    from gongkai.model.errors import GongkaiError

    server.hand_in(report(server), now)
    with pytest.raises(GongkaiError) as caught:
        server.hand_in(report(server, "tide-2026-00002"), now - timedelta(hours=1), name="y")
    assert caught.value.says.text == "the server's clock ({now}) stands before the last event ({last})"
