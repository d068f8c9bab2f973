"""What was done behind the gate is not published: the publisher names it, and visitors see what they saw before."""

# ruff: noqa: F401, F811 - fixtures of the gate's tests are taken by name
from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gate.conftest import Server, news, path_of
from tests.gate.test_audit import FIRST, THIRD, Ledger, git, story, without

from gongkai.evidence.ledger import LEDGER, Event, append
from gongkai.gate.repository import open_gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import english
from gongkai.release.anchor import FILE, read_anchor
from gongkai.release.place import Place
from gongkai.store.files import blob_id

from .conftest import Publisher


@pytest.fixture(scope="module")
def told(story: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Published from a ledger with a return, two acceptances, a change of settings and an open submission."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copytree(story, folder / "server.git")
    gate = open_gate(folder / "server.git")
    server = Server(gate.folder, template / "keys", gate, gate.state.last.time)
    made = Publisher(server, Place(folder / "www", folder / "www.state"))
    made.publish()
    return made


@pytest.fixture
def publisher(told: Publisher, tmp_path: Path) -> Publisher:
    """A publisher of the test's own."""
    return told.copied(tmp_path / "publisher")


@pytest.fixture
def ledger(publisher: Publisher) -> Ledger:
    """The server's ledger, to be tampered with."""
    return Ledger(publisher.server)


def refused(publisher: Publisher, repo: Path | None = None) -> str:
    """Publish, which must be refused with exit code 1 and change nothing that visitors see; what was said."""
    before, anchor = publisher.place.current(), read_anchor(publisher.place.state)
    with pytest.raises(GongkaiError) as caught:
        publisher.publish(publisher.source(repo))
    assert caught.value.code is Exit.FINDINGS
    assert publisher.place.current() == before
    after = read_anchor(publisher.place.state)
    assert after is None or after.goes_on(anchor)
    return english(caught.value.says)


@pytest.fixture
def newcomer(publisher: Publisher, tmp_path: Path) -> Publisher:
    """A publisher who has never seen this server."""
    return Publisher(publisher.server, Place(tmp_path / "new", tmp_path / "new.state"))


def behind_the_gate(ledger: Ledger, files: dict[str, str]) -> str:
    """A commit laid on main with the hooks off."""
    commit = ledger.server.commit_of(files)
    ledger.force("refs/heads/main", commit)
    return commit


def test_a_commit_forced_into_main(publisher, newcomer, ledger):
    commit = behind_the_gate(ledger, {path_of(THIRD): news(THIRD, "2025-06-03")})
    for who in (publisher, newcomer):
        assert f"main has the commit {commit}, which no event names" in refused(who)


def test_main_set_back(publisher, ledger):
    ledger.force("refs/heads/main", ledger.events()[0].data["main"])
    assert "main stands at event 0, but the ledger has accepted more" in refused(publisher)


def test_an_item_that_nobody_approved(publisher, newcomer, ledger):
    """Root appends an acceptance of the open submission and moves main to it: both publishers miss the approvals."""
    server = ledger.server
    state = server.gate.refresh()
    submission = next(s for s in state.submissions.values() if s.state == "waiting")
    change = submission.last.change
    tree = server.gate.objects.overlay(state.main, {p.path: p.new for p in change.paths})
    commit = server.gate.objects.write_commit(tree, [state.main], "x", state.last.time)
    data = {
        "submission": submission.number, "version": 1, "main": commit, "tree": tree, "previous": state.main,
        "change": change.digest, "items": list(change.items), "approvals": [],
    }  # fmt: skip
    event = append(server.gate.objects, state.last, "accepted", data, state.last.time)
    ledger.force(LEDGER, event.id)
    ledger.force("refs/heads/main", commit)
    for who in (publisher, newcomer):
        said = refused(who)
        assert f"event {event.number} (accepted" in said
        assert (
            f"submission {submission.number} was accepted without a valid approval for the step head" in said
        )


def test_an_approval_cut_from_the_ledger(publisher, newcomer, ledger):
    number = ledger.index("approved", 1)
    ledger.forge(without(number))
    assert "the ledger was rewritten" in refused(publisher) or "shorter" in refused(publisher)
    assert f"event {number}" in (said := refused(newcomer))
    assert "names other approvals than the ledger holds for this version" in said


def test_a_ledger_and_its_policy_brought_back_from_an_old_backup(publisher, ledger, tmp_path):
    """All in order but old: the settings before the change, and the ledger before it."""
    events = ledger.events()
    change = next(e for e in events if _is_policy(e, ledger))
    ledger.force(LEDGER, events[change.number - 1].id)
    ledger.force("refs/heads/main", change.data["previous"])
    assert "the settings went back from version 2 to 1; event" in refused(publisher)


def _is_policy(event: Event, ledger: Ledger) -> bool:
    submission = ledger.server.gate.state.submissions.get(event.data.get("submission", ""))
    return event.kind == "accepted" and submission is not None and submission.policy


def test_an_older_policy_laid_over_main_again(publisher, ledger):
    old = ledger.server.read("site_config/people.yml", ledger.events()[0].data["main"])
    assert old != ledger.server.people()
    commit = behind_the_gate(ledger, {"site_config/people.yml": old})
    assert f"main has the commit {commit}, which no event names" in refused(publisher)


def test_an_older_policy_accepted_by_a_forged_event(publisher, ledger):
    """The acceptance of the first settings is put into the ledger once more, with main's tree as it was then."""
    server, state = ledger.server, ledger.server.gate.refresh()
    accepted = next(e for e in ledger.events() if e.kind == "accepted")
    objects = server.gate.objects
    tree = git(ledger.folder, "rev-parse", f"{accepted.data['main']}^{{tree}}")
    commit = objects.write_commit(tree, [state.main], "x", state.last.time)
    data = {**accepted.data, "main": commit, "tree": tree, "previous": state.main}
    event = append(objects, state.last, "accepted", data, state.last.time)
    ledger.force(LEDGER, event.id)
    ledger.force("refs/heads/main", commit)
    assert f"event {event.number} (accepted" in refused(publisher)


def test_another_ledger_under_the_same_address(publisher, new_server, tmp_path):
    (tmp_path / "other").mkdir()
    other = new_server(tmp_path / "other")
    git(other.folder, "-c", "core.hooksPath=/dev/null", "update-ref", "-d", "refs/heads/none")
    other.accept(other.hand_in({path_of(FIRST): news(FIRST, other.today())}).number)
    shutil.rmtree(publisher.place.state / "mirror.git")
    said = refused(publisher, other.folder)
    assert "rewritten" in said or "shorter" in said or "another genesis" in said


def test_a_gap_in_the_ledger(newcomer, ledger):
    events, objects = ledger.events(), ledger.server.gate.objects
    new = append(objects, replace(events[3], number=4), events[5].kind, events[5].data, events[5].time)
    ledger.force(LEDGER, new.id)
    assert "event 4 is missing: the one in its place is numbered 5" in refused(newcomer)


def test_an_object_whose_bytes_were_exchanged(newcomer, ledger):
    """git serves a rewritten loose object without a word; what the publisher fetches has to have the id that was named."""
    blob = git(ledger.folder, "rev-parse", "refs/heads/main:site_config/portal.yml")
    file = ledger.folder / "objects" / blob[:2] / blob[2:]
    raw = git(ledger.folder, "cat-file", "blob", blob).encode() + b"\n# changed\n"
    other = git(ledger.folder, "hash-object", "-w", "--stdin", stdin=raw)
    assert blob_id(raw) == other
    file.chmod(0o644)
    shutil.copyfile(ledger.folder / "objects" / other[:2] / other[2:], file)
    assert "could not be fetched" in refused(newcomer)


def test_what_was_fetched_once_is_not_changed_by_the_server_later(publisher, ledger):
    """The publisher's copy shares nothing: bytes that are exchanged on the server afterwards reach nobody."""
    blob = git(ledger.folder, "rev-parse", "refs/heads/main:site_config/portal.yml")
    (ledger.folder / "objects" / blob[:2] / blob[2:]).unlink()
    mirror = publisher.place.state / "mirror.git"
    assert not (mirror / "objects/info/alternates").exists()
    assert all(f.stat().st_nlink == 1 for f in (mirror / "objects").rglob("*") if f.is_file())
    assert publisher.publish(again=True).fresh


def test_a_shallow_and_a_partial_clone(newcomer, ledger, tmp_path):
    git(ledger.folder, "config", "uploadpack.allowFilter", "true")
    for name, option in (("shallow", "--depth=1"), ("partial", "--filter=blob:none")):
        git(tmp_path, "clone", "--quiet", "--bare", option, f"file://{ledger.folder}", str(tmp_path / name))
        assert "is a shallow or partial clone" in refused(newcomer, tmp_path / name)


def test_an_approval_that_rests_on_a_forges_word_alone(newcomer, ledger):
    """review.yml does not allow such approvals: the acceptance that counts them is not published."""
    server, state = ledger.server, ledger.server.gate.refresh()
    submission = next(s for s in state.submissions.values() if s.state == "waiting")
    data = {
        "submission": submission.number, "version": 1, "change": submission.last.change.digest, "person": "tide-head",
        "step": "head", "policy": "", "reasons": {}, "key": "github:tide-head", "identity": "forge",
        "at": state.last.time.isoformat(), "commit": submission.last.tip,
    }  # fmt: skip
    event = append(server.gate.objects, state.last, "approved", data, state.last.time)
    ledger.force(LEDGER, event.id)
    assert f"event {event.number} (approved" in refused(newcomer)


def test_a_damaged_anchor_is_no_reason_to_begin_anew(publisher):
    (publisher.place.state / FILE).write_text("{")
    with pytest.raises(GongkaiError) as caught:
        publisher.publish(again=True)
    assert caught.value.code is Exit.FINDINGS
    assert "it tells up to where the ledger was verified" in english(caught.value.says)


def test_a_genesis_that_is_known_from_elsewhere_decides(newcomer):
    source = newcomer.source()
    source.genesis = "1" * 40
    with pytest.raises(GongkaiError) as caught:
        newcomer.publish(source)
    assert "not with the genesis" in english(caught.value.says)
    assert newcomer.place.current() is None


def test_from_a_clone_only_what_the_ledger_calls_published_goes_out(publisher, ledger, tmp_path):
    """A clone's ledger is a copy: an event written there would be no event."""
    number = next(s.number for s in ledger.server.gate.refresh().submissions.values() if s.state == "waiting")
    ledger.server.accept(number)
    clone = tmp_path / "clone.git"
    git(tmp_path, "clone", "--quiet", "--mirror", str(ledger.folder), str(clone))
    tip = git(clone, "rev-parse", LEDGER)
    assert "1 items were never recorded as published" in refused(publisher, clone)
    assert git(clone, "rev-parse", LEDGER) == tip
    publisher.publish()
    git(clone, "fetch", "--quiet", "origin")
    other = Publisher(publisher.server, Place(tmp_path / "far", tmp_path / "far.state"))
    assert other.publish(other.source(clone)).fresh
    assert open_gate(ledger.folder).state.last.id == git(clone, "rev-parse", LEDGER)
