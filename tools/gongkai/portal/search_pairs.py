"""The pairs of neighbouring characters of many texts at once, as numbers: what `search_terms.pairs` says, on whole arrays.

At 10,000 items there are some eight million pairs; one by one they take Python ten seconds. A term of two UTF-16 units, as
nearly all are, is one number of 32 bits, turned about so that its first bits say which file it stands in (`turned`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain
from zlib import adler32, crc32

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_terms import BELOW, BREAK, TURN, VALUE, normal

_ALL = 0x110000
_CODE, _WIDE = 0x1FFFFF, 0x1F0000
"""The bits of a code point; from the first of `_WIDE` on a character is two UTF-16 units."""
_KNOWN, _WORD, _ITSELF, _JOINS, _LONGER = (1 << bit for bit in range(21, 26))
"""What stands beside a code point in `_Tables`: that it was asked for, that what the character becomes is of a word, that it is
so itself, and two kinds that need care.
"""
_HAN = slice(0x4E00, 0x9FA6)
"""Chinese characters, which are as they are: most of what is met."""
_JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\uff9e", "\uffdc"))
"""Letters that are composed with their neighbours: Korean ones, and Japanese ones of half width with their marks."""
FEW, FEW_TITLES, MANY_KEYS = 32, 512, 32_768
"""So many texts, titles or keys are gone over at a time. Arrays of megabytes are new pages of memory each time, and to get these takes
longer than the work itself.
"""
Signs = NDArray[np.uint32]
Flags = NDArray[np.bool_]
Keys = NDArray[np.uint64]
Others = list[tuple[str, int]]
"""Pairs that are longer than two units, each with its value."""


def paired(
    titles: Sequence[str], texts: Sequence[str], numbers: Sequence[Sequence[str]] = ()
) -> tuple[Keys, Keys]:
    """All pairs, and single characters of titles: the keys of short terms, and those of longer ones, among them the `numbers`.

    `titles`, `texts` and `numbers` are by rank. Each key is what a term is `known` by, and a value: the item's rank doubled, plus
    one where the title holds the term, as it does every number. They are in order, and of one term in one item there is one.
    """
    others: Others = []
    short = [
        found
        for held, title, few in ((titles, 1, FEW_TITLES), (texts, 0, FEW))
        for first in range(0, len(held), few)
        for found in _keys(held[first : first + few], first * 2 + title, others)
    ]
    wide = _longer([term for term, _ in others], np.fromiter((value for _, value in others), np.uint64))
    longer = _longer([*chain.from_iterable(numbers)], _values(1, [*map(len, numbers)]))
    return _ordered(short), _ordered([wide, longer])


def _values(first: int, counts: Sequence[int]) -> Keys:
    """The value of each item from the first on, as often as it is counted."""
    return np.arange(first, first + 2 * len(counts), 2, dtype=np.uint64).repeat(counts)


def _longer(terms: Sequence[str], values: Keys) -> Keys:
    """The keys of longer terms: there are some ten of an item."""
    said = [*map(str.encode, terms)]
    one, other = (np.fromiter(map(sum_, said), np.uint64, len(said)) for sum_ in (crc32, adler32))
    return (one << np.uint64(BELOW) | other >> np.uint64(16)) << np.uint64(VALUE) | values


def _ordered(found: list[Keys]) -> Keys:
    keys = np.concatenate(found or [np.empty(0, np.uint64)])
    found.clear()  # they are as much again as all keys
    keys.sort()
    return _distinct(keys)


def _distinct(keys: Keys) -> Keys:
    """The keys in the same array: of one term in one item only the last, which is the title's if the title has it."""
    end = 0
    for at in range(0, keys.size, MANY_KEYS):
        here = keys[at : at + MANY_KEYS]
        after = keys[at + 1 : at + 1 + here.size]
        last = np.flatnonzero(here[: after.size] ^ after > 1)
        kept = here.take(np.append(last, after.size) if after.size < here.size else last)
        keys[end : end + kept.size] = kept
        end += kept.size
    return keys[:end]


