"""A part's stock when few of its items show other things: mended where the terms of these items stand.

What comes of it is what computing the part anew comes to, so either may be done. numpy, which takes a tenth of a second to
come, is not needed for it, nor is any item read but those that changed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import accumulate, zip_longest

from gongkai.portal.search_stock import Stock, Table
from gongkai.portal.search_tables import postings
from gongkai.portal.search_tables import table as written
from gongkai.portal.search_terms import BELOW, NAME, Held, place, width

MOST = 16
"""When more items show other things than this, their part is computed anew."""
Edit = Mapping[int, Mapping[int, int | None]]
"""By term the ranks that hold it otherwise than before, each with its flag; None where it is no longer held."""
Edits = tuple[Edit, Edit]
"""Those of short terms, and those of longer ones."""


class Shelves:
    """A stock with its arrays at hand."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._shelves = _Shelf(stock.short), _Shelf(stock.longer)

    def mended(self, owns: tuple[bytes, ...], held: Callable[[int], Held]) -> tuple[Shelves, Edits] | None:
        """With the items whose digests are `owns`; and what is different then. None when too many items are.

        `held` gives the terms of the item of a rank, none when no item has it.
        """
        pairs = enumerate(zip_longest(self.stock.owns, owns))
        ranks = [rank for rank, (old, new) in pairs if old != new]
        if len(ranks) > MOST:
            return None
        now = {rank: held(rank) for rank in ranks}
        short, longer = self._shelves
        edits = (
            short.edits({rank: terms[0] for rank, terms in now.items()}),
            longer.edits({rank: terms[1] for rank, terms in now.items()}),
        )
        return Shelves(Stock(self.stock.house, owns, short.mended(edits[0]), longer.mended(edits[1]))), edits

    def segments(self, wanted: Collection[int], files: int) -> Iterator[tuple[int, bytes]]:
        """Those of the part's segments that are wanted, of so many, by their numbers."""
        room, (short, longer) = 2**32 // files, self._shelves
        for file in wanted:
            first, end = room * file, room * (file + 1)
            segment = short.table(first, end, width(files)), longer.table(first << BELOW, end << BELOW, NAME)
            yield file, b"".join(segment)


def files_of(edits: Edits, files: int) -> set[int]:
    """In which of so many files the terms stand."""
    return {place(bool(longer), term, files) for longer, edit in enumerate(edits) for term in edit}


class _Shelf:
    """A table of a stock, with its arrays at hand."""

    def __init__(self, table: Table) -> None:
        self._kind, self._bytes = table.kind, table.values
        self._terms, self._counts, self._values = array(table.kind), array("H"), array("H")
        for numbers, data in zip((self._terms, self._counts, self._values), table[1:], strict=True):
            numbers.frombytes(data)
        self._starts = [*accumulate(self._counts, initial=0)]

    def edits(self, now: Mapping[int, Mapping[int, int]]) -> Edit:
        """What is different when items of some ranks hold these terms, each with its flag."""
        edits: defaultdict[int, dict[int, int | None]] = defaultdict(dict)
        for rank, after in now.items():
            before = self._held(rank)
            for term in before.keys() | after.keys():
                if before.get(term) != after.get(term):
                    edits[term][rank] = after.get(term)
        return edits

    def table(self, first: int, end: int, size: int) -> bytes:
        """The terms from one number to another as a segment has them, with names of so many bytes."""
        range_ = range(bisect_left(self._terms, first), bisect_left(self._terms, end))
        return written([(self._terms[n].to_bytes(8, "big")[-size:], postings(self._of(n))) for n in range_])

    def mended(self, edits: Edit) -> Table:
        """The table with these edits."""
        terms, counts, values, done = array(self._kind), array("H"), array("H"), 0
        for term in sorted(edits):
            at = bisect_left(self._terms, term)
            self._copy((terms, counts, values), done, at)
            done = at + (at < len(self._terms) and self._terms[at] == term)
            if posted := _edited(self._of(at) if done > at else (), edits[term]):
                terms.append(term)
                counts.append(len(posted))
                values.extend(posted)
        self._copy((terms, counts, values), done, len(self._terms))
        return Table(self._kind, terms.tobytes(), counts.tobytes(), values.tobytes())

    def _of(self, number: int) -> array[int]:
        """The values of a term."""
        return self._values[self._starts[number] : self._starts[number + 1]]

    def _held(self, rank: int) -> dict[int, int]:
        return {
            self._terms[bisect_right(self._starts, at) - 1]: flag
            for flag in (0, 1)
            for at in _places(rank * 2 + flag, self._bytes)
        }

    def _copy(self, into: tuple[array[int], array[int], array[int]], begin: int, end: int) -> None:
        terms, counts, values = into
        terms.extend(self._terms[begin:end])
        counts.extend(self._counts[begin:end])
        values.extend(self._values[self._starts[begin] : self._starts[end]])


def _places(value: int, values: bytes) -> Iterator[int]:
    """Where a value stands among the values, two bytes each."""
    sought = array("H", (value,)).tobytes()
    at = values.find(sought)
    while at >= 0:
        if at % 2 == 0:
            yield at // 2
        at = values.find(sought, at + 1)


def _edited(values: Collection[int], edits: Mapping[int, int | None]) -> list[int]:
    flags: dict[int, int | None] = {value >> 1: value & 1 for value in values}
    flags.update(edits)
    return [rank * 2 + flag for rank, flag in sorted(flags.items()) if flag is not None]
