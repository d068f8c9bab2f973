"""People are told by mail, beside the gate: off until set up, never in the way, and nothing is lost when mail is down."""

from __future__ import annotations

import email
import email.policy
import socket
import subprocess
import time

import pytest
from aiosmtpd.controller import Controller

from gongkai.gate import calling
from gongkai.gate.calling import SETTINGS
from gongkai.gate.notify import CURSOR, FOLDER, LOG, TRIES, deliver
from gongkai.gate.settle import settle
from gongkai.model.errors import GongkaiError
from gongkai.store import clock

ITEM = "tide-2026-00001"
TITLE = "潮汐观测科完成例行复测"


class Mailbox:
    """A mail server on this machine that keeps what it gets."""

    def __init__(self):
        self.got = []
        self.port = _free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.got.append((envelope.rcpt_tos[0].partition("@")[0], mail["subject"], _text(mail)))
        return "250 OK"

    def wait(self, count, seconds=60.0):
        until = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < until:
            time.sleep(0.05)
        return sorted(self.got)


def _text(mail):
    return mail.get_body(("plain",)).get_content()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox():
    box = Mailbox()
    box.controller.start()
    yield box
    box.controller.stop()


PEOPLE = ("tide-head", "tide-officer", "office-reviewer")


@pytest.fixture
def set_up(server):
    """Write the server's addresses, everybody's at this port."""

    def write(port, people=PEOPLE, language="en"):
        rows = "".join(
            f'  {p}: "mailto://127.0.0.1:{port}?from=gate@example.org&to={p}@example.org&mode=insecure"\n'
            for p in people
        )
        (server.folder / SETTINGS).write_text(f"language: {language}\ntargets:\n{rows}", encoding="utf-8")

    return write


def run(server):
    return [m.text for m in deliver(server.gate, clock.now())]


def submit(server, officer, name="x", ident=ITEM):
    path = officer.news(ident)
    return server.hand_in({path: officer.read(path)}, name=name).number


def test_nothing_is_sent_or_written_until_addresses_are_set(server, officer):
    submit(server, officer)
    assert run(server) == []
    assert not (server.folder / FOLDER).exists()


def test_a_push_tells_those_who_can_decide_and_the_officer_of_the_end(server, officer, mailbox, set_up):
    set_up(mailbox.port)
    officer.news()
    officer.commit()
    number = officer.submit()
    got = mailbox.wait(2)
    assert [(who, subject) for who, subject, _ in got] == [
        ("office-reviewer", f"To review: {number}"), ("tide-head", f"To review: {number}"),
    ]  # fmt: skip
    assert f"gongkai review show {number}" in got[0][2]
    assert "Step: Office." in got[0][2].splitlines()
    mailbox.got.clear()
    server.clone("tide-head").approve(number, "head")
    assert [(who, subject) for who, subject, _ in mailbox.wait(1)] == [
        ("office-reviewer", f"Still to review: {number}")
    ]
    mailbox.got.clear()
    server.clone("office-reviewer").approve(number, "office")
    assert [(who, subject) for who, subject, _ in mailbox.wait(1)] == [
        ("tide-officer", f"Accepted: {number}")
    ]


def test_a_return_is_told_to_the_officer_who_handed_it_in(server, officer, mailbox, set_up):
    set_up(mailbox.port)
    number = submit(server, officer)
    run(server)
    mailbox.got.clear()
    server.say("return", number, "tide-head", reason="标题写得不准确")
    run(server)
    ((who, subject, text),) = mailbox.got
    assert (who, subject) == ("tide-officer", f"Returned: {number}")
    assert "`gongkai status` shows the reasons" in text


def test_messages_name_no_title_and_no_reason_for_they_pass_through_others_hands(
    server, officer, mailbox, set_up
):
    set_up(mailbox.port)
    number = submit(server, officer)
    run(server)
    server.say("return", number, "tide-head", reason="涉及尚未公布的数据")
    run(server)
    assert len(mailbox.got) == 3
    assert not any(TITLE in str(mail) or "尚未公布" in str(mail) for mail in mailbox.got)


