"""The portal's wording list (site_config/wording.yml) as one automaton: thousands of words cost what one costs."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from gongkai.model.settings import ConfigFile

Match = tuple[int, int, int]
"""The number of a pattern, and the bytes at which a match of it begins and ends."""
QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", '"': '"', "`": "`"}
"""A word that stands alone between these is being spoken of, not used."""


@dataclass(frozen=True, slots=True)
class Word:
    """An entry: what is looked for, what is right instead, and the phrases in which it is no fault."""

    kind: str
    word: str
    right: str = ""
    grave: bool = False
    unless: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """An entry found at text[start:end]."""

    word: Word
    start: int
    end: int


class Scan(NamedTuple):
    """What one scan of a text found: uses of entries, and by group the places where a literal of it begins.

    Of a group that asks only whether there is any, the first place is told. `raw` is the text as UTF-8, for others that look at its bytes.
    """

    uses: tuple[Use, ...]
    places: Mapping[str, Sequence[int]]
    raw: bytes


WINDOW = 1 << 17
"""So many bytes are scanned at once: a match takes as much room as a hundred bytes, and a spoilt file may be nothing but matches."""


class Finder:
    """Finds the entries of a list in texts, and other rules' literals (with the group that asks for them) on the way.

    Of a group in `once` only the first place is told.
    The automaton holds the words, the phrases that excuse them, and the literals: one scan serves all. It looks at UTF-8, so
    a literal may also be the bytes that several characters begin with; only of what is found is the place in the text counted.
    """

    def __init__(
        self,
        words: tuple[Word, ...],
        literals: Iterable[tuple[str | bytes, str]] = (),
        once: Set[str] = frozenset(),
    ) -> None:
        patterns: dict[bytes, _Pattern] = defaultdict(_Pattern)
        for word in words:
            patterns[_utf8(word.word)].word = word
            for phrase in _excuses(word):
                patterns[_utf8(phrase)].excuses += [(word.word, at) for at in _places(word.word, phrase)]
        only: dict[str, _Pattern] = {}  # thousands of literals of one group are one pattern to us
        for literal, group in literals:
            key = literal if isinstance(literal, bytes) else _utf8(literal)
            if key in patterns:
                known = patterns[key]
                patterns[key] = _Pattern(known.word, known.excuses, (*known.groups, group))
            else:
                patterns[key] = only.get(group) or only.setdefault(group, _Pattern(groups=(group,)))
        self._patterns, self._once = tuple(patterns.values()), once
        self._longest = max(map(len, patterns), default=0)
        # Built in 2 ms. The quicker kind takes 8, and is so large that in between the items it is out of the processor's reach.
        kind = Implementation.ContiguousNFA
        self._automaton = BytesAhoCorasick(list(patterns), implementation=kind) if patterns else None

    def scan(self, text: str) -> Scan:
        """Look through a text once."""
        raw = _utf8(text)
        excused: set[tuple[str, int]] = set()
        found: list[Use] = []
        places: dict[str, array[int] | tuple[int]] = {}
        at = start = 0
        for index, first, _ in self._matches(raw):
            # Matches are told in the order of their ends, so only a few characters lie between two of them.
            start += _size(raw[at:first]) if first >= at else -_size(raw[first:at])
            at = first
            pattern = self._patterns[index]
            for group in pattern.groups:
                known = places.get(group)
                if known is None:
                    places[group] = (start,) if group in self._once else array("L", (start,))
                elif isinstance(known, array):
                    known.append(start)
            for other, offset in pattern.excuses:
                excused.add((other, start + offset))
            if pattern.word is not None:
                found.append(Use(pattern.word, start, start + len(pattern.word.word)))
        return Scan(tuple(_outermost(text, found, excused)) if found else (), places, raw)

    def _matches(self, raw: bytes) -> Iterable[Match]:
        """The matches in the order of their ends."""
        if self._automaton is None:
            return ()
        if len(raw) <= WINDOW:
            return self._automaton.find_matches_as_indexes(raw, overlapping=True)
        return self._matches_by_windows(raw, self._automaton)

    def _matches_by_windows(self, raw: bytes, automaton: BytesAhoCorasick) -> Iterator[Match]:
        for at in range(0, len(raw), WINDOW):
            begin = max(0, at - self._longest + 1)  # what ends in this window may begin before it
            for index, first, end in automaton.find_matches_as_indexes(
                raw[begin : at + WINDOW], overlapping=True
            ):
                if begin + end > at:
                    yield index, begin + first, begin + end


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _size(raw: bytes) -> int:
    return len(raw.decode("utf-8", "surrogatepass"))


def _places(word: str, phrase: str) -> Iterator[int]:
    """Where a word begins in a phrase, also within itself."""
    at = phrase.find(word)
    while at >= 0:
        yield at
        at = phrase.find(word, at + 1)


@dataclass(slots=True)
class _Pattern:
    word: Word | None = None
    excuses: list[tuple[str, int]] = field(default_factory=list)
    groups: tuple[str, ...] = ()


def _outermost(text: str, found: list[Use], excused: set[tuple[str, int]]) -> Iterator[Use]:
    """The uses in their order; of two that lie within each other the longer one, and none that is excused."""
    last = -1
    for use in sorted(found, key=lambda u: (u.start, -u.end)):
        if use.end > last and (use.word.word, use.start) not in excused and _stands_alone(text, use):
            last = use.end
            yield use


def _excuses(word: Word) -> Iterator[str]:
    """The phrases given, and the right form where the wrong one is a part of it."""
    yield from (phrase for phrase in word.unless if word.word in phrase and phrase != word.word)
    if word.word in word.right and word.word != word.right:
        yield word.right


def _stands_alone(text: str, use: Use) -> bool:
    """No part of a longer Latin word, and not itself the thing spoken of, between quotation marks."""
    before = text[use.start - 1] if use.start else ""
    after = text[use.end : use.end + 1]
    if after and QUOTES.get(before) == after:
        return False
    first, last = text[use.start], text[use.end - 1]
    return not (_latin(before) and _latin(first)) and not (_latin(last) and _latin(after))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def words_of(file: ConfigFile | None) -> tuple[Word, ...]:
    """The entries of a settings file."""
    return tuple(_words(file)) if file else ()


def _words(file: ConfigFile) -> Iterator[Word]:
    """The well-formed entries; malformed ones are the schema's business."""
    seen: set[str] = set()
    for row in _all(file):
        if row.word and row.word not in seen:
            seen.add(row.word)
            yield row


def _all(file: ConfigFile) -> Iterator[Word]:
    for _, row in file.rows("words"):
        unless = row.get("unless")
        phrases = tuple(p for p in unless if isinstance(p, str)) if isinstance(unless, list) else ()
        yield Word(
            str(row.get("kind")), _text(row, "word"), _text(row, "right"), row.get("grave") is True, phrases,
            _text(row, "source"),
        )  # fmt: skip
    for _, group in file.rows("lists"):
        pairs = group.get("words")
        for word, right in pairs.items() if isinstance(pairs, dict) else ():
            if isinstance(right, str):
                grave = group.get("grave") is True
                yield Word(str(group.get("kind")), word, right, grave, (), _text(group, "source"))


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
