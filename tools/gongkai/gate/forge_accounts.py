"""Accounts on a forge and the people they stand for: `accounts` of people.yml, read from the protected branch only.

An account is a credential of a lower grade. For the ruling it stands among a person's keys as `github:name`, so that
everything which holds for keys holds for it: it must be the person's when the approval was given and when it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gongkai.evidence.policy import Policy
from gongkai.model.message import Message, msg
from gongkai.model.settings import Settings

FORGES = ("github", "gitlab", "forgejo")


@dataclass(frozen=True)
class Accounts:
    """The accounts of one forge: who has which. `shared` are those that two persons claim; they stand for nobody."""

    forge: str
    people: Mapping[str, str]
    shared: Mapping[str, tuple[str, ...]]

    def person(self, account: str) -> str:
        """The person whose account it is, whatever its capital letters; empty for none."""
        return self.people.get(account.casefold(), "")

    def account(self, person: str) -> str:
        """The account of a person; empty for none."""
        return next((name for name, code in self.people.items() if code == person), "")

    def key(self, account: str) -> str:
        """How the account stands among its person's keys."""
        return f"{self.forge}:{account.casefold()}"

    def faults(self) -> Iterator[Message]:
        """Accounts that two persons claim."""
        for account, people in self.shared.items():
            yield msg(
                "the account {account} stands with two persons: {people}",
                account=account,
                people=", ".join(people),
            )


def accounts_of(settings: Settings, forge: str) -> Accounts:
    """The accounts that people.yml names for a forge; no forge, no accounts."""
    claims: dict[str, tuple[str, ...]] = {}
    for code, row in settings.people.items():
        name = _account(row, forge)
        if name:
            claims[name] = (*claims.get(name, ()), code)
    single = {name: codes[0] for name, codes in claims.items() if len(codes) == 1}
    return Accounts(forge, single, {name: codes for name, codes in claims.items() if len(codes) > 1})


def _account(row: Mapping[str, Any], forge: str) -> str:
    accounts = row.get("accounts")
    name = accounts.get(forge) if isinstance(accounts, dict) else None
    return name.casefold() if isinstance(name, str) else ""


def with_accounts(policy: Policy, accounts: Accounts) -> Policy:
    """The policy with every account among its person's keys."""
    people = dict(policy.people)
    for account, code in accounts.people.items():
        person = people[code]
        people[code] = replace(person, keys=(*person.keys, accounts.key(account)))
    return replace(policy, people=people)


def reviews_allowed(policy: Policy) -> bool:
    """Whether approvals may come from a forge's reviews: only when review.yml says so."""
    return policy.review.get("forge_reviews") == "allowed"