def _keys(texts: Sequence[str], value: int, others: Others) -> tuple[Keys, Keys]:
    """The key of every pair, and of every run of one; of titles every character too. What is longer goes to the `others`.

    `value` is that of the first text, odd for a title.
    """
    signs, word, sizes = _signs(texts)
    values = _values(value, sizes)
    # Two texts are parted by a break, which is in no word: no pair spans two items.
    both = word[:-1] & word[1:]
    alone = word.copy()
    if value % 2 == 0:
        alone[1:] &= ~word[:-1]
        alone[:-1] &= ~word[1:]
    if int(np.bitwise_or.reduce(signs)) & _WIDE:
        wide = both & ((signs[:-1] | signs[1:]) & np.uint32(_WIDE) != 0)
        for at in np.flatnonzero(wide).tolist():
            others.append((chr(signs[at]) + chr(signs[at + 1]), int(values[at])))
        both &= ~wide
    single = np.flatnonzero(alone)
    # Most neighbours are a pair: to reckon a key for all, and to take those that are, is quicker than to take parts of them.
    pairs = _key(signs[:-1] << np.uint32(16) | signs[1:], values[:-1])
    return pairs.take(np.flatnonzero(both)), _key(_alone(signs[single]), values[single])


def _key(terms: Signs, values: Keys) -> Keys:
    keys = (terms * np.uint32(TURN)).astype(np.uint64)
    keys <<= np.uint64(VALUE)
    keys |= values
    return keys


def _alone(signs: Signs) -> Signs:
    """Single characters as two units: the second is 0, or they are the two that UTF-16 makes of a rare one."""
    over = signs - np.uint32(0x10000)
    pair = (over >> 10 | 0xD800) << 16 | over & 0x3FF | 0xDC00
    return np.where(signs & np.uint32(_WIDE) == 0, signs << 16, pair)


def _signs(texts: Sequence[str]) -> tuple[Signs, Flags, list[int]]:
    """The code points of all texts, normal and one after the other, which of them are of words, and how many each text has."""
    tables = _tables()
    found = tables.found(_points(texts))
    kinds = int(np.bitwise_or.reduce(found))
    if kinds & _JOINS:
        texts = [normal(text) for text in texts]
        signs = _points(texts)
        word = tables.found(signs) & np.uint32(_ITSELF) != 0
    else:
        if kinds & _LONGER:
            for long, made in tables.longer.items():
                texts = [text.replace(long, made) for text in texts]
            found = tables.found(_points(texts))
        signs, word = found & np.uint32(_CODE), found & np.uint32(_WORD) != 0
    return signs, word, [len(text) + 1 for text in texts]


def _points(texts: Sequence[str]) -> Signs:
    return np.frombuffer(BREAK.join((*texts, "")).encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def _tables() -> _Tables:
    return _Tables()


class _Tables:
    """What `normal` makes of each character, and which are of words: Unicode is asked once for each that is met.

    Characters that may join with the one before them (combining marks, Korean letters) cannot be looked at one by one.
    """

    def __init__(self) -> None:
        # Of zeros, which are not asked for yet, only those places take memory that are met.
        self._made = np.zeros(_ALL, np.uint32)
        self._made[_HAN] = np.arange(_HAN.start, _HAN.stop, dtype=np.uint32) | (_KNOWN | _WORD | _ITSELF)
        self.longer: dict[str, str] = {}

    def found(self, signs: Signs) -> Signs:
        """What each of these characters becomes, and what is to be known of it; those that are new are learned."""
        found = self._made.take(signs)
        if not found.all():
            for code in {*signs[found == 0].tolist()}:
                self._made[code] = self._learned(chr(code))
            found = self._made.take(signs)
        return found

    def _learned(self, sign: str) -> int:
        made, itself = normal(sign), ord(sign) | _KNOWN | (_ITSELF | _WORD if sign.isalnum() else 0)
        if _joins(sign) or any(normal(one) != one for one in made):
            return itself | _JOINS
        if len(made) != 1:
            self.longer[sign] = made
            return itself | _LONGER
        return ord(made) | _KNOWN | itself & _ITSELF | (_WORD if made.isalnum() else 0)


def _joins(sign: str) -> bool:
    """Whether what it becomes is said by its neighbours; of a Greek Σ they say which small letter it has."""
    if unicodedata.category(sign)[0] == "M" or "Σ" in unicodedata.normalize("NFKC", sign):
        return True
    return any(first <= sign <= last for first, last in _JOINING)
