"""The audit finds what was done behind the gate, and names the first thing: real ledgers, tampered with like root could."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.cli.audit import audit_command, evidence
from gongkai.cli.door import Door
from gongkai.evidence.chain import as_data
from gongkai.evidence.ledger import LEDGER, Event, append, read
from gongkai.gate.audit import Audit, audit
from gongkai.gate.proof import prove_item
from gongkai.gate.publication import record_published
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.model.errors import GongkaiError
from gongkai.store.files import blob_id
from gongkai.store.proven import Proven, object_id

from .conftest import Server, news, path_of, with_key

FIRST, SECOND, THIRD = "tide-2026-00001", "tide-2026-00002", "tide-2026-00003"


@pytest.fixture(scope="module")
def story(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a bit of everything: a return, two acceptances, a release, a change of settings, another release."""
    folder = tmp_path_factory.mktemp("story") / "server.git"
    shutil.copytree(template / "server.git", folder)
    configure(folder)
    gate = open_gate(folder)
    server = Server(folder, template / "keys", gate, gate.state.last.time)
    day = server.start.date().isoformat()
    hour = iter(server.start + timedelta(minutes=10 * n) for n in range(1, 100))
    number = server.hand_in({path_of(FIRST): news(FIRST, day)}, next(hour)).number
    server.say("return", number, "tide-head", next(hour), reason="标题不准确")
    server.hand_in({path_of(FIRST): news(FIRST, day, "潮汐观测科完成年度复测")}, next(hour))
    server.accept(number, next(hour))
    record_published(gate, [FIRST, "tide-2025-00001"], next(hour))
    gone = server.people().replace("- code: office-deputy\n", f"- code: office-deputy\n    until: {day}\n")
    server.change_policy({"site_config/people.yml": gone}, next(hour))
    number = server.hand_in(
        {path_of(SECOND): news(SECOND, day, "望潮站更换水尺")}, next(hour), name="y"
    ).number
    server.accept(number, next(hour))
    record_published(gate, [FIRST, SECOND], next(hour))
    server.hand_in({path_of(THIRD): news(THIRD, day, "白沙站补测")}, next(hour), name="z")
    return folder


@dataclass
class Ledger:
    """A server whose ledger can be written anew, as somebody with all rights on its machine would."""

    server: Server

    @property
    def folder(self) -> Path:
        return self.server.folder

    def events(self) -> list[Event]:
        objects = self.server.gate.objects
        return list(read(objects, objects.ref(LEDGER)))

    def force(self, ref: str, new: str) -> None:
        """Move a ref with the hooks switched off."""
        git(self.folder, "-c", "core.hooksPath=/dev/null", "update-ref", ref, new)

    def forge(self, change: Callable[[list[Event]], list[Event]]) -> None:
        """Write the whole ledger again with this list of events; numbers and parents are made to fit."""
        last, old = None, self.events()
        for number, event in enumerate(change(old)):
            kept = event in old[number : number + 1] and (last is None or last in old)
            last = (
                event if kept else append(self.server.gate.objects, last, event.kind, event.data, event.time)
            )
        self.force(LEDGER, last.id)

    def audit(self, **options) -> Audit:
        return audit(self.folder, fetch=False, **options)

    def index(self, kind: str, nth: int = 0) -> int:
        return [e.number for e in self.events() if e.kind == kind][nth]


def git(folder: Path, *args: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *args], cwd=folder, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.fixture
def ledger(story: Path, template: Path, tmp_path: Path) -> Ledger:
    folder = tmp_path / "server.git"
    shutil.copytree(story, folder)
    configure(folder)
    gate = open_gate(folder)
    return Ledger(Server(folder, template / "keys", gate, gate.state.last.time))


@pytest.fixture
def clone(ledger: Ledger, tmp_path: Path) -> Path:
    folder = tmp_path / "auditor"
    git(tmp_path, "clone", "--quiet", str(ledger.folder), str(folder))
    return folder


