"""An item type built from its schema: titles, column, deadlines, and fields with references resolved."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from functools import cached_property
from typing import Any

from gongkai.model.message import Words
from gongkai.model.types import FieldInfo, ItemType
from gongkai.schema.documents import Documents
from gongkai.schema.fault import Schema
from gongkai.schema.keywords import KEYWORDS

COMMON = "common.schema.json"


def words_of(schema: Schema, key: str) -> Words:
    """The title or description of a schema in both languages; empty when it has none."""
    english = schema.get("x-i18n", {}).get(key, {}).get("en", "")
    return Words(str(schema.get(key, "")), str(english))


def build_type(name: str, path: str, documents: Documents) -> ItemType:
    """The type that the sound schema file `path` describes."""
    schema = documents.values[path]
    column = read(schema, "x-column") or ""
    return ItemType(
        name=name,
        title=words_of(schema, "title") if schema.get("title") else Words(name, name),
        description=words_of(schema, "description"),
        column=column if isinstance(column, str) else "",
        column_field="" if isinstance(column, str) else column["field"],
        column_cases={} if isinstance(column, str) else column["of"],
        review=read(schema, "x-review") or "standard",
        retention=read(schema, "x-retention") or "",
        deadlines=read(schema, "x-deadline") or {},
        periods=read(schema, "x-period") or (),
        fields=_Fields(path, documents),
    )


def read(schema: Schema, name: str) -> Any:
    """The value of an own keyword as the model has it; None when the schema lacks it."""
    return KEYWORDS[name].read(schema[name]) if name in schema else None


class _Fields(Mapping[str, FieldInfo]):
    """The fields of a type, resolved when somebody first asks for one: most runs find nothing to name."""

    def __init__(self, path: str, documents: Documents) -> None:
        self._path, self._documents = path, documents

    @cached_property
    def _all(self) -> dict[str, FieldInfo]:
        return _fields(self._path, self._documents)

    def __getitem__(self, name: str) -> FieldInfo:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    # Asked for each field of each item: what `Mapping` makes of the three above takes ten times as long.

    def get(self, name: str, default: Any = None) -> Any:
        """See `Mapping`."""
        return self._all.get(name, default)

    def values(self) -> ValuesView[FieldInfo]:
        """See `Mapping`."""
        return self._all.values()

    def items(self) -> ItemsView[str, FieldInfo]:
        """See `Mapping`."""
        return self._all.items()


def _fields(path: str, documents: Documents) -> dict[str, FieldInfo]:
    schema = documents.values[path]
    required = frozenset(schema.get("required", ()))
    named = schema.get("properties", {})
    return {
        name: _field(name, part, name in required, path, documents)
        for name, part in named.items()
        if isinstance(part, dict)
    }


def _field(name: str, part: Schema, required: bool, path: str, documents: Documents) -> FieldInfo:
    whole = documents.inline(part, path)
    common = str(part.get("$ref", "")).endswith(f"{COMMON}#/$defs/{name}")
    title = words_of(whole, "title") if whole.get("title") else Words(name, name)
    return FieldInfo(name, title, words_of(whole, "description"), required, common, whole)
