"""What the events add up to: submissions, approvals, duties, the facts of items. One pure fold over the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gongkai.evidence.acts import Approval, Hold, Owed
from gongkai.evidence.ledger import Event
from gongkai.model.evidence import Change, PathChange, Step, canonical
from gongkai.model.facts import ItemFacts

DAY = timedelta(days=1)
OPEN = ("waiting", "returned")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a submission as it was received: the pushed commit, the exact change, when, from whom.

    `base` is the commit of main at the receipt. `key` and `statement` are those of its signature; empty when the server
    vouched for the person.
    """

    number: int
    tip: str
    base: str
    change: Change
    person: str
    received: datetime
    key: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission over its versions. `state`: waiting, returned, accepted, cancelled.

    `levels` are those with a quota or a second review under which it was accepted.
    """

    number: str
    department: str
    branch: str
    state: str
    versions: tuple[Version, ...]
    approvals: tuple[Approval, ...] = ()
    returns: tuple[Approval, ...] = ()
    policy: bool = False
    decided: datetime | None = None
    """When it was accepted or cancelled."""
    levels: tuple[str, ...] = ()

    @property
    def last(self) -> Version:
        """The version that is to be decided."""
        return self.versions[-1]

    @property
    def people(self) -> frozenset[str]:
        """Everyone who handed in a version: they never count as approvers."""
        return frozenset(v.person for v in self.versions)

    @property
    def given(self) -> tuple[Approval, ...]:
        """The approvals of the last version."""
        return tuple(a for a in self.approvals if a.version == self.last.number)


@dataclass(frozen=True)
class State:
    """What is true after the last event. `main` is the commit that the last acceptance named.

    `holds` are returns that wait for a changed version, by item id or path; `owed` second reviews by submission;
    `revoked` when each key was declared void, by the key without its comment; `recorded` the digests of all signed
    statements as the inbox names them; `said` when each person's statements of the last day were recorded.
    """

    last: Event | None = None
    genesis: str = ""
    main: str = ""
    main_tree: str = ""
    policy_version: int = 0
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    facts: Mapping[str, ItemFacts] = field(default_factory=dict)
    returned_changes: frozenset[str] = frozenset()
    holds: Mapping[str, tuple[Hold, ...]] = field(default_factory=dict)
    owed: Mapping[str, Owed] = field(default_factory=dict)
    revoked: Mapping[str, datetime] = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()
    said: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)

    def open_for(self, branch: str) -> Submission | None:
        """The submission on this branch that is not decided yet (waiting or returned)."""
        found = (s for s in self.submissions.values() if s.branch == branch and s.state in OPEN)
        return next(found, None)

    def reserved(self) -> Mapping[str, str]:
        """Item ids that undecided submissions have drawn, with the submission's number."""
        waiting = (s for s in self.submissions.values() if s.state in OPEN)
        return {item: s.number for s in waiting for item in s.last.change.items}

    def holds_on(self, submission: Submission) -> tuple[Hold, ...]:
        """The returns that bear on what the last version changes, whichever submission they were of."""
        return tuple(h for key in keys_of(submission.last.change) for h in self.holds.get(key, ()))

    def duties(self) -> tuple[Owed, ...]:
        """Second reviews that are still open, the first due first."""
        return tuple(sorted((o for o in self.owed.values() if o.open), key=lambda o: (o.due, o.submission)))


def keys_of(change: Change) -> tuple[str, ...]:
    """What returns are remembered by: the items' ids; of a change of settings, its paths."""
    return change.items or tuple(p.path for p in change.paths)


def replay(events: Iterable[Event], start: State | None = None) -> State:
    """Fold events into a state. An event of an unknown kind changes nothing but the end of the chain.

    `start` stays as it is: its tables are copied once, whatever the number of events.
    """
    draft = _Draft(start or State())
    for event in events:
        step = _STEPS.get(event.kind)
        if step is not None:
            step(draft, event)
        draft.note(event)
    return draft.state()


