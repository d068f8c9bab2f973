"""The catalogue's two files, line by line, and where in them each item's lines stand: the next build takes them from there."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Set
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

    def json_places(self) -> Iterator[tuple[int, int]]:
        """Where in the JSON each line begins and ends."""
        return ((at, after - len(_BETWEEN)) for at, after in pairwise(array("Q", self.json)))


class Earlier(NamedTuple):
    """The two files of an earlier build, and where in them the lines stand."""

    lines: Lines
    table: bytes
    data: bytes

    def places(self, names: Set[str]) -> dict[str, int]:
        """Which line is whose, of these."""
        return {name: number for number, name in enumerate(self.lines.names) if name in names}


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

    def take(self, earlier: Earlier, start: int, end: int) -> None:
        """The lines of earlier files from one number up to another, as they stand there: in one piece."""
        rows, begins = array("Q", earlier.lines.csv), array("Q", earlier.lines.json)
        if len(self._json) > 1:
            self._data.write(_BETWEEN)
        down, on = self._table.tell() - rows[start], self._data.tell() - begins[start]
        self._table.write(memoryview(earlier.table)[rows[start] : rows[end]])
        self._data.write(memoryview(earlier.data)[begins[start] : begins[end] - len(_BETWEEN)])
        self._csv.extend([at + down for at in rows[start + 1 : end + 1]])
        self._json.extend([at + on for at in begins[start + 1 : end + 1]])

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
