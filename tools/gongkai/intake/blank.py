"""The text of a new item's file: every field with a comment, so that nobody needs a manual to fill it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.items.write import MODELINE, Form, dump
from gongkai.model.message import Message, Say, Words, msg
from gongkai.model.types import FieldInfo, ItemType

HIDDEN = frozenset({"legacy", "body"})
"""Fields that nobody fills here: one is set by imports only, the other stands below."""
GIVEN = ("id", "type", "department")
MANY_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Blank:
    """What is known of the item: its fields with values, which of them are guesses, its body and deadlines.

    `codes` gives, for fields that take codes of site_config/, the codes with their titles.
    """

    kind: ItemType
    known: Mapping[str, Any]
    guessed: frozenset[str] = frozenset()
    form: Form = "md"
    path: str = ""
    body: str = ""
    due: tuple[Message, ...] = ()
    codes: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)


def blank_text(blank: Blank, say: Say) -> str:
    """The whole file: required fields to be filled, optional ones behind `#`, then the body."""
    front = "\n".join(_front(blank, say)).rstrip("\n")
    if blank.form == "md":
        return f"---\n{front}\n---\n\n{blank.body}"
    return front + "\n"


def _front(blank: Blank, say: Say) -> Iterator[str]:
    fields = [info for name, info in blank.kind.fields.items() if name not in HIDDEN]
    yield f"{MODELINE}../../../schemas/items/{blank.kind.name}.schema.json"
    yield from _comment(say(_intro(blank)))
    for due in blank.due:
        yield from _comment("  " + say(due))
    yield ""
    for info in (f for f in fields if f.name in GIVEN):
        yield from _field(info, blank, say)
    yield from _heading(say(msg("required: fill in everything between the quotation marks")))
    for info in (f for f in fields if f.name not in GIVEN and _shown(f, blank)):
        yield from _field(info, blank, say)
    yield from _body(blank, say)
    yield from _heading(say(msg("optional: to use one, delete the “# ” before it")))
    for info in (f for f in fields if f.name not in GIVEN and not _shown(f, blank)):
        yield from _optional(info, blank, say)


def _shown(info: FieldInfo, blank: Blank) -> bool:
    """Whether the field is written out: it is required, or something is known of it."""
    return info.required or bool(blank.known.get(info.name))


def _intro(blank: Blank) -> Message:
    if blank.due:
        return msg(
            "{type}. When it is filled: gongkai check {path}. Due:", type=blank.kind.title, path=blank.path
        )
    return msg("{type}. When it is filled: gongkai check {path}", type=blank.kind.title, path=blank.path)


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield f"# ———— {text} ————"
    yield ""


def _field(info: FieldInfo, blank: Blank, say: Say) -> Iterator[str]:
    yield from _comment(say(_about(info, blank.codes)))
    if info.name in blank.guessed:
        yield from _comment(say(msg("(read out of the Word file: please compare)")))
    known = blank.known.get(info.name)
    yield from _written(info.name, known if known else _empty(info.schema)).split("\n")


def _optional(info: FieldInfo, blank: Blank, say: Say) -> Iterator[str]:
    yield from _comment(say(_about(info, blank.codes)))
    for line in _written(info.name, _sample(info.schema)).split("\n"):
        yield f"# {line}"


def _comment(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield f"# {line}".rstrip()


def _about(info: FieldInfo, codes: Mapping[str, Mapping[str, Words]]) -> Message:
    """Title, whether it must be filled, what to write, what can be chosen, an example."""
    must = msg(" (required)") if info.required else msg(" (optional)")
    said = msg("{title}{must}", title=info.title, must=must)
    if info.description.zh:
        said = msg("{title}{must}: {about}", title=info.title, must=must, about=info.description)
    choices = _choices(info.schema, codes.get(info.name, {}))
    if choices.zh:
        return msg("{field} Choose: {choices}", field=said, choices=choices)
    example = _example(info.schema)
    if example:
        return msg("{field} Example: {example}", field=said, example=example)
    return said


def _choices(schema: Mapping[str, Any], codes: Mapping[str, Words]) -> Words:
    labels = schema.get("x-labels", {})
    named = {str(v): Words(**labels[v]) if v in labels else Words("") for v in schema.get("enum", ())}
    listed = list((named or codes).items())[:MANY_CHOICES]
    chinese = "、".join(f"{value}（{words.zh}）" if words.zh else value for value, words in listed)
    english = ", ".join(f"{value} ({words.en or words.zh})" if words.zh else value for value, words in listed)
    return Words(chinese, english)


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or []
    return str(examples[0]) if examples and isinstance(examples[0], str | int) else ""


def _empty(schema: Mapping[str, Any]) -> Any:
    """A value that shows its shape and that `check` finds unfilled: empty texts in lists and groups."""
    kind = _type_of(schema)
    if kind == "object":
        required = schema.get("required") or list(schema.get("properties", {}))
        return {name: _empty(part) for name, part in schema.get("properties", {}).items() if name in required}
    if kind == "array":
        return [_empty(schema.get("items", {}))]
    return ""


def _sample(schema: Mapping[str, Any]) -> Any:
    """What stands behind the `#` of an optional field: the whole shape, with nothing filled."""
    kind = _type_of(schema)
    if kind == "object":
        return {name: _sample(part) for name, part in schema.get("properties", {}).items()} or ""
    return [_sample(schema.get("items", {}))] if kind == "array" else ""


def _type_of(schema: Mapping[str, Any]) -> str:
    """The type; of alternatives the simplest, which is the first."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    for branch in schema.get("anyOf", ()):
        return _type_of(branch)
    return "string"


def _written(name: str, value: Any) -> str:
    if isinstance(value, str):
        return f"{name}: {json.dumps(value, ensure_ascii=False)}" if not _plain(value) else f"{name}: {value}"
    return dump({name: value}).rstrip("\n").replace("''", '""')


def _plain(value: str) -> bool:
    """Whether the text needs no quotation marks: codes and ids."""
    return (
        bool(value)
        and value.isascii()
        and value.replace("-", "").replace("_", "").isalnum()
        and value[0].isalpha()
    )


def _body(blank: Blank, say: Say) -> Iterator[str]:
    info = blank.kind.fields.get("body")
    if info is None:
        return
    if blank.form == "md":
        yield ""
        must = msg(" (required)") if info.required else msg(" (optional)")
        says = msg("{title}{must}: below the second line of ---, in Markdown", title=info.title, must=must)
        yield from _comment(say(says))
        return
    yield from _comment(say(_about(info, {})))
    text = (
        dump({"body": blank.body}).rstrip("\n")
        if blank.body
        else 'body: ""'
        if info.required
        else '# body: ""'
    )
    yield from text.split("\n")
