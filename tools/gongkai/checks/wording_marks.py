"""Marks that conversions and careless typing leave: doubled and half-width punctuation, `??`, brackets of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gongkai.checks.glance import around, hit
from gongkai.checks.passages import Text
from gongkai.checks.wording_characters import HAN
from gongkai.model.finding import Hit
from gongkai.model.lazily import lazily

_DOUBLE = "，。、；："
_HALF = lazily(rf"[,;:!?.](?<=[{HAN}].)(?=[{HAN}])")
_RUINS = ("锟斤", "烫烫烫", "屯屯屯", "ï»", "ï¿", "â€")
"""What UTF-8 read as GBK or Latin-1, and empty memory, look like."""
_OPENERS = "[［(（【〈<「"
LITERALS = (
    *((first + second, "doubled") for first in _DOUBLE for second in _DOUBLE),
    ("??", "lost"),
    *((ruin, "ruin") for ruin in _RUINS),
    *((opener + century, "number") for opener in _OPENERS for century in ("19", "20")),
)
"""What stands at the beginning of each place that a rule of this module looks at."""
_NUMBER = lazily(
    rf"[{re.escape(_OPENERS)}](?<=[{HAN}A-Za-z].)(?:19|20)\d\d[\]］)）】〉>」][ \u3000]?第?[ \u3000]?\d{{1,5}}[ \u3000]?号"
)
_NAMES = lazily(r"(?:^|\.)(?:file|document_number|id|url|email|aliases(?:\.\d+)?|source_id)\Z")
"""Fields that are no running text, or whose form another rule judges."""
_EDGES = "\n\x1e"
_RUN = lazily(r"\?+")


def look(text: Text, places: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Hit]]:
    """What is wrong with the marks of a text of the item's own; one hit for each kind, with the number of places."""
    if "doubled" in places:
        yield from _shown("WRD110", text, list(_doubled(places["doubled"])))
    half = [m.span() for m in _HALF.finditer(text.text)]
    if half:
        yield from _shown("WRD111", text, half)
    if "lost" in places or "ruin" in places:
        yield from _shown("WRD113", text, [*_lost(text.text, places.get("lost", ())), *_ruins(places)])
    if "number" in places:
        yield from _numbers(text, places["number"])


def _shown(code: str, text: Text, places: list[tuple[int, int]]) -> Iterator[tuple[str, Hit]]:
    places = [s for s in places if not _NAMES.search(text.passage(s[0]).field)]
    if places:
        start, end = places[0]
        yield code, hit(text, start, len(places), shown=around(text, start, end))


def _doubled(starts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Pairs that overlap are one place: three commas are not two faults."""
    last = -1
    for start in starts:
        if start > last:
            yield start, start + 2
        last = start + 1


def _lost(whole: str, starts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """`??` between characters or alone on a line: the mark of characters that a conversion lost, not of a question."""
    end = -1
    for start in starts:
        if start < end:
            continue
        match = _RUN.match(whole, start)
        end = match.end() if match else start
        before = whole[start - 1] if start else "\n"
        after = whole[end : end + 1] or "\n"
        inside = _is_text(before) and _is_text(after)
        if inside or (before in _EDGES and after in _EDGES):
            yield start, end


def _ruins(places: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, int]]:
    return ((start, start + 2) for start in places.get("ruin", ()))


def _is_text(character: str) -> bool:
    return character >= "\u2e80" or character.isdigit()


def _numbers(text: Text, starts: Iterable[int]) -> Iterator[tuple[str, Hit]]:
    matches = [m for start in starts if (m := _NUMBER.match(text.text, start))]
    found = [m for m in matches if not _NAMES.search(text.passage(m.start()).field)]
    if found:
        shown = found[0][0]
        right = f"〔{shown[1:5]}〕{shown[6:].strip()}"
        yield "WRD121", hit(text, found[0].start(), len(found), shown=shown, right=right)
