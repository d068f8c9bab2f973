"""Deciding a push: git's proc-receive protocol, what the gate answers, and the receipt that the pusher sees."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gongkai.gate.calling import call_away
from gongkai.gate.names import INBOX
from gongkai.gate.receive import Push, Receipt, receive
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate, open_gate
from gongkai.hooks.speaking import bug, note, show, tell
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store import clock

if TYPE_CHECKING:  # else imported where a statement came: most pushes hand something in
    from gongkai.gate.decide import Decision

OPTION = "gongkai-statement="


def proc_receive(say: Callable[[Message], str]) -> int:
    """Speak git's proc-receive protocol: read the commands, decide each, report ok or ng with the reason."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    version = read_packets(source)
    write_packets(sink, [b"version=1\0push-options"])
    commands = read_packets(source)
    options = read_packets(source) if version and b"push-options" in version[0] else []
    answers = []
    for command in commands:
        old, new, ref = command.decode().rstrip("\n").split(" ", 2)
        answers.append(answer(old, new, ref, options, say))
    write_packets(sink, answers)
    return 0


def answer(old: str, new: str, ref: str, options: Iterable[bytes], say: Callable[[Message], str]) -> bytes:
    """One command's report: the gate decides, and every exception is a no."""
    try:
        gate = open_gate(Path.cwd())
        with gate.lock():
            before = gate.refresh().last
            _decide(gate, new, ref, options, say)
        if gate.state.last != before:
            # What was decided is recorded; whether anybody can be told of it changes nothing.
            with suppress(Exception):
                call_away(gate)
    except GongkaiError as error:
        note(error, ref, clock.now(), Path.cwd())
        show(error, say)
        return f"ng {ref} refused".encode()
    except Exception as error:  # the pusher gets a no, the operator a log
        bug(error, say)
        return f"ng {ref} internal fault".encode()
    return f"ok {ref}".encode()


def _decide(gate: Gate, new: str, ref: str, options: Iterable[bytes], say: Callable[[Message], str]) -> None:
    user = os.environ.get("GONGKAI_USER") or os.environ.get("GL_USER") or ""
    if INBOX.match(ref):
        from gongkai.gate.decide import take_in

        print_decision(take_in(gate, ref, new, user, clock.now()), say)
    else:
        print_receipt(receive(gate, Push(ref, new, user, statement(options)), clock.now()), say)


def statement(options: Iterable[bytes]) -> bytes:
    """The signed statement among the push options; empty when there is none."""
    for option in options:
        text = option.decode("ascii", "replace").rstrip("\n")
        if text.startswith(OPTION):
            try:
                return base64.b64decode(text.removeprefix(OPTION), validate=True)
            except binascii.Error as error:
                raise Refused([msg("the signed statement cannot be read")]) from error
    return b""


def print_receipt(receipt: Receipt, say: Callable[[Message], str]) -> None:
    """The receipt, as the officer sees it on the pushing side."""
    tell(
        say(
            msg(
                "receipt: {number}, version {version}, received {time}",
                number=receipt.number,
                version=receipt.version,
                time=receipt.received.isoformat(),
            )
        )
    )
    for item, due, late in receipt.items:
        if due is None:
            tell(say(msg("  {item}: no deadline", item=item)))
        elif late:
            tell(say(msg("  {item}: was due {due}, {late} days late", item=item, due=due.date(), late=late)))
        else:
            tell(say(msg("  {item}: due {due}, on time", item=item, due=due.date())))


def print_decision(decision: Decision, say: Callable[[Message], str]) -> None:
    """What an approval, return or cancellation brought."""
    if decision.accepted:
        tell(
            say(
                msg(
                    "{number} is accepted: main is now {commit}",
                    number=decision.number,
                    commit=decision.accepted[:12],
                )
            )
        )
        return
    if decision.kind != "approval":
        tell(say(msg("recorded for {number}", number=decision.number)))
        return
    tell(say(msg("the approval of {number} is recorded", number=decision.number)))
    for step in decision.ruling.waiting:
        tell(say(msg("  still waiting for the step {step}", step=step.code)))
    for reason in decision.ruling.reasons:
        tell(f"  - {say(reason)}")


def notify(say: Callable[[Message], str]) -> int:
    """No hook of git's: the process that tells people, started by `proc-receive`, which does not wait for it."""
    from gongkai.gate.notify import deliver

    for _ in deliver(open_gate(Path.cwd()), clock.now()):
        pass  # it wrote its own log
    return 0


def read_packets(source: BinaryIO) -> list[bytes]:
    """Packet lines up to the flush."""
    found: list[bytes] = []
    while True:
        size = int(source.read(4) or b"0000", 16)
        if size <= 4:
            return found
        found.append(source.read(size - 4))


def write_packets(sink: BinaryIO, packets: Iterable[bytes]) -> None:
    """Packet lines and a flush."""
    for packet in packets:
        sink.write(f"{len(packet) + 5:04x}".encode() + packet + b"\n")
    sink.write(b"0000")
    sink.flush()
