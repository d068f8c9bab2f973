"""What a table is to the rest: columns, and rows that are read or say why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.model.message import Message


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` is its place in the file as people count; `fault` says why it could not be read."""

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: Message | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: its columns, its rows in order, and what should be said of the reading.

    Columns of JSON Lines that hold objects are named by their path (`header.index`).
    """

    columns: frozenset[str]
    rows: tuple[Row, ...]
    said: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the map says the file is laid out; empty values are found out by looking.

    `header` is the line of the column names, counted from 1; `sheet` the worksheet's name.
    """

    header: int = 1
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
