"""Where a pull request is judged: the repository, base's policy with its accounts, and what the forge recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.acts import Approval
from gongkai.evidence.ledger import read
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.state import State, replay
from gongkai.gate.forge_accounts import Accounts, accounts_of, with_accounts
from gongkai.gate.forge_forgejo import FORGEJO
from gongkai.gate.forge_github import GITHUB
from gongkai.gate.forge_gitlab import GITLAB
from gongkai.gate.forge_records import Asked, Reader, odd
from gongkai.gate.receive import shared_keys
from gongkai.gate.repository import Gate
from gongkai.items.config import read_settings
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Change
from gongkai.model.message import Message, msg
from gongkai.store.tree import CommitTree

READERS = {reader.name: reader for reader in (GITHUB, GITLAB, FORGEJO)}
BRANCH = "refs/heads/gongkai-ledger"
LEDGERS = (BRANCH, "refs/remotes/origin/gongkai-ledger")


@dataclass(frozen=True)
class Records:
    """What is given about the pull request: the forge, its JSON as parsed, and signed statements."""

    forge: str = ""
    request: Any = None
    reviews: Sequence[Any] = ()
    pushes: Sequence[Any] = ()
    runs: Sequence[Any] = ()
    statements: Sequence[bytes] = ()
    number: int = 0


def grade_of(approval: Approval) -> str:
    """`forge` for an approval that rests on an account, `signed` for one with a key."""
    return "forge" if approval.key.partition(":")[0] in READERS else "signed"


@dataclass(frozen=True)
class Bench:
    """Where it is judged: the gate at base, base's policy with accounts, who has which account, the pull request."""

    gate: Gate
    policy: Policy
    accounts: Accounts
    people: dict[str, Any]
    asked: Asked | None
    reader: Reader | None


def open_ledger(gate: Gate, ref: str) -> str:
    """Let the gate read the ledger at `ref`, or at the usual places; returns the ref it was found at, empty for none."""
    wanted = (ref,) if ref else LEDGERS
    found = next((name for name in wanted if gate.objects.ref(name)), "")
    if found:
        gate.state = replay(read(gate.objects, gate.objects.ref(found)))
    elif ref:
        gate.state = State()
    return found


def seat(gate: Gate, base: str, records: Records, now: datetime) -> Bench:
    """Make the gate stand at `base`, with base's policy and accounts."""
    gate.state = replace(gate.state, main=base)
    settings = read_settings(CommitTree(gate.folder, base))[0]
    reader = READERS.get(records.forge)
    _refuse_halves(records, reader)
    asked = reader.asked(records.request) if reader and records.request is not None else None
    accounts = accounts_of(settings, records.forge)
    policy = with_accounts(gate.policy(now), accounts)
    return Bench(gate, policy, accounts, dict(settings.people), asked, reader)


def _refuse_halves(records: Records, reader: Reader | None) -> None:
    """Records that say nothing without others."""
    if (records.request is not None or records.reviews) and reader is None:
        raise GongkaiError(
            msg("it is not said which forge these records come from"),
            msg("add --forge github, gitlab or forgejo"),
        )
    if records.reviews and records.request is None:
        raise GongkaiError(
            msg("reviews without their pull request say nothing"),
            msg("give the pull request's own JSON with --request"),
        )
    if records.request is not None and not isinstance(records.request, dict):
        raise odd("an object")


def people_faults(
    change: Change, portal: Portal, forge: str, now: datetime, revoked: Iterable[str] = ()
) -> Iterator[Message]:
    """Fewer than two administrators who could act, a key or an account of two persons. An account is enough to act."""
    if not change.is_policy:
        return
    accounts = accounts_of(portal.settings, forge)
    new = with_accounts(read_policy(portal.settings, portal.types).without(revoked), accounts)
    if sum(bool(new.good(code)) for code in new.administrators(now)) < 2:
        yield msg("fewer than two administrators who have a key or an account would remain")
    yield from shared_keys(new)
    yield from accounts.faults()