def wrong(found: Audit) -> tuple[int | None, str]:
    """The event and the msgid of the first thing that does not hold."""
    assert found.fault is not None
    return found.fault.event, found.fault.says.text


def altered(number: int, **data) -> Callable[[list[Event]], list[Event]]:
    """Set values of one event."""
    return lambda events: [replace(e, data={**e.data, **data}) if e.number == number else e for e in events]


def without(number: int) -> Callable[[list[Event]], list[Event]]:
    """Leave one event out."""
    return lambda events: [e for e in events if e.number != number]


# A clean history


def test_a_clean_history_holds_on_the_server_and_on_a_clone(ledger, clone):
    for folder in (ledger.folder, clone):
        found = audit(folder)
        assert found.fault is None
        assert (found.events, found.accepted, found.published) == (len(ledger.events()), 3, 2)
        assert found.main == ledger.server.gate.state.main


def test_a_clone_fetches_the_ledger_that_git_clone_leaves_out(clone):
    assert LEDGER not in git(clone, "for-each-ref")
    assert audit(clone).fault is None
    assert LEDGER in git(clone, "for-each-ref")


def test_real_signatures_of_a_push_are_verified_again(server, officer):
    officer.news()
    officer.commit()
    number = officer.submit()
    server.clone("tide-head").approve(number)
    server.clone("office-reviewer").approve(number)
    found = audit(officer.folder)
    assert (found.fault, found.accepted, found.vouched) == (None, 1, 0)


def test_the_server_alone_vouching_is_counted(ledger):
    assert ledger.audit().vouched == sum(e.kind == "received" for e in ledger.events())


def test_an_audit_since_an_event_judges_only_what_came_after(ledger):
    number = ledger.index("accepted")
    ledger.forge(altered(number - 1, person="office-reviewer-b"))
    events = ledger.events()
    assert wrong(ledger.audit())[0] == number - 1
    assert ledger.audit(since=events[number].id).fault is None
    assert ledger.audit(since=events[number].data["main"]).since == number


def test_a_revision_that_no_event_names_is_no_beginning(ledger, clone):
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-qm", "x")
    with pytest.raises(GongkaiError):
        audit(clone, since="HEAD")


# The world around


