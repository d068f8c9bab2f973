"""Taking in a submission: computed from blobs, checked whole, recorded with the server's time, answered by a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongkai.checks.due import dues
from gongkai.checks.portal import Portal
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.state import Submission
from gongkai.evidence.statement import signed_by, unpack
from gongkai.gate.change import change_between, deletions, foreign
from gongkai.gate.judging import Result, judge, stale
from gongkai.gate.names import REVIEW
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.items.config import read_settings
from gongkai.model.evidence import Change
from gongkai.model.item import Item
from gongkai.model.message import Message, msg
from gongkai.store.tree import CommitTree

PEOPLE = "site_config/people.yml"


@dataclass(frozen=True)
class Push:
    """A push to a review branch: the ref, the pushed commit, who the server says it is, the signed statement if any."""

    ref: str
    tip: str
    user: str = ""
    packed: bytes = b""


@dataclass(frozen=True)
class Receipt:
    """What was recorded: the submission's number and version, when, and of each item when it was due and how late."""

    number: str
    version: int
    received: datetime
    items: tuple[tuple[str, datetime | None, int], ...]
    warnings: int


def receive(gate: Gate, push: Push, now: datetime) -> Receipt:
    """Take in a pushed branch: the event first, then the branch. Refused with every reason at once.

    The caller holds the gate's lock. A version that was already received gets its receipt again.
    """
    match = REVIEW.match(push.ref)
    if match is None:
        raise Refused([msg("{ref} is not a review branch", ref=push.ref)])
    department = match["department"]
    change = _change(gate, push, department)
    policy = gate.policy(now)
    person, vouched = _person(gate, push, change, policy, now)
    known = gate.state.open_for(push.ref)
    if (
        known
        and known.last.change.digest == change.digest
        and known.last.person == person
        and known.state == "waiting"
    ):
        _follow(gate, push)
        return receipt_of(known, judge(gate, change, now))
    result = judge(gate, change, now)
    reasons = [
        *_standing(gate, known, change, person, department, policy, now),
        *policy_faults(change, result, now, gate.state.revoked),
        *key_faults(gate, change, result),
        *_used(gate, vouched),
    ]
    if reasons or result.errors:
        raise Refused(reasons, result.errors)
    data = _event(gate, known, change, push, person, department, result)
    gate.record("received", {**data, **vouched, "submission": data["submission"] or _number(gate, now)}, now)
    _follow(gate, push)
    submission = gate.state.open_for(push.ref)
    if submission is None:
        raise Refused([msg("the submission was not recorded")])
    return receipt_of(submission, result)


def _change(gate: Gate, push: Push, department: str) -> Change:
    if gate.objects.kind(push.tip) != "commit":
        raise Refused([msg("what was pushed is not a commit")])
    base = gate.objects.merge_base(gate.state.main, push.tip)
    if not base:
        raise Refused([msg("the branch has nothing in common with main; begin from a fresh `git fetch`")])
    change, faults = change_between(gate.objects, base, push.tip)
    if not faults and not change.paths:
        faults = (msg("nothing is changed"),)
    faults = faults or (*foreign(change, department), *deletions(change), *stale(gate, change))
    if faults:
        raise Refused(faults)
    return change


