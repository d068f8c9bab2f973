"""JSON Lines: one object per line; a broken line is a row with a fault, and the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gongkai.intake.table import Row, Table
from gongkai.model.message import msg

MAX_DEPTH = 5


class _Repeated(ValueError):
    """A key that stands twice in one object."""


def read(text: str) -> Table:
    """Read every non-empty line as one object; nested objects give columns like `header.index`."""
    rows = tuple(_row(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    columns = frozenset(path for row in rows for path in row.values)
    return Table(columns, rows)


def _row(number: int, line: str) -> Row:
    try:
        data = json.loads(line, object_pairs_hook=_once)
    except _Repeated as error:
        return Row(number, fault=msg("the key {name} stands twice in the line", name=str(error)))
    except (ValueError, RecursionError):
        return Row(number, fault=msg("the line is no JSON"))
    if not isinstance(data, dict):
        return Row(number, fault=msg("the line is no JSON object"))
    return Row(number, dict(_flat(data)))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _Repeated(key)
        result[key] = value
    return result


def _flat(data: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        path = f"{before}{key}"
        if isinstance(value, dict) and depth < MAX_DEPTH:
            yield from _flat(value, f"{path}.", depth + 1)
        else:
            yield path, value
