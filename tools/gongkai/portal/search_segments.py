"""The segments of a whole part at once, on whole arrays; how a segment is written says `search_tables`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from zlib import adler32, crc32

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_pairs import Keys
from gongkai.portal.search_stock import Stock
from gongkai.portal.search_tables import postings
from gongkai.portal.search_terms import MANY, NAME, VALUE, varint, width

Numbers = NDArray[np.int64]
Steps = NDArray[np.int16]


def counted(keys: Keys) -> tuple[bytes, bytes, bytes]:
    """The keys that `paired` gives as a stock has them: terms, how many values each has, all values."""
    terms = np.empty(keys.size, np.uint32)
    np.right_shift(keys, np.uint64(VALUE), out=terms, casting="unsafe")
    starts = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])[: keys.size])
    counts = np.diff(np.append(starts, keys.size)).astype(np.uint16)
    values = keys.astype(np.uint16) & np.uint16((1 << VALUE) - 1)
    return terms.take(starts).tobytes(), counts.tobytes(), values.tobytes()


def segments(stock: Stock, files: int) -> list[bytes]:
    """The segments of a part, file by file."""
    cuts = 2**32 // files * np.arange(files + 1)
    terms = np.frombuffer(stock.terms, np.uint32).astype(np.int64)
    counts = np.frombuffer(stock.counts, np.uint16)
    values = np.frombuffer(stock.values, np.int16)
    short = _tables(_names(terms, width(files)), counts, values, np.searchsorted(terms, cuts))
    return [a + b for a, b in zip(short, _longer(stock.others, cuts), strict=True)]


def _longer(others: Mapping[str, Sequence[int]], cuts: Numbers) -> list[bytes]:
    """The tables of longer terms."""
    names = _long_names([term.encode() for term in others])
    posted, order = [*others.values()], names.argsort()
    terms = names[order]
    if (terms[1:] == terms[:-1]).any():  # of one name, they stand in the order of their postings: hardly ever
        order = np.array(sorted(order.tolist(), key=lambda n: (names[n], postings(posted[n]))))
    held = [posted[n] for n in order.tolist()]
    counts = np.fromiter(map(len, held), np.int64, len(held))
    values = np.fromiter(chain.from_iterable(held), np.int16)
    return _tables(_names(terms, NAME), counts, values, np.searchsorted(terms, cuts << (8 * NAME - 32)))


def _long_names(terms: Sequence[bytes]) -> Numbers:
    """The `long_name` of each: there are some ten of an item."""
    one, other = (np.fromiter(map(sum_, terms), np.int64, len(terms)) for sum_ in (crc32, adler32))
    return one << 16 | other >> 16


def _names(terms: Numbers, size: int) -> bytes:
    """The last bytes of each term, so many of them."""
    return terms.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - size :].tobytes()


def _tables(names: bytes, counts: NDArray[np.integer], values: Steps, cuts: Numbers) -> list[bytes]:
    """The table of each file: where the terms are cut in files, their names, how many values each has, and all of these."""
    bounds = np.append(0, np.cumsum(counts, dtype=np.int64))
    posted, ends = _encoded(_steps(values, bounds[:-1]))
    ends = ends[bounds]
    sizes = np.diff(ends)
    short = np.minimum(sizes, MANY).astype(np.uint8).tobytes()
    long = np.flatnonzero(sizes >= MANY)
    beyond = [varint(size - MANY) for size in sizes[long].tolist()]
    more = pairwise(np.searchsorted(long, cuts).tolist())
    size = len(names) // max(counts.size, 1)
    places = zip(pairwise(cuts.tolist()), pairwise(ends[cuts].tolist()), more, strict=True)
    return [
        b"".join((varint(b - a), names[a * size : b * size], short[a:b], *beyond[e:f], posted[c:d]))
        for (a, b), (c, d), (e, f) in places
    ]


def _steps(values: Steps, starts: Numbers) -> Steps:
    ranks = values >> 1
    steps = np.diff(ranks, prepend=np.int16(0))
    steps[starts] = ranks[starts]
    return steps << 1 | values & 1


def _encoded(steps: Steps) -> tuple[bytes, NDArray[np.int32]]:
    """Steps, of which none needs more than two bytes, and where each begins, and the last ends."""
    long = steps > 127
    both, used = np.empty((steps.size, 2), np.uint8), np.ones((steps.size, 2), np.bool_)
    both[:, 0], both[:, 1] = steps.astype(np.uint8) | np.uint8(128) * long, steps >> 7
    used[:, 1] = long
    ends = np.arange(steps.size + 1, dtype=np.int32)
    ends[1:] += np.cumsum(long, dtype=np.int32)
    return both.ravel().take(np.flatnonzero(used)).tobytes(), ends
