"""Numbers of other papers: passports, travel permits, the old card of foreigners; number plates of vehicles.

None of them has a check digit one could rely on, so the words around decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_text import Reading
from gongkai.checks.personal_words import FOLDED, PAPERS, PLATE, PROVINCES
from gongkai.model.lazily import lazily

_PAPER = lazily(
    r"(?<![0-9A-Za-z])(?:[A-Z]{3}[0-9]{12}|[HMCW][0-9]{8}(?:[0-9]{2})?|[A-Z][A-Z]?[0-9]{7,8}|[0-9]{8}(?:[0-9]{2}(?:\([A-Z]\))?)?)"
    r"(?![0-9A-Za-z])"
)
_PASSPORT = lazily(r"护照|passport", re.IGNORECASE)
_PERMIT = lazily(r"通行证|回乡证|台胞证|居留(?:身份)?证|居留卡|港澳居民|台湾居民")
_DIGITS = lazily(r"(?:台胞证|台湾居民来往大陆通行证|台湾居民|通行证)[^0-9]{0,8}\Z")
_DAY = lazily(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_NO_PAPER = lazily(r"文号|编号|代码|电话|日期|有效期|条码|许可")
_PLATE = lazily(
    rf"[A-HJ-NP-Z](?<=[{PROVINCES}].)[·•. -]?"
    r"(?=[A-HJ-NP-Z]{0,5}[0-9])[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![0-9A-Za-z])"
)


def find_papers(reading: Reading) -> Iterator[Span]:
    """Passports and permits, where the text speaks of such papers at all."""
    if reading.seen.isdisjoint(PAPERS):
        return
    for match in _PAPER.finditer(reading.text):
        kind = _paper(reading, match[0], match.start())
        if kind is not None and not reading.in_address(*match.span()):
            yield Span(*match.span(), kind)


def _paper(reading: Reading, number: str, start: int) -> Kind | None:
    label = reading.label(start, 30)
    passport = max((m.end() for m in _PASSPORT.finditer(label)), default=-1)
    permit = max((m.end() for m in _PERMIT.finditer(label)), default=-1)
    if max((m.end() for m in _NO_PAPER.finditer(label)), default=-1) > max(passport, permit):
        return None
    if number[0].isdigit():
        named = _DIGITS.search(label.rstrip()) and not _DAY.fullmatch(number[:8])
        return Kind.PERMIT if named and permit > 0 else None
    if passport < 0 and permit < 0:
        return None
    return Kind.PASSPORT if passport > permit else Kind.PERMIT


def find_plates(reading: Reading) -> Iterator[Span]:
    """Number plates: the sign of a province, a letter, five or six signs with a digit among them."""
    if PLATE not in reading.seen and reading.seen.isdisjoint(FOLDED):
        return
    for match in _PLATE.finditer(reading.text):
        start = match.start() - 1
        yield Span(start, match.end(), Kind.PLATE)
