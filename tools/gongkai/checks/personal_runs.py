"""Runs of digits: numbers as people write them, in one piece or in groups with something between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.checks.personal_text import GAP
from gongkai.model.lazily import lazily

_NEXT = rf"(?:[{GAP}]{{0,2}}+[0-9])"
_RUN = lazily(
    rf"[0-9](?<![0-9][0-9])(?:(?<=1)|(?={_NEXT}{{11}})){_NEXT}{{10,}}+(?:[{GAP}]?[Xx×✕](?![A-Za-z]))?"
)
"""No sign of a gap is a digit, so nothing read so far is ever read otherwise: `+` spares short numbers from being
tried again, and a run of millions of digits from being remembered digit by digit. What it repeats holds no choice (house test).
"""
_GROUP = lazily(r"[0-9]+(?:[Xx×✕])?|[Xx×✕]")
_PASSED = bytes({*GAP.encode(), *range(0x80, 0xC0)} - {*"、".encode()[-1:]})
"""The bytes of all signs of a gap, and those that end a sign beyond ASCII: what begins it still parts digits, or 、 its end."""
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_ELEVEN, _TWELVE = b"0" * 11, b"0" * 12


@dataclass(frozen=True, slots=True)
class Run:
    """Groups of digits: (start, end) of each in the text."""

    text: str
    groups: tuple[tuple[int, int], ...]

    def digits(self, first: int, last: int) -> str:
        """The digits of the groups `first` to `last`, that one included."""
        return "".join([self.text[a:b] for a, b in self.groups[first : last + 1]])

    @property
    def size(self) -> int:
        """How many digits there are in all."""
        return sum([b - a for a, b in self.groups])

    def gap(self, index: int) -> str:
        """What stands before group `index`: nothing before the first and after the last."""
        return (
            self.text[self.groups[index - 1][1] : self.groups[index][0]]
            if 0 < index < len(self.groups)
            else ""
        )

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
        """Neighbouring whole groups whose digits together match: the first and last group, and the digits.

        The pattern looks ahead (`(?=(…))`), so that every beginning is tried.
        """
        whole = self.digits(0, len(self.groups) - 1)
        first, last, at = {}, {}, 0
        for index, (start, end) in enumerate(self.groups):
            first[at] = index
            at += end - start
            last[at] = index
        for match in pattern.finditer(whole):
            start, end = match.span(1)
            if start in first and end in last:
                yield first[start], last[end], match[1]

    def sizes(self, first: int, last: int) -> tuple[int, ...]:
        """How many digits each of these groups has."""
        return tuple([b - a for a, b in self.groups[first : last + 1]])


def runs(text: str) -> Iterator[Run]:
    """Every run of twelve digits or more, and of eleven that begin with a 1: of eleven digits only a mobile number is told."""
    for match in _RUN.finditer(text) if may_hold(text.encode("utf-8", "surrogatepass")) else ():
        yield Run(text, tuple([m.span() for m in _GROUP.finditer(text, *match.span())]))


def may_hold(raw: bytes) -> bool:
    """Whether there can be a run in a text: a look at its UTF-8 without gaps, a tenth of the time that the pattern takes.

    A few other signs vanish whole with the gaps; digits with only such between them are looked at more closely.
    """
    zeros = raw.translate(_ZEROS, _PASSED)
    at = zeros.find(_ELEVEN)
    close = raw.translate(None, _PASSED) if at >= 0 else b""
    while at >= 0 and not (close.startswith(b"1", at) or zeros.startswith(_TWELVE, at)):
        at = zeros.find(_ELEVEN, at + 11)
    return at >= 0
