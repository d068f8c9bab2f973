"""The chain of one item: what the ledger tells of it, and the part of it that the public may see.

The public part holds no digest of content that is not public: a masked list and the SHA-256 of the unmasked one would
give the masked digits away to whoever tries them all. So digests are of the present version only, and never of what
stood there before; for everything else the event's own id stands, whose bytes hold a signature that nobody can guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gongkai.evidence.earlier import Earlier
from gongkai.model.facts import ItemFacts
from gongkai.model.message import Words

if TYPE_CHECKING:
    # Half of what is imported before a folder can be built, and no folder has any of it.
    from gongkai.evidence.checkpoint import Signed
    from gongkai.model.evidence import PathChange

OF_CONTENT = ("content", "files", "change", "statement")


@dataclass(frozen=True)
class Link:
    """One event in an item's life, at the server's `time` in the portal's zone.

    `role` is the person's post; `person` and `key` (the signing key's fingerprint) are empty unless the portal shows
    codes. `change` is the digest that everybody signed, `content` that of what it makes of this item alone, `files` this
    item's part of it; `policy` is the digest of the rules that an approval was given under, `policy_version` how often
    the rules had been set by then, `settings` the commit of main whose settings held.
    """

    event: int
    id: str
    kind: str
    time: str
    submission: str = ""
    version: int = 0
    role: Words = Words("")
    department: Words = Words("")
    person: str = ""
    key: str = ""
    step: str = ""
    step_title: Words = Words("")
    identity: str = ""
    statement: str = ""
    change: str = ""
    content: str = ""
    files: tuple[PathChange, ...] = ()
    policy: str = ""
    policy_version: int = 0
    settings: str = ""
    reason: str = ""
    commit: str = ""
    approvals: tuple[int, ...] = ()
    index_number: str = ""


@dataclass(frozen=True)
class Proof:
    """The chain of one item, from the ledger whose head is `ledger`, with the facts that follow from it.

    What the public sees names the last event that is about the item instead of the head.
    """

    item: str
    genesis: str
    ledger: str
    facts: ItemFacts
    chain: tuple[Link, ...]
    from_genesis: bool = False
    taken_down: int = -1
    """The number of the event that took the item down; -1 when it stands."""

    @property
    def takedown(self) -> Link | None:
        """The event that took the item down, as far as it may be told."""
        return next((link for link in self.chain if link.event == self.taken_down), None)

    def approving(self, decision: Link) -> tuple[Link, ...]:
        """The approvals on which a decision rests."""
        return tuple(k for k in self.chain if k.event in decision.approvals and k.kind == "approved")

    @property
    def deciding(self) -> tuple[Link, ...]:
        """The approvals on which the present version was accepted."""
        last = next((link for link in reversed(self.chain) if link.kind == "accepted"), None)
        return self.approving(last) if last else ()


@dataclass(frozen=True)
class Record:
    """What a portal shows of its ledger: the proofs of items by id, and the checkpoints, oldest first.

    `earlier` has the versions before the present ones, of the few items whose last change asks for the difference.
    """

    proofs: Mapping[str, Proof] = field(default_factory=dict)
    checkpoints: tuple[Signed, ...] = ()
    ledger: str = ""
    """The last event of the ledger."""
    earlier: Mapping[str, Earlier] = field(default_factory=dict)


def published_part(proof: Proof, until: int, *, reasons: bool = False) -> Proof:
    """What the public may see of a proof, of a portal built from the state after the event `until`.

    Only submissions that were accepted by then (a change under review is nobody's business yet), digests of content
    only of the present version, a return's reasons only when `reasons` says so.
    """
    accepted = [link for link in proof.chain if link.kind == "accepted" and link.event <= until]
    numbers = {link.submission for link in accepted}
    last = accepted[-1] if accepted else Link(-1, "", "", "")
    # What the gate itself withdrew is no longer the text that was accepted.
    gone = any(link.kind == "withdrawn" and link.event > last.event for link in proof.chain)
    present = ("", 0) if gone else (last.submission, last.version)
    kept = (k for k in proof.chain if k.kind == "published" or k.submission in numbers)
    chain = tuple(_bared(link, (link.submission, link.version) == present, reasons) for link in kept)
    # Not the ledger's newest event: then every publication would change the records of all items.
    return replace(proof, chain=chain, ledger=chain[-1].id if chain else proof.genesis)


def _bared(link: Link, is_present: bool, reasons: bool) -> Link:
    files = tuple(replace(row, old="") for row in link.files if row.new)
    bare = replace(link, change="", statement="", files=files, reason=link.reason if reasons else "")
    return bare if is_present else replace(bare, content="", files=())


def limited_to(proof: Proof, paths: Collection[str]) -> Proof:
    """The proof with only these files named: those that the portal shows. With none, no digest of content either."""
    chain = []
    for link in proof.chain:
        files = tuple(row for row in link.files if row.path in paths)
        chain.append(replace(link, files=files, content=link.content if paths else ""))
    return replace(proof, chain=tuple(chain))


def fingerprint(key: str) -> str:
    """The SHA-256 fingerprint of a public key line, as `ssh-keygen -l` prints it; the line's comment is left out."""
    parts = key.split()
    try:
        raw = base64.b64decode(parts[1], validate=True)
    except (IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def as_data(proof: Proof) -> dict[str, Any]:
    """The proof as JSON data; what is empty is left out."""
    facts = {n: str(v) if n == "index_number" else v.isoformat() for n, v in asdict(proof.facts).items() if v}
    return {
        "schema_version": 1, "id": proof.item, "genesis": proof.genesis, "ledger": proof.ledger,
        "in_genesis": proof.from_genesis, "facts": facts, "chain": [_link_data(link) for link in proof.chain],
    }  # fmt: skip


def _link_data(link: Link) -> dict[str, Any]:
    rows = {
        n: v for n, v in asdict(link).items() if v not in ("", 0, (), {"zh": "", "en": ""}) or n == "event"
    }
    if link.files:
        rows["files"] = [{n: v for n, v in asdict(row).items() if v} for row in link.files]
    return rows
