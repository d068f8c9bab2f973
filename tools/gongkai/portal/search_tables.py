"""How postings are written: which items of a part hold which term, in a segment for each file of the part's volume.

A segment is two tables, one of terms of two UTF-16 units, one of longer ones: how many; the names of all, each as many bytes;
how many bytes the postings of each have, a byte each, 255 where it is as many or more; how many more, for each of those; the
postings of all: the steps between the ranks, doubled, plus one where the title holds the term. Numbers have seven bits a byte.
A name is what tells a term from others in its file (`search_terms.name`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gongkai.portal.search_terms import MANY, varint

Row = tuple[bytes, bytes]
"""A term's name, and its postings."""


def table(rows: Sequence[Row]) -> bytes:
    """One of a segment's two tables; the rows stand in order of their names."""
    names, posted = zip(*rows, strict=True) if rows else ((), ())
    sizes = [*map(len, posted)]
    beyond = [varint(size - MANY) for size in sizes if size >= MANY]
    short = bytes([min(size, MANY) for size in sizes])
    return b"".join((varint(len(names)), *names, short, *beyond, *posted))


def postings(values: Sequence[int]) -> bytes:
    """The postings of one term: its values are in order, and of one item there is one."""
    if len(values) == 1:
        return varint(values[0])
    return b"".join([varint(value - (before & ~1)) for before, value in pairwise((0, *values))])
