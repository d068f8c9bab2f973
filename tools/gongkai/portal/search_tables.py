"""How postings are written: which items of a part hold which term, in a segment for each file of the part's volume.

A segment is two tables, one of terms of two UTF-16 units, one of longer ones: how many; the names of all, each as many bytes;
how many bytes the postings of each have, a byte each, 255 where it is as many or more; how many more, for each of those; the
postings of all: the steps between the ranks, doubled, plus one where the title holds the term. Numbers have seven bits a byte.
A name is what tells a term from others in its file (`search_terms.name`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from gongkai.portal.search_terms import MANY, NAME, long_name, place, varint

Row = tuple[bytes, bytes]
"""A term's name, and its postings."""
EMPTY = b"\0"
"""A table without a term."""


def table(rows: Sequence[Row]) -> bytes:
    """One of a segment's two tables; the rows stand in order of their names."""
    if not rows:
        return EMPTY
    names, posted = zip(*rows, strict=True)
    sizes = [*map(len, posted)]
    beyond = [varint(size - MANY) for size in sizes if size >= MANY]
    short = bytes([min(size, MANY) for size in sizes])
    return b"".join((varint(len(names)), *names, short, *beyond, *posted))


def longer(others: Mapping[str, Sequence[int]], files: int, wanted: Collection[int]) -> dict[int, bytes]:
    """The tables of longer terms, by the numbers of the files that are wanted; a file that is not named has none."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for term, values in others.items():
        name = long_name(term.encode())
        file = place(name >> 16, files)
        if file in wanted:
            found[file].append((name.to_bytes(NAME, "big"), postings(values)))
    return {file: table(sorted(rows)) for file, rows in found.items()}


def postings(values: Sequence[int]) -> bytes:
    """The postings of one term: its values are in order, and of one item there is one."""
    if len(values) == 1:
        return varint(values[0])
    return b"".join([varint(value - (before & ~1)) for before, value in pairwise((0, *values))])
