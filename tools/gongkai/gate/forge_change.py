"""The change that a pull request asks for, from blobs; the forge's own files (workflows, CODEOWNERS) are policy in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gongkai.gate.change import GONE, change_between, row_of
from gongkai.gate.forge_accounts import Accounts
from gongkai.model.evidence import Change
from gongkai.model.message import Message, msg
from gongkai.store.objects import Objects

FOLDERS = (".github/", ".gitlab/", ".forgejo/", ".gitea/")
FILES = frozenset({".gitlab-ci.yml", "CODEOWNERS", ".pre-commit-config.yaml", "gongkai-requirements.txt"})
"""What a forge reads from the branch. It stands outside content/: two administrators' affair, like all settings."""
MAX_BYTES = 200_000
_NOREPLY = re.compile(r"(?:\d+\+|\d+-)?(?P<account>[^@+]+)@(?:users\.)?noreply\.")


def asked_change(objects: Objects, base: str, head: str) -> tuple[Change, tuple[Message, ...]]:
    """What `head` changes against where it began, and what is wrong with its paths. Git objects only."""
    old, new = objects.listing(base), objects.listing(head)
    ours = sorted(p for p in old.keys() | new.keys() if is_forges(p) and old.get(p, GONE) != new.get(p, GONE))
    masked = objects.overlay(head, {p: old.get(p, GONE).blob for p in ours}) if ours else head
    change, faults = change_between(objects, base, masked)
    wrong = tuple(
        msg("{path} is not a plain file (mode {mode}); links, programs and submodules are refused",
            path=p, mode=new[p].mode)
        for p in ours if p in new and (new[p].mode != "100644" or objects.size(new[p].blob) > MAX_BYTES)
    )  # fmt: skip
    if faults or wrong:
        return Change(()), (*faults, *wrong)
    rows = [row_of(objects, p, old, new) for p in ours]
    return Change(tuple(sorted((*change.paths, *rows))), change.items), ()


def is_forges(path: str) -> bool:
    """Whether a forge, not the portal, reads this file."""
    return path in FILES or path.startswith(FOLDERS)


def departments_of(change: Change) -> tuple[str, ...]:
    """The departments whose folders the change touches."""
    parts = (p.path.split("/") for p in change.paths if p.path.startswith("content/"))
    return tuple(dict.fromkeys(p[1] for p in parts if len(p) > 2))


def claimed(
    objects: Objects, base: str, head: str, people: Mapping[str, Mapping[str, Any]], accounts: Accounts
) -> frozenset[str]:
    """The people whom the branch's commits name as author, committer or co-author.

    These are mere claims. They can only take an approval away, never give one, so they may be believed here.
    """
    form = "--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)"
    out = objects.git("log", form, f"{base}..{head}", "--").decode("utf-8", "replace")
    addresses = {_address(line) for line in out.splitlines() if line.strip()}
    known = {str(mail).casefold(): code for code, row in people.items() for mail in row.get("emails") or ()}
    return frozenset(filter(None, (known.get(a) or _by_account(a, accounts) for a in addresses)))


def _address(line: str) -> str:
    return line.rpartition("<")[2].rstrip("> ").strip().casefold()


def _by_account(address: str, accounts: Accounts) -> str:
    """A forge hides addresses behind ones that hold the account's name."""
    match = _NOREPLY.match(address)
    return accounts.person(match["account"]) if match else ""


def people_of(accounts: Accounts, names: Iterable[str]) -> frozenset[str]:
    """The people behind accounts; unknown accounts stand for nobody."""
    return frozenset(filter(None, map(accounts.person, names)))
