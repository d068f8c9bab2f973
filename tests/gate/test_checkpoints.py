"""Checkpoints kept elsewhere find out what a fresh audit cannot: a ledger that its own server rewrote as a whole."""

# ruff: noqa: F811 - fixtures of other modules are taken by name
from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.checkpoint import Signed, as_data, chain_fault, of_state, read
from gongkai.evidence.ledger import LEDGER, MAIN, append
from gongkai.gate.audit import audit
from gongkai.gate.checkpoints import FILE, checkpoints_for, countersign, read_kept, unsigned
from gongkai.gate.publication import record_published
from gongkai.model.errors import Exit, GongkaiError
from gongkai.store import clock
from gongkai.store.signing import make_key
from gongkai.store.web import open_server

from .test_audit import FIRST, Ledger, clone, git, ledger, story, without  # noqa: F401 - fixtures

HOUR = timedelta(hours=1)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The publisher's own key, on the publisher's own host."""
    make_key(tmp_path / "publisher-key", "publisher")
    return tmp_path / "publisher-key"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "publisher-state"


def run(*args: object):
    return CliRunner().invoke(cli, [str(a) for a in args])


def drop_a_submission(ledger: Ledger) -> None:
    """Root leaves one submission out and makes the chain fit: every signature that is left is right."""
    ledger.forge(without(ledger.index("received", -1)))


def begin_anew(ledger: Ledger) -> None:
    """Root writes another genesis of the same portal and lets main stand there: a ledger without any past."""
    objects, first = ledger.server.gate.objects, ledger.events()[0]
    last = append(objects, None, "genesis", first.data, first.time - HOUR)
    ledger.force(LEDGER, last.id)
    ledger.force(MAIN, first.data["main"])


REWRITES = pytest.mark.parametrize("rewrite", [drop_a_submission, begin_anew])


@REWRITES
def test_a_rewritten_ledger_passes_a_fresh_audit_and_not_the_countersigner(
    ledger, clone, key, state, rewrite
):
    now = clock.now()
    countersign(clone, key, state, now)
    kept = (state / FILE).read_bytes()
    rewrite(ledger)
    assert ledger.audit().fault is None
    shutil.rmtree(clone)  # even a publisher whose clone is new: what it signed is kept outside
    git(state, "clone", "--quiet", str(ledger.folder), str(clone))
    with pytest.raises(GongkaiError) as refused:
        countersign(clone, key, state, now + HOUR)
    assert refused.value.code == Exit.FINDINGS
    assert (state / FILE).read_bytes() == kept


@REWRITES
def test_a_rewritten_ledger_is_noticed_by_an_outsider_with_an_old_checkpoint(
    ledger, clone, key, state, tmp_path, rewrite
):
    countersign(clone, key, state, clock.now())
    saved = shutil.copy(state / FILE, tmp_path / "saved.json")
    assert run("audit", "--repo", ledger.folder, "--no-fetch", "--checkpoint", saved).exit_code == 0
    rewrite(ledger)
    fresh = tmp_path / "fresh"
    git(tmp_path, "clone", "--quiet", str(ledger.folder), str(fresh))
    assert run("audit", "--repo", fresh).exit_code == 0
    done = run("--lang", "en", "audit", "--repo", fresh, "--checkpoint", saved)
    assert done.exit_code == 1
    assert "was rewritten" in done.output or "is shorter" in done.output or "another genesis" in done.output


def test_a_ledger_that_only_grew_contains_its_old_checkpoints(ledger, clone, key, state):
    now = clock.now()
    first, _ = countersign(clone, key, state, now)
    gate = ledger.server.gate
    gate.refresh()
    record_published(gate, [FIRST, "tide-2025-00002"], now)
    second, found = countersign(clone, key, state, now + HOUR)
    assert second.checkpoint.events == first.checkpoint.events + 1 == found.events
    assert second.checkpoint.previous == first.checkpoint.digest
    assert chain_fault(read_kept(state)) is None and len(read_kept(state)) == 2
    assert audit(clone, against=[first.checkpoint, second.checkpoint]).fault is None


def test_the_signature_is_the_publishers_and_of_nothing_else(ledger, clone, key, state, tmp_path):
    countersign(clone, key, state, clock.now())
    public = key.with_suffix(".pub").read_text()
    make_key(tmp_path / "other", "other")
    signed = read_kept(state)[0]
    assert unsigned([signed], [public]) == ()
    assert unsigned([signed], [(tmp_path / "other.pub").read_text()]) == (signed.checkpoint,)
    altered = replace(signed, checkpoint=replace(signed.checkpoint, events=signed.checkpoint.events + 1))
    assert unsigned([altered], [public]) == (altered.checkpoint,)
    with pytest.raises(GongkaiError):
        countersign(clone, tmp_path / "other", state, clock.now())


def test_the_publishers_list_cannot_be_shortened_or_changed_unseen(ledger, clone, key, state):
    now = clock.now()
    for hour in range(3):
        countersign(clone, key, state, now + hour * HOUR)
    data = json.loads((state / FILE).read_text())
    del data["checkpoints"][1]
    (state / FILE).write_text(json.dumps(data))
    with pytest.raises(GongkaiError) as refused:
        countersign(clone, key, state, now + 4 * HOUR)
    assert refused.value.says.text == "the checkpoint of {time} does not follow the one before it"
    (state / FILE).write_text("{}")
    with pytest.raises(GongkaiError):  # a list that cannot be read is no reason to begin a new one
        countersign(clone, key, state, now + 4 * HOUR)


def test_nothing_is_signed_when_the_clock_steps_back(ledger, clone, key, state):
    now = clock.now()
    countersign(clone, key, state, now)
    with pytest.raises(GongkaiError):
        countersign(clone, key, state, now - HOUR)


def test_nothing_is_signed_that_does_not_pass_the_audit(ledger, clone, key, state):
    number = ledger.index("approved", 1)
    ledger.forge(without(number))
    with pytest.raises(GongkaiError):
        countersign(clone, key, state, clock.now())
    assert not (state / FILE).exists()


def test_a_monitor_is_told_when_the_newest_is_too_old(ledger, clone, key, state):
    countersign(clone, key, state, clock.now() - timedelta(days=9))
    asked = ("--lang", "en", "audit", "--repo", clone, "--checkpoint", state / FILE)
    assert run(*asked, "--max-age", "10").exit_code == 0
    late = run(*asked, "--max-age", "2")
    assert late.exit_code == 1 and "older than 2 days" in late.output
    quiet = run(*asked)
    assert quiet.exit_code == 0 and "older than 7 days" in quiet.output


def test_an_address_is_asked_as_well_as_a_file(ledger, clone, key, state):
    import threading

    countersign(clone, key, state, clock.now())
    public = key.with_suffix(".pub")
    with open_server(state.absolute(), None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"{server.address.rstrip('/')}/{FILE}"
        done = run("audit", "--repo", clone, "--checkpoint", url, "--publisher", public)
        missing = run("audit", "--repo", clone, "--checkpoint", f"{url}.old")
        server.shutdown()
        thread.join()
    assert done.exit_code == 0, done.output
    assert missing.exit_code == 3


def test_a_portal_is_not_built_from_a_ledger_that_lost_what_was_signed(ledger, clone, key, state):
    now = clock.now()
    countersign(clone, key, state, now)
    assert len(checkpoints_for(ledger.folder, state, now)) == 1
    drop_a_submission(ledger)
    with pytest.raises(GongkaiError) as refused:
        checkpoints_for(ledger.folder, state, now)
    assert refused.value.code == Exit.FINDINGS


def test_without_a_publisher_the_portal_names_the_ledger_of_now(ledger):
    (signed,) = checkpoints_for(ledger.folder, None, clock.now())
    assert (signed.signature, signed.checkpoint.previous) == ("", "")
    assert audit(ledger.folder, fetch=False, against=[signed.checkpoint]).fault is None


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"checkpoints": []}', b'{"checkpoints": [1]}', b"\xff", b"[" * 99999]
)
def test_what_is_no_list_of_checkpoints_is_said_to_be_none(raw, tmp_path):
    assert read(raw) is None
    (tmp_path / FILE).write_bytes(raw)
    with pytest.raises(GongkaiError):
        read_kept(tmp_path)


def test_a_checkpoint_whose_digest_was_changed_is_no_checkpoint(ledger):
    data = as_data([Signed(of_state(ledger.server.gate.state, clock.now()))])
    assert read(json.dumps(data).encode()) is not None
    for name, value in (("events", 3), ("ledger", "0" * 40), ("digest", "0" * 64), ("time", "2026-01-01")):
        row = {**data["checkpoints"][0], name: value}
        assert read(json.dumps({"checkpoints": [row]}).encode()) is None
