"""From officer to main over SSH on the loopback: forced commands name the account, and leave no way around the gate.

Debian's openssh-server, started as an ordinary process on a free high port. Where sshd is missing the tests are
skipped, and say so; with GONGKAI_SSH_REQUIRED set they fail instead.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from gongkai.gate.refusal import Refused
from gongkai.store.signing import make_key

CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin forced-commands-only
"""
# What the handbook tells an administrator to write for each person: the account's name, git's own restricted shell.
LINE = 'restrict,command="GONGKAI_LANG=en GONGKAI_USER={person} git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" {key}\n'


@dataclass
class Door:
    """The running sshd: its port and folder."""

    port: int
    folder: Path

    def admit(self, *people: tuple[str, Path]) -> None:
        lines = [LINE.format(person=p, key=key.with_suffix(".pub").read_text().strip()) for p, key in people]
        (self.folder / "authorized").write_text("".join(lines))

    def ssh(self, key: Path) -> str:
        options = (
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=no",
            f"UserKnownHostsFile={self.folder}/known",
            "BatchMode=yes",
        )
        return " ".join(["ssh", "-q", "-F", "none", "-i", str(key), *(f"-o {o}" for o in options)])

    def url(self, server: Path) -> str:
        return f"ssh://127.0.0.1:{self.port}{server}"


@pytest.fixture(scope="module")
def sshd() -> str:
    found = os.environ.get("GONGKAI_SSHD") or shutil.which(
        "sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin"
    )
    if not found or not shutil.which("git-shell"):
        words = "sshd is missing (apt-get install openssh-server): the gate over SSH is not tested here"
        if os.environ.get("GONGKAI_SSH_REQUIRED"):
            pytest.fail(words)
        pytest.skip(words)
    return found


@pytest.fixture(scope="module")
def door(sshd, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sshd")
    make_key(folder / "host", "host")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    (folder / "authorized").write_text("")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sshd, "-D", "-e", "-f", str(folder / "config")], stderr=log, stdin=subprocess.DEVNULL
    )
    try:
        _wait(port, process, folder / "log")
        yield Door(port, folder)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, log.read_text()
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture
def over_ssh(server, door):
    """A person's clone whose remote is the SSH address, with the person's own key for the door as well."""
    people = ("tide-officer", "tide-head", "office-reviewer", "ferry-officer")
    door.admit(*((p, server.key(p)) for p in people))

    def clone(person):
        worker = server.clone(person)
        worker.git("remote", "set-url", "origin", door.url(server.folder))
        worker.git("config", "core.sshCommand", door.ssh(server.key(person)))
        return worker

    return clone


def test_an_item_goes_from_its_officer_to_main_over_ssh(server, over_ssh):
    officer = over_ssh("tide-officer")
    officer.news()
    officer.commit()
    number = officer.submit()
    assert "still waiting for the step office" in over_ssh("tide-head").approve(number)
    assert "is accepted: main is now" in over_ssh("office-reviewer").approve(number)
    assert server.faults() == [] and server.events()[-1] == "accepted"


def test_the_account_vouches_for_an_unsigned_push_and_for_nobody_else(server, over_ssh):
    officer = over_ssh("tide-officer")
    officer.news()
    officer.commit()
    named = {"GONGKAI_USER": "admin-a", "GL_USER": "admin-a"}
    answer = officer.push("HEAD:refs/heads/review/tide/x", env=named)
    assert answer.code == 0, answer.said
    submission = next(iter(server.gate.refresh().submissions.values()))
    assert submission.last.person == "tide-officer"
    stranger = over_ssh("ferry-officer")
    stranger.git("fetch", "-q", str(officer.folder), "HEAD")
    assert "ferry-officer is no officer of tide" in stranger.push("FETCH_HEAD:refs/heads/review/tide/z").said


def test_who_holds_anothers_signing_key_still_comes_in_by_the_own_account(server, over_ssh):
    officer = over_ssh("tide-officer")
    officer.news()
    officer.commit()
    number = officer.submit()
    thief = over_ssh("ferry-officer")
    thief.person = "tide-head"
    thief.git("config", "gongkai.person", "tide-head")
    thief.git("config", "gongkai.key", str(server.key("tide-head")))
    with pytest.raises(Refused) as caught:
        thief.approve(number)
    said = " ".join(str(r.holes["words"]) for r in caught.value.reasons)
    assert "the account ferry-officer cannot hand in what tide-head signed" in said


def test_the_forced_command_leaves_no_way_around_the_hooks(server, over_ssh, door):
    officer = over_ssh("tide-officer")
    officer.news()
    officer.commit()
    before = server.refs()
    around = "--receive-pack=git -c core.hooksPath=/dev/null receive-pack"
    assert officer.push(around, "HEAD:refs/heads/main").code != 0
    assert officer.push("HEAD:refs/heads/main").code != 0
    shell = [*door.ssh(server.key("tide-officer")).split(), "-p", str(door.port), "127.0.0.1"]
    for command in ("id", f"git -C {server.folder} update-ref refs/heads/main HEAD", ""):
        assert (
            subprocess.run(
                [*shell, *([command] if command else [])], capture_output=True, check=False
            ).returncode
            != 0
        )
    assert server.refs() == before
