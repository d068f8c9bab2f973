"""The difference of two texts line by line, and within a line what exactly was changed: no word is cut into bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 2
"""So many unchanged lines are shown around a change."""
ALIKE = 0.4
"""Two lines that share at least this much are one line that was changed; else one went and another came."""
LONG = 2000
"""Longer lines are shown whole; comparing them letter by letter would take too long."""

Part = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line: `sign` is " " (unchanged), "-" (old), "+" (new) or "@" (lines left out); `parts` are (changed, text)."""

    sign: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The whole line, without marks."""
        return "".join(text for _, text in self.parts)


def diff(old: Sequence[str], new: Sequence[str], context: int = CONTEXT) -> tuple[DiffLine, ...]:
    """What became of the lines `old`; nothing when both are the same."""
    return tuple(_diff(list(old), list(new), context))


def _diff(old: list[str], new: list[str], context: int) -> Iterator[DiffLine]:
    groups = SequenceMatcher(None, old, new).get_grouped_opcodes(context)
    for group in groups:
        start = group[0][3]
        if start:
            yield DiffLine("@", ((False, str(start + 1)),))
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (DiffLine(" ", ((False, line),)) for line in old[a:b])
            else:
                yield from _changed(old[a:b], new[c:d])


def _changed(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    """Lines that were replaced: pairs stand together when there are as many old as new ones."""
    if len(old) != len(new):
        yield from (DiffLine("-", ((False, line),)) for line in old)
        yield from (DiffLine("+", ((False, line),)) for line in new)
        return
    for one, other in zip(old, new, strict=True):
        before, after = _within(one, other)
        yield DiffLine("-", before)
        yield DiffLine("+", after)


def _within(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both lines in parts, those marked that the other does not have."""
    whole = ((False, old),), ((False, new),)
    if max(len(old), len(new)) > LONG:
        return whole
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return whole
    codes = matcher.get_opcodes()
    before = tuple((tag != "equal", old[a:b]) for tag, a, b, _, _ in codes if b > a)
    after = tuple((tag != "equal", new[c:d]) for tag, _, _, c, d in codes if d > c)
    return before, after
