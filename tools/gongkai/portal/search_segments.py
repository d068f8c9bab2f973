"""The postings of a part as segments, one for each file of its volume: which of its items hold which term.

A segment is two tables, one of terms of two UTF-16 units, one of longer ones: how many; the names of all, each as many bytes;
how many bytes the postings of each have, a byte each, 255 where it is as many or more; how many more, for each of those; the
postings of all: the steps between the ranks, doubled, plus one where the title holds the term. Numbers have seven bits a byte.
A name is what tells a term from others in its file (`search_terms.name`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gongkai.portal.search_pairs import VALUE, Keys
from gongkai.portal.search_terms import MANY, name, place, spread, varint, width

Numbers = NDArray[np.int64]


def segments(keys: Keys, others: Mapping[str, Iterable[int]], files: int) -> list[bytes]:
    """The segments of a part, file by file: its keys as `paired` gives them, and the values of longer terms."""
    terms, values = keys >> np.uint64(VALUE), (keys & np.uint64((1 << VALUE) - 1)).astype(np.int64)
    starts = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])) if keys.size else np.empty(0, np.int64)
    terms = terms[starts]
    postings, ends = _encoded(_steps(values, starts))
    ends = ends[np.append(starts, values.size)]
    bytes_ = width(files)
    names = terms.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - bytes_ :].tobytes()
    sizes = np.diff(ends)
    short = np.minimum(sizes, MANY).astype(np.uint8).tobytes()
    long = np.flatnonzero(sizes >= MANY)
    bounds = np.searchsorted(terms, (2**32 // files * np.arange(files + 1)).astype(np.uint64))
    more = pairwise(np.searchsorted(long, bounds).tolist())
    beyond = [varint(int(size) - MANY) for size in sizes[long]]
    cuts = zip(
        pairwise(bounds.tolist()), pairwise(ends[bounds].tolist()), more, _longer(others, files), strict=True
    )
    return [
        b"".join(
            (varint(b - a), names[a * bytes_ : b * bytes_], short[a:b], *beyond[e:f], postings[c:d], longer)
        )
        for (a, b), (c, d), (e, f), longer in cuts
    ]


def _steps(values: Numbers, starts: Numbers) -> Numbers:
    ranks = values >> 1
    steps = np.diff(ranks, prepend=0)
    steps[starts] = ranks[starts]
    return steps << 1 | values & 1


def _encoded(steps: Numbers) -> tuple[bytes, Numbers]:
    """Steps, of which none needs more than two bytes, and where each begins, and the last ends."""
    long = steps > 127
    ends = np.append(0, np.cumsum(1 + long))
    out = np.zeros(int(ends[-1]), np.uint8)
    at = ends[:-1]
    out[at] = steps & 127 | long << 7
    out[at[long] + 1] = steps[long] >> 7
    return out.tobytes(), ends


def _longer(others: Mapping[str, Iterable[int]], files: int) -> list[bytes]:
    """The tables of longer terms, file by file."""
    found: defaultdict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for term, values in others.items():
        found[place(spread(term), files)].append((name(term, files), _posted(values)))
    return [_table(sorted(found[n])) for n in range(files)]


def _table(rows: list[tuple[bytes, bytes]]) -> bytes:
    sizes = [len(data) for _, data in rows]
    beyond = b"".join(varint(size - MANY) for size in sizes if size >= MANY)
    names, postings = b"".join([name for name, _ in rows]), b"".join([data for _, data in rows])
    return b"".join((varint(len(rows)), names, bytes(min(size, MANY) for size in sizes), beyond, postings))


def _posted(values: Iterable[int]) -> bytes:
    """The postings of one term; an item that holds it in the title and elsewhere is there once."""
    flags = {value >> 1: value & 1 for value in sorted(values)}
    return b"".join([varint((rank - before) * 2 + flags[rank]) for before, rank in pairwise((0, *flags))])