def test_a_shallow_clone_is_refused(ledger, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{ledger.folder}", str(tmp_path / "shallow"))
    with pytest.raises(GongkaiError) as caught:
        audit(tmp_path / "shallow")
    assert "shallow" in caught.value.says.text


def test_a_partial_clone_is_refused(ledger, tmp_path):
    git(ledger.folder, "config", "uploadpack.allowFilter", "true")
    git(
        tmp_path,
        "clone",
        "--quiet",
        "--filter=blob:none",
        f"file://{ledger.folder}",
        str(tmp_path / "partial"),
    )
    with pytest.raises(GongkaiError):
        audit(tmp_path / "partial")


def test_what_is_no_repository_or_has_no_ledger_is_refused(tmp_path):
    for make in (lambda: None, lambda: git(tmp_path, "init", "--quiet")):
        make()
        with pytest.raises(GongkaiError):
            audit(tmp_path)


def test_replace_refs_and_grafts_change_nothing_for_the_audit(clone):
    audit(clone)
    main = git(clone, "rev-parse", "refs/remotes/origin/main")
    git(clone, "config", "user.name", "a")
    git(clone, "config", "user.email", "a@example.org")
    other = git(clone, "commit-tree", f"{main}~1^{{tree}}", "-m", "other")
    git(clone, "replace", main, other)
    (clone / ".git" / "info" / "grafts").write_text(f"{main}\n")
    assert audit(clone).fault is None


# Pins


def test_the_genesis_is_remembered_and_another_one_is_refused(clone):
    genesis = audit(clone).genesis
    assert git(clone, "config", "gongkai.genesis") == genesis
    git(clone, "config", "gongkai.genesis", "0" * 40)
    assert wrong(audit(clone)) == (
        0,
        "the ledger begins with {there}, not with the genesis {pinned} known here",
    )


def test_the_genesis_that_is_named_decides(ledger):
    genesis = ledger.events()[0].id
    assert ledger.audit(genesis=genesis[:16]).fault is None
    assert wrong(ledger.audit(genesis="1" * 40))[0] == 0
    assert wrong(ledger.audit(genesis=genesis[:3]))[0] == 0


def test_a_ledger_written_anew_with_everything_in_order_is_noticed_where_it_was_audited_before(ledger, clone):
    """Root drops the last submission and makes the chain fit: a fresh clone cannot know, an older one does."""
    assert audit(clone).fault is None
    ledger.forge(without(ledger.index("received", -1)))
    assert ledger.audit().fault is None
    assert wrong(audit(clone))[1].startswith("the ledger was rewritten")


# Events


def test_a_changed_event_no_longer_has_its_id(ledger):
    """A loose object is rewritten in place: git serves it with exit code 0."""
    event = ledger.events()[1]
    raw = git(ledger.folder, "cat-file", "commit", event.id).encode() + b"\n"
    rewrite(ledger.folder, event.id, "commit", raw.replace(b"tide-officer", b"tide-deputy"))
    event_number, says = wrong(ledger.audit())
    assert (event_number, says) == (1, "the object {id} does not hold what its id says: it was replaced")


def test_an_event_whose_change_was_altered_no_longer_fits_the_signatures(ledger):
    number = ledger.index("received", 1)
    row = [*ledger.events()[number].data["change"][0]]
    row[3] = "0" * 64
    ledger.forge(altered(number, change=[row]))
    assert wrong(ledger.audit())[0] == number + 1


def test_a_cut_approval_is_missed_at_the_acceptance(ledger):
    number = ledger.index("approved", 1)
    ledger.forge(without(number))
    assert wrong(ledger.audit()) == (
        number, "it names other approvals than the ledger holds for this version")  # fmt: skip


def test_a_cut_approval_is_missed_even_when_the_acceptance_was_made_to_fit(ledger):
    cut, accepted = ledger.index("approved", 1), ledger.index("accepted")
    approvals = [cut - 1]
    ledger.forge(lambda events: without(cut)(altered(accepted, approvals=approvals)(events)))
    assert wrong(ledger.audit()) == (
        accepted - 1, "submission {number} was accepted without a valid approval for the step {step}")  # fmt: skip


def test_a_missing_acceptance_leaves_a_commit_that_no_event_names(ledger):
    ledger.forge(lambda events: [e for e in events if e.number < ledger.index("accepted", -1)])
    _, says = wrong(ledger.audit())
    assert says == "main has the commit {commit}, which no event names; it was put there behind the gate"


def test_a_number_that_is_missing_is_named(ledger):
    """An event is skipped by making the next one follow the one before, without new numbers."""
    events, objects = ledger.events(), ledger.server.gate.objects
    last = replace(events[3], number=4)
    new = append(objects, last, events[5].kind, events[5].data, events[5].time)
    assert new.number == 5
    raw = git(ledger.folder, "cat-file", "commit", new.id).encode() + b"\n"
    there = git(ledger.folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    ledger.force(LEDGER, there)
    assert wrong(ledger.audit()) == (4, "event {number} is missing: the one in its place is numbered {found}")


def test_a_forged_time_is_not_the_time_of_recording(ledger):
    number = ledger.index("received", 1)
    event = ledger.events()[number]
    earlier = (event.time - timedelta(minutes=5)).isoformat()
    raw = git(ledger.folder, "cat-file", "commit", event.id) + "\n"
    forged = raw.replace(f'"time":"{event.time.isoformat()}"}}', f'"time":"{earlier}"}}')
    assert forged != raw
    there = git(ledger.folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=forged.encode())
    ledger.force(LEDGER, there)
    assert wrong(ledger.audit()) == (
        number, "the event's time ({time}) is not the time at which it was recorded")  # fmt: skip


def test_a_time_that_steps_back_is_named(ledger):
    number = ledger.index("received", 1)
    event = ledger.events()[number]
    objects = ledger.server.gate.objects
    before = replace(ledger.events()[number - 1], time=event.time - timedelta(days=2))
    new = append(objects, before, event.kind, event.data, event.time - timedelta(days=1))
    ledger.force(LEDGER, new.id)
    assert wrong(ledger.audit())[1].startswith("the time {time} stands before")


def test_an_event_dated_days_before_its_own_statement_is_remarked(ledger):
    """Dated back so that it looks in time: every key fits, but the signer's own date speaks against it."""
    server, now = ledger.server, ledger.events()[-1].time
    number = next(s.number for s in server.gate.state.submissions.values() if s.state == "waiting")
    data = forged(server, number, "tide-head", "head", now + timedelta(days=3))
    ledger.forge(lambda events: [*events, Event("", 0, now, "approved", data)])
    found = ledger.audit()
    assert found.fault is None
    assert [r.holes["person"] for r in found.remarks] == ["tide-head"]


def test_an_event_of_an_unknown_kind_is_remarked(ledger):
    ledger.forge(lambda events: [*events, replace(events[-1], kind="handover", data={})])
    found = ledger.audit()
    assert found.fault is None
    assert [r.text for r in found.remarks] == [
        "event {number} is of the unknown kind {kind}: a newer Gongkai may have written it"]  # fmt: skip


@pytest.mark.parametrize("data", [{}, {"submission": 3}, {"submission": "S-2026-00001", "person": None}])
@pytest.mark.parametrize("kind", ["received", "approved", "accepted", "published", "genesis", "cancelled"])
def test_an_event_of_the_wrong_shape_is_a_finding_and_no_crash(ledger, kind, data):
    ledger.forge(lambda events: [*events, replace(events[-1], kind=kind, data=data)])
    assert wrong(ledger.audit())[0] == len(ledger.events()) - 1


# Approvals


def test_an_approval_by_a_key_that_had_expired_by_then_is_named(ledger):
    """office-deputy's time ended with the change of settings; an approval in that name came three days later."""
    server = ledger.server
    number = next(s.number for s in server.gate.state.submissions.values() if s.state == "waiting")
    later = server.start + timedelta(days=3)
    data = forged(server, number, "office-deputy", "office", later)
    ledger.forge(lambda events: [*events, Event("", 0, later, "approved", data)])
    assert wrong(ledger.audit()) == (
        len(ledger.events()) - 1, "the signature is not that of {person}, or the key was not valid on {day}")  # fmt: skip


def test_an_approval_signed_by_another_is_named(ledger):
    server = ledger.server
    number = next(s.number for s in server.gate.state.submissions.values() if s.state == "waiting")
    now = ledger.events()[-1].time
    data = forged(server, number, "tide-head", "head", now, key="tide-officer")
    ledger.forge(lambda events: [*events, Event("", 0, now, "approved", data)])
    assert wrong(ledger.audit())[1].startswith("the signature is not that of")


def test_an_approval_that_says_something_else_than_its_signature_is_named(ledger):
    number = ledger.index("approved")
    ledger.forge(altered(number, step="leader"))
    assert wrong(ledger.audit()) == (number, "the signed statement says something else than the event")


def test_an_acceptance_by_the_submitter_and_one_other_is_named(ledger):
    """The officer's own approval, rightly signed, is put into the ledger with an acceptance: the ruling says no."""
    server = ledger.server
    state = server.gate.state
    submission = next(s for s in state.submissions.values() if s.state == "waiting")
    now, number = ledger.events()[-1].time, submission.number
    tree = server.gate.objects.overlay(state.main, {p.path: p.new for p in submission.last.change.paths})
    commit = server.gate.objects.write_commit(tree, [state.main], "x", now)
    count = len(ledger.events())
    approvals = [
        Event("", 0, now, "approved", forged(server, number, "office-reviewer", "office", now)),
        Event("", 0, now, "approved", forged(server, number, "tide-officer", "head", now)),
    ]
    accepted = {
        "submission": number, "version": 1, "main": commit, "tree": tree, "previous": state.main,
        "change": submission.last.change.digest, "items": list(submission.last.change.items),
        "approvals": [count, count + 1],
    }  # fmt: skip
    ledger.forge(lambda events: [*events, *approvals, Event("", 0, now, "accepted", accepted)])
    ledger.force("refs/heads/main", commit)
    event, says = wrong(ledger.audit())
    assert event == count + 2
    assert says == "{person} handed in the submission and cannot approve it"


def forged(server: Server, number: str, person: str, step: str, now, key: str = "") -> dict:
    """What an approved event holds, made by somebody who can write the ledger and has a key."""
    from gongkai.evidence.statement import NAMESPACES, text_of
    from gongkai.store.signing import sign

    statement = server.statement("approval", number, person, step, now=now)
    public = server.key(key or person).with_suffix(".pub").read_text().strip()
    return {
        "submission": number, "version": statement.version, "change": statement.change, "person": person, "step": step,
        "policy": statement.policy, "reasons": {}, "key": public, "statement": text_of(statement).decode(),
        "signature": sign(server.key(key or person), NAMESPACES["approval"], text_of(statement)),
    }  # fmt: skip


def test_a_statement_used_twice_is_named(ledger):
    number = ledger.index("approved", -1)
    event = ledger.events()[number]
    ledger.forge(lambda events: [*events, replace(event, time=events[-1].time)])
    number = len(ledger.events()) - 1
    assert wrong(ledger.audit()) == (number, "submission {number} was no longer open then ({state})")
    assert wrong(ledger.audit(since=ledger.events()[number].id)) == (
        number, "the same signed statement was used before")  # fmt: skip


def test_a_key_that_changes_hands_is_named(ledger):
    """The server is made to accept, in good form, settings that give an old key to another person."""
    server, now = ledger.server, ledger.events()[-1].time + timedelta(hours=1)
    key = server.key("office-deputy").with_suffix(".pub").read_text().strip()
    server.change_policy({"site_config/people.yml": with_key(server.people(), "office-deputy", "")}, now)
    given = with_key(server.people(), "auditor", key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gongkai.gate.decide.key_faults", lambda *a: ())
        patch.setattr("gongkai.gate.receive.key_faults", lambda *a: ())
        server.change_policy({"site_config/people.yml": given}, now + timedelta(hours=1), "publisher")
    assert wrong(ledger.audit()) == (len(ledger.events()) - 1, "{person} would get a key that was {other}'s")


# Main and its content


def test_a_commit_forced_into_main_behind_the_gate_is_named(ledger):
    server = ledger.server
    commit = server.commit_of({path_of(FIRST): "id: x\n"})
    ledger.force("refs/heads/main", commit)
    found = ledger.audit()
    assert wrong(found) == (
        ledger.index("accepted", -1),
        "main has the commit {commit}, which no event names; it was put there behind the gate",
    )
    assert found.fault.commit == commit


def test_a_policy_rolled_back_on_main_is_named(ledger):
    """Main is set back to before the change of settings: the ledger knows that more was accepted."""
    ledger.force("refs/heads/main", ledger.events()[ledger.index("accepted")].data["main"])
    assert wrong(ledger.audit())[1] == (
        "main stands at event {there}, but the ledger has accepted more (event {last})")  # fmt: skip


def test_a_policy_rolled_back_inside_an_acceptance_is_named(ledger):
    """The last acceptance brings the old people.yml back beside the approved item."""
    number, events, server = ledger.index("accepted", -1), ledger.events(), ledger.server
    before = events[ledger.index("accepted")].data["main"]
    old = server.read("site_config/people.yml", before)
    wanted = events[number].data
    tree = server.gate.objects.overlay(
        wanted["main"], {"site_config/people.yml": server.gate.objects.write_blob(old.encode())}
    )
    commit = server.gate.objects.write_commit(tree, [wanted["previous"]], "x", events[number].time)
    ledger.forge(altered(number, main=commit, tree=tree))
    ledger.force("refs/heads/main", commit)
    found = ledger.audit()
    assert wrong(found) == (number, "{path} on main is not what was approved")
    assert found.fault.says.holes["path"] == "site_config/people.yml"


def test_content_replaced_in_place_is_named(ledger):
    """A loose blob is rewritten: git shows the new text under the old id."""
    path = path_of(SECOND)
    blob = ledger.server.gate.objects.listing("refs/heads/main")[path].blob
    rewrite(ledger.folder, blob, "blob", b"nobody approved this\n")
    assert git(ledger.folder, "cat-file", "blob", blob) == "nobody approved this"
    assert wrong(ledger.audit()) == (
        ledger.index("accepted", -1), "the object {id} does not hold what its id says: it was replaced")  # fmt: skip


def test_genesis_content_replaced_in_place_is_named(ledger):
    blob = ledger.server.gate.objects.listing("refs/heads/main")[path_of("ferry-2025-00001")].blob
    rewrite(ledger.folder, blob, "blob", b"nobody approved this\n")
    assert wrong(ledger.audit())[1] == "the object {id} does not hold what its id says: it was replaced"


def rewrite(folder: Path, oid: str, kind: str, data: bytes) -> None:
    """Put other bytes where a loose object lies (out of its pack, if need be)."""
    import zlib

    for pack in (folder / "objects" / "pack").glob("*.pack"):
        raw = pack.read_bytes()
        for part in pack.parent.glob(f"{pack.stem}.*"):
            part.unlink()
        git(folder, "unpack-objects", "-q", stdin=raw)
    path = folder / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(f"{kind} {len(data)}\0".encode() + data))


# Numbers


def test_an_index_number_given_twice_is_named(ledger):
    number = ledger.index("published", 1)
    items = ledger.events()[ledger.index("published")].data["items"]
    ledger.forge(altered(number, items={SECOND: items[FIRST]}))
    assert wrong(ledger.audit()) == (number, "the index number {number} was given twice")


def test_a_second_index_number_and_a_skipped_one_are_named(ledger):
    number, items = ledger.index("published", 1), ledger.events()[ledger.index("published", 1)].data["items"]
    head, _, serial = items[SECOND].rpartition("-")
    ledger.forge(altered(number, items={FIRST: items[SECOND]}))
    assert wrong(ledger.audit())[1] == "{item} has a second index number {number}"
    ledger.forge(altered(number, items={SECOND: f"{head}-{int(serial) + 1:05d}"}))
    assert wrong(ledger.audit())[1] == "the index number {number} does not follow {last}"


def test_what_main_does_not_have_cannot_have_been_published(ledger):
    number = ledger.index("published", 1)
    ledger.forge(altered(number, items={"tide-2026-00077": "x/2026-00009"}))
    assert wrong(ledger.audit()) == (number, "{item} was published, but main does not have it")


def test_index_numbers_are_given_once_in_the_order_of_acceptance(ledger):
    first, second = (ledger.events()[ledger.index("published", n)].data["items"] for n in (0, 1))
    year = ledger.server.today()[:4]
    assert first == {
        "tide-2025-00001": f"12YD0000TIDE00000X/{year}-00001",
        FIRST: f"12YD0000TIDE00000X/{year}-00002",
    }
    assert second == {SECOND: f"12YD0000TIDE00000X/{year}-00003"}
    gate = ledger.server.gate
    assert record_published(gate, [FIRST, SECOND], ledger.events()[-1].time) == {}


def test_an_item_changed_after_its_publication_keeps_its_number_and_gets_a_date_of_change(ledger):
    server, now = ledger.server, ledger.events()[-1].time + timedelta(hours=1)
    text = server.read(path_of(SECOND)).replace("更换水尺", "更换全部水尺")
    server.accept(server.hand_in({path_of(SECOND): text}, now, name="again").number, now)
    before = server.gate.state.facts[SECOND]
    rows = record_published(server.gate, [SECOND], now + timedelta(hours=1))
    after = server.gate.state.facts[SECOND]
    assert rows == {SECOND: before.index_number}
    assert (after.published, after.changed) == (
        before.published,
        now.replace(microsecond=0) + timedelta(hours=1),
    )
    assert ledger.audit().fault is None


# Objects


def test_trees_are_computed_as_git_computes_them(ledger):
    objects = ledger.server.gate.objects
    main = ledger.server.gate.state.main
    blob = objects.write_blob(b"x")
    proven = Proven(ledger.folder)
    for changes in (
        {"content/a/b/c.md": blob}, {path_of("ferry-2025-00001"): ""}, {"a": blob, "a.b": blob, "a-b/c": blob},
        dict.fromkeys(objects.listing(main), ""),
    ):  # fmt: skip
        assert proven.overlaid(proven.commit(main).tree, changes) == objects.overlay(main, changes)


def test_an_object_id_is_that_of_git():
    assert object_id("blob", b"x") == blob_id(b"x")


# The commands


def call(command, *args: str, lang: str = "en"):
    return CliRunner().invoke(command, [str(a) for a in args], obj=Door(Path(), lang))


def test_the_command_says_what_holds_with_code_0_and_what_does_not_with_code_1(ledger):
    good = call(audit_command, "--repo", ledger.folder)
    assert good.exit_code == 0
    assert good.stdout.splitlines()[0] == f"genesis\t{ledger.events()[0].id}"
    number = ledger.index("approved", 1)
    ledger.forge(without(number))
    git(ledger.folder, "config", "--unset", "gongkai.audited")
    bad = call(audit_command, "--repo", ledger.folder, "--format", "json")
    data = json.loads(bad.stdout)
    assert (bad.exit_code, data["sound"], data["fault"]["event"]) == (1, False, number)
    assert f"event {number} (accepted" in bad.stderr


def test_the_evidence_of_an_item_is_its_whole_chain(ledger):
    proof = prove_item(ledger.folder, FIRST)
    kinds = [link.kind for link in proof.chain]
    assert kinds == ["received", "returned", "received", "approved", "approved", "accepted", "published"]
    data = as_data(proof)
    assert [link["role"]["zh"] for link in data["chain"] if link["kind"] == "approved"] == [
        "潮汐观测科负责人", "办公室审核员"]  # fmt: skip
    assert data["facts"]["index_number"] == proof.facts.index_number != ""
    assert data["chain"][1]["reason"] == "标题不准确"
    assert data["chain"][2]["files"][0]["sha256"] == data["chain"][3]["files"][0]["sha256"]


def test_the_evidence_names_posts_and_persons_only_when_the_setting_says_so(ledger):
    assert "tide-head" not in json.dumps(as_data(prove_item(ledger.folder, FIRST)))
    review = ledger.server.read("site_config/review.yml").replace("names_shown: roles", "names_shown: people")
    now = ledger.events()[-1].time
    ledger.server.change_policy({"site_config/review.yml": review}, now)
    assert [link.person for link in prove_item(ledger.folder, FIRST).chain][:2] == [
        "tide-officer",
        "tide-head",
    ]


def test_the_evidence_command_tells_it_in_words_and_data(ledger):
    told = call(evidence, FIRST, "--repo", ledger.folder)
    assert told.exit_code == 0
    assert "returned: S-" in told.stdout and "reason: 标题不准确" in told.stdout
    assert (
        json.loads(call(evidence, FIRST, "--repo", ledger.folder, "--format", "json").stdout)["id"] == FIRST
    )
    old = call(evidence, "ferry-2025-00001", "--repo", ledger.folder)
    assert "was part of the portal when the ledger began" in old.stdout


def test_an_item_that_nobody_knows_has_no_evidence(ledger):
    with pytest.raises(GongkaiError):
        prove_item(ledger.folder, "tide-2026-09999")
