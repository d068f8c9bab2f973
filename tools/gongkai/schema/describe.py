"""The words around a fault: which field by title, what is expected, what would have been right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gongkai.model.item import Pointer
from gongkai.model.message import Hole, Message, Words, msg
from gongkai.schema.build import words_of
from gongkai.schema.fault import Fault, Schema, dotted, shorten

_KINDS: Mapping[str, Message] = {
    "string": msg("text"),
    "integer": msg("a whole number"),
    "number": msg("a number"),
    "boolean": msg("true or false"),
    "array": msg("a list"),
    "object": msg("a group of names with values"),
    "null": msg("nothing"),
}


def expected(kinds: Sequence[str]) -> Message:
    """The JSON types that a schema allows, in plain words."""
    named = [_KINDS.get(kind, msg("text")) for kind in dict.fromkeys(kinds)]
    result = named[0]
    for other in named[1:]:
        result = msg("{first} or {second}", first=result, second=other)
    return result


def kind_of(value: Any) -> Message:
    """What a value is, in plain words."""
    if isinstance(value, bool):
        return _KINDS["boolean"]
    if isinstance(value, int):
        return _KINDS["integer"]
    if isinstance(value, float):
        return _KINDS["number"]
    names = {str: "string", list: "array", dict: "object", type(None): "null"}
    return _KINDS[names.get(type(value), "string")]


def choices(values: Iterable[Any], labels: Mapping[str, Any]) -> Words:
    """The values that may be written, each with its label: `licence（行政许可）`."""
    chinese, english = [], []
    for value in values:
        text = value if isinstance(value, str) else shorten(value)
        label = labels.get(text, {})
        chinese.append(f"{text}（{label['zh']}）" if label.get("zh") else text)
        english.append(f"{text} ({label['en']})" if label.get("en") else text)
    return Words("、".join(chinese), ", ".join(english))


def nearest(value: Any, known: Iterable[str]) -> str:
    """The known name most like a misspelt one; empty when none is near."""
    from difflib import get_close_matches  # hardly any run has something misspelt

    found = get_close_matches(str(value).lower(), list(known), 1, 0.6)
    return found[0] if found else ""


def suggest(fault: Fault, root: Schema) -> Fault:
    """An unknown key with the field most likely meant: near in spelling, or the key is its title."""
    key, known = str(fault.pointer[-1]), _properties(_look(root, fault.pointer[:-1])[1])
    titled = next((name for name, part in known.items() if part.get("title") == key), "")
    name = titled or nearest(key.replace("-", "_"), known)
    holes: dict[str, Hole] = {"nearest": name, "nearest_title": words_of(known.get(name, {}), "title")}
    return Fault(fault.keyword, fault.pointer, holes, fault.at_key)


def _properties(part: Schema) -> Mapping[str, Schema]:
    """The fields that a schema knows, with those of its alternatives."""
    branches = (part, *part.get("anyOf", ()), *part.get("oneOf", ()))
    named = (branch.get("properties", {}) for branch in branches if isinstance(branch, dict))
    return {name: inner for each in named for name, inner in each.items() if isinstance(inner, dict)}


def complete(fault: Fault, root: Schema) -> Fault:
    """The fault with the holes that every fault has; `root` is the whole schema with references in place."""
    title, part = _look(root, fault.pointer)
    examples = part.get("examples") or [""]
    shown = examples[0] if isinstance(examples, list) else ""
    common: dict[str, Hole] = {
        "field": title,
        "name": dotted(fault.pointer),
        "about": words_of(part, "description"),
        "example": shown if isinstance(shown, str) else shorten(shown),
    }
    if "fields" in fault.holes:
        named = [_look(root, (name,))[0] for name in str(fault.holes["fields"]).split()]
        common["fields"] = Words("、".join(w.zh for w in named), ", ".join(w.en for w in named))
    return Fault(fault.keyword, fault.pointer, dict(fault.holes) | common, fault.at_key)


def _look(root: Schema, pointer: Pointer) -> tuple[Words, Schema]:
    """The title of the field at `pointer`, or of the nearest titled one around it, and the field's schema."""
    title, part = words_of(root, "title"), root
    for depth, step in enumerate(pointer):
        part = _enter(part, step)
        if part.get("title") and not (isinstance(step, int) and depth):
            title = words_of(part, "title")
        elif not part and isinstance(step, str):
            return Words(step, step), part
    return title, part


def _enter(part: Schema, step: str | int) -> Schema:
    """The schema of one step inside; of the first alternative that knows it."""
    for branch in (b for b in (part, *part.get("anyOf", ()), *part.get("oneOf", ())) if isinstance(b, dict)):
        inner = branch.get("items") if isinstance(step, int) else branch.get("properties", {}).get(step)
        if inner is None and isinstance(step, str):
            inner = branch.get("additionalProperties")
        if isinstance(inner, dict):
            return inner
    return {}
