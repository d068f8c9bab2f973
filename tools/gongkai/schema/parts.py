"""Looking into a resolved schema for what is shown to people: titles and labels, wherever they were put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def branches(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema and what it is put together from."""
    yield schema
    for key in ("allOf", "anyOf"):
        for part in schema.get(key) or ():
            if isinstance(part, dict):
                yield from branches(part)


def in_any(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping at `key` of the first branch that has one; empty when none has."""
    if "allOf" not in schema and "anyOf" not in schema:
        return mapping_of(schema, key)
    return next((found for part in branches(schema) if (found := mapping_of(part, key))), {})


def mapping_of(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping at `key`; empty when it is missing or something else."""
    found = schema.get(key)
    return found if isinstance(found, dict) else {}
