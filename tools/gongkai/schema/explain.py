"""From the errors of `jsonschema` to faults: one for each cause, never the library's own words.

Imported only when something is wrong: the library takes longer to import than a thousand good items to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from gongkai.model.item import Pointer
from gongkai.model.message import Hole
from gongkai.schema.describe import choices, expected, kind_of, nearest, suggest
from gongkai.schema.fault import Fault, Schema, shorten
from gongkai.schema.formats import FORMATS, python_pattern

Error = Any
"""An error of jsonschema; its types say "perhaps unset" of everything that is always there in a found one."""

_RANK = {"empty": -1, "type": 0, "choice": 1, "date": 2, "time": 2, "email": 2, "uri": 2, "pattern": 3}
_FORMAT_KEYS = {"date": "date", "date-time": "time", "email": "email", "uri": "uri"}
_LIMITS = {
    "minLength": "length_short",
    "maxLength": "length_long",
    "minItems": "too_few",
    "minProperties": "too_few",
    "maxItems": "too_many",
    "maxProperties": "too_many",
    "minimum": "too_small",
    "exclusiveMinimum": "too_small",
    "maximum": "too_large",
    "exclusiveMaximum": "too_large",
}


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(python_pattern(pattern))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """`pattern` as ECMA means it: `$` is the very end, not before a last line break."""
    if isinstance(instance, str) and not _expression(pattern).search(instance):
        yield ValidationError("pattern")


def strict_checker() -> FormatChecker:
    """A checker that knows our formats and no others."""
    checker = FormatChecker(formats=())
    for name, test in FORMATS.items():
        checker.checks(name)(test)
    return checker


def make_explainer(uri: str, resources: Iterable[tuple[str, Any]]) -> Any:
    """A validator of the schema at `uri` among `resources`, which are all it can refer to; nothing is
    fetched."""
    named = ((name, DRAFT202012.create_resource(value)) for name, value in resources)
    registry: Registry[Any] = Registry().with_resources(named)
    kind: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return kind({"$ref": uri}, registry=registry, format_checker=strict_checker())


def explain(explainer: Any, document: Any, whole: Schema) -> list[Fault]:
    """The faults of a document, one for each cause; `whole` is the schema with its references in place."""
    found = (_unfilled(fault, error) for error in explainer.iter_errors(document) for fault in _faults(error))
    return single(suggest(fault, whole) if fault.keyword == "unknown" else fault for fault in found)


def _unfilled(fault: Fault, error: Error) -> Fault:
    """A place left empty is not filled in, whatever else could be said of nothing: a date, a choice, a type."""
    value = error.instance
    empty = value is None or (isinstance(value, str) and not value.strip())
    if not empty or fault.at_key or fault.pointer != tuple(error.absolute_path):
        return fault
    return Fault("empty", fault.pointer, {"choices": fault.holes.get("choices", "")})


def single(found: Iterable[Fault]) -> list[Fault]:
    """Of several faults of one value the one that explains the others; a misspelt field is not also
    missing."""
    best: dict[Pointer, Fault] = {}
    for fault in found:
        other = best.get(fault.pointer)
        if other is None or _rank(fault) < _rank(other):
            best[fault.pointer] = fault
    meant = {(*f.pointer[:-1], str(f.holes["nearest"])) for f in best.values() if f.keyword == "unknown"}
    kept = (f for f in best.values() if not (f.keyword == "required" and f.pointer in meant))
    return sorted(kept, key=lambda f: [str(step).rjust(6) for step in f.pointer])


def _rank(fault: Fault) -> tuple[int, str]:
    return _RANK.get(fault.keyword, 4), fault.keyword


def _faults(error: Error) -> Iterator[Fault]:
    """The faults that one error means."""
    at: Pointer = tuple(error.absolute_path)
    keyword = str(error.validator)
    if "propertyNames" in error.absolute_schema_path:
        yield Fault("pattern", (*at, str(error.instance)), {"value": shorten(error.instance)}, at_key=True)
    elif keyword in ("anyOf", "oneOf") and error.context:
        yield from _branch(error, at)
    elif keyword in _LIMITS:
        yield _limit(error, at)
    else:
        yield from _KINDS.get(keyword, _form)(error, at)


def _required(error: Error, at: Pointer) -> Iterator[Fault]:
    for name in error.validator_value:
        if name not in error.instance:
            yield Fault("required", (*at, name))


def _dependent(error: Error, at: Pointer) -> Iterator[Fault]:
    for trigger, names in error.validator_value.items():
        missing = (name for name in names if trigger in error.instance and name not in error.instance)
        yield from (Fault("required", (*at, name)) for name in missing)


def _unknown(error: Error, at: Pointer) -> Iterator[Fault]:
    schema = _schema(error)
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key in error.instance:
        if key not in properties and not any(_expression(p).search(key) for p in patterns):
            yield Fault("unknown", (*at, key), at_key=True)


def _type(error: Error, at: Pointer) -> Iterator[Fault]:
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    yield _wrong_type(at, kinds, error.instance)


def _wrong_type(at: Pointer, kinds: list[str], value: Any) -> Fault:
    holes: dict[str, Hole] = {"expected": expected(kinds), "found": kind_of(value), "value": shorten(value)}
    return Fault("type", at, holes)


def _choice(error: Error, at: Pointer) -> Iterator[Fault]:
    allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
    labels = _schema(error).get("x-labels", {})
    by_label = {label["zh"]: code for code, label in labels.items()}
    near = by_label.get(error.instance) if isinstance(error.instance, str) else None
    texts = [a for a in allowed if isinstance(a, str)]
    holes: dict[str, Hole] = {
        "choices": choices(allowed, labels),
        "nearest": near or nearest(error.instance, texts),
        "value": "" if error.instance is None else shorten(error.instance),
    }
    yield Fault("choice", at, holes)


def _format(error: Error, at: Pointer) -> Iterator[Fault]:
    key = _FORMAT_KEYS.get(str(error.validator_value), "form")
    yield Fault(key, at, {"value": shorten(error.instance)})


def _shape(error: Error, at: Pointer) -> Iterator[Fault]:
    yield Fault("pattern", at, {"value": shorten(error.instance)})


def _repeated(error: Error, at: Pointer) -> Iterator[Fault]:
    seen: list[Any] = []
    for index, entry in enumerate(error.instance):
        if entry in seen:
            yield Fault("repeated", (*at, index), {"value": shorten(entry)})
        seen.append(entry)


def _form(error: Error, at: Pointer) -> Iterator[Fault]:
    yield Fault("form", at, {"value": shorten(error.instance)})


def _limit(error: Error, at: Pointer) -> Fault:
    value = error.instance
    actual = value if isinstance(value, int | float) else len(value)
    holes: dict[str, Hole] = {"limit": error.validator_value, "actual": actual, "value": shorten(value)}
    return Fault(_LIMITS[str(error.validator)], at, holes)


def _branch(error: Error, at: Pointer) -> Iterator[Fault]:
    """Of the alternatives, the faults of the one whose type fits and which comes nearest; else a wrong
    type."""
    branches: dict[Any, list[Error]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(map(_of_type, errors))]
    if fitting:
        for inner in min(fitting, key=len):
            yield from _faults(inner)
        return
    kinds = [i.validator_value for errors in branches.values() for i in errors if _of_type(i)]
    flat = [k for kind in kinds for k in (kind if isinstance(kind, list) else [kind])]
    yield _wrong_type(at, flat, error.instance)


def _of_type(error: Error) -> bool:
    return error.validator == "type" and not error.relative_path


def _schema(error: Error) -> Schema:
    return error.schema if isinstance(error.schema, Mapping) else {}


_KINDS: Mapping[str, Callable[[Error, Pointer], Iterator[Fault]]] = {
    "required": _required,
    "dependentRequired": _dependent,
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "format": _format,
    "pattern": _shape,
    "uniqueItems": _repeated,
}
