"""A backup is proved before it has a name, and a new machine made of it shows the same site byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.gate.conftest import Server
from tests.release.conftest import Publisher

from gongkai.cli.backup import arrange, seen_by_audit
from gongkai.cli.main import cli
from gongkai.evidence.ledger import LEDGER, MAIN
from gongkai.gate.doctor import look
from gongkai.gate.repository import open_gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import english
from gongkai.release import backup as module
from gongkai.release.backup import Origin, backups, make_backup
from gongkai.release.manifest import FILE as MANIFEST
from gongkai.release.place import Place
from gongkai.release.restoring import Wanted, restore
from gongkai.store import clock
from gongkai.store.durable import files_of

NEW = "tide-2026-00001"


def gongkai(*args: object) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", *map(str, args)])


def backed_up(publisher: Publisher, to: Path, *more: object) -> Path:
    done = gongkai(
        "backup", "--repo", publisher.server.folder, "--releases", publisher.place.root, "--to", to, *more
    )
    assert done.exit_code == 0, done.stderr
    return Path(done.stdout.strip())


def origin(publisher: Publisher) -> Origin:
    return Origin(publisher.server.folder, publisher.server.gate.lock(), publisher.place)


@pytest.fixture(scope="module")
def once(published: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One backup of the published portal, to be copied before anybody touches it."""
    return backed_up(published, tmp_path_factory.mktemp("backups"))


@pytest.fixture
def saved(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "copy" / once.name))


def test_a_new_machine_made_of_a_backup_shows_the_same_site_byte_for_byte(
    publisher: Publisher, tmp_path: Path
):
    publisher.accept(NEW)
    shown = publisher.publish(keep=3).release
    (publisher.server.folder / "gongkai-notify.yml").write_text("channels: {}\n")
    saved = backed_up(publisher, tmp_path / "backups")
    genesis = publisher.server.gate.state.genesis
    old = publisher.server.folder.rename(tmp_path / "the-old-disk-is-gone")

    machine = tmp_path / "machine"
    folder, state = machine / "srv" / "portal.git", machine / "www.state"
    done = gongkai("restore", saved, "--to", folder, "--state", state, "--genesis", genesis)
    assert (done.exit_code, done.stdout.strip()) == (0, genesis), done.stderr
    assert list(look(open_gate(folder), clock.now())) == []
    there = Publisher(
        Server(folder, publisher.server.keys, open_gate(folder), publisher.server.start),
        Place(machine / "www", state),
        moment=datetime.fromisoformat(shown.effective),
    )
    again = there.publish().release
    manifests = [p.place.folder(r.name) / MANIFEST for p, r in ((publisher, shown), (there, again))]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()
    assert (saved / "releases" / shown.name / MANIFEST).read_bytes() == manifests[1].read_bytes()
    both = [dict(files_of(p.place.site(r.name))) for p, r in ((publisher, shown), (there, again))]
    assert [path for path in both[0] if both[0][path].read_bytes() != both[1][path].read_bytes()] == []
    settings = folder / "gongkai-notify.yml"
    assert (
        settings.read_bytes() == (old / settings.name).read_bytes() and settings.stat().st_mode & 0o077 == 0
    )


def test_the_restored_gate_refuses_what_the_old_one_refused_and_takes_in_what_it_took(
    saved: Path, tmp_path: Path, published
):
    folder = tmp_path / "new.git"
    assert gongkai("restore", saved, "--to", folder).exit_code == 0
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", folder, clone], check=True)
    (clone / "content" / "sneaked.md").write_text("x")
    for words in (
        ["add", "."],
        ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=clone, check=True)
    pushed = subprocess.run(
        ["git", "push", "origin", "HEAD:main"], cwd=clone, capture_output=True, check=False
    )
    assert pushed.returncode != 0
    assert open_gate(folder).objects.ref(MAIN) == published.server.gate.objects.ref(MAIN)
    server = Server(folder, published.server.keys, open_gate(folder), published.server.start)
    main = Publisher(server, Place(tmp_path / "www", tmp_path / "www.state")).accept(NEW)
    assert open_gate(folder).objects.ref(MAIN) == main


