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
    """The two files as they grow: ten thousand lines, each held by itself, would leave holes in memory that nothing fills.

    Lines of `earlier` files that stand together there are copied in one piece.
    """

    def __init__(self, title: bytes, head: bytes, earlier: Earlier | None = None) -> None:
        self._table, self._data = BytesIO(), BytesIO()
        self._csv = array("Q", [self._table.write(title)])
        self._json = array("Q", [self._data.write(head)])
        self._earlier = earlier or Earlier(Lines(), b"", b"")
        self._start = self._end = 0
        """The earlier lines that come next, and are not copied yet."""

    def add(self, line: Line) -> None:
        """The next item's lines."""
        self._copy()
        self._part()
        self._table.write(line.csv)
        self._data.write(line.json)
        self._csv.append(self._table.tell())
        self._json.append(self._data.tell() + len(_BETWEEN))

    def keep(self, number: int) -> None:
        """The next item's lines are those of this number in the earlier files."""
        if number != self._end:
            self._copy()
            self._start = number
        self._end = number + 1

    def _copy(self) -> None:
        start, end, (lines, table, data) = self._start, self._end, self._earlier
        self._start = self._end
        if start == end:
            return
        rows, begins = array("Q", lines.csv), array("Q", lines.json)
        self._part()
        down, on = self._table.tell() - rows[start], self._data.tell() - begins[start]
        self._table.write(memoryview(table)[rows[start] : rows[end]])
        self._data.write(memoryview(data)[begins[start] : begins[end] - len(_BETWEEN)])
        self._csv.extend([at + down for at in rows[start + 1 : end + 1]])
        self._json.extend([at + on for at in begins[start + 1 : end + 1]])

    def _part(self) -> None:
        if len(self._json) > 1:
            self._data.write(_BETWEEN)

    def table(self) -> bytes:
        """The table, when there are no more lines."""
        self._copy()
        return self._table.getvalue()

    def data(self) -> bytes:
        """The JSON, when there are no more lines."""
        self._copy()
        self._data.write(_END)
        return self._data.getvalue()

    def lines(self, names: Iterable[str]) -> Lines:
        """Where the lines of these stand, in their order; when there are no more."""
        self._copy()
        return Lines(tuple(names), self._csv.tobytes(), self._json.tobytes())
