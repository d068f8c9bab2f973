"""One row of a settings file changed in place: comments, order and everything else stay as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongkai.items.strict import load
from gongkai.items.write import dump
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import Mark, Pointer
from gongkai.model.message import msg


def set_in_rows(text: str, table: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """The file's text with fields of rows set: {code: {field: value}}, in the list `table`.

    Raises GongkaiError when a row is written so that this cannot be done safely (in { } brackets).
    """
    for code, fields in changes.items():
        for name, value in fields.items():
            text = _set(text, table, code, name, value)
    return text


def _set(text: str, table: str, code: str, name: str, value: Any) -> str:
    before = load(text)
    index = next(i for i, row in enumerate(before.data[table]) if row.get("code") == code)
    lines = text.split("\n")
    start, end, indent = _span(before.keys, lines, (table, index), name)
    new = [f"{' ' * indent}{line}" for line in dump({name: value}).rstrip("\n").split("\n")]
    result = "\n".join([*lines[:start], *new, *lines[end:]])
    before.data[table][index][name] = value
    if load(result).data != before.data:
        raise GongkaiError(
            msg(
                "the row {code} of {table} cannot be changed without touching others", code=code, table=table
            ),
            msg("write each field of the row on a line of its own, then try again"),
            Exit.FINDINGS,
        )
    return result


def _span(keys: Mapping[Pointer, Mark], lines: list[str], row: Pointer, name: str) -> tuple[int, int, int]:
    """The lines (from 0, end excluded) of a field of a row and its indent; an empty span at the row's end for a new one."""
    own = sorted(at for pointer, at in keys.items() if pointer[:2] == row and len(pointer) == 3)
    indent = own[0][1] - 1
    last = own[-1][0] - 1
    # A field goes on while its lines stand deeper than its name, or are entries of its list.
    ends = {at[0] - 1: _end(lines, at[0] - 1, indent) for at in own}
    at = keys.get((*row, name))
    if at is None:
        return ends[last], ends[last], indent
    return at[0] - 1, ends[at[0] - 1], indent


def _end(lines: list[str], start: int, indent: int) -> int:
    end = start + 1
    while end < len(lines) and (
        len(lines[end]) - len(lines[end].lstrip()) > indent or lines[end].startswith(f"{' ' * indent}- ")
    ):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end
