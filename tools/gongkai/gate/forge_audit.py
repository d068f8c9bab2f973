"""The audit of a ledger kept beside a forge: everything a server's audit judges, and what rests on the forge's word.

It holds what can be held: the chain, policy of each day, trees and bytes, who may approve what, signatures where there
are any. That a review was really given is the forge's word: such approvals are of the grade `forge`, counted, and
refused unless the review.yml of that day allowed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from gongkai.evidence.ledger import Event
from gongkai.evidence.policy import Policy, read_policy
from gongkai.evidence.state import Submission, happened
from gongkai.gate.forge_accounts import FORGES, Accounts, accounts_of, reviews_allowed, with_accounts
from gongkai.gate.forge_bench import people_faults
from gongkai.gate.judging import Result
from gongkai.gate.receive import gains
from gongkai.gate.reverify import Reverifier, need
from gongkai.model.evidence import Change
from gongkai.model.message import Message, msg
from gongkai.store.proven import FILE, Proven

NO_BOUND = 36500


class ForgeReverifier(Reverifier):
    """Takes the events of a forge's ledger in their order."""

    def __init__(self, proven: Proven) -> None:
        super().__init__(proven)
        self.forge = ""
        self.reviews = 0
        self.hands: dict[str, tuple[str, ...]] = {}

    KNOWS: ClassVar[tuple[str, ...]] = (*Reverifier.KNOWS, "forge", "reviews", "hands")

    def _genesis(self, event: Event) -> None:
        """As on a server, but main has a history before the ledger that nobody vouches for."""
        data = event.data
        commit = self.proven.commit(data["main"])
        need(commit.tree == data["tree"], msg("the commit has another tree than the event says"))
        need(data["forge"] in FORGES, msg("the event does not say what such an event must say"))
        for path, mode, _ in self.proven.files(commit.tree):
            need(mode == FILE, msg("{path} is not a plain file", path=path))
        administrators = self.moments.policy(commit.tree, event.time).administrators(event.time)
        need(
            sorted(administrators) == data["administrators"] and len(administrators) > 1,
            msg("genesis names other administrators than its own people.yml, or fewer than two"),
        )
        self.forge = data["forge"]

    def _accounts(self, tree: str, now: datetime) -> Accounts:
        return accounts_of(self.moments.portal(tree, now).settings, self.forge)

    def _policy(self, event: Event) -> Policy:
        """The policy of the main before the event, accounts among the keys."""
        tree = self.state.main_tree
        policy = with_accounts(super()._policy(event), self._accounts(tree, event.time))
        # The clock is the forge's; there is nobody whose word an administrator's would have to confirm.
        return replace(policy, review={**policy.review, "clock_ahead": {"days": NO_BOUND}})

    def _handed_in(self, event: Event, change: Change, policy: Policy) -> None:
        self.hands[event.data["submission"]] = tuple(event.data["hands"])
        if event.data["identity"] != "forge":
            super()._handed_in(event, change, policy)
            return
        data, at = event.data, happened(event)
        allowed = policy.administrators(at) if change.is_policy else policy.officers(data["department"], at)
        need(
            data["person"] in allowed,
            msg(
                "{person} is no officer of {department}", person=data["person"], department=data["department"]
            ),
        )
        self._account(event, policy)
        self.vouched += 1

    def _signed(self, event: Event) -> None:
        if event.data.get("identity") != "forge":
            super()._signed(event)
            return
        policy, data = self._policy(event), event.data
        need(event.kind == "approved", msg("only approvals may rest on a forge's word"))
        need(
            reviews_allowed(policy),
            msg("review.yml does not let reviews of a forge count as approvals (forge_reviews)"),
        )
        submission = self.state.submissions[data["submission"]]
        same = (data["version"], data["change"]) == (submission.last.number, submission.last.change.digest)
        need(submission.state == "waiting" and same, msg("it is about another version than the last"))
        need(data["commit"] == submission.last.tip, msg("the review is of another commit than was handed in"))
        need(data["person"] not in self.hands.get(data["submission"], ()),
              msg("{person} wrote or pushed a part of it and cannot approve it", person=data["person"]))  # fmt: skip
        self._account(event, policy)
        self.reviews += 1
        self._say_how_many()

    def _account(self, event: Event, policy: Policy) -> None:
        """The account was this person's, by the people.yml of that day."""
        data = event.data
        need(
            data["key"].startswith(f"{self.forge}:") and data["key"] in policy.good(data["person"]),
            msg("the account {account} was not that of {person}", account=data["key"], person=data["person"]),
        )
        need(datetime.fromisoformat(data["at"]) <= event.time, msg("the forge's time lies after the event"))

    def _policy_faults(
        self, submission: Submission, result: Result, policy: Policy, now: datetime
    ) -> Iterator[Message]:
        """As on a server; an account is enough to act, and rights come with accounts too."""
        portal = result.portal
        yield from people_faults(submission.last.change, portal, self.forge, now, self.state.revoked)
        new = with_accounts(
            read_policy(portal.settings, portal.types), accounts_of(portal.settings, self.forge)
        )
        yield from map(gains, sorted(policy.widened(new) & {a.person for a in submission.given}))

    def _say_how_many(self) -> None:
        """One remark, whatever the number: what rests on the forge's word alone."""
        self.remarks = [r for r in self.remarks if r.text != RESTS.text]
        self.remarks.append(msg(RESTS.text, count=self.reviews, forge=self.forge))


RESTS = msg(
    "{count} approvals are reviews of {forge}, not signatures: that they were given is the forge's word alone"
)
