"""`x-deadline`: the shape of its value, its rules, and whether a document has a date to count from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.model.deadline import LEDGER_ANCHORS, Anchor, DeadlineRule, Period, Unit, YearDay
from gongkai.model.item import Pointer
from gongkai.model.message import Message, msg
from gongkai.schema.fault import Fault, Schema

STAGES: Mapping[str, Message] = {
    "submit": msg("submission"),
    "publish": msg("publication"),
    "confirm": msg("confirmation"),
    "result": msg("publication of the result"),
    "withdraw": msg("withdrawal"),
}
_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_UNITS = {unit.value: {"type": "integer"} for unit in Unit}


def amount(least: int) -> dict[str, Any]:
    """The shape of `{unit: n}` with exactly one unit, each at least `least`, and perhaps `roll`."""
    units = {unit: {"type": "integer", "minimum": least, "maximum": 100_000} for unit in _UNITS}
    one = [
        {"required": [unit], "not": {"anyOf": [{"required": [u]} for u in units if u != unit]}}
        for unit in units
    ]
    properties = {**units, "roll": {"type": "boolean"}}
    return {"type": "object", "properties": properties, "additionalProperties": False, "anyOf": one}


def _strict(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    known = {**properties, "$comment": {"type": "string"}}
    return {"type": "object", "properties": known, "required": required, "additionalProperties": False}


_ANCHOR = {"anyOf": [_NAME, _strict({"item": _NAME, "date": _NAME}, ["item", "date"])]}
_COUNT = _strict(
    {
        "from": {"anyOf": [*_ANCHOR["anyOf"], {"type": "array", "items": _ANCHOR, "minItems": 1}]},
        "within": amount(-100_000),
        "not_after": _NAME,
        "not_before": _NAME,
    },
    ["from", "within"],
)
_CASES = _strict(
    {
        "field": _NAME,
        "of": {"type": "object", "additionalProperties": {"$ref": "#/$defs/rule"}, "minProperties": 1},
        "else": {"$ref": "#/$defs/rule"},
    },
    ["field", "of"],
)
_BY = _strict(
    {
        "year": _NAME,
        "plus": {"type": "integer", "minimum": 0, "maximum": 100},
        "month": {"type": "integer", "minimum": 1, "maximum": 12},
        "day": {"type": "integer", "minimum": 1, "maximum": 31},
    },
    ["year", "month", "day"],
)
META: Schema = {
    "type": "object",
    "minProperties": 1,
    "properties": {stage: {"$ref": "#/$defs/rule"} for stage in STAGES} | {"$comment": {"type": "string"}},
    "additionalProperties": False,
    "$defs": {
        "rule": {"anyOf": [_COUNT, _strict({"cases": _CASES}, ["cases"]), _strict({"by": _BY}, ["by"])]}
    },
}


def read(value: Schema) -> Mapping[str, DeadlineRule]:
    """The rule of each stage. The value has the shape of `META`."""
    return {stage: read_rule(rule) for stage, rule in value.items() if stage in STAGES}


def read_rule(rule: Schema) -> DeadlineRule:
    """One rule with its cases."""
    if "by" in rule:
        by = rule["by"]
        return DeadlineRule(by=YearDay(by["year"], by.get("plus", 0), by["month"], by["day"]))
    if "cases" in rule:
        cases = rule["cases"]
        of = {value: read_rule(r) for value, r in cases["of"].items()}
        otherwise = read_rule(cases["else"]) if "else" in cases else None
        return DeadlineRule(case_field=cases["field"], cases=of, otherwise=otherwise)
    starts = rule["from"] if isinstance(rule["from"], list) else [rule["from"]]
    return DeadlineRule(
        anchors=tuple(_anchor(a) for a in starts),
        within=read_period(rule["within"]),
        not_after=rule.get("not_after", ""),
        not_before=rule.get("not_before", ""),
    )


def _anchor(value: Any) -> Anchor:
    return Anchor(value) if isinstance(value, str) else Anchor(value["date"], value["item"])


def read_period(value: Schema) -> Period:
    """`{unit: n, "roll": bool}` as a period."""
    unit = next(u for u in Unit if u.value in value)
    return Period(unit, value[unit.value], bool(value.get("roll")))


def fields(value: Schema) -> Iterator[tuple[Pointer, str]]:
    """Every name in the value that must be a field of the type, with its place in the value."""
    for stage, rule in value.items():
        if stage in STAGES:
            yield from _rule_fields(rule, (stage,))


def _rule_fields(rule: Schema, at: Pointer) -> Iterator[tuple[Pointer, str]]:
    if "by" in rule:
        yield (*at, "by", "year"), rule["by"]["year"]
    elif "cases" in rule:
        cases = rule["cases"]
        yield (*at, "cases", "field"), cases["field"]
        for value, inner in cases["of"].items():
            yield from _rule_fields(inner, (*at, "cases", "of", value))
        if "else" in cases:
            yield from _rule_fields(cases["else"], (*at, "cases", "else"))
    else:
        yield from (((*at, name), rule[name]) for name in ("not_after", "not_before") if name in rule)
        starts = rule["from"] if isinstance(rule["from"], list) else [rule["from"]]
        own = (a["item"] if isinstance(a, dict) else a for a in starts)
        yield from (((*at, "from"), name) for name in own if name not in LEDGER_ANCHORS)


def judge(document: Schema, value: Schema) -> Iterator[Fault]:
    """A fault for submission or publication when every anchor is a field of the item and none of them is
    there.

    Other stages begin with something that may never happen. Legacy items have no deadline. Two stages that
    wait for the same fields are one cause.
    """
    if document.get("legacy"):
        return
    said: set[tuple[str, ...]] = set()
    for stage, rule in read(value).items():
        names = _missing(document, rule) if stage in ("submit", "publish") else ()
        if names and names not in said:
            said.add(names)
            yield Fault("deadline", (names[0],), {"stage": STAGES[stage], "fields": " ".join(names)})


def _missing(document: Schema, rule: DeadlineRule) -> tuple[str, ...]:
    """The own fields, one of which would start this rule, when none of them is there."""
    if rule.case_field:
        case = document.get(rule.case_field)
        key = str(case).lower() if isinstance(case, bool) else str(case)
        inner = None if case is None else rule.cases.get(key, rule.otherwise)
        return _missing(document, inner) if inner else ()
    if rule.by:
        return () if rule.by.field in document else (rule.by.field,)
    own = tuple(a.field for a in rule.anchors if not a.through and a.field not in LEDGER_ANCHORS)
    if len(own) < len(rule.anchors) or any(name in document for name in own):
        return ()
    return own
