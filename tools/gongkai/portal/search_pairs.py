"""The pairs of neighbouring characters of many texts at once, as postings: what `search_terms.pairs` says, on whole arrays.

At 10,000 items there are some eight million pairs; one by one they take Python ten seconds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_terms import normal

BREAK = "\n"
_RANK = 13
"""Bits for twice an item's rank and the title's flag: a part has 4096 items at most."""
_SIGN = 21
"""Bits of a Unicode code point."""
_JOINING = (("\u1100", "\u11ff"), ("\ua960", "\ua97f"), ("\ud7b0", "\ud7ff"), ("\uff9e", "\uffdc"))
"""Letters that are composed with their neighbours: Korean ones, and Japanese ones of half width with their marks."""
Codes = NDArray[np.uint64]


def paired(titles: Sequence[str], texts: Sequence[str]) -> dict[str, bytes]:
    """The postings of all pairs, and of single characters of titles; `titles` and `texts` are by rank.

    Each term's items as bytes: the steps between their ranks, doubled, plus one where the title holds the term.
    """
    keys = np.concatenate((_keys(titles, 1), _keys(texts, 0)))
    keys.sort()
    # Of one term in one item only the last is kept: it is the title's, if the title has it.
    keys = keys[np.append(keys[1:] >> np.uint64(1) != keys[:-1] >> np.uint64(1), True)] if keys.size else keys
    codes, values = keys >> np.uint64(_RANK), (keys & np.uint64((1 << _RANK) - 1)).astype(np.int64)
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if keys.size else np.empty(0, np.int64)
    data, ends = _encoded(values, starts)
    terms = codes[starts]
    first, second = (terms >> np.uint64(_SIGN)).tolist(), (terms & np.uint64((1 << _SIGN) - 1)).tolist()
    places = [0, *ends]
    return {
        chr(a) + (chr(b) if b else ""): data[places[n] : places[n + 1]]
        for n, (a, b) in enumerate(zip(first, second, strict=True))
    }


def _keys(texts: Sequence[str], title: int) -> Codes:
    """Term, rank and flag of every pair and every run of one, in one number each; of titles every character too."""
    signs, ranks = _signs(texts)
    word = _is_word(signs)
    before, after = np.append(False, word[:-1]), np.append(word[1:], False)
    alone = word if title else word & ~before & ~after
    both = word & after
    low = ((ranks << 1) | title).astype(np.uint64)
    # Two texts are parted by a break, which is in no word: no pair spans two items.
    follower = np.append(signs[1:], 0).astype(np.uint64)
    head = signs.astype(np.uint64) << np.uint64(_SIGN)
    pairs = ((head | follower) << np.uint64(_RANK) | low)[both]
    singles = (head << np.uint64(_RANK) | low)[alone]
    return np.concatenate((pairs, singles))


def _signs(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The code points of all texts, one after the other, and the rank of the text that each belongs to."""
    ready = [text + BREAK for text in _normal(texts)]
    signs = np.frombuffer("".join(ready).encode("utf-32-le", "surrogatepass"), np.uint32)
    return signs, np.repeat(np.arange(len(ready)), [len(text) for text in ready])


def _normal(texts: Sequence[str]) -> list[str]:
    """Each text as `normal` makes it, by a table of the characters that are there: Unicode's own way takes ten times as long.

    Characters that may join with the one before them (combining marks, Korean letters) need Unicode's own way.
    """
    used = set().union(*texts)
    if any(_joins(c) for c in used):
        return [normal(text) for text in texts]
    table = {ord(c): made for c in used if (made := normal(c)) != c}
    return [text.translate(table) for text in texts]


def _joins(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or any(first <= sign <= last for first, last in _JOINING)


def _is_word(signs: NDArray[np.uint32]) -> NDArray[np.bool_]:
    table = np.zeros(1 << _SIGN, np.bool_)
    table[signs] = True
    used = np.flatnonzero(table)
    table[used] = [chr(c).isalnum() for c in used.tolist()]
    found: NDArray[np.bool_] = table[signs]
    return found


def _encoded(values: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[bytes, list[Any]]:
    """All steps as numbers of seven bits a byte, and where each term's end."""
    ranks = values >> 1
    steps = np.diff(ranks, prepend=0)
    steps[starts] = ranks[starts]
    steps = (steps << 1) | (values & 1)
    long = steps > 127
    ends = np.cumsum(1 + long)
    out = np.zeros(int(ends[-1]) if ends.size else 0, np.uint8)
    at = ends - 1 - long
    out[at] = (steps & 127) | (long << 7)
    out[at[long] + 1] = steps[long] >> 7
    last = np.append(starts[1:], values.size) - 1
    return out.tobytes(), ends[last].tolist() if starts.size else []
