"""Rows that repeat another one: an old portal lists one document in several columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.intake.mapping import Skip
from gongkai.intake.table import Row
from gongkai.intake.values import as_text, is_empty


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that repeats the row on line `kept`, by `rule`."""

    row: Row
    kept: int
    rule: Skip


def find_twins(rows: Sequence[Row], rules: Sequence[Skip], counts: Callable[[Row], bool]) -> dict[int, Twin]:
    """The repeating rows by line, each pointing to a row that stays; only rows that `counts` are looked at.

    A row with an empty cell among those compared repeats nobody: two pages without a text may differ.
    """
    found: dict[int, Twin] = {}
    remaining = [row for row in rows if counts(row)]
    for rule in rules:
        kept: dict[tuple[str, ...], int] = {}
        for row in reversed(remaining) if rule.keep_last else remaining:
            key = tuple(_key(row.values.get(column)) for column in rule.duplicate)
            if all(key) and kept.setdefault(key, row.line) != row.line:
                found[row.line] = Twin(row, kept[key], rule)
        remaining = [row for row in remaining if row.line not in found]
    return {line: Twin(twin.row, _last(line, found), twin.rule) for line, twin in found.items()}


def repeats_of(twins: Mapping[int, Twin]) -> dict[int, list[Row]]:
    """By the line of each row that stays: the rows that repeat it, in order."""
    found: dict[int, list[Row]] = {}
    for _, twin in sorted(twins.items()):
        found.setdefault(twin.kept, []).append(twin.row)
    return found


def _last(line: int, found: Mapping[int, Twin]) -> int:
    while line in found:
        line = found[line].kept
    return line


def _key(raw: Any) -> str:
    return (
        "" if is_empty(raw) else hashlib.sha256(as_text(raw).strip().encode("utf-8", "replace")).hexdigest()
    )
