"""XLSX, read lazily: a sheet may declare 65,203 rows and hold 496; reading ends after enough empty rows."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gongkai.intake.csv_table import column_names
from gongkai.intake.table import Layout, Row, Table
from gongkai.intake.zips import refuse_bomb
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg

EMPTY_ROWS = 200
MAX_UNPACKED = 500_000_000
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, OSError, EOFError, zlib.error,
    LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip
"""What openpyxl raises on workbooks that others broke."""


def read(path: Path, layout: Layout) -> Table:
    """Read one sheet: the named one, or the first. GongkaiError when there is no such sheet or workbook."""
    refuse_bomb(path, MAX_UNPACKED)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheet = _sheet(book, layout.sheet)
        sheet.reset_dimensions()
        return _table(sheet, layout, len(book.sheetnames))
    except _BROKEN as error:
        raise GongkaiError(
            msg(
                "{path} is not a workbook that can be read: {reason}", path=str(path), reason=str(error)[:200]
            ),
            msg("open it in Excel or WPS, save it again as .xlsx, and try again"),
        ) from error


def _sheet(book: Any, name: str) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if not name and sheets:
        return next(iter(sheets.values()))
    if name in sheets:
        return sheets[name]
    raise GongkaiError(
        msg("the workbook has no sheet {name}; it has {sheets}", name=name, sheets="、".join(sheets)),
        msg("name one of them with --sheet or in the map"),
    )


def _table(sheet: Any, layout: Layout, sheets: int) -> Table:
    lines = _lines(sheet.iter_rows(values_only=True))
    names: list[str] = []
    rows = []
    for number, cells in lines:
        if number < layout.header:
            continue
        if not names:
            names = column_names([_name(cell) for cell in cells])
        else:
            rows.append(_row(number, cells, names))
    if not names:
        raise GongkaiError(
            msg("the table has no line {line}, where its column names should stand", line=layout.header),
            msg("give the right number as `header` under `table` in the map"),
        )
    return Table(frozenset(filter(None, names)), tuple(rows), _said(sheet.title, sheets))


def _said(title: str, sheets: int) -> tuple[Message, ...]:
    return (msg("sheet {name} was read, one of {count}", name=title, count=sheets),)


def _lines(rows: Iterator[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows that hold something, with their numbers; ends after EMPTY_ROWS rows of nothing."""
    last = 0
    for number, cells in enumerate(rows, 1):
        if any(cell is not None and str(cell).strip() for cell in cells):
            last = number
            yield number, cells
        elif number - last >= EMPTY_ROWS:
            return


def _name(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _row(number: int, cells: Sequence[Any], names: Sequence[str]) -> Row:
    values = dict(zip(names, (_plain(cell) for cell in cells), strict=False))
    values.pop("", None)
    errors = [name for name, value in values.items() if isinstance(value, str) and value in _ERRORS]
    if errors:
        return Row(number, fault=msg("the cell under {name} holds an Excel error", name="、".join(errors)))
    return Row(number, values)


_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


def _plain(cell: Any) -> Any:
    """A cell as JSON data or a date: 2024.0 was typed as 2024."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, timedelta):
        return str(cell)
    return cell if isinstance(cell, str | int | float | bool | date | datetime) or cell is None else str(cell)
