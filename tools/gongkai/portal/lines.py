"""The catalogue's two files, line by line, and where in them each item's lines stand: the next build takes them from there."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple

from gongkai.portal.page import Line

CSV = "catalogue.csv"
JSON = "catalogue.json"
_BETWEEN = b",\n"
"""What stands between two lines of the JSON; those of the table end themselves."""
_END = b"\n]}\n"


class Lines(NamedTuple):
    """The names of the items' sheets in the order of the lines, and where each line begins, as bytes (`array` of "Q").

    One more beginning than there are lines says where the next one would be.
    """

    names: tuple[str, ...] = ()
    csv: bytes = b""
    json: bytes = b""

    def cut(self, table: bytes, data: bytes) -> Iterator[tuple[str, Line]]:
        """The lines of these two files, each with its name."""
        rows = pairwise(array("Q", self.csv))
        for name, (at, end), (begin, after) in zip(self.names, rows, self.json_places(), strict=True):
            yield name, Line(table[at:end], data[begin:after])

    def json_places(self) -> Iterator[tuple[int, int]]:
        """Where in the JSON each line begins and ends."""
        return ((at, after - len(_BETWEEN)) for at, after in pairwise(array("Q", self.json)))


class Files:
    """The two files as they grow: ten thousand lines, each held by itself, would leave holes in memory that nothing fills."""

    def __init__(self, title: bytes, head: bytes) -> None:
        self._table, self._data = BytesIO(), BytesIO()
        self._csv = array("Q", [self._table.write(title)])
        self._json = array("Q", [self._data.write(head)])

    def add(self, line: Line) -> None:
        """The next item's lines."""
        if len(self._json) > 1:
            self._data.write(_BETWEEN)
        self._table.write(line.csv)
        self._data.write(line.json)
        self._csv.append(self._table.tell())
        self._json.append(self._data.tell() + len(_BETWEEN))

    def table(self) -> bytes:
        """The table."""
        return self._table.getvalue()

    def data(self) -> bytes:
        """The JSON, when there are no more lines."""
        self._data.write(_END)
        return self._data.getvalue()

    def lines(self, names: Iterable[str]) -> Lines:
        """Where the lines of these stand, in their order."""
        return Lines(tuple(names), self._csv.tobytes(), self._json.tobytes())