def _person(
    gate: Gate, push: Push, change: Change, policy: Policy, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Who hands it in: whom the server has authenticated, or who signed a statement about exactly this change."""
    if not push.packed:
        if not push.user:
            raise Refused(
                [msg("nobody vouches for this push: it is neither signed nor from an authenticated account")],
                hint=msg("use `gongkai submit`, which signs with your key; `gongkai setup` makes one"),
            )
        return push.user, {"identity": "server"}
    unpacked = unpack(push.packed)
    if unpacked is None:
        raise Refused([msg("the signed statement cannot be read")])
    statement, raw, signature = unpacked
    key = signed_by(statement, raw, signature, policy, now)
    wrong: list[Message] = []
    if not key:
        wrong.append(
            msg(
                "the signature is not that of {person}, or the key is not valid today",
                person=statement.person,
            )
        )
    if push.user and push.user != statement.person:
        wrong.append(
            msg(
                "the account {user} cannot hand in what {person} signed",
                user=push.user,
                person=statement.person,
            )
        )
    if (statement.kind, statement.repository, statement.change) != (
        "submission",
        gate.state.genesis,
        change.digest,
    ):
        wrong.append(msg("the signed statement is about something else than what was pushed"))
    if wrong:
        raise Refused(wrong)
    return statement.person, {
        "identity": "signature",
        "key": key,
        "statement": raw.decode(),
        "signature": signature,
    }


def _standing(
    gate: Gate,
    known: Submission | None,
    change: Change,
    person: str,
    department: str,
    policy: Policy,
    now: datetime,
) -> list[Message]:
    """What speaks against this person handing in this change here and now."""
    reasons: list[Message] = []
    if change.is_policy:
        if any(p.path.startswith("content/") for p in change.paths):
            reasons.append(msg("settings and content cannot be changed together"))
        if person not in policy.administrators(now):
            reasons.append(msg("{person} is no administrator and cannot change settings", person=person))
    elif person not in policy.officers(department, now):
        reasons.append(msg("{person} is no officer of {department}", person=person, department=department))
    if change.returned_in(gate.state.returned_changes):
        reasons.append(msg("exactly this content was returned before"))
    mine, reserved = known.number if known else "", gate.state.reserved()
    for item in change.items:
        holder = reserved.get(item, mine)
        if holder != mine:
            reasons.append(msg("{item} already belongs to submission {number}", item=item, number=holder))
    return reasons


def policy_faults(
    change: Change, result: Result, now: datetime, revoked: Iterable[str] = ()
) -> list[Message]:
    """What a change to people may not do: leave fewer than two administrators, give a key to two persons.

    A key that was `revoked` is no administrator's key, whatever people.yml says.
    """
    if not change.is_policy:
        return []
    new = read_policy(result.portal.settings, result.portal.types).without(revoked)
    reasons: list[Message] = []
    if sum(bool(new.good(code)) for code in new.administrators(now)) < 2:
        reasons.append(msg("fewer than two administrators who have a key would remain"))
    return [*reasons, *shared_keys(new)]


def widened_by(submission: Submission, result: Result, policy: Policy) -> frozenset[str]:
    """Whose rights a change of settings widens: none of them approves it (gate.md property 6)."""
    if not submission.policy:
        return frozenset()
    return policy.widened(read_policy(result.portal.settings, result.portal.types))


def gainers(submission: Submission, result: Result, policy: Policy) -> list[Message]:
    """Those who approved a change that widens their own rights."""
    wide = widened_by(submission, result, policy) if submission.policy else frozenset()
    return [gains(p) for p in sorted(wide & {a.person for a in submission.given})]


def gains(person: str) -> Message:
    """Why somebody cannot approve a change of settings."""
    return msg("the change gives {person} more rights; somebody else must approve it", person=person)


def shared_keys(policy: Policy) -> Iterator[Message]:
    """Keys that two persons have: one signature would count for both."""
    for people in policy.holders().values():
        for other in people[1:]:
            yield msg("{person} and {other} would have the same key", person=other, other=people[0])


def key_faults(gate: Gate, change: Change, result: Result) -> Iterator[Message]:
    """A key belongs to one person for ever: keys that stood under another's name in any earlier people.yml."""
    if not any(p.path == PEOPLE for p in change.paths):
        return
    new = read_policy(result.portal.settings, result.portal.types).holders()
    past = gate.objects.git("rev-list", gate.state.main, "--", PEOPLE).decode().split()
    for commit in past:
        old = read_policy(read_settings(CommitTree(gate.folder, commit))[0], {}).holders()
        for body, (person, *_) in new.items():
            for other in old.get(body, ()):
                if other != person:
                    yield msg("{person} would get a key that was {other}'s", person=person, other=other)


def _used(gate: Gate, vouched: Mapping[str, Any]) -> Iterator[Message]:
    """A signed statement counts once: what was cancelled is not handed in again by whoever kept a copy."""
    versions = (v for s in gate.state.submissions.values() for v in s.versions)
    if vouched.get("statement") and any(v.statement == vouched["statement"] for v in versions):
        yield msg("this signed statement was used before; submit again to sign anew")


def _event(
    gate: Gate,
    known: Submission | None,
    change: Change,
    push: Push,
    person: str,
    department: str,
    result: Result,
) -> dict[str, Any]:
    """`base` is the commit of main that the change was laid over and checked with."""
    return {
        "submission": known.number if known else "",
        "department": department,
        "branch": push.ref,
        "tip": push.tip,
        "base": gate.state.main,
        "change": [[p.path, p.old, p.new, p.sha256] for p in change.paths],
        "items": list(change.items),
        "person": person,
        "warnings": len(result.findings) - len(result.errors),
    }


def _number(gate: Gate, now: datetime) -> str:
    """The next submission number of the year: S-2026-00001."""
    year = now.astimezone(gate.policy(now).zone).year
    used = sum(n.startswith(f"S-{year}-") for n in gate.state.submissions)
    return f"S-{year}-{used + 1:05d}"


def _follow(gate: Gate, push: Push) -> None:
    """Let the review branch stand where it was received."""
    there = gate.objects.ref(push.ref)
    if there != push.tip:
        gate.objects.move(push.ref, push.tip, there)


def receipt_of(submission: Submission, result: Result) -> Receipt:
    """The receipt of a submission's last version; lateness counts from the first version, in days (begun ones whole)."""
    first = submission.versions[0].received
    items = (result.portal.corpus.by_id.get(ident) for ident in submission.last.change.items)
    judged = (i if i is not None and result.portal.is_new(i) else None for i in items)
    rows = tuple(
        (ident, *_due(item, result.portal, first))
        for ident, item in zip(submission.last.change.items, judged, strict=True)
    )
    warnings = len(result.findings) - len(result.errors)
    return Receipt(submission.number, submission.last.number, submission.last.received, rows, warnings)


def _due(item: Item | None, portal: Portal, received: datetime) -> tuple[datetime | None, int]:
    """When the item was to be handed in (a day stands for its midnight), and how many days late it was received."""
    due = dues(item, portal).get("submit") if item is not None else None
    if due is None:
        return None, 0
    late = max(0, (received.astimezone(portal.settings.timezone).date() - due.day).days)
    if isinstance(due.due, datetime):
        return due.due, max(late, int(received > due.due))
    return datetime.combine(due.day, datetime.min.time()), late
