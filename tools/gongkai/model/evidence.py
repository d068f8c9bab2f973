"""What the gate speaks of: a change, statements about it, and the ruling. Frozen, and the same for all who ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.model.message import Message


def canonical(data: Any) -> bytes:
    """JSON with sorted keys and no spaces: the bytes that are signed and hashed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(data)).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class PathChange:
    """One path of a change: the blob that stood there (empty: none), the blob wanted (empty: gone), its SHA-256."""

    path: str
    old: str
    new: str
    sha256: str = ""


@dataclass(frozen=True)
class Change:
    """The exact difference that a submission asks for: whole items, each path with its old and new blob."""

    paths: tuple[PathChange, ...]
    items: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What approvals bind to: another byte, another old blob, another path gives another digest."""
        return digest([[p.path, p.old, p.new, p.sha256] for p in sorted(self.paths)])

    def content_of(self, item: str) -> str:
        """The digest of what the change makes of one item, whatever else it changes and whatever stood there before."""
        rows = (p for p in sorted(self.paths) if f"/{item}." in p.path or f"/{item}/" in p.path)
        return digest([item, [[p.path, p.new] for p in rows]])

    def returned_in(self, returned: Collection[str]) -> bool:
        """Whether the change, or one of its items with exactly this content, is among what was `returned`."""
        return self.digest in returned or any(self.content_of(item) in returned for item in self.items)

    @property
    def is_policy(self) -> bool:
        """Whether it touches anything outside content/ (design §6)."""
        return any(not p.path.startswith("content/") for p in self.paths)


@dataclass(frozen=True)
class Statement:
    """What a person signed: `kind` is one of `evidence.statement.NAMESPACES`.

    `change` is the change's digest, `policy` the digest of the parts of the policy that bear on it, `step` the level's
    step that an approval fills, `reasons` a return's words by item id. A revocation names whose keys in `step`, and
    the keys with the words about each in `reasons`.
    """

    kind: str
    repository: str
    submission: str
    version: int
    change: str
    person: str
    time: str
    policy: str = ""
    step: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One approval that is needed: the step's code, the role that fills it, in which department (empty: any)."""

    code: str
    role: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Yes or no, with every reason at once; and the steps that still wait for somebody.

    `first` are those of whom one must decide before anybody else counts: a returned item came back changed.
    """

    reasons: tuple[Message, ...] = ()
    waiting: tuple[Step, ...] = ()
    first: frozenset[str] | None = None

    @property
    def yes(self) -> bool:
        """Whether the change may be accepted now."""
        return not self.reasons and not self.waiting
