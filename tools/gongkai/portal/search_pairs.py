"""The pairs of neighbouring characters of many texts at once, as numbers: what `search_terms.pairs` says, on whole arrays.

At 10,000 items there are some eight million pairs; one by one they take Python ten seconds. A term of two UTF-16 units, as
nearly all are, is one number of 32 bits, turned about so that its first bits say which file it stands in (`turned`).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_terms import TURN, normal

BREAK = "\n"
VALUE = 11
"""Bits of a value: twice an item's rank in its part, which has 1024 items at most, and the title's flag."""
_ALL = 0x110000
_WIDE = 0x10000
"""From here on a character is two UTF-16 units."""
_HAN = slice(0x4E00, 0x9FA6)
"""Chinese characters, which are as they are: most of what is met."""
_SAME, _JOINS, _LONGER = 0, 1, 2
_JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\uff9e", "\uffdc"))
"""Letters that are composed with their neighbours: Korean ones, and Japanese ones of half width with their marks."""
Signs = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Others = dict[str, set[int]]
"""Terms that are longer than two units, and their values."""


def paired(titles: Sequence[str], texts: Sequence[str]) -> tuple[Keys, Others]:
    """All pairs, and single characters of titles; `titles` and `texts` are by rank.

    Each key is a term, turned, and a value: the item's rank doubled, plus one where the title holds the term. They are in
    order, and of one term in one item there is one.
    """
    others: Others = defaultdict(set)
    keys = np.concatenate((_keys(titles, 1, others), _keys(texts, 0, others)))
    keys.sort()
    # Of one term in one item only the last is kept: it is the title's, if the title has it.
    return keys[
        np.append(keys[1:] >> np.uint64(1) != keys[:-1] >> np.uint64(1), True)
    ] if keys.size else keys, others


def _keys(texts: Sequence[str], title: int, others: Others) -> Keys:
    """The key of every pair and every run of one; of titles every character too. What is longer goes to the `others`."""
    signs, values = _signs(texts, title)
    word = _tables().word[signs]
    # Two texts are parted by a break, which is in no word: no pair spans two items.
    both = np.flatnonzero(word[:-1] & word[1:])
    alone = word if title else word & ~np.append(False, word[:-1]) & ~np.append(word[1:], False)
    single = np.flatnonzero(alone)
    first, second = signs[both], signs[both + 1]
    wide = (first | second) >= _WIDE
    if wide.any():
        for at in both[wide].tolist():
            others[chr(signs[at]) + chr(signs[at + 1])].add(int(values[at]))
        both, first, second = both[~wide], first[~wide], second[~wide]
    terms = np.concatenate((first << 16 | second, _alone(signs[single])))
    held = np.concatenate((values[both], values[single]))
    return (terms * np.uint32(TURN)).astype(np.uint64) << np.uint64(VALUE) | held


def _alone(signs: Signs) -> Signs:
    """Single characters as two units: the second is 0, or they are the two that UTF-16 makes of a rare one."""
    over = signs - np.uint32(_WIDE)
    pair = (over >> 10 | 0xD800) << 16 | over & 0x3FF | 0xDC00
    return np.where(signs < _WIDE, signs << 16, pair)


def _signs(texts: Sequence[str], title: int) -> tuple[Signs, Keys]:
    """The code points of all texts, normal and one after the other, and the value of each."""
    tables = _tables()
    signs = _points(texts)
    kinds = tables.kinds(signs)
    if _JOINS in kinds:
        texts = [normal(text) for text in texts]
        signs = _points(texts)
        tables.kinds(signs)
    else:
        for long, made in tables.longer.items() if _LONGER in kinds else ():
            texts = [text.replace(long, made) for text in texts]
        signs = tables.made[_points(texts) if _LONGER in kinds else signs]
    sizes = [len(text) + 1 for text in texts]
    return signs, np.repeat(np.arange(len(texts), dtype=np.uint64) << np.uint64(1) | np.uint64(title), sizes)


def _points(texts: Sequence[str]) -> Signs:
    return np.frombuffer(
        "".join([text + BREAK for text in texts]).encode("utf-32-le", "surrogatepass"), np.uint32
    )


@cache
def _tables() -> _Tables:
    return _Tables()


class _Tables:
    """What `normal` makes of each character, and which are of words: Unicode is asked once for each that is met.

    Characters that may join with the one before them (combining marks, Korean letters) cannot be looked at one by one.
    """

    def __init__(self) -> None:
        self.made = np.arange(_ALL, dtype=np.uint32)
        self.word = np.zeros(_ALL, np.bool_)
        self.longer: dict[str, str] = {}
        self._known = np.zeros(_ALL, np.bool_)
        self._kind = np.zeros(_ALL, np.uint8)
        self.word[_HAN], self._known[_HAN] = True, True

    def kinds(self, signs: Signs) -> set[int]:
        """What kinds of characters these are; those that are new are learned."""
        met = np.zeros(_ALL, np.bool_)
        met[signs] = True
        for code in np.flatnonzero(met & ~self._known).tolist():
            self._learn(code)
        return set(np.unique(self._kind[met]).tolist())

    def _learn(self, code: int) -> None:
        sign = chr(code)
        made = normal(sign)
        self._known[code] = True
        for one in (sign, *made):
            self.word[ord(one)] = one.isalnum()
        if _joins(sign) or any(normal(one) != one for one in made):
            self._kind[code] = _JOINS
        elif len(made) != 1:
            self._kind[code], self.longer[sign] = _LONGER, made
        else:
            self.made[code] = ord(made)


def _joins(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or any(first <= sign <= last for first, last in _JOINING)
