"""What a type of item is, as its schema says: titles, column, review, retention, deadlines, fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.model.deadline import DeadlineRule
from gongkai.model.message import Words


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a type: name, title, description, whether required, and its resolved JSON Schema."""

    name: str
    title: Words
    description: Words = Words("")
    required: bool = False
    common: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict)

    def label(self, value: str) -> Words:
        """The title of a value of an enumeration (`x-labels` of the schema); the value itself otherwise."""
        found = self.schema.get("x-labels", {}).get(value)
        return Words(found["zh"], found.get("en", "")) if found else Words(value, value)


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type of item: what `schemas/items/<name>.schema.json` says.

    `column` is the code of its column; with `column_field`, `column_cases` gives the column by that field's value.
    `deadlines` maps a stage (`submit`, `publish`, `confirm`, `result`, `withdraw`) to its rule. `periods` are the
    least lengths that the law sets between two of its dates (`x-period`).
    """

    name: str
    title: Words
    description: Words = Words("")
    column: str = ""
    column_field: str = ""
    column_cases: Mapping[str, str] = field(default_factory=dict)
    review: str = "standard"
    retention: str = ""
    deadlines: Mapping[str, DeadlineRule] = field(default_factory=dict)
    periods: tuple[Mapping[str, Any], ...] = ()
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)

    def column_of(self, fields: Mapping[str, Any]) -> str:
        """The code of the column that an item of this type with these fields stands in; empty when undecided."""
        value = fields.get(self.column_field) if self.column_field else None
        return self.column_cases.get(value, self.column) if isinstance(value, str) else self.column
