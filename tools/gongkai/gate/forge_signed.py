"""Signed statements where no server takes them in: from files, from the inbox refs, or from the branch gongkai-inbox.

Verified as the server does (`evidence.statement.signed_by`): own keys, own namespace, good today. A statement names the
repository by its genesis and the submission by the pull request's number; of each person the last one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from gongkai.evidence.acts import Approval
from gongkai.evidence.policy import Policy
from gongkai.evidence.statement import MAX_BYTES, NAMESPACES, pack, signed_by, text_of, unpack
from gongkai.gate.forge_reviews import Bound, Heard, hand_in_it
from gongkai.model.errors import GongkaiError
from gongkai.model.evidence import Statement
from gongkai.model.message import Message, msg
from gongkai.store.clock import parse
from gongkai.store.objects import Objects
from gongkai.store.signing import sign

INBOX = "refs/gongkai/inbox/"
BRANCHES = ("refs/heads/gongkai-inbox", "refs/remotes/origin/gongkai-inbox")
MOST = 1000
"""No more statements than this are read."""
AHEAD = timedelta(days=1)
"""So far a signer's clock may run ahead."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement whose signature holds: the key, its bytes and signature as the ledger keeps them."""

    statement: Statement
    key: str
    raw: str
    signature: str
    time: datetime


@dataclass
class Papers:
    """The statements about one submission: the last of each person, and what was wrong with others."""

    signed: list[Signed] = field(default_factory=list)
    passed_over: list[Message] = field(default_factory=list)

    def of(self, kind: str) -> list[Signed]:
        """Those of one kind: submission, approval, return."""
        return [s for s in self.signed if s.statement.kind == kind]


def read_files(paths: Iterable[Path]) -> list[bytes]:
    """The bytes of statements: files, and whatever lies in folders. GongkaiError (exit 2) when one is not there."""
    return [_read(path) for given in paths for path in _files(given)][:MOST]


def _files(given: Path) -> Sequence[Path]:
    if given.is_dir():
        return sorted(p for p in given.rglob("*") if p.is_file() and not p.name.startswith("."))
    return [given]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise GongkaiError(
            msg("{path} is not there", path=str(path)), msg("check the name of the file")
        ) from error


def read_inbox(objects: Objects) -> list[bytes]:
    """The statements in the repository itself; what is too large to be one is not read."""
    blobs = list(objects.refs(INBOX).values())
    for branch in BRANCHES:
        if objects.ref(branch):
            blobs.extend(entry.blob for entry in objects.listing(branch).values() if entry.mode == "100644")
    small = (
        b for b in dict.fromkeys(blobs[:MOST]) if objects.kind(b) == "blob" and objects.size(b) <= MAX_BYTES
    )
    return [objects.repository.blob(blob) for blob in small]


def verified(
    given: Iterable[bytes], lying: Iterable[bytes], about: tuple[str, str, str], policy: Policy, now: datetime
) -> Papers:
    """The statements about (genesis, submission, change): `given` ones must fit, of those `lying` there others are left.

    `about` without a genesis fits nothing: a signature must say for which repository it was made.
    """
    papers = Papers()
    last: dict[str, Signed] = {}
    for packed, named in (*((p, True) for p in given), *((p, False) for p in lying)):
        unpacked = unpack(packed)
        if unpacked is None:
            if named:
                papers.passed_over.append(msg("the signed statement cannot be read"))
            continue
        statement, raw, signature = unpacked
        if not named and (statement.repository, _number(statement, about[1])) != about[:2]:
            continue
        found = _one(statement, raw, signature, about, policy, now)
        if isinstance(found, Message):
            papers.passed_over.append(found)
        elif found.time >= last.get(statement.person, found).time:
            last[statement.person] = found
    papers.signed.extend(last.values())
    return papers


def _one(
    statement: Statement,
    raw: bytes,
    signature: str,
    about: tuple[str, str, str],
    policy: Policy,
    now: datetime,
) -> Signed | Message:
    """The statement when everything about it holds, or why it does not count."""
    genesis, number, change = about
    person = statement.person
    if not genesis or statement.repository != genesis:
        return msg("the statement was signed for another repository")
    if _number(statement, number) != number:
        return msg("the statement of {person} is about another submission", person=person)
    if statement.change != change:
        return msg("{person} approved other content", person=person)
    key = signed_by(statement, raw, signature, policy, now)
    if not key:
        return msg("the signature is not that of {person}, or the key is not valid today", person=person)
    try:
        time = parse(statement.time)
    except GongkaiError:
        return msg("the signed statement cannot be read")
    if time > now + AHEAD:
        return msg("the statement of {person} is dated in the future", person=person)
    return Signed(statement, key, raw.decode(), signature, time)


def _number(statement: Statement, number: str) -> str:
    """The submission it is about; one that is handed in has no number yet."""
    return number if statement.kind == "submission" and not statement.submission else statement.submission


def heard(papers: Papers, bound: Bound) -> Heard:
    """The approvals and returns among signed statements."""
    found = Heard(passed_over=list(papers.passed_over))
    for signed in papers.of("return"):
        reason = "; ".join(signed.statement.reasons.values())
        found.against.append(
            msg("{person} returned it: {reason}", person=signed.statement.person, reason=reason)
        )
    for signed in papers.of("approval"):
        wrong = hand_in_it(signed.statement.person, bound)
        if wrong is not None:
            found.passed_over.append(wrong)
            continue
        said = signed.statement
        found.approvals.append(
            Approval(
                said.person, said.step, 1, said.change, said.policy, signed.key, signed.time, -1, said.reasons
            )
        )
    return found


def make(statement: Statement, key: Path) -> bytes:
    """The signed file of a statement, for --approvals or the branch gongkai-inbox."""
    whole = replace(statement, version=1 if statement.kind != "submission" else 0)
    return pack(whole, sign(key, NAMESPACES[whole.kind], text_of(whole)))