def test_the_operator_chooses_the_language(server, officer, mailbox, set_up):
    set_up(mailbox.port, language="zh")
    submit(server, officer)
    run(server)
    assert "办公室审核" in sorted(mailbox.got)[0][2]


def test_nobody_is_told_twice_and_older_history_is_not_told_at_all(server, officer, mailbox, set_up):
    submit(server, officer)
    second = submit(server, officer, "y", "tide-2026-00002")
    set_up(mailbox.port)
    run(server)
    run(server)
    assert [subject for _, subject, _ in mailbox.got] == [f"To review: {second}"] * 2


def test_what_was_overtaken_is_not_told(server, officer, mailbox, set_up):
    set_up(mailbox.port)
    (server.folder / FOLDER).mkdir()
    (server.folder / FOLDER / CURSOR).write_text(server.gate.state.last.id)
    number = submit(server, officer)
    server.accept(number)
    run(server)
    assert [(who, subject) for who, subject, _ in mailbox.got] == [("tide-officer", f"Accepted: {number}")]


def test_when_mail_is_down_the_push_is_answered_all_the_same_and_settle_sends_later(
    server, officer, mailbox, set_up
):
    dead = _free_port()
    set_up(dead, people=("tide-head",))
    officer.news()
    officer.commit()
    number = officer.submit()
    _until((server.folder / LOG).is_file)
    log = (server.folder / LOG).read_text(encoding="utf-8")
    assert "tide-head" in log
    assert "mailto" not in log
    assert str(dead) not in log
    set_up(mailbox.port, people=("tide-head",))
    server.gate.refresh()
    assert [m.text for m in settle(server.gate, clock.now())] == []
    assert [subject for _, subject, _ in mailbox.got] == [f"To review: {number}"]


def test_after_some_vain_attempts_a_message_is_given_up(server, officer, set_up):
    set_up(_free_port(), people=("tide-head",))
    submit(server, officer)
    said = [run(server) for _ in range(TRIES + 1)]
    assert said[-2] == ["{notice} did not reach {person} and is given up"]
    assert said[-1] == []


def test_a_mail_server_that_never_answers_does_not_hold_the_pusher(server, officer, set_up):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        mute.settimeout(60)
        set_up(mute.getsockname()[1], people=("tide-head",))
        officer.news()
        officer.commit()
        assert officer.submit()
        # The push is answered while the message has not yet failed: its sender still waits for a greeting.
        assert not (server.folder / LOG).exists()
        caller, _ = mute.accept()
        caller.close()


def test_broken_addresses_stop_no_decision_but_settle_names_them(server, officer):
    (server.folder / SETTINGS).write_text("targets: [nobody]\n", encoding="utf-8")
    officer.news()
    officer.commit()
    assert officer.submit()
    with pytest.raises(GongkaiError) as error:
        list(settle(server.gate, clock.now()))
    assert error.value.says.text == "{path} cannot be read as addresses"


def test_a_program_that_cannot_be_started_stops_no_decision(server, officer, mailbox, set_up, monkeypatch):
    from gongkai.hooks.receive import answer

    set_up(mailbox.port)
    monkeypatch.setattr(calling.sys, "executable", "/nowhere/python")
    monkeypatch.setenv("GONGKAI_USER", "tide-officer")
    monkeypatch.chdir(server.folder)
    officer.news()
    tip = officer.commit()
    subprocess.run(["git", "fetch", "-q", str(officer.folder), tip], cwd=server.folder, check=True)
    ref = "refs/heads/review/tide/x"
    assert answer("0" * 40, tip, ref, [], lambda m: m.text) == f"ok {ref}".encode()


def _until(happened, seconds=60.0):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)
