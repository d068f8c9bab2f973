"""The detector of personal information: a text in, places out. Pure; used by the rules, by `mask` and by `scan`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from gongkai.checks.personal_accounts import find_accounts
from gongkai.checks.personal_homes import find_homes
from gongkai.checks.personal_identity import find_identity
from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_mobiles import find_mobiles
from gongkai.checks.personal_papers import find_papers, find_plates
from gongkai.checks.personal_people import find_people
from gongkai.checks.personal_runs import runs
from gongkai.checks.personal_text import Reading

LONG = 12
"""Shorter numbers are telephones': an account has twelve digits or more, an identity number fifteen."""
NUMBERS = frozenset(
    {Kind.IDENTITY, Kind.MISTYPED, Kind.PERMIT, Kind.PASSPORT, Kind.BANK, Kind.MOBILE, Kind.PLATE}
)
"""Kinds whose characters themselves are to be masked."""


def find(text: str, words: frozenset[str] | None = None, *, numbers: bool = True) -> tuple[Span, ...]:
    """All personal information in a text, in the order of its places. No clock, no files: the same text, the same answer.

    Cells of tables are told by `|` (Markdown) or by tabs (attachments); everything else is plain text. `words`: those of
    `personal_words` that the text holds, and `numbers` False, where another look told already that it holds no long ones.
    """
    reading = Reading(text, words)
    found = [*_numbers(reading, numbers), *find_plates(reading)]
    found += find_homes(reading)
    found += find_people(reading)
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.kind)))


def _numbers(reading: Reading, long: bool) -> Iterator[Span]:
    """Numbers; where two readings overlap the surer one counts: identity, then bank card, then telephone, then papers."""
    taken: list[Span] = []
    for run in runs(reading.text) if long else ():
        own: list[Span] = []
        for finder in (find_identity, find_accounts, find_mobiles) if run.size >= LONG else (find_mobiles,):
            own = sorted((*own, *_free(finder(reading, run), own)), key=_start)
        taken += own
    yield from taken
    yield from _free(find_papers(reading), taken)


def _free(spans: Iterator[Span], taken: list[Span]) -> list[Span]:
    """Those that overlap none of the taken ones, which stand in order."""
    found = []
    for span in spans:
        at = bisect_left(taken, span.end, key=_start)
        if at == 0 or taken[at - 1].end <= span.start:
            found.append(span)
    return found


def _start(span: Span) -> int:
    return span.start
