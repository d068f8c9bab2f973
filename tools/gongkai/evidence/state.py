"""What the events add up to: submissions, approvals, the facts of items. One pure fold over the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gongkai.evidence.ledger import Event
from gongkai.model.evidence import Change, PathChange
from gongkai.model.facts import ItemFacts


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a submission as it was received: the pushed commit, the exact change, when, from whom.

    `key` and `statement` are those of its signature; empty when the server vouched for the person.
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
class Approval:
    """A signed yes (or a return with reasons) to one version, with the key it was signed with."""

    person: str
    step: str
    version: int
    change: str
    policy: str
    key: str
    time: datetime
    event: int
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission over its versions. `state`: waiting, returned, accepted, cancelled."""

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

    @property
    def last(self) -> Version:
        """The version that is to be decided."""
        return self.versions[-1]

    @property
    def people(self) -> frozenset[str]:
        """Everyone who handed in a version: they never count as approvers."""
        return frozenset(v.person for v in self.versions)


@dataclass(frozen=True)
class State:
    """What is true after the last event. `main` is the commit that the last acceptance named."""

    last: Event | None = None
    genesis: str = ""
    main: str = ""
    main_tree: str = ""
    policy_version: int = 0
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    facts: Mapping[str, ItemFacts] = field(default_factory=dict)
    returned_changes: frozenset[str] = frozenset()

    def open_for(self, branch: str) -> Submission | None:
        """The submission on this branch that is not decided yet (waiting or returned)."""
        found = (
            s for s in self.submissions.values() if s.branch == branch and s.state in ("waiting", "returned")
        )
        return next(found, None)

    def reserved(self) -> Mapping[str, str]:
        """Item ids that undecided submissions have drawn, with the submission's number."""
        waiting = (s for s in self.submissions.values() if s.state in ("waiting", "returned"))
        return {item: s.number for s in waiting for item in s.last.change.items}


def replay(events: Iterable[Event], start: State | None = None) -> State:
    """Fold events into a state. An event of an unknown kind changes nothing but the end of the chain."""
    state = start or State()
    for event in events:
        step = _STEPS.get(event.kind)
        state = replace(step(state, event) if step else state, last=event)
    return state


def _genesis(state: State, event: Event) -> State:
    return replace(
        state, genesis=event.id, main=event.data["main"], main_tree=event.data["tree"], policy_version=1
    )


def _received(state: State, event: Event) -> State:
    data = event.data
    number = data["submission"]
    rows = tuple(PathChange(*row) for row in data["change"])
    known = state.submissions.get(number)
    count = len(known.versions) + 1 if known else 1
    change = Change(rows, tuple(data["items"]))
    version = Version(
        count, data["tip"], data["base"], change, data["person"], event.time, data.get("key", ""),
        data.get("statement", ""),
    )  # fmt: skip
    submission = known or Submission(number, data["department"], data["branch"], "waiting", ())
    # Whether it changes policy is asked of every version anew: the first one's answer must not outlive it.
    submission = replace(
        submission, state="waiting", versions=(*submission.versions, version), policy=change.is_policy
    )
    facts = dict(state.facts)
    for item in change.items:
        facts[item] = replace(
            facts.get(item, ItemFacts()), received=facts.get(item, ItemFacts()).received or event.time
        )
    return replace(state, submissions={**state.submissions, number: submission}, facts=facts)


def _approval(event: Event) -> Approval:
    d: Mapping[str, Any] = event.data
    return Approval(
        d["person"], d.get("step", ""), d["version"], d["change"], d.get("policy", ""), d["key"], event.time,
        event.number, d.get("reasons", {}),
    )  # fmt: skip


def _approved(state: State, event: Event) -> State:
    submission = state.submissions[event.data["submission"]]
    return _with(state, replace(submission, approvals=(*submission.approvals, _approval(event))))


def _returned(state: State, event: Event) -> State:
    submission = state.submissions[event.data["submission"]]
    submission = replace(submission, state="returned", returns=(*submission.returns, _approval(event)))
    facts = dict(state.facts)
    for item in submission.last.change.items:
        facts[item] = replace(facts[item], returned=event.time)
    change, reasons = submission.last.change, event.data.get("reasons", {})
    # Reasons for named items block those items' content. A reason for the whole blocks the whole, unchanged: an
    # officer who mends the one faulty item of three need not touch the other two.
    alone = change.items if len(change.items) == 1 else ()
    named = [i for i in change.items if i in reasons] or alone
    blocked = state.returned_changes | {change.digest, *(change.content_of(item) for item in named)}
    return replace(_with(state, submission), facts=facts, returned_changes=blocked)


def _accepted(state: State, event: Event) -> State:
    submission = replace(state.submissions[event.data["submission"]], state="accepted", decided=event.time)
    facts = dict(state.facts)
    for item in submission.last.change.items:
        facts[item] = replace(facts[item], accepted=event.time)
    version = state.policy_version + int(submission.policy)
    new = _with(state, submission)
    return replace(
        new, main=event.data["main"], main_tree=event.data["tree"], facts=facts, policy_version=version
    )


def _cancelled(state: State, event: Event) -> State:
    submission = state.submissions[event.data["submission"]]
    return _with(state, replace(submission, state="cancelled", decided=event.time))


def _published(state: State, event: Event) -> State:
    facts = dict(state.facts)
    for item, number in event.data["items"].items():
        old = facts.get(item, ItemFacts())
        first = {"published": event.time, "index_number": number} if old.published is None else {}
        facts[item] = replace(old, changed=event.time, **first)
    return replace(state, facts=facts)


def _with(state: State, submission: Submission) -> State:
    return replace(state, submissions={**state.submissions, submission.number: submission})


_STEPS = {
    "genesis": _genesis, "received": _received, "approved": _approved, "returned": _returned,
    "accepted": _accepted, "cancelled": _cancelled, "published": _published,
}  # fmt: skip
