"""The reviewer's desk: a clone at one moment, what is mine to decide there, and who else can.

Everything is reckoned from the same policy and the same ruling as the server's, so that nobody is offered an act that
the server would refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from gongkai.checks.due import deadlines
from gongkai.checks.portal import Portal
from gongkai.evidence.acts import Owed
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.ruling import rule_on, waiting_for
from gongkai.evidence.state import OPEN, Submission
from gongkai.gate.client import Clone
from gongkai.gate.judging import kinds_of, stale
from gongkai.items.read import is_item_path, read_item
from gongkai.model.corpus import Corpus
from gongkai.model.deadline import Due
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Change, Step
from gongkai.model.item import Item
from gongkai.model.message import Message, Words, msg
from gongkai.model.settings import words
from gongkai.schema.deadlines import read_period

Kinds = tuple[tuple[str, str], ...]
Waiting = tuple[tuple[Step, tuple[str, ...]], ...]
MANY = 8
"""So many people are named; a change of settings could be seconded by everybody."""
_POLICY_TITLES = {
    "administrator": Words("管理员", "Administrator"),
    "second": Words("另一人", "Second person"),
    "higher": Words("上级决定", "Decision from above"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """By when the review or the second review must be done, or the items published; `days` are left, negative when late."""

    kind: Literal["review", "publication", "second"]
    due: Due
    days: int
    late: bool


@dataclass(frozen=True)
class Row:
    """One submission of the list: which steps are mine, who can fill what still waits, what is due first."""

    submission: Submission
    title: str
    mine: tuple[Step, ...]
    waiting: Waiting
    limits: tuple[Limit, ...]
    moved: tuple[Message, ...] = ()
    owed: Owed | None = None
    """The second review that an accepted submission owes; `waiting` and `mine` are then about that."""


@dataclass(frozen=True)
class Desk:
    """A clone at one moment, with main's portal and the policy that stands there."""

    clone: Clone
    now: datetime
    portal: Portal
    policy: Policy

    def find(self, number: str) -> Submission:
        """The submission of this number; GongkaiError (exit 2) when there is none."""
        found = self.clone.gate.state.submissions.get(number.upper())
        if found is None:
            raise GongkaiError(
                msg("there is no submission {number}", number=number),
                msg("`gongkai review list --all` shows those that are open"),
            )
        return found

    def laid(self, change: Change) -> Portal:
        """Main's portal with the items of a change laid over it, unchecked: enough to see types and due dates."""
        blob = self.clone.gate.objects.repository.blob
        items = {item.path: item for item in self.portal.corpus.items}
        for row in (r for r in change.paths if is_item_path(r.path)):
            item = read_item(row.path, blob(row.new), row.new)[0] if row.new else None
            items.pop(row.path, None)
            if item is not None:
                items[row.path] = item
        corpus = Corpus(tuple(items[path] for path in sorted(items)), (), self.portal.corpus.files)
        return replace(self.portal, corpus=corpus, changed=frozenset(r.path for r in change.paths))

    def waiting(self, submission: Submission, kinds: Kinds) -> Waiting:
        """The steps that still wait, each with everyone who could fill it now; none when it is not to be decided."""
        if submission.state != "waiting":
            return ()
        ruling = rule_on(submission, kinds, 0, self.clone.gate.state, self.policy, self.now)
        return tuple(waiting_for(ruling, submission, self.policy, self.now))

    def owed(self, submission: Submission) -> Owed | None:
        """The second review that is still owed for what was accepted; None for none."""
        owed = self.clone.gate.state.owed.get(submission.number)
        return owed if owed is not None and owed.open else None

    def second(self, owed: Owed) -> Waiting:
        """The steps of a second review that wait, with everyone who could fill them; none once somebody refused it."""
        if owed.objection is not None:
            return ()
        taken = owed.people | {a.person for a in owed.given}
        codes = [p for p in self.policy.people if p not in taken]
        return tuple((s, tuple(p for p in codes if self.policy.may(p, s, self.now))) for s in owed.waiting)

    def mine(self, waiting: Waiting) -> tuple[Step, ...]:
        """The waiting steps that I may fill."""
        me = self.clone.identity.person if self.clone.identity else ""
        return tuple(step for step, people in waiting if me in people)

    def person(self, code: str) -> Words:
        """A person as others know them: the code with the post's title."""
        title = words(self.portal.settings.people.get(code, {}).get("title")) or Words("")
        if not title.zh:
            return Words(code, code)
        return Words(f"{title.zh}（{code}）", f"{title.in_language('en')} ({code})")

    def people(self, codes: Sequence[str]) -> Words:
        """Several persons as a list."""
        named = [self.person(code) for code in codes[:MANY]]
        more = ("…",) if len(codes) > MANY else ()
        chinese, english = (w.zh for w in named), (w.in_language("en") for w in named)
        return Words("、".join((*chinese, *more)), ", ".join((*english, *more)))

    def step(self, step: Step) -> Words:
        """A step's name."""
        row = self.policy.review.get("steps", {}).get(step.code, {})
        return words(row.get("title")) or _POLICY_TITLES.get(step.code) or Words(step.code, step.code)

    def who_can(self, waiting: Waiting) -> Iterator[Message]:
        """For each step that waits, a line that says who can fill it."""
        for step, people in waiting:
            if people:
                yield msg("{step} can be done by: {people}", step=self.step(step), people=self.people(people))
            else:
                yield msg(
                    "{step} can be done by nobody now: an administrator must name somebody in people.yml",
                    step=self.step(step),
                )


