"""Which reviews of a forge count as approvals of exactly this head, and why each of the others does not.

In this order: is the account a person's; does the person ask for changes; was the yes undone; is it about this commit;
did the person have a hand in the branch. Those that remain fill steps, each person one, as many steps as can be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gongkai.evidence.acts import Approval
from gongkai.evidence.policy import Policy
from gongkai.gate.forge_accounts import Accounts
from gongkai.gate.forge_records import Review
from gongkai.gate.receive import gains
from gongkai.model.evidence import Step
from gongkai.model.message import Message, msg


@dataclass(frozen=True)
class Bound:
    """What an approval is bound to here: the head, the change's digest, the bearing policy, who had a hand in it or
    gains by it."""

    head: str
    change: str
    bearing: str
    author: str
    hands: frozenset[str]
    steps: tuple[Step, ...]
    gain: frozenset[str] = frozenset()


@dataclass
class Heard:
    """What was heard: approvals that may count, what speaks against, and what was passed over with its reason."""

    approvals: list[Approval] = field(default_factory=list)
    against: list[Message] = field(default_factory=list)
    passed_over: list[Message] = field(default_factory=list)


def hear(
    reviews: Iterable[Review], accounts: Accounts, bound: Bound, policy: Policy, now: datetime, taken: Heard
) -> Heard:
    """The approvals among `reviews` that may count, besides those in `taken` (signed ones come first)."""
    heard = Heard()
    yes: dict[str, Review] = {}
    for review in reviews:
        person = accounts.person(review.account)
        if person and review.verdict == "no":
            if any(policy.may(person, step, now) for step in bound.steps):
                heard.against.append(msg("{person} asks for changes", person=person))
            continue
        wrong = _wrong(review, person, bound, policy, now)
        if wrong is not None:
            heard.passed_over.append(wrong)
        elif person:
            yes[person] = review
    _fill(heard, yes, accounts, bound, policy, now, taken)
    return heard


def _wrong(review: Review, person: str, bound: Bound, policy: Policy, now: datetime) -> Message | None:
    """Why a review does not count; None when it does."""
    if not person:
        return msg("the account {account} stands for nobody in people.yml", account=review.account or "?")
    if review.verdict != "yes":
        return msg("the approval of {person} was dismissed or taken back", person=person)
    if review.why is not None:
        return review.why
    if review.commit != bound.head:
        return msg("{person} approved another version than the one that is judged", person=person)
    return hand_in_it(person, bound) or _no_step(person, bound, policy, now)


def hand_in_it(person: str, bound: Bound) -> Message | None:
    """Why a person who had a hand in it, or gains by it, cannot approve it; None for everybody else."""
    if person == bound.author:
        return msg("{person} handed in the submission and cannot approve it", person=person)
    if person in bound.hands:
        return msg("{person} wrote or pushed a part of it and cannot approve it", person=person)
    if person in bound.gain:
        return gains(person)
    return None


def _no_step(person: str, bound: Bound, policy: Policy, now: datetime) -> Message | None:
    if any(policy.may(person, step, now) for step in bound.steps):
        return None
    return msg("{person} reviews none of its steps", person=person)


def _fill(
    heard: Heard, yes: dict[str, Review], accounts: Accounts, bound: Bound, policy: Policy, now: datetime,
    taken: Heard,
) -> None:  # fmt: skip
    """Give each reviewer one of the steps that no signed approval is meant for."""
    signed = [a.step for a in taken.approvals]
    free = [s for s in bound.steps if s.code not in signed]
    people = [p for p in yes if p not in {a.person for a in taken.approvals}]
    for step, person in assign(people, free, lambda p, s: policy.may(p, s, now)).items():
        review = yes[person]
        key = accounts.key(review.account)
        heard.approvals.append(
            Approval(person, step.code, 1, bound.change, bound.bearing, key, review.time, -1)
        )


def assign(people: Iterable[str], steps: Sequence[Step], may: Callable[[str, Step], bool]) -> dict[Step, str]:
    """A person for as many steps as possible, each person once; the order of `people` decides between equals."""
    chosen: dict[Step, str] = {}

    def place(person: str, tried: Collection[Step]) -> bool:
        for step in (s for s in steps if s not in tried and may(person, s)):
            tried = {*tried, step}
            if step not in chosen or place(chosen[step], tried):
                chosen[step] = person
                return True
        return False

    for person in people:
        place(person, ())
    return {step: chosen[step] for step in steps if step in chosen}
