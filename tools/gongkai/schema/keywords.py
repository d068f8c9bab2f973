"""The keywords of our own: for each the shape of its value, what it means, and what it says of a document.

JSON Schema ignores a keyword it does not know; so every `x-` key in a schema must stand in this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.model.item import Pointer
from gongkai.model.message import Words
from gongkai.schema import deadlines
from gongkai.schema.fault import Fault, Schema, shorten

Judge = Callable[[Schema, Any], Iterator[Fault]]
Fields = Callable[[Any], Iterator[tuple[Pointer, str]]]


def _nothing(document: Schema, value: Any) -> Iterator[Fault]:
    return iter(())


def _no_fields(value: Any) -> Iterator[tuple[Pointer, str]]:
    return iter(())


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Keyword:
    """One own keyword.

    `meta` is the JSON Schema of its value; `read` makes the model's value of it; `judge(document, value)`
    yields what can be said of a document without a clock and without other files; `fields(value)` yields the
    names in it that must be fields of the type, each with its place. `top`: it stands at the top of a schema
    and nowhere else.
    """

    name: str
    meta: Schema
    read: Callable[[Any], Any] = _same
    judge: Judge = _nothing
    fields: Fields = _no_fields
    top: bool = True

    @property
    def judges(self) -> bool:
        """Whether it can say anything of a document."""
        return self.judge is not _nothing


RETENTIONS: Mapping[str, Words] = {
    "10y": Words("10年", "10 years"),
    "30y": Words("30年", "30 years"),
    "permanent": Words("永久", "permanent"),
}
"""Retention periods from the shortest to the longest (国家档案局令第8号)."""

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"}
_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_TEXT = {"type": "string", "pattern": "\\S"}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def judge_retention(document: Schema, least: str) -> Iterator[Fault]:
    """A fault when the item's own `retention` is shorter than its type's."""
    order = tuple(RETENTIONS)
    own = document.get("retention")
    if isinstance(own, str) and own in RETENTIONS and order.index(own) < order.index(least):
        yield Fault("retention", ("retention",), {"value": shorten(own), "least": RETENTIONS[least]})


def column_fields(value: Any) -> Iterator[tuple[Pointer, str]]:
    """The field that picks the column."""
    if isinstance(value, dict):
        yield ("field",), value["field"]


def period_fields(value: Any) -> Iterator[tuple[Pointer, str]]:
    """The fields between which periods run, that excuse them, or on which they hang."""
    for index, period in enumerate(value):
        named = (((index, key), period[key]) for key in ("from", "to", "unless") if key in period)
        yield from named
        yield from (((index, "when", name), name) for name in period.get("when", ()))


def name_fields(value: Any) -> Iterator[tuple[Pointer, str]]:
    """The names of a list."""
    yield from (((index,), name) for index, name in enumerate(value))


_PERIOD = _object(
    {
        "$comment": {"type": "string"},
        "from": _NAME,
        "to": _NAME,
        "at_least": deadlines.amount(1),
        "unless": _NAME,
        "when": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    },
    ["from", "to", "at_least"],
)
_COLUMN = _object(
    {"field": _NAME, "of": {"type": "object", "additionalProperties": _CODE, "minProperties": 1}},
    ["field", "of"],
)
_LABEL = _object({"zh": _TEXT, "en": _TEXT}, ["zh", "en"])
_ENGLISH = _object({"en": _TEXT}, ["en"])

_TABLE = (
    Keyword("x-deadline", deadlines.META, deadlines.read, deadlines.judge, deadlines.fields),
    Keyword("x-column", {"anyOf": [_CODE, _COLUMN]}, fields=column_fields),
    Keyword("x-review", _CODE),
    Keyword("x-retention", {"enum": [*RETENTIONS]}, judge=judge_retention),
    Keyword("x-period", {"type": "array", "items": _PERIOD, "minItems": 1}, read=tuple, fields=period_fields),
    Keyword(
        "x-legacy-optional",
        {"type": "array", "items": _NAME, "uniqueItems": True},
        frozenset,
        fields=name_fields,
    ),
    Keyword(
        "x-i18n",
        {
            "type": "object",
            "properties": {"title": _ENGLISH, "description": _ENGLISH},
            "additionalProperties": False,
        },
        top=False,
    ),
    Keyword("x-labels", {"type": "object", "additionalProperties": _LABEL, "minProperties": 1}, top=False),
)
KEYWORDS: Mapping[str, Keyword] = {keyword.name: keyword for keyword in _TABLE}