class _Draft:
    """A state under way, with tables that can be written."""

    def __init__(self, start: State) -> None:
        self.start = start
        self.fixed: dict[str, Any] = {}
        self.submissions = dict(start.submissions)
        self.facts = dict(start.facts)
        self.holds = dict(start.holds)
        self.owed = dict(start.owed)
        self.revoked = dict(start.revoked)
        self.said = dict(start.said)
        self.returned: set[str] = set()
        self.recorded: set[str] = set()

    def note(self, event: Event) -> None:
        """What every event adds: the end of the chain, and the signed statement that it holds."""
        self.fixed["last"] = event
        data = event.data
        if "signature" in data and "statement" in data:
            self.recorded.add(packed_digest(data["statement"], data["signature"]))
            before = self.said.get(data["person"], ())
            self.said[data["person"]] = (*(t for t in before if event.time - t < DAY), event.time)

    def state(self) -> State:
        """The finished state."""
        if self.returned:
            self.fixed["returned_changes"] = self.start.returned_changes | self.returned
        if self.recorded:
            self.fixed["recorded"] = self.start.recorded | self.recorded
        return replace(
            self.start, submissions=self.submissions, facts=self.facts, holds=self.holds, owed=self.owed,
            revoked=self.revoked, said=self.said, **self.fixed,
        )  # fmt: skip

    def fact(self, item: str, **values: Any) -> None:
        """Set facts of an item."""
        self.facts[item] = replace(self.facts.get(item, ItemFacts()), **values)

    def moved(self, event: Event) -> None:
        """Main goes where the event says."""
        self.fixed |= {"main": event.data["main"], "main_tree": event.data["tree"]}


def packed_digest(statement: str, signature: str) -> str:
    """The SHA-256 of a signed statement as it is packed for the inbox (`statement.pack`)."""
    return hashlib.sha256(canonical({"statement": statement, "signature": signature})).hexdigest()


def happened(event: Event) -> datetime:
    """When it happened: the server's time. A ledger kept beside a forge is written after the merge, and what rests on
    the forge's word (`identity`) brings the forge's time (`at`); it never lies after the event.
    """
    if event.data.get("identity") != "forge":
        return event.time
    return min(event.time, datetime.fromisoformat(event.data["at"]))


def _genesis(draft: _Draft, event: Event) -> None:
    draft.moved(event)
    draft.fixed |= {"genesis": event.id, "policy_version": 1}


def _received(draft: _Draft, event: Event) -> None:
    data = event.data
    number = data["submission"]
    rows = tuple(PathChange(*row) for row in data["change"])
    known = draft.submissions.get(number)
    count = len(known.versions) + 1 if known else 1
    change = Change(rows, tuple(data["items"]))
    version = Version(
        count, data["tip"], data["base"], change, data["person"], happened(event), data.get("key", ""),
        data.get("statement", ""),
    )  # fmt: skip
    submission = known or Submission(number, data["department"], data["branch"], "waiting", ())
    # Whether it changes policy is asked of every version anew: the first one's answer must not outlive it.
    draft.submissions[number] = replace(
        submission, state="waiting", versions=(*submission.versions, version), policy=change.is_policy
    )
    for item in change.items:
        draft.fact(item, received=draft.facts.get(item, ItemFacts()).received or happened(event))


def _approval(event: Event) -> Approval:
    d: Mapping[str, Any] = event.data
    return Approval(
        d["person"], d.get("step", ""), d["version"], d["change"], d.get("policy", ""), d["key"], happened(event),
        event.number, d.get("reasons", {}),
    )  # fmt: skip


def _approved(draft: _Draft, event: Event) -> None:
    submission = draft.submissions[event.data["submission"]]
    draft.submissions[submission.number] = replace(
        submission, approvals=(*submission.approvals, _approval(event))
    )