def open_desk(clone: Clone, now: datetime) -> Desk:
    """The desk at a clone that was brought up to date."""
    portal = clone.gate.portal(clone.gate.state.main, now)
    policy = read_policy(portal.settings, portal.types).without(clone.gate.state.revoked)
    return Desk(clone, now, portal, policy)


def rows(desk: Desk, *, everything: bool = False) -> list[Row]:
    """What is mine to decide now, or (`everything`) all that is open: second reviews, then what is due first."""
    state = desk.clone.gate.state
    again = [_again(desk, state.submissions[owed.submission], owed) for owed in state.duties()]
    opened = (s for s in state.submissions.values() if s.state in OPEN)
    found = sorted(
        (row_of(desk, s) for s in opened), key=lambda row: (_urgency(desk, row), row.submission.number)
    )
    return [row for row in (*again, *found) if everything or row.mine]


def _again(desk: Desk, submission: Submission, owed: Owed) -> Row:
    """What was accepted by a short level and owes a second review."""
    named = (desk.portal.corpus.by_id.get(ident) for ident in owed.items)
    title = next((item.title for item in named if item is not None), "")
    waiting = desk.second(owed)
    return Row(submission, title, desk.mine(waiting), waiting, (second_limit(desk, owed),), owed=owed)


def second_limit(desk: Desk, owed: Owed) -> Limit:
    """By when a second review is due. The date was fixed at the acceptance."""
    until = owed.until(desk.policy.zone)
    due: date | datetime = until if len(owed.due) > len("2026-01-01") else until.date()
    days = (until.astimezone(desk.policy.zone).date() - desk.policy.day(desk.now)).days
    return Limit("second", Due(owed.since, due), days, until < desk.now)


def row_of(desk: Desk, submission: Submission) -> Row:
    """A submission with who can fill what and by when; its types are looked at, nothing is checked."""
    change = submission.last.change
    bring(desk.clone, submission.last.tip)
    portal = desk.laid(change)
    kinds = kinds_of(change, desk.portal, portal)
    waiting = desk.waiting(submission, kinds)
    named = (portal.corpus.by_id.get(ident) for ident in change.items)
    title = next((item.title for item in named if item is not None), "")
    limits = sorted(_limits(desk, submission, portal, kinds), key=lambda limit: _moment(desk, limit.due))
    return Row(submission, title, desk.mine(waiting), waiting, tuple(limits), stale(desk.clone.gate, change))


def _urgency(desk: Desk, row: Row) -> datetime:
    if row.limits:
        return _moment(desk, row.limits[0].due)
    return row.submission.last.received + timedelta(days=3650)


def _moment(desk: Desk, due: Due) -> datetime:
    """The last moment that is still in time."""
    if isinstance(due.due, datetime):
        return due.due
    return datetime.combine(due.due, time.max, desk.portal.settings.timezone)


def _limits(desk: Desk, submission: Submission, portal: Portal, kinds: Kinds) -> Iterator[Limit]:
    """The review's own time limit from the receipt of this version, and each new item's day of publication."""
    if submission.state == "waiting" and not submission.policy:
        for row in desk.policy.limits(kinds):
            yield limit(desk, "review", portal.calendar.due(submission.last.received, read_period(row)))
    for item in new_items(desk, submission.last.change, portal):
        for found in deadlines(item, portal):
            if found.stage == "publish":
                yield limit(desk, "publication", found.due)


def new_items(desk: Desk, change: Change, portal: Portal) -> Iterator[Item]:
    """The items of a change that main did not have: only theirs are the days of submission and publication."""
    for ident in change.items:
        item = portal.corpus.by_id.get(ident)
        if item is not None and ident not in desk.portal.corpus.by_id and portal.is_new(item):
            yield item


def limit(desk: Desk, kind: Literal["review", "publication"], due: Due) -> Limit:
    """How a due date stands at the desk's moment."""
    days = (due.day - desk.portal.calendar.day_of(desk.now)).days
    return Limit(kind, due, days, _moment(desk, due) < desk.now)


def bring(clone: Clone, tip: str) -> bool:
    """Fetch a received commit by its id unless it is here: an earlier version is on no branch. False when it is gone."""
    objects = clone.gate.objects
    try:
        if b" missing" in objects.git("cat-file", "--batch-check", stdin=f"{tip}\n".encode()):
            objects.git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "origin", tip)
    except GongkaiError:
        return False
    return True
