"""The gate where a forge is the server: the ruling on a pull request, from git objects and what the forge recorded.

The same judging (`judge`) and the same ruling (`evidence.ruling.rule_on`) as on a server of our own. The change is what
the head changes against the commit where it left base, laid over base as it stands now; policy comes from base. Nothing
is checked out and nothing of the head is run. Only how people are known differs: by signature, or by their account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gongkai.evidence.acts import Approval
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.ruling import fault, needed, rule_on
from gongkai.evidence.state import Submission, Version
from gongkai.gate.change import deletions, foreign
from gongkai.gate.forge_accounts import accounts_of, reviews_allowed, with_accounts
from gongkai.gate.forge_bench import Bench, Records, grade_of, open_ledger, people_faults, seat
from gongkai.gate.forge_change import asked_change, claimed, departments_of, people_of
from gongkai.gate.forge_reviews import Bound, Heard, hear
from gongkai.gate.forge_signed import Papers, heard, read_inbox, verified
from gongkai.gate.judging import Result, judge, stale
from gongkai.gate.receive import key_faults
from gongkai.gate.repository import Gate
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Change, Ruling, Step
from gongkai.model.finding import Finding
from gongkai.model.message import Message, msg


@dataclass(frozen=True)
class Verdict:
    """The ruling on a pull request, and all that it rests on."""

    base: str
    head: str
    ruling: Ruling
    change: Change
    submission: Submission
    steps: tuple[Step, ...] = ()
    approvals: tuple[Approval, ...] = ()
    findings: tuple[Finding, ...] = ()
    passed_over: tuple[Message, ...] = ()
    tree: str = ""
    papers: Papers = field(default_factory=Papers)
    hands: frozenset[str] = frozenset()
    policy: Policy = field(default_factory=Policy)
    pushers_known: bool = False
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def grade(self) -> str:
        """The lowest grade among the approvals that count: `forge` or `signed`; empty without approvals."""
        grades = {grade_of(a) for a in self.approvals}
        return "forge" if "forge" in grades else "signed" if grades else ""

    @property
    def without_approvals(self) -> bool:
        """Whether everything but the approvals is in order."""
        return not self.ruling.reasons


def rule_request(
    folder: Path,
    base: str,
    head: str,
    records: Records,
    now: datetime,
    *,
    ledger: str = "",
    approvals: bool = True,
) -> Verdict:
    """The ruling on `head` for `base`, two revisions of the repository at `folder`; without `approvals` nobody is asked.

    GongkaiError (exit 2) when a revision is unknown, or a record is not what the forge's API gives.
    """
    gate = Gate(folder)
    _refuse_shallow(gate)
    open_ledger(gate, ledger)
    bench = seat(gate, gate.objects.repository.resolve(base), records, now)
    tip = gate.objects.repository.resolve(head)
    if bench.asked is not None and bench.asked.head != tip:
        raise GongkaiError(
            msg(
                "the pull request stands at {there}, not at {head}",
                there=bench.asked.head[:12],
                head=tip[:12],
            ),
            msg("fetch both anew at the same moment; an older record says nothing about a newer head"),
        )
    return _Case(bench, tip, records, now, approvals).verdict()


def _refuse_shallow(gate: Gate) -> None:
    """A shallow clone does not know where a branch began."""
    if gate.objects.git("rev-parse", "--is-shallow-repository").strip() == b"true":
        raise GongkaiError(
            msg(
                "{folder} is a shallow clone; where the branch began cannot be known", folder=str(gate.folder)
            ),
            msg("make a full one with `git clone`, or complete this one with `git fetch --unshallow`"),
        )


@dataclass
class _Case:
    """One pull request under judgement."""

    bench: Bench
    head: str
    records: Records
    now: datetime
    approvals: bool

    def verdict(self) -> Verdict:
        """The ruling, every reason at once."""
        gate, base = self.bench.gate, self.bench.gate.state.main
        origin = gate.objects.merge_base(base, self.head)
        if not origin:
            return self._refused(
                msg("the branch has nothing in common with main; begin from a fresh `git fetch`")
            )
        change, faults = asked_change(gate.objects, origin, self.head)
        if faults or not change.paths:
            return self._refused(*(faults or (msg("nothing is changed"),)))
        papers = self._papers(change)
        hands, known = self._hands(origin)
        submission = self._submission(change, papers)
        result = judge(gate, change, self.now)
        steps = needed(submission, result.kinds, self.bench.policy)
        found = self._heard(submission, result, steps, papers, hands)
        submission = replace(submission, approvals=tuple(found.approvals))
        ruling = rule_on(
            submission, result.kinds, len(result.errors), gate.state, self.bench.policy, self.now
        )
        more = (*self._standing(submission, change), *self._faults(change, result), *found.against)
        # Why a review does not count is a reason only while somebody is still missing.
        missing = found.passed_over if ruling.waiting and self.approvals else []
        reasons = _once((*ruling.reasons, *more, *missing))
        return Verdict(
            base, self.head, Ruling(reasons, ruling.waiting), change, submission, steps, tuple(found.approvals),
            result.findings, tuple(found.passed_over), result.tree, papers, hands, self.bench.policy, known,
            result.kinds,
        )  # fmt: skip

    def _refused(self, *reasons: Message) -> Verdict:
        """A no before anything could be laid over base."""
        submission = self._submission(Change(()), Papers())
        return Verdict(
            self.bench.gate.state.main,
            self.head,
            Ruling(reasons),
            Change(()),
            submission,
            policy=self.bench.policy,
        )

    @property
    def number(self) -> str:
        """The submission's number: the pull request's, in its own series."""
        number = self.bench.asked.number if self.bench.asked else self.records.number
        return f"PR-{number}" if number else ""

    def _papers(self, change: Change) -> Papers:
        """The signed statements about this change; signatures are verified with the keys of people.yml alone."""
        gate = self.bench.gate
        about = (gate.state.genesis, self.number, change.digest)
        lying = read_inbox(gate.objects) if gate.state.genesis else []
        return verified(self.records.statements, lying, about, gate.policy(self.now), self.now)

    def _hands(self, origin: str) -> tuple[frozenset[str], bool]:
        """Whose hands were on the branch, and whether the forge said who pushed it."""
        bench = self.bench
        hands = claimed(bench.gate.objects, origin, self.head, bench.people, bench.accounts)
        if bench.reader is None or bench.asked is None or not self.records.pushes:
            return hands, False
        return hands | people_of(bench.accounts, bench.reader.pushers(self.records.pushes, bench.asked)), True

    def _submission(self, change: Change, papers: Papers) -> Submission:
        """Who hands it in: whoever signed it as a submission, or the pull request's author."""
        bench = self.bench
        person, key, statement, received = "", "", "", self.now
        signed = papers.of("submission")
        if bench.asked is not None:
            person = bench.accounts.person(bench.asked.author)
            key = bench.accounts.key(bench.asked.author) if person else ""
            received = self.received()
        elif len(signed) == 1:
            person, key, statement = signed[0].statement.person, signed[0].key, signed[0].raw
        who = bench.policy.people.get(person)
        department = who.department if who else (*departments_of(change), "")[0]
        version = Version(1, self.head, bench.gate.state.main, change, person, received, key, statement)
        branch = f"refs/heads/{bench.asked.branch}" if bench.asked else ""
        return Submission(self.number, department, branch, "waiting", (version,), policy=change.is_policy)

    def received(self) -> datetime:
        """When the check job first succeeded, as the forge recorded it; without such a record, now (decision 0020)."""
        bench = self.bench
        if bench.reader is None or bench.asked is None or not self.records.runs:
            return self.now
        times = bench.reader.passed(self.records.runs, bench.asked)
        # A branch's name may have been used before: what ran before the pull request was opened is not its own.
        return min((t for t in times if bench.asked.opened <= t <= self.now), default=self.now)

    def _heard(
        self,
        submission: Submission,
        result: Result,
        steps: tuple[Step, ...],
        papers: Papers,
        hands: frozenset[str],
    ) -> Heard:
        """Approvals and returns: signed ones first; reviews of the forge where review.yml allows them."""
        if not self.approvals:
            return Heard()
        policy, last = self.bench.policy, submission.last
        bearing = policy.bearing(steps, (kind for kind, _ in result.kinds))
        bound = Bound(
            self.head, last.change.digest, bearing, last.person, hands, steps, self._gainers(last.change, result)
        )  # fmt: skip
        found = heard(papers, bound)
        if not self.records.reviews or self.bench.reader is None or self.bench.asked is None:
            return found
        reviews = self.bench.reader.reviews(self.records.reviews, self.bench.asked)
        good = [a for a in found.approvals if fault(a, submission, bearing, policy, self.now) is None]
        said = hear(reviews, self.bench.accounts, bound, policy, self.now, Heard(good))
        found.against.extend(said.against)
        found.passed_over.extend(said.passed_over)
        if reviews_allowed(policy):
            found.approvals.extend(said.approvals)
        elif said.approvals:
            found.passed_over.append(
                msg("review.yml does not let reviews of a forge count as approvals (forge_reviews)")
            )
        return found

    def _gainers(self, change: Change, result: Result) -> frozenset[str]:
        """Whose rights the change widens, accounts included: none of them approves it (gate.md property 6)."""
        if not change.is_policy:
            return frozenset()
        settings = result.portal.settings
        new = read_policy(settings, result.portal.types)
        return self.bench.policy.widened(with_accounts(new, accounts_of(settings, self.records.forge)))

    def _standing(self, submission: Submission, change: Change) -> Iterator[Message]:
        """What speaks against this person handing in this change here and now, besides the ruling."""
        asked, gate = self.bench.asked, self.bench.gate
        if not self.number:
            yield msg("it is not said which pull request this is")
        if not submission.last.person:
            yield (
                msg("the account {account} stands for nobody in people.yml", account=asked.author)
                if asked
                else msg(
                    "nobody has handed this in: neither a pull request's author nor a signed submission is given"
                )
            )
        if not change.is_policy:
            yield from foreign(change, submission.department)
        yield from deletions(change)
        yield from stale(gate, change)
        yield from self.bench.accounts.faults()
        before = gate.state.submissions.get(self.number)
        if before is not None:
            yield msg("submission {number} was decided before", number=self.number)
        reserved = gate.state.reserved()
        for item in change.items:
            if item in reserved:
                yield msg("{item} already belongs to submission {number}", item=item, number=reserved[item])

    def _faults(self, change: Change, result: Result) -> Iterator[Message]:
        """What a change to people may not do."""
        yield from people_faults(
            change, result.portal, self.records.forge, self.now, self.bench.gate.state.revoked
        )
        yield from key_faults(self.bench.gate, change, result)


def _once(reasons: tuple[Message, ...]) -> tuple[Message, ...]:
    """Each reason once, in its first place."""
    seen: dict[tuple[str, str], Message] = {}
    for reason in reasons:
        seen.setdefault((reason.text, str(reason.holes)), reason)
    return tuple(seen.values())
