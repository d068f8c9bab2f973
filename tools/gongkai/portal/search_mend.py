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

from gongkai.portal.search_stock import Stock
from gongkai.portal.search_tables import EMPTY, longer, postings, table
from gongkai.portal.search_terms import place, spread, width

MOST = 16
"""When more items show other things than this, their part is computed anew."""
Held = Mapping[int | str, int]
"""The terms of an item, each with a flag: whether the title holds it. Those of two UTF-16 units by where they stand."""
Edits = Mapping[int | str, Mapping[int, int | None]]
"""By term the ranks that hold it otherwise than before, each with its flag; None where it is no longer held."""


class Shelves:
    """A stock with its arrays at hand."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._terms, self._values = array("I", stock.terms), array("H", stock.values)
        self._counts = array("H", stock.counts)
        self._starts = [*accumulate(self._counts, initial=0)]

    def mended(self, owns: tuple[bytes, ...], held: Callable[[int], Held]) -> tuple[Shelves, Edits] | None:
        """With the items whose digests are `owns`; and what is different then. None when too many items are.

        `held` gives the terms of the item of a rank, none when no item has it.
        """
        pairs = enumerate(zip_longest(self.stock.owns, owns))
        ranks = [rank for rank, (old, new) in pairs if old != new]
        if len(ranks) > MOST:
            return None
        edits: defaultdict[int | str, dict[int, int | None]] = defaultdict(dict)
        for rank in ranks:
            before, after = self._held(rank), held(rank)
            for term in before.keys() | after.keys():
                if before.get(term) != after.get(term):
                    edits[term][rank] = after.get(term)
        return self._with(edits, owns), edits

    def segments(self, wanted: Collection[int], files: int) -> Iterator[tuple[int, bytes]]:
        """Those of the part's segments that are wanted, of so many, by their numbers."""
        rest = longer(self.stock.others, files, wanted)
        room, start = 2**32 // files, 4 - width(files)
        for file in wanted:
            range_ = range(*(bisect_left(self._terms, room * n) for n in (file, file + 1)))
            rows = [(self._terms[n].to_bytes(4, "big")[start:], postings(self._of(n))) for n in range_]
            yield file, table(rows) + rest.get(file, EMPTY)

    def _of(self, number: int) -> array[int]:
        """The values of a term."""
        return self._values[self._starts[number] : self._starts[number + 1]]

    def _held(self, rank: int) -> Held:
        values = {rank * 2: 0, rank * 2 + 1: 1}
        found: dict[int | str, int] = {
            self._terms[bisect_right(self._starts, at) - 1]: flag
            for value, flag in values.items()
            for at in _places(value, self.stock.values)
        }
        for term, posted in self.stock.others.items():
            found.update((term, values[value]) for value in posted if value in values)
        return found

    def _with(self, edits: Edits, owns: tuple[bytes, ...]) -> Shelves:
        terms, counts, values, done = array("I"), array("H"), array("H"), 0
        for term in sorted(term for term in edits if isinstance(term, int)):
            at = bisect_left(self._terms, term)
            self._copy((terms, counts, values), done, at)
            done = at + (at < len(self._terms) and self._terms[at] == term)
            if posted := _edited(self._of(at) if done > at else (), edits[term]):
                terms.append(term)
                counts.append(len(posted))
                values.extend(posted)
        self._copy((terms, counts, values), done, len(self._terms))
        others = dict(self.stock.others)
        for name in (term for term in edits if isinstance(term, str)):
            others[name] = tuple(_edited(others.get(name, ()), edits[name]))
            if not others[name]:
                del others[name]
        arrays = (terms.tobytes(), counts.tobytes(), values.tobytes())
        return Shelves(Stock(self.stock.house, owns, *arrays, others))

    def _copy(self, into: tuple[array[int], array[int], array[int]], begin: int, end: int) -> None:
        terms, counts, values = into
        terms.extend(self._terms[begin:end])
        counts.extend(self._counts[begin:end])
        values.extend(self._values[self._starts[begin] : self._starts[end]])


def files_of(edits: Edits, files: int) -> set[int]:
    """In which of so many files the terms stand."""
    return {place(term if isinstance(term, int) else spread(term), files) for term in edits}


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
