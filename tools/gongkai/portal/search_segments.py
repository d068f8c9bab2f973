"""The segments of a whole part at once, on whole arrays; how a segment is written says `search_tables`."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_pairs import Keys
from gongkai.portal.search_stock import Stock
from gongkai.portal.search_tables import EMPTY, longer
from gongkai.portal.search_terms import MANY, VALUE, varint, width

Numbers = NDArray[np.int64]
Steps = NDArray[np.int32]


def counted(keys: Keys) -> tuple[bytes, bytes, bytes]:
    """The keys that `paired` gives as a stock has them: terms, how many values each has, all values."""
    terms = keys >> np.uint64(VALUE)
    starts = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])) if keys.size else np.empty(0, np.int64)
    counts = np.diff(np.append(starts, keys.size))
    values = keys & np.uint64((1 << VALUE) - 1)
    return (
        terms[starts].astype(np.uint32).tobytes(),
        counts.astype(np.uint16).tobytes(),
        values.astype(np.uint16).tobytes(),
    )


def segments(stock: Stock, files: int) -> list[bytes]:
    """The segments of a part, file by file."""
    terms = np.frombuffer(stock.terms, np.uint32)
    values = np.frombuffer(stock.values, np.uint16).astype(np.int32)
    bounds = np.append(0, np.cumsum(np.frombuffer(stock.counts, np.uint16), dtype=np.int64))
    postings, ends = _encoded(_steps(values, bounds[:-1]))
    ends = ends[bounds]
    bytes_ = width(files)
    names = terms.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - bytes_ :].tobytes()
    sizes = np.diff(ends)
    short = np.minimum(sizes, MANY).astype(np.uint8).tobytes()
    long = np.flatnonzero(sizes >= MANY)
    cuts = np.searchsorted(terms.astype(np.int64), 2**32 // files * np.arange(files + 1))
    more = pairwise(np.searchsorted(long, cuts).tolist())
    beyond = [varint(int(size) - MANY) for size in sizes[long]]
    rest = longer(stock.others, files)
    places = zip(pairwise(cuts.tolist()), pairwise(ends[cuts].tolist()), more, strict=True)
    return [
        b"".join(
            (varint(b - a), names[a * bytes_ : b * bytes_], short[a:b], *beyond[e:f], postings[c:d],
             rest.get(n, EMPTY))
        )
        for n, ((a, b), (c, d), (e, f)) in enumerate(places)
    ]  # fmt: skip


def _steps(values: Steps, starts: Numbers) -> Steps:
    ranks = values >> 1
    steps = np.diff(ranks, prepend=np.int32(0))
    steps[starts] = ranks[starts]
    return steps << 1 | values & 1


def _encoded(steps: Steps) -> tuple[bytes, Numbers]:
    """Steps, of which none needs more than two bytes, and where each begins, and the last ends."""
    long = steps > 127
    ends = np.append(0, np.cumsum(1 + long))
    out = np.zeros(int(ends[-1]), np.uint8)
    at = ends[:-1]
    out[at] = steps & 127 | long << 7
    out[at[long] + 1] = steps[long] >> 7
    return out.tobytes(), ends