def test_the_list_of_digests_is_read_by_everybodys_tools(saved: Path):
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=saved, check=False
    )
    assert done.returncode == 0
    heads = subprocess.run(
        ["git", "bundle", "list-heads", "repository.bundle"],
        cwd=saved,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert LEDGER in heads and MAIN in heads
    assert (saved / "state" / "anchor.json").is_file() and (saved / "state" / "taken.json").is_file()
    assert oct(saved.stat().st_mode & 0o777) == "0o700"


def spoil_bundle(saved: Path) -> str:
    file = saved / "repository.bundle"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    return "repository.bundle is not what was saved"


def cut_bundle(saved: Path) -> str:
    file = saved / "repository.bundle"
    os.truncate(file, file.stat().st_size // 2)
    return "repository.bundle is not what was saved"


def cut_list(saved: Path) -> str:
    file = saved / "SHA256SUMS"
    os.truncate(file, file.stat().st_size - 10)
    return "SHA256SUMS cannot be read"


def lose_anchor(saved: Path) -> str:
    (saved / "state" / "anchor.json").unlink()
    return "state/anchor.json is missing"


def slip_in(saved: Path) -> str:
    (saved / "state" / "evil.json").write_text("{}")
    return "state/evil.json is no part of the backup"


def break_about(saved: Path) -> str:
    (saved / "backup.json").write_text("{")
    return "backup.json cannot be read"


def resum(saved: Path) -> None:
    from gongkai.store.digests import write_sums

    write_sums(saved)


def cut_bundle_and_list_it_anew(saved: Path) -> str:
    cut_bundle(saved)
    resum(saved)
    return "repository.bundle is no whole bundle"


def claim_another_main(saved: Path) -> str:
    file = saved / "backup.json"
    text = file.read_text()
    ledger = module.read_backup(saved).refs[LEDGER]
    main = module.read_backup(saved).refs[MAIN]
    file.write_text(text.replace(f'"{MAIN}": "{main}"', f'"{MAIN}": "{ledger}"'))
    resum(saved)
    return "refs/heads/main stands elsewhere than when it was saved"


def shorten_the_ledger(saved: Path) -> str:
    """A backup made anew, with every digest right, whose ledger lacks its last event: the audit finds main ahead of it."""
    scratch = saved.parent / "forged.git"
    subprocess.run(["git", "init", "-q", "--bare", scratch], check=True)
    subprocess.run(
        ["git", "fetch", "-q", saved / "repository.bundle", "+refs/*:refs/*"], cwd=scratch, check=True
    )
    made = module.read_backup(saved)
    parent = subprocess.run(
        ["git", "rev-parse", f"{LEDGER}~1"], cwd=scratch, capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run(["git", "update-ref", LEDGER, parent], cwd=scratch, check=True)
    (saved / "repository.bundle").unlink()
    subprocess.run(
        ["git", "bundle", "create", "-q", saved / "repository.bundle", "--all"], cwd=scratch, check=True
    )
    file = saved / "backup.json"
    file.write_text(file.read_text().replace(f'"{LEDGER}": "{made.refs[LEDGER]}"', f'"{LEDGER}": "{parent}"'))
    resum(saved)
    return "its ledger is not the one that was saved"


SPOILS = (spoil_bundle, cut_bundle, cut_list, lose_anchor, slip_in, break_about, cut_bundle_and_list_it_anew,
          claim_another_main, shorten_the_ledger)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_backup_that_was_broken_is_named_and_nothing_is_made_of_it(saved: Path, spoil, tmp_path: Path):
    says = spoil(saved)
    done = gongkai("restore", saved, "--to", tmp_path / "new.git", "--state", tmp_path / "state")
    assert done.exit_code == 1 and says in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy"]


def test_a_backup_of_another_ledger_is_refused_by_its_genesis(saved: Path, tmp_path: Path):
    done = gongkai("restore", saved, "--to", tmp_path / "new.git", "--genesis", "0" * 40)
    assert done.exit_code == 1 and "begins with" in done.stderr and not (tmp_path / "new.git").exists()


@pytest.mark.parametrize("which", ["to", "state"])
def test_nothing_that_stands_there_is_overwritten(saved: Path, which: str, tmp_path: Path):
    (tmp_path / which).mkdir()
    (tmp_path / which / "mine").write_text("mine")
    done = gongkai("restore", saved, "--to", tmp_path / "to", "--state", tmp_path / "state")
    assert done.exit_code == 2 and "is not an empty folder" in done.stderr
    assert (tmp_path / which / "mine").read_text() == "mine"


def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    done = gongkai("restore", tmp_path / "photos", "--to", tmp_path / "new.git")
    assert done.exit_code == 2 and "is no backup" in done.stderr


def test_a_rehearsal_does_all_of_it_and_leaves_nothing(saved: Path, tmp_path: Path):
    done = gongkai("restore", saved, "--to", tmp_path / "new.git", "--rehearse")
    assert done.exit_code == 0 and "rehearsed" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


def test_the_newest_stay_and_what_a_killed_run_left_goes(publisher: Publisher, tmp_path: Path):
    to, now = tmp_path / "backups", clock.now()
    (to / ".part-left").mkdir(parents=True)
    (to / "gongkai-backup-notes.txt").write_text("mine")
    for day in range(3):
        make_backup(
            origin(publisher), to, now + timedelta(days=day), seen_by_audit, publisher.said.append, keep=2
        )
    assert [made.moment.date() for _, made in backups(to)] == [
        (now + timedelta(days=d)).date() for d in (2, 1)
    ]
    assert sorted(p.name[:15] for p in to.iterdir()) == [".lock", *["gongkai-backup-"] * 3]
    assert (to / "gongkai-backup-notes.txt").read_text() == "mine"


def test_a_backup_of_a_tampered_server_is_refused_and_the_older_ones_stay(
    publisher: Publisher, tmp_path: Path
):
    first = backed_up(publisher, tmp_path / "backups")
    folder = publisher.server.folder
    tree = subprocess.run(
        ["git", "rev-parse", "main^{tree}"], cwd=folder, capture_output=True, text=True, check=True
    )
    forced = subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit-tree", "-p", "main", "-m", "x",
         tree.stdout.strip()], cwd=folder, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (folder / "refs/heads/main").write_text(forced + "\n")
    done = gongkai("backup", "--repo", folder, "--to", tmp_path / "backups")
    assert done.exit_code == 1 and "does not hold" in done.stderr
    assert [path for path, _ in backups(tmp_path / "backups")] == [first]


def test_what_moves_while_a_backup_is_made_is_not_half_in_it(
    publisher: Publisher, tmp_path: Path, monkeypatch
):
    before = publisher.server.gate.objects.refs("refs/")
    real = module.make_bundle

    def slow(*args):
        publisher.accept(NEW)
        real(*args)

    monkeypatch.setattr(module, "make_bundle", slow)
    path = make_backup(origin(publisher), tmp_path / "b", clock.now(), seen_by_audit, publisher.said.append)
    assert dict(module.read_backup(path).refs) == before != publisher.server.gate.objects.refs("refs/")


def test_a_restore_that_is_stopped_leaves_no_open_gate(saved: Path, tmp_path: Path):
    def killed(part: Path, final: Path) -> None:
        arrange(part, final)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(saved, Wanted(tmp_path / "new.git"), seen_by_audit, killed, lambda says: None)
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


def test_a_full_disk_leaves_no_backup_that_looks_like_one(publisher: Publisher, tmp_path: Path, monkeypatch):
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "settle_disk", full)
    with pytest.raises(OSError, match="No space"):
        make_backup(origin(publisher), tmp_path / "b", clock.now(), seen_by_audit, publisher.said.append)
    assert backups(tmp_path / "b") == [] and [p.name for p in (tmp_path / "b").iterdir()] == [".lock"]


@pytest.mark.parametrize("kind", ["service", "timer", "cron"])
def test_the_units_name_the_whole_command(kind: str, tmp_path: Path):
    printed = gongkai("backup", "--repo", "/srv/a b.git", "--to", "/srv/100%", "--releases", "/srv/www", "--send",
                      "backup@host.example:/srv", "--unit", kind).stdout  # fmt: skip
    if kind == "timer":
        assert "OnCalendar=" in printed
        return
    percent = "\\%" if kind == "cron" else "%%"
    for part in ("'/srv/a b.git'", f"100{percent}", "--releases /srv/www", "--send backup@host.example:/srv"):
        assert part in printed
    assert "--unit" not in printed


def test_a_working_clone_is_no_server(publisher: Publisher, tmp_path: Path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", publisher.server.folder, clone], check=True)
    subprocess.run(["git", "fetch", "-q", "origin", f"{LEDGER}:{LEDGER}"], cwd=clone, check=True)
    done = gongkai("backup", "--repo", clone, "--to", tmp_path / "b")
    assert done.exit_code == 2 and "is a clone that somebody works in" in done.stderr


def test_a_backup_goes_to_another_place_too_and_can_be_restored_from_there(
    publisher: Publisher, tmp_path: Path
):
    if not shutil.which("rsync"):
        pytest.skip("rsync is not installed")
    saved = backed_up(publisher, tmp_path / "here", "--send", tmp_path / "there")
    sent = tmp_path / "there" / saved.name
    assert gongkai("restore", sent, "--to", tmp_path / "new.git", "--rehearse").exit_code == 0


def test_errors_of_an_audit_are_refusals(publisher: Publisher):
    (publisher.server.folder / "refs/heads/main").write_text("0" * 39 + "1\n")
    with pytest.raises(GongkaiError) as caught:
        seen_by_audit(publisher.server.folder)
    assert caught.value.code in (Exit.FINDINGS, Exit.BROKEN) and english(caught.value.says)
