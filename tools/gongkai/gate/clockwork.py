"""A server's clock that jumped ahead goes on only when an administrator's own clock agrees (gate.md property 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from gongkai.evidence.policy import Policy
from gongkai.evidence.state import State
from gongkai.gate.client import Clone, fetch_all, push_statement
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.model.evidence import Statement
from gongkai.model.message import Message, msg
from gongkai.store.clock import parse

AGREE = timedelta(days=1)
"""So far the administrator's clock may differ from the server's."""


def accept_clock(
    gate: Gate, statement: Statement, proof: dict[str, Any], policy: Policy, now: datetime
) -> None:
    """Record that an administrator vouches for the time; Refused when their clock does not agree, or nothing is to do."""
    wrong = list(against(gate.state, statement, policy, now))
    if wrong:
        raise Refused(wrong, hint=msg("set the clocks right; nothing was recorded"))
    gate.record("clock", {"person": statement.person, **proof}, now)


def against(state: State, statement: Statement, policy: Policy, now: datetime) -> Iterator[Message]:
    """What speaks against going on at `now`: the same for server and auditor."""
    if statement.person not in policy.administrators(now):
        yield msg("{person} is no administrator and cannot accept the clock", person=statement.person)
    if abs(parse(statement.time) - now) > AGREE:
        yield msg(
            "the clock of {person} says {time}, the server's {now}",
            person=statement.person, time=statement.time, now=now.isoformat(timespec="seconds"),
        )  # fmt: skip
    if not jumped(state, policy, now):
        yield msg("the clock has not jumped; there is nothing to accept")


def jumped(state: State, policy: Policy, now: datetime) -> bool:
    """Whether `now` stands further beyond the last event than the rules let pass."""
    return state.last is not None and now - state.last.time > policy.ahead


def accept_from(clone: Clone, now: datetime) -> str:
    """Sign that the time is what my clock says, and hand it in; returns what the server said."""
    statement = Statement("clock", clone.gate.state.genesis, "", 0, "", clone.me().person, now.isoformat())
    said = push_statement(clone, statement)
    fetch_all(clone.folder)
    clone.gate.refresh()
    return said