def _returned(draft: _Draft, event: Event) -> None:
    submission = draft.submissions[event.data["submission"]]
    back = _approval(event)
    draft.submissions[submission.number] = replace(
        submission, state="returned", returns=(*submission.returns, back)
    )
    change = submission.last.change
    for item in change.items:
        draft.fact(item, returned=event.time)
    # Reasons for named items block those items' content. A reason for the whole blocks the whole, unchanged: an
    # officer who mends the one faulty item of three need not touch the other two.
    alone = change.items if len(change.items) == 1 else ()
    named = [i for i in change.items if i in back.reasons] or alone
    draft.returned |= {change.digest, *(change.content_of(item) for item in named)}
    for key in named or keys_of(change):
        hold = Hold(key, back.person, submission.number, back.version, event.number)
        others = (h for h in draft.holds.get(key, ()) if h.person != back.person)
        draft.holds[key] = (*others, hold)


def _accepted(draft: _Draft, event: Event) -> None:
    data = event.data
    submission = draft.submissions[data["submission"]]
    change = submission.last.change
    draft.submissions[submission.number] = replace(
        submission, state="accepted", decided=event.time, levels=tuple(data.get("levels", ()))
    )
    for item in change.items:
        draft.fact(item, accepted=event.time)
    for key in keys_of(change):
        draft.holds.pop(key, None)
    draft.moved(event)
    version = draft.fixed.get("policy_version", draft.start.policy_version)
    draft.fixed["policy_version"] = version + int(submission.policy)
    if "owes" in data:
        draft.owed[submission.number] = _owed(submission, data["owes"], event)
    else:
        _reviewed(draft, change.items)


def _owed(submission: Submission, owes: Mapping[str, Any], event: Event) -> Owed:
    people = submission.people | {a.person for a in submission.given}
    last = submission.last
    return Owed(
        submission.number, last.number, last.change.digest, last.change.items,
        tuple(Step(*row) for row in owes["steps"]), owes["due"], owes["lapse"], event.time,
        event.number, people,
    )  # fmt: skip


def _reviewed(draft: _Draft, items: Iterable[str], by: Owed | None = None) -> None:
    """Items that were reviewed in full (`by` a second review): what an older text of theirs owed is owed no longer."""
    done = frozenset(items)
    for owed in draft.owed.values():
        older = by is None or owed.event < by.event
        if older and owed.open and done & set(owed.items):
            left = tuple(i for i in owed.items if i not in done)
            draft.owed[owed.submission] = replace(owed, items=left)


def _confirmed(draft: _Draft, event: Event) -> None:
    owed = draft.owed[event.data["submission"]]
    owed = draft.owed[owed.submission] = replace(owed, given=(*owed.given, _approval(event)))
    if owed.state == "done":
        _reviewed(draft, owed.items, owed)


def _objected(draft: _Draft, event: Event) -> None:
    owed = draft.owed[event.data["submission"]]
    draft.owed[owed.submission] = replace(owed, objection=_approval(event))


def _lapsed(draft: _Draft, event: Event) -> None:
    owed = draft.owed[event.data["submission"]]
    draft.owed[owed.submission] = replace(owed, lapsed=event.time)


def _withdrawn(draft: _Draft, event: Event) -> None:
    owed = draft.owed[event.data["submission"]]
    draft.owed[owed.submission] = replace(owed, lapsed=owed.lapsed or event.time, withdrawn=event.time)
    draft.moved(event)
    for item in event.data["items"]:
        draft.fact(item, accepted=event.time)


def _cancelled(draft: _Draft, event: Event) -> None:
    submission = draft.submissions[event.data["submission"]]
    draft.submissions[submission.number] = replace(submission, state="cancelled", decided=event.time)


def _published(draft: _Draft, event: Event) -> None:
    for item, number in event.data["items"].items():
        old = draft.facts.get(item, ItemFacts())
        first = {"published": event.time, "index_number": number} if old.published is None else {}
        draft.fact(item, changed=event.time, **first)


def _revoked(draft: _Draft, event: Event) -> None:
    for key in event.data["keys"]:
        draft.revoked.setdefault(key, event.time)


_STEPS: dict[str, Callable[[_Draft, Event], None]] = {
    "genesis": _genesis, "received": _received, "approved": _approved, "returned": _returned,
    "accepted": _accepted, "cancelled": _cancelled, "published": _published, "confirmed": _confirmed,
    "objected": _objected, "lapsed": _lapsed, "withdrawn": _withdrawn, "revoked": _revoked,
}  # fmt: skip
