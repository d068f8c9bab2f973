"""An audit goes on where the same auditor's last one ended, and comes to the verdict of one from the beginning."""

# ruff: noqa: F401, F811 - fixtures of the audit's tests are taken by name
from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import sqlite3
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gongkai.cli.main import cli
from gongkai.evidence.ledger import LEDGER, append, read
from gongkai.gate import verified
from gongkai.gate.audit import Audit, audit
from gongkai.gate.checkpoints import countersign
from gongkai.gate.forge_audit import RESTS
from gongkai.gate.publication import record_published
from gongkai.gate.releasing import Unverified, fetch_and_verify
from gongkai.gate.verified import Keeping, cache_for
from gongkai.model.errors import GongkaiError
from gongkai.store import clock, kept
from gongkai.store.proven import NotProven, Proven

from .conftest import path_of
from .test_audit import Ledger, clone, forged, git, ledger, rewrite, story, without, wrong
from .test_forge import BRANCH, _merge, forge
from .test_property import ACTS, Story

EXAMPLES = int(os.environ.get("GONGKAI_PROPERTY_EXAMPLES", "6"))
"""How many stories are told beside those written down here; `GONGKAI_PROPERTY_EXAMPLES=200` for a night."""
MAIN = "refs/heads/main"


@pytest.fixture
def keeping(tmp_path):
    return Keeping(tmp_path / "points", clock.now())


def judged(folder, keeping, **options):
    """An audit, and the numbers of the events that it judged."""
    seen = []
    found = audit(folder, keeping=keeping, watch=lambda events: seen.extend(events) or events, **options)
    return found, [event.number for event in seen]


def accept_one(ledger):
    """The submission that still waits is approved: three events more."""
    server = ledger.server
    waiting = next(s.number for s in server.gate.state.submissions.values() if s.state == "waiting")
    server.accept(waiting, server.gate.state.last.time + timedelta(minutes=1))


# Going on


def test_the_next_audit_judges_only_what_came_since(ledger, clone, keeping):
    first, all_of_them = judged(clone, keeping)
    accept_one(ledger)
    second, some = judged(clone, keeping)
    assert all_of_them == list(range(first.events)) and first.verified == ""
    assert some == list(range(first.events, second.events)) and len(some) == 3
    assert second.since == first.events - 1 and second.verified.startswith(str(keeping.now.year))
    assert judged(clone, keeping)[1] == []


def test_what_it_finds_is_what_a_full_audit_finds(ledger, clone, keeping):
    judged(clone, keeping)
    accept_one(ledger)
    record_published(ledger.server.gate, ["tide-2026-00003"], ledger.server.gate.state.last.time)
    found, full = audit(clone, keeping=keeping), audit(clone)
    assert found == replace(full, since=found.since, verified=found.verified) and found.verified


def test_full_judges_everything_again(clone, keeping):
    judged(clone, keeping)
    found, numbers = judged(clone, replace(keeping, again=True))
    assert numbers == list(range(found.events)) and found.verified == ""


def test_a_fresh_clone_in_the_old_ones_place_is_audited_from_the_beginning(ledger, clone, keeping):
    judged(clone, keeping)
    shutil.rmtree(clone)
    git(clone.parent, "clone", "--quiet", str(ledger.folder), str(clone))
    found, numbers = judged(clone, keeping)
    assert numbers == list(range(found.events))


