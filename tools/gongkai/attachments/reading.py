"""A reading: what kind of file it is, the text in it, what is odd about it; and how it crosses a pipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MAX_TEXT = 8_000_000
"""Characters of text taken from one file; what holds more could not be checked in time."""
MAX_PARTS = 400_000
SPOTS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text and where it stands: `Sheet1!B7:D7`, `page 3`, `paragraph 12`."""

    spot: str
    text: str


@dataclass(frozen=True, slots=True)
class Trait:
    """Something about the file that its readers or reviewers should know.

    `code` names it ("macro", "hidden-sheet"); `spot` the first places; `holes` has `count`, and `what` where there is a name.
    """

    code: str
    spot: str = ""
    holes: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read. `fault` is the code of the trait that ended the reading early; empty when it was read through."""

    kind: str
    parts: tuple[Part, ...] = ()
    traits: tuple[Trait, ...] = ()
    fault: str = ""

    def to_bytes(self) -> bytes:
        """The reading as JSON in UTF-8."""
        rows = {
            "kind": self.kind,
            "fault": self.fault,
            "parts": [[p.spot, p.text] for p in self.parts],
            "traits": [[t.code, t.spot, dict(t.holes)] for t in self.traits],
        }
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    @classmethod
    def from_bytes(cls, data: bytes) -> Reading:
        """The reading back from `to_bytes`. ValueError when the bytes are none."""
        try:
            rows: dict[str, Any] = json.loads(data)
            return cls(
                str(rows["kind"]),
                tuple(Part(str(spot), str(text)) for spot, text in rows["parts"]),
                tuple(Trait(str(code), str(spot), _holes(holes)) for code, spot, holes in rows["traits"]),
                str(rows["fault"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a reading") from error

    def has(self, code: str) -> bool:
        """Whether the file has this trait."""
        return any(trait.code == code for trait in self.traits)


def _holes(holes: dict[str, Any]) -> dict[str, str | int]:
    return {str(name): value if isinstance(value, int) else str(value) for name, value in holes.items()}


def failed(code: str, kind: str = "", **holes: str | int) -> Reading:
    """The reading of a file that could not be read at all."""
    return Reading(kind, (), (Trait(code, "", {"count": 1, **holes}),), code)


class Refusal(Exception):
    """Reading ends here: the file is damaged, locked, or made to do harm. `code` becomes the reading's fault."""

    def __init__(self, code: str, spot: str = "", what: str = "") -> None:
        super().__init__(code)
        self.code, self.spot, self.what = code, spot, what


@dataclass
class Budget:
    """What one file with everything in it may cost, over all levels: characters of text, unpacked bytes."""

    text: int = MAX_TEXT
    parts: int = MAX_PARTS
    bytes: int = 400_000_000


class Notes:
    """What a reader finds on its way. Text is bounded by the budget; traits of one kind are counted together."""

    def __init__(self, budget: Budget | None = None, within: str = "", depth: int = 0) -> None:
        self.budget = budget or Budget()
        self.within = within
        self.depth = depth
        self.parts: list[Part] = []
        self._traits: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def part(self, spot: str, text: str) -> None:
        """Keep a piece of text; blank ones are dropped. Refusal when the file holds too much."""
        text = text.strip()
        if not text:
            return
        self.budget.text -= len(text)
        self.budget.parts -= 1
        if self.budget.text < 0 or self.budget.parts < 0:
            raise Refusal("bomb-text")
        self.parts.append(Part(self.within + spot, text))

    def trait(self, code: str, spot: str = "", what: str = "", count: int = 1) -> None:
        """Note something odd; `what` names it and keeps it apart from others of its code."""
        key = (code, what[:80])
        if key not in self._counts and len(self._counts) >= 200:
            return
        spots = self._traits.setdefault(key, [])
        self._counts[key] = self._counts.get(key, 0) + count
        spot = (self.within + spot).removesuffix(" › ")[:120]
        if spot and spot not in spots and len(spots) <= SPOTS_NAMED:
            spots.append(spot)

    def inner(self, name: str) -> Notes:
        """Notes for a file within this one, one level deeper, on the same budget."""
        return Notes(self.budget, f"{self.within}{name} › ", self.depth + 1)

    def take(self, reading: Reading) -> None:
        """Take over what was read of a file within this one."""
        self.parts.extend(reading.parts)
        for trait in reading.traits:
            count = trait.holes.get("count", 1)
            self.trait(
                trait.code, "", str(trait.holes.get("what", "")), count if isinstance(count, int) else 1
            )
            spots = self._traits[trait.code, str(trait.holes.get("what", ""))[:80]]
            first = trait.spot.partition("; ")[0].removesuffix(" …")
            spots.extend([first] if first and first not in spots and len(spots) <= SPOTS_NAMED else [])

    def reading(self, kind: str, fault: str = "") -> Reading:
        """All of it as a value."""
        traits = tuple(self._as_trait(key) for key in sorted(self._counts))
        return Reading(kind, tuple(self.parts), traits, fault)

    def _as_trait(self, key: tuple[str, str]) -> Trait:
        spots = self._traits[key]
        named = "; ".join(spots[:SPOTS_NAMED]) + (" …" if len(spots) > SPOTS_NAMED else "")
        holes: dict[str, str | int] = {"count": self._counts[key]}
        return Trait(key[0], named, {**holes, "what": key[1]} if key[1] else holes)


def merged(first: Reading, second: Reading) -> Reading:
    """A reading with the text and traits of the same file's converted copy."""
    return replace(first, parts=(*first.parts, *second.parts), traits=(*first.traits, *second.traits))


def masked(name: str) -> str:
    """A person's name as a finding may show it: the first letter only."""
    name = " ".join(name.split())
    return f"{name[:1]}{'*' * min(len(name) - 1, 3)}"
