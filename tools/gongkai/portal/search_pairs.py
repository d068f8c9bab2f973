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

from gongkai.portal.search_terms import BREAK, TURN, VALUE, normal

_ALL = 0x110000
_WIDE = 0x10000
"""From here on a character is two UTF-16 units."""
_HAN = slice(0x4E00, 0x9FA6)
"""Chinese characters, which are as they are: most of what is met."""
_JOINS, _LONGER = 1, 2
_JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\uff9e", "\uffdc"))
"""Letters that are composed with their neighbours: Korean ones, and Japanese ones of half width with their marks."""
Signs = NDArray[np.uint32]
Values = NDArray[np.uint16]
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
    if not keys.size:
        return keys, others
    # Of one term in one item only the last is kept: it is the title's, if the title has it.
    same = keys >> np.uint64(1)
    last = np.append(same[1:] != same[:-1], True)
    return keys[last], others


def _keys(texts: Sequence[str], title: int, others: Others) -> Keys:
    """The key of every pair and every run of one; of titles every character too. What is longer goes to the `others`."""
    # These arrays are of a megabyte: what is done in place needs no new one, which takes as long as the work itself.
    signs, values = _signs(texts, title)
    word = _tables().word[signs]
    # Two texts are parted by a break, which is in no word: no pair spans two items.
    both = word[:-1] & word[1:]
    alone = word.copy()
    if not title:
        alone[1:] &= ~word[:-1]
        alone[:-1] &= ~word[1:]
    if signs.max(initial=0) >= _WIDE:
        wide = both & ((signs[:-1] | signs[1:]) >= _WIDE)
        for at in np.flatnonzero(wide).tolist():
            others[chr(signs[at]) + chr(signs[at + 1])].add(int(values[at]))
        both &= ~wide
    first, single = np.flatnonzero(both), np.flatnonzero(alone)
    terms = np.concatenate((signs[first] << 16 | signs[first + 1], _alone(signs[single])))
    terms *= np.uint32(TURN)
    keys = terms.astype(np.uint64)
    keys <<= np.uint64(VALUE)
    keys |= values[np.concatenate((first, single))]
    return keys


def _alone(signs: Signs) -> Signs:
    """Single characters as two units: the second is 0, or they are the two that UTF-16 makes of a rare one."""
    over = signs - np.uint32(_WIDE)
    pair = (over >> 10 | 0xD800) << 16 | over & 0x3FF | 0xDC00
    return np.where(signs < _WIDE, signs << 16, pair)


def _signs(texts: Sequence[str], title: int) -> tuple[Signs, Values]:
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
    return signs, np.repeat(np.arange(len(texts), dtype=np.uint16) * np.uint16(2) + np.uint16(title), sizes)


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
        """Which of the kinds that need care are among these characters; those that are new are learned."""
        for code in np.unique(signs[~self._known[signs]]).tolist():
            self._learn(code)
        found = self._kind[signs]
        return {kind for kind in (_JOINS, _LONGER) if (found == kind).any()}

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
    """Whether what it becomes is said by its neighbours; of a Greek Σ they say which small letter it has."""
    if unicodedata.category(sign)[0] == "M" or "Σ" in unicodedata.normalize("NFKC", sign):
        return True
    return any(first <= sign <= last for first, last in _JOINING)