def test_whoever_hands_over_a_clone_hands_over_no_verdict_with_it(clone, tmp_path, monkeypatch):
    """What was judged lies in the user's cache; another user who gets the very same folder judges all."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "one"))
    judged(clone, Keeping(cache_for(clone), clock.now()))
    assert judged(clone, Keeping(cache_for(clone), clock.now()))[1] == []
    assert list((tmp_path / "one").rglob("gongkai-kept-*.sqlite"))
    assert not [p for p in clone.rglob("*") if "kept" in p.name]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "two"))
    found, numbers = judged(clone, Keeping(cache_for(clone), clock.now()))
    assert numbers == list(range(found.events))


def test_what_only_the_auditor_of_another_ledger_knows_is_not_asked(ledger, keeping):
    judged(ledger.folder, keeping, fetch=False)
    assert keeping.point(LEDGER) is not None
    assert keeping.point("refs/heads/gongkai-ledger") is None


def test_the_countersigning_publisher_goes_on_too(ledger, clone, tmp_path):
    key, state = ledger.server.key("office-reviewer"), tmp_path / "publisher"
    countersign(clone, key, state, clock.now())
    accept_one(ledger)
    _, found = countersign(clone, key, state, clock.now() + timedelta(days=1))
    assert found.verified and found.since == found.events - 4


def test_the_audit_of_a_forges_ledger_goes_on_too(forge, keeping):
    forge.begin()
    begun = audit(forge.folder, fetch=False, ledger=BRANCH, keeping=keeping)
    merged, records = _merge(forge, "github", forge.request())
    forge.record(merged, records)
    numbers = []
    for minute in (1, 2):
        full = audit(forge.folder, fetch=False, ledger=BRANCH)
        found, some = judged(forge.folder, keeping, fetch=False, ledger=BRANCH)
        assert found == replace(full, since=found.since, verified=found.verified) and found.verified
        numbers += some
        data = {"main": found.main, "items": {}}
        last = read(forge.objects, forge.objects.ref(BRANCH))[-1]
        event = append(forge.objects, last, "published", data, forge.now + timedelta(minutes=minute))
        forge.objects.git("update-ref", BRANCH, event.id)
    assert begun.events == 1 and numbers == list(range(1, found.events))
    assert [r.text for r in found.remarks] == [RESTS.text] and found.remarks[0].holes["count"] == 2


# In doubt, all is judged


def rows_of(place):
    (file,) = place.glob("*.sqlite")
    return sqlite3.connect(file)


def spoil_a_value(place, name, value=b"{}"):
    import zlib

    with rows_of(place) as base:
        base.execute("UPDATE kept SET value = ?, sum = ? WHERE key = ?", (value, zlib.crc32(value), name))


@pytest.mark.parametrize("name", ["about", "state", "objects", "sum"])
def test_a_value_that_was_changed_counts_for_nothing(clone, keeping, name):
    judged(clone, keeping)
    spoil_a_value(keeping.place, name)
    found, numbers = judged(clone, keeping)
    assert numbers == list(range(found.events))


def test_a_broken_file_counts_for_nothing(clone, keeping):
    judged(clone, keeping)
    for file in keeping.place.iterdir():
        file.write_bytes(b"not a base")
    found, numbers = judged(clone, keeping)
    assert numbers == list(range(found.events)) and judged(clone, keeping)[1] == []


def test_another_engine_finds_nothing(clone, keeping, monkeypatch):
    judged(clone, keeping)
    monkeypatch.setattr(kept, "engine", lambda: "another")
    found, numbers = judged(clone, keeping)
    assert numbers == list(range(found.events))


def test_a_folder_that_others_may_write_is_not_believed(clone, keeping):
    judged(clone, keeping)
    keeping.place.chmod(0o777)
    assert keeping.point(LEDGER) is None
    keeping.place.chmod(0o700)
    assert keeping.point(LEDGER) is not None


def test_a_state_that_would_call_something_is_not_opened(clone, keeping, tmp_path):
    """Whoever can write the file could write the sums too; more than a false verdict must not come of it."""

    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "called",))

    judged(clone, keeping)
    with rows_of(keeping.place) as base:
        parts = dict(base.execute("SELECT key, value FROM kept"))
    parts["state"] = pickle.dumps(Evil())
    names = ("about", "state", "objects")
    total = hashlib.sha256(b"".join(hashlib.sha256(parts[n]).digest() for n in names)).digest()
    spoil_a_value(keeping.place, "state", parts["state"])
    spoil_a_value(keeping.place, "sum", total)
    found, numbers = judged(clone, keeping)
    assert numbers == list(range(found.events)) and not (tmp_path / "called").exists()


def test_nothing_is_kept_when_the_user_wants_it_so(clone, monkeypatch):
    monkeypatch.setenv("GONGKAI_KEPT", "off")
    assert cache_for(clone) is None
    assert judged(clone, Keeping(None, clock.now()))[0].fault is None


def test_a_users_cache_is_bounded(clone, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(verified, "MOST", 3)
    place = cache_for(clone)
    for number in range(5):
        older = place.with_name(f"older-{number}")
        older.mkdir(parents=True)
        os.utime(older, (number, number))
    judged(clone, Keeping(place, clock.now()))
    assert {p.name for p in place.parent.iterdir()} == {place.name, "older-3", "older-4"}


def test_after_a_failed_audit_the_old_point_stands(ledger, clone, keeping):
    judged(clone, keeping)
    before, main = keeping.point(LEDGER), git(ledger.folder, "rev-parse", MAIN)
    ledger.force(MAIN, f"{main}~1")
    assert audit(clone, keeping=keeping).fault is not None
    assert keeping.point(LEDGER) == before
    ledger.force(MAIN, main)
    assert audit(clone, keeping=keeping).verified


def test_a_fault_is_told_as_a_full_audit_tells_it(ledger, keeping):
    """An old object is exchanged after it was judged: it is hashed again, and named with its event."""
    judged(ledger.folder, keeping, fetch=False)
    event = ledger.events()[1]
    raw = git(ledger.folder, "cat-file", "commit", event.id).encode() + b"\n"
    rewrite(ledger.folder, event.id, "commit", raw.replace(b"tide-officer", b"tide-deputy"))
    found = ledger.audit(keeping=keeping)
    assert wrong(found) == (1, "the object {id} does not hold what its id says: it was replaced")
    assert found.verified == ""


# What a publisher asks: nobody else writes into its copy


def test_what_was_hashed_within_the_day_is_believed_and_after_it_hashed_again(ledger, keeping):
    blob = ledger.server.gate.objects.listing(MAIN)[path_of("ferry-2025-00001")].blob
    trusting = replace(keeping, rehash=timedelta(days=1))
    judged(ledger.folder, trusting, fetch=False)
    rewrite(ledger.folder, blob, "blob", b"nobody approved this\n")
    assert audit(ledger.folder, fetch=False, keeping=trusting).fault is None
    later = replace(trusting, now=keeping.now + timedelta(days=1))
    assert audit(ledger.folder, fetch=False, keeping=later).fault is not None
    back = replace(trusting, now=keeping.now - timedelta(hours=1))
    assert audit(ledger.folder, fetch=False, keeping=back).fault is not None


def test_what_is_new_is_hashed_all_the_same(ledger, keeping):
    trusting = replace(keeping, rehash=timedelta(days=1))
    judged(ledger.folder, trusting, fetch=False)
    accept_one(ledger)
    blob = ledger.server.gate.objects.listing(MAIN)[path_of("tide-2026-00003")].blob
    rewrite(ledger.folder, blob, "blob", b"nobody approved this\n")
    assert wrong(audit(ledger.folder, fetch=False, keeping=trusting))[0] == ledger.index("accepted", -1)


def test_the_publishers_copy_is_judged_from_where_it_was_and_a_copy_made_anew_is_not(
    ledger, keeping, tmp_path
):
    mirror, trusting = tmp_path / "state" / "mirror.git", replace(keeping, rehash=timedelta(days=1))
    _, first = fetch_and_verify(mirror, str(ledger.folder), None, keeping=trusting)
    accept_one(ledger)
    _, second = fetch_and_verify(mirror, str(ledger.folder), None, keeping=trusting)
    assert first.verified == "" and second.verified and second.since == first.events - 1
    shutil.rmtree(mirror)
    _, third = fetch_and_verify(mirror, str(ledger.folder), None, keeping=trusting)
    assert third.verified == "" and third.since == -1
    ledger.forge(without(ledger.index("approved", 1)))
    with pytest.raises(Unverified):
        fetch_and_verify(mirror, str(ledger.folder), None, keeping=trusting)


def test_hashing_many_at_once_names_what_is_missing_replaced_or_of_another_kind(ledger):
    listing = ledger.server.gate.objects.listing(MAIN)
    blobs = [entry.blob for entry in listing.values()]
    main = git(ledger.folder, "rev-parse", MAIN)
    Proven(ledger.folder).prove_many([*blobs, main])
    for wrong_one, kind in ((main, "blob"), ("0" * 40, ""), ("0" * 40, "blob")):
        with pytest.raises(NotProven) as caught:
            Proven(ledger.folder).prove_many([*blobs, wrong_one], kind)
        assert caught.value.says.holes["id"] == wrong_one
    rewrite(ledger.folder, blobs[3], "blob", b"other")
    with pytest.raises(NotProven) as caught:
        Proven(ledger.folder).prove_many(blobs, "blob")
    assert caught.value.says.holes["id"] == blobs[3]


# The command


def run(*args):
    return CliRunner().invoke(cli, ["--lang", "en", "audit", *map(str, args)])


def test_the_command_says_how_much_it_judged(ledger, clone, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    last = len(ledger.events()) - 1
    assert "judged\tfrom the beginning" in run("--repo", clone).stdout
    accept_one(ledger)
    again = run("--repo", clone)
    assert f"judged\tfrom event {last}, verified on {clock.now().year}-" in again.stdout
    assert "; 3 events judged again" in again.stderr
    data = json.loads(run("--repo", clone, "--format", "json").stdout)
    assert (data["judged_after"], data["events"], bool(data["verified"])) == (last + 3, last + 4, True)
    assert "judged\tfrom the beginning" in run("--repo", clone, "--full").stdout
    event = ledger.events()[2].id
    assert "judged\tfrom event 2, as asked with --since" in run("--repo", clone, "--since", event).stdout
    assert run("--repo", clone, "--since", event, "--full").exit_code == 2


# The property


def changed(oid, folder):
    """Other bytes under the id of an object; what was there."""
    kind = git(folder, "cat-file", "-t", oid)
    raw = git_bytes(folder, oid, kind)
    rewrite(folder, oid, kind, raw + b"x")
    return kind, raw


def git_bytes(folder, oid, kind):
    import subprocess

    return subprocess.run(["git", "cat-file", kind, oid], cwd=folder, capture_output=True, check=True).stdout


class Tampered:
    """A server that somebody with all rights on its machine tampers with, and how to put it right again."""

    def __init__(self, story, folder):
        self.ledger, self.folder = Ledger(story.server), folder
        self.refs = {ref: git(story.server.folder, "rev-parse", ref) for ref in (MAIN, LEDGER)}
        self.objects = []

    def do(self, act, which):
        getattr(self, act)(which)

    def drop(self, which):
        self.ledger.forge(without(1 + which % max(len(self.ledger.events()) - 1, 1)))

    def alter(self, which):
        events = self.ledger.events()
        number = which % len(events)
        later = events[number].time + timedelta(seconds=1)
        self.ledger.forge(
            lambda old: [replace(e, data={**e.data, "person": "leader"}, time=max(e.time, later)) if e.number >= number else e
                         for e in old]
        )  # fmt: skip

    def exchange(self, which):
        """Any object of the repository that is audited, whether server or clone."""
        refs = git(self.folder, "for-each-ref", "--format=%(refname)").split()
        oids = sorted(
            {line.split()[0] for line in git(self.folder, "rev-list", "--objects", *refs).splitlines()}
        )
        oid = oids[which % len(oids)]
        self.objects.append((oid, *changed(oid, self.folder)))

    def remove(self, which):
        ref = (MAIN, LEDGER)[which % 2]
        git(self.ledger.folder, "-c", "core.hooksPath=/dev/null", "update-ref", "-d", ref)

    def roll_back(self, which):
        """Main, the ledger, or both go back: what was accepted since (settings among it) counts no more."""
        mains = [e for e in self.ledger.events() if "tree" in e.data]
        there = mains[which % len(mains)]
        if which % 3 != 1:
            self.ledger.force(MAIN, there.data["main"])
        if which % 3 != 0:
            self.ledger.force(LEDGER, there.id)

    def stray(self, which):
        server = self.ledger.server
        text = server.read("site_config/review.yml") + f"# {which}\n"
        self.ledger.force(MAIN, server.commit_of({"site_config/review.yml": text}))

    def mend(self):
        for oid, kind, raw in self.objects:
            rewrite(self.folder, oid, kind, raw)
        for ref, there in self.refs.items():
            self.ledger.force(ref, there)


TAMPERING = st.tuples(
    st.sampled_from(["drop", "alter", "exchange", "exchange", "remove", "roll_back", "stray"]),
    st.integers(0, 99),
)
ROUNDS = st.tuples(st.lists(ACTS, max_size=4), st.none() | TAMPERING, st.lists(ACTS, max_size=1))
ACCEPTED = [("submit", 0, 0), ("approve", 0, "tide-head"), ("approve", 0, "office-reviewer")]
ALL = [
    (ACCEPTED, None, []),
    ([("submit", 2, 0), ("approve", 2, "duty-leader")], ("exchange", 7), []),
    ([("return", 0, "office-reviewer")], ("roll_back", 3), []),
    ([("wait", 2, "")], ("drop", 4), [("submit", 1, 0)]),
    ([("submit", 0, 1)], ("remove", 0), []),
    ([], ("remove", 1), []),
    ([("revoke", 0, "tide-head")], ("alter", 2), []),
    ([("cancel", 0, "tide-officer")], ("stray", 0), []),
    ([], None, []),
]


def verdict(folder, keeping=None):
    """All that an audit says, but for how much it had to judge."""
    try:
        found = audit(folder, keeping=keeping)
    except GongkaiError as error:
        return error.says.text, ""
    return replace(found, since=-1, verified=""), found.verified


def both(folder, keeping):
    """The verdicts of an audit that goes on, and of one from the beginning on a copy; and whether the first went on."""
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    try:
        full, _ = verdict(twin)
    finally:
        shutil.rmtree(twin)
    found, since = verdict(folder, keeping)
    return found, full, since


@settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@example(ALL, True)
@example(ALL, False)
@given(st.lists(ROUNDS, min_size=2, max_size=4), st.booleans())
def test_going_on_comes_to_the_verdict_of_judging_everything(new_server, rounds, in_place):
    with tempfile.TemporaryDirectory() as temporary:
        parent = Path(temporary)
        told = Story(new_server(parent))
        folder, keeping = told.server.folder, Keeping(parent / "points", clock.now())
        if not in_place:
            folder = parent / "auditor"
            git(parent, "clone", "--quiet", "--no-hardlinks", str(told.server.folder), str(folder))
        for acts, tampering, more in rounds:
            for act in acts:
                told.act(*act)
            compare(folder, keeping)
            if tampering:
                tamper(told, folder if in_place else folder / ".git", tampering, more)
                compare(folder, keeping)
                told.tampered.mend()
                told.server = told.server.anew()


def compare(folder, keeping):
    """The same verdict; and where it is a good one, the audit went on if there was anything to go on from."""
    known = keeping.point(LEDGER) is not None
    found, full, since = both(folder, keeping)
    assert found == full
    sound = isinstance(found, Audit) and found.fault is None
    assert not sound or bool(since) == known


def tamper(told, folder, tampering, more):
    """Somebody tampers with the server (or the auditor's objects); life goes on there as far as it can."""
    told.tampered = Tampered(told, folder)
    told.tampered.do(*tampering)
    with suppress(Exception):
        told.server = told.server.anew()
        for act in more:
            told.act(*act)
