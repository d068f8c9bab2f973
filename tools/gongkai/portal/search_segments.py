"""The segments of a whole part at once, on whole arrays; how a segment is written says `search_tables`."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_pairs import Keys
from gongkai.portal.search_stock import Stock, Table
from gongkai.portal.search_terms import BELOW, MANY, NAME, VALUE, varint, width

Numbers = NDArray[np.int64]
Steps = NDArray[np.int16]
MANY_STEPS = 32_768
"""So many are gone over at a time; see `search_pairs.MANY_KEYS`."""


def counted(keys: Keys, kind: str) -> Table:
    """The keys that `paired` gives as a stock has them; the terms' numbers are of this kind."""
    terms = np.empty(keys.size, kind)
    np.right_shift(keys, np.uint64(VALUE), out=terms, casting="unsafe")
    starts = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])[: keys.size])
    counts = np.diff(np.append(starts, keys.size)).astype(np.uint16)
    values = keys.astype(np.uint16) & np.uint16((1 << VALUE) - 1)
    return Table(kind, terms.take(starts).tobytes(), counts.tobytes(), values.tobytes())


def segments(stock: Stock, files: int) -> list[bytes]:
    """The segments of a part, file by file."""
    cuts = 2**32 // files * np.arange(files + 1)
    short, longer = _tables(stock.short, cuts, width(files)), _tables(stock.longer, cuts << BELOW, NAME)
    return [a + b for a, b in zip(short, longer, strict=True)]


def _names(terms: Numbers, size: int) -> bytes:
    """The last bytes of each term, so many of them."""
    return terms.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - size :].tobytes()


def _tables(table: Table, cuts: Numbers, size: int) -> list[bytes]:
    """The table of each file: at which numbers terms are cut in files, and how many bytes their names have."""
    terms = np.frombuffer(table.terms, table.kind).astype(np.int64)
    counts, values = np.frombuffer(table.counts, np.uint16), np.frombuffer(table.values, np.int16)
    names, cuts = _names(terms, size), np.searchsorted(terms, cuts)
    bounds = np.append(0, np.cumsum(counts, dtype=np.int64))
    posted, ends = _encoded(_steps(values, bounds[:-1]))
    ends = ends[bounds]
    sizes = np.diff(ends)
    short = np.minimum(sizes, MANY).astype(np.uint8).tobytes()
    long = np.flatnonzero(sizes >= MANY)
    beyond = [varint(size - MANY) for size in sizes[long].tolist()]
    more = pairwise(np.searchsorted(long, cuts).tolist())
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
    ends = np.arange(steps.size + 1, dtype=np.int32)
    ends[1:] += np.cumsum(steps > 127, dtype=np.int32)
    return b"".join(_bytes(steps[at : at + MANY_STEPS]) for at in range(0, steps.size, MANY_STEPS)), ends


def _bytes(steps: Steps) -> bytes:
    long = steps > 127
    both, used = np.empty((steps.size, 2), np.uint8), np.ones((steps.size, 2), np.bool_)
    both[:, 0], both[:, 1] = steps.astype(np.uint8) | np.uint8(128) * long, steps >> 7
    used[:, 1] = long
    return both.ravel().take(np.flatnonzero(used)).tobytes()
