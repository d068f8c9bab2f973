"""The server's hooks as a door: git's words in, the gate's answer out. Any exception is a refusal."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from gongkai.gate.decide import Decision, take_in
from gongkai.gate.names import INBOX, push_faults
from gongkai.gate.notify import call_away, deliver
from gongkai.gate.receive import Push, Receipt, receive
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate, open_gate
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.git import clean_environment
from gongkai.store.logfile import write_bug

OPTION = "gongkai-statement="
SHOWN = 20
"""So many findings are printed to the pusher; `gongkai check` shows the rest."""


def main() -> int:
    """Run the hook named on the command line; its exit code is git's answer."""
    say = Catalogue(os.environ.get("GONGKAI_LANG", "zh")).say
    hook = HOOKS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if hook is None:
        return 2
    clean_environment()
    try:
        return hook(say)
    except GongkaiError as error:
        show(error, say)
    except Exception as error:  # whatever it is: no is the answer
        tell(
            say(
                msg(
                    "internal fault ({kind}); the details are in {log}",
                    kind=type(error).__name__,
                    log=str(write_bug(error)),
                )
            )
        )
    return 1


def tell(words: str) -> None:
    """One line to the pusher."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def show(error: GongkaiError, say: Callable[[Message], str]) -> None:
    """A refusal: what, every reason and finding, and at the end what to do."""
    tell(say(msg("error: {says}", says=error.says)))
    if isinstance(error, Refused):
        for reason in error.reasons:
            tell(f"  - {say(reason)}")
        for finding in error.findings[:SHOWN]:
            place = finding.place
            tell(f"  - {place.path}:{place.line}:{place.column}: {finding.code} {say(finding.message)}")
            tell(f"      → {say(finding.hint)}")
        if len(error.findings) > SHOWN:
            tell(
                say(
                    msg(
                        "  … and {count} more; `gongkai check` shows them all",
                        count=len(error.findings) - SHOWN,
                    )
                )
            )
    tell(f"  → {say(error.hint)}")


def pre_receive(say: Callable[[Message], str]) -> int:
    """Only names here, while the objects are in quarantine; what they hold is judged by proc-receive."""
    updates = [tuple(line.split(" ", 2)) for line in sys.stdin.read().splitlines()]
    faults = list(push_faults([(u[0], u[1], u[2]) for u in updates]))
    if faults:
        raise Refused(faults)
    return 0


def post_receive(say: Callable[[Message], str]) -> int:
    """Nothing is decided after the fact; the hook stands so that `server doctor` sees it."""
    return 0


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
        show(error, say)
        return f"ng {ref} refused".encode()
    except Exception as error:  # the pusher gets a no, the operator a log
        tell(
            say(
                msg(
                    "internal fault ({kind}); the details are in {log}",
                    kind=type(error).__name__,
                    log=str(write_bug(error)),
                )
            )
        )
        return f"ng {ref} internal fault".encode()
    return f"ok {ref}".encode()


def _decide(gate: Gate, new: str, ref: str, options: Iterable[bytes], say: Callable[[Message], str]) -> None:
    user = os.environ.get("GONGKAI_USER") or os.environ.get("GL_USER") or ""
    if INBOX.match(ref):
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


HOOKS: dict[str, Callable[[Callable[[Message], str]], int]] = {
    "pre-receive": pre_receive,
    "proc-receive": proc_receive,
    "post-receive": post_receive,
    "notify": notify,
}

if __name__ == "__main__":
    sys.exit(main())
