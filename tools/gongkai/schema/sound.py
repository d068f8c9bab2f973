"""Whether a schema file is itself right: keywords spelt, own values shaped, references and patterns good."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.model.item import Pointer
from gongkai.schema.documents import Documents, target_of
from gongkai.schema.fault import Schema, SchemaFault, shorten
from gongkai.schema.formats import python_pattern
from gongkai.schema.keywords import KEYWORDS, Keyword

if TYPE_CHECKING:  # else imported where a schema is new: most runs know that all are sound
    from jsonschema_rs import Draft202012Validator

_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLE = frozenset(
    {"items", "additionalProperties", "propertyNames", "contains", "if", "then", "else", "not"}
    | {"unevaluatedProperties", "unevaluatedItems", "contentSchema"}
)
_PLAIN = frozenset(
    {
        "$schema", "$id", "$ref", "$anchor", "$comment", "$vocabulary", "title", "description",
        "default", "examples", "deprecated", "readOnly", "writeOnly", "type", "enum", "const",
        "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
        "minLength", "pattern", "format", "maxItems", "minItems", "uniqueItems", "maxContains",
        "minContains", "maxProperties", "minProperties", "required", "dependentRequired",
        "contentEncoding", "contentMediaType"
    }
)  # fmt: skip
_EDITORS = frozenset(
    {
        "markdownDescription", "enumDescriptions", "markdownEnumDescriptions", "defaultSnippets",
        "errorMessage", "doNotSuggest"
    }
)  # fmt: skip
_KNOWN = _MAPS | _LISTS | _SINGLE | _PLAIN | _EDITORS | frozenset(KEYWORDS)


def subschemas(schema: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Schema]]:
    """Every schema inside a schema, itself first, with its place. Examples and values are no schemas."""
    if not isinstance(schema, dict):
        return
    yield at, schema
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, dict):
            for name, inner in value.items():
                yield from subschemas(inner, (*at, key, name))
        elif key in _LISTS and isinstance(value, list):
            for index, inner in enumerate(value):
                yield from subschemas(inner, (*at, key, index))
        elif key in _SINGLE:
            yield from subschemas(value, (*at, key))


def faults_of(path: str, documents: Documents) -> Iterator[SchemaFault]:
    """What is wrong with one file, as far as it can be said without the others' soundness."""
    schema = documents.values[path]
    shape = _shape_fault(path, documents)
    if shape:
        yield shape
        return
    for at, part in subschemas(schema):
        yield from _keyword_faults(path, documents, at, part)
        yield from _reference_faults(path, documents, at, part)
        yield from _pattern_faults(path, documents, at, part)
        if "x-labels" in part and set(part["x-labels"]) != {str(v) for v in part.get("enum", ())}:
            yield documents.fault(path, "labels", (*at, "x-labels"))


def _shape_fault(path: str, documents: Documents) -> SchemaFault | None:
    """A file that the JSON Schema 2020-12 meta-schema refuses."""
    schema = documents.values[path]
    if not isinstance(schema, dict):
        return documents.fault(path, "schema", (), value=shorten(schema))
    # The check is of the file alone: references are looked at apart, where the faulty one can be named.
    error = next(_meta().iter_errors(schema), None)
    if error is None:
        return None
    return documents.fault(path, "schema", tuple(error.instance_path), value=shorten(error.instance))


@cache
def _meta() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}, offline=True)


def _nearest(keyword: str) -> str:
    from difflib import get_close_matches  # hardly any schema has a misspelt keyword

    return next(iter(get_close_matches(keyword, _KNOWN, 1, 0.6)), "")


def _keyword_faults(path: str, documents: Documents, at: Pointer, part: Schema) -> Iterator[SchemaFault]:
    for key, value in part.items():
        if key not in _KNOWN:
            yield documents.fault(path, "unknown", (*at, key), name=key, nearest=_nearest(key))
        elif key in KEYWORDS:
            yield from _own_faults(path, documents, (*at, key), KEYWORDS[key], value)


def _own_faults(
    path: str, documents: Documents, at: Pointer, keyword: Keyword, value: Any
) -> Iterator[SchemaFault]:
    if keyword.top and len(at) > 1:
        yield documents.fault(path, "misplaced", at, name=keyword.name)
        return
    fault = value_fault(keyword.name, value)
    if fault is not None:
        where, found = fault
        yield documents.fault(path, "value", (*at, *where), name=keyword.name, value=shorten(found))
        return
    known = documents.values[path].get("properties", {}) if keyword.top else {}
    for where, name in keyword.fields(value):
        if name not in known:
            yield documents.fault(path, "field", (*at, *where), name=keyword.name, value=shorten(name))


def value_fault(name: str, value: Any) -> tuple[Pointer, Any] | None:
    """Where in an own keyword's value, and what, does not fit its meta-schema; None when it fits."""
    error = next(_validator(name).iter_errors(value), None)
    return None if error is None else (tuple(error.instance_path), error.instance)


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(dict(KEYWORDS[name].meta), offline=True)


def _reference_faults(path: str, documents: Documents, at: Pointer, part: Schema) -> Iterator[SchemaFault]:
    ref = part.get("$ref")
    if not isinstance(ref, str) or documents.find(ref, path) is not None:
        return
    target = target_of(ref, path)
    if target in documents.values or target not in documents.texts:  # an unreadable file has its own fault
        yield documents.fault(path, "reference", (*at, "$ref"), value=ref)


def refers_to(path: str, documents: Documents) -> frozenset[str]:
    """The files that a schema file refers to, itself perhaps among them."""
    parts = (part.get("$ref") for _, part in subschemas(documents.values[path]))
    return frozenset(target_of(ref, path) for ref in parts if isinstance(ref, str))


def _pattern_faults(path: str, documents: Documents, at: Pointer, part: Schema) -> Iterator[SchemaFault]:
    named: Mapping[str, Any] = part.get("patternProperties", {})
    found = [((*at, "patternProperties", name), name) for name in named]
    if "pattern" in part:
        found.append(((*at, "pattern"), part["pattern"]))
    for where, pattern in found:
        if not _reads_alike(pattern):
            yield documents.fault(path, "dialect", where, value=shorten(pattern))


@cache
def _reads_alike(pattern: str) -> bool:
    """Whether both ECMA-like and Python's expressions accept the pattern."""
    from jsonschema_rs import Draft202012Validator, ValidationError

    try:
        python_pattern(pattern)
        Draft202012Validator({"pattern": pattern})
    except (re.error, ValidationError):
        return False
    return True
