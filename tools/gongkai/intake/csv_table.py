"""CSV: the delimiter is found by looking; a row with too many cells says so."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from gongkai.intake.table import Layout, Row, Table
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg

DELIMITERS = ",;\t|，"
_NAMES = {"\t": "Tab"}
MAX_CELL = 50_000_000


def read(text: str, layout: Layout) -> Table:
    """Read a CSV text whose column names stand on line `layout.header`."""
    csv.field_size_limit(MAX_CELL)
    delimiter = layout.delimiter or _sniff(text, layout.header)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    lines = iter(_numbered(reader))
    names = _names(lines, layout.header)
    rows = tuple(_row(number, cells, names) for number, cells in lines if any(c.strip() for c in cells))
    said = msg("the columns are parted by {delimiter}", delimiter=_NAMES.get(delimiter, delimiter))
    return Table(frozenset(names), rows, (said,))


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins."""
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise GongkaiError(
            msg("line {line} of the table cannot be read: {reason}", line=number, reason=str(error)),
            msg("a quotation mark that is opened there may never be closed; open the file in Excel and look"),
        ) from error


def _sniff(text: str, header: int) -> str:
    """The delimiter that stands most often in the line of names; the comma when none does."""
    lines = text.split("\n", header)
    counts = Counter(c for c in lines[min(header, len(lines)) - 1] if c in DELIMITERS)
    return max(DELIMITERS, key=lambda d: (counts[d], -DELIMITERS.index(d)))


def _names(lines: Iterator[tuple[int, list[str]]], header: int) -> list[str]:
    for number, cells in lines:
        if number >= header:
            return column_names(cells)
    raise GongkaiError(
        msg("the table has no line {line}, where its column names should stand", line=header),
        msg("give the right number as `header` under `table` in the map"),
    )


def column_names(cells: list[str]) -> list[str]:
    """The names without spaces around them. GongkaiError for a repeated name."""
    names = [cell.strip().strip("\ufeff") for cell in cells]
    repeated = sorted(name for name, count in Counter(filter(None, names)).items() if count > 1)
    if repeated:
        raise GongkaiError(
            msg("the table has several columns named {name}", name="、".join(repeated)),
            msg("give every column a name of its own"),
        )
    return names


def _row(number: int, cells: list[str], names: list[str]) -> Row:
    if any(cell.strip() for cell in cells[len(names) :]):
        fault = msg(
            "the row has {count} cells, the table {columns} columns", count=len(cells), columns=len(names)
        )
        return Row(number, fault=fault)
    return Row(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
