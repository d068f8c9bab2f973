"""What others wrote, made safe to look at: a field's value as plain lines, invisible characters as their codes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.model.message import Words
from gongkai.report.escape import terminal
from gongkai.schema.parts import in_any, mapping_of

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show as nothing and yet make two texts differ."""
SHORT = 30
"""A list of values no longer than this stands on one line."""
_YES, _NO = Words("是", "yes"), Words("否", "no")


def clean(text: str) -> str:
    """The text on one line; whatever a reader could not see, or a terminal would obey, is shown as U+XXXX.

    Zero-width characters too: two titles that look alike must not be two titles (gate.md, invisible text).
    """
    return "".join(f"<U+{ord(c):04X}>" if is_hidden(c) else c for c in terminal(text))


def is_hidden(character: str) -> bool:
    """Whether the character shows as nothing, or does something instead of showing."""
    return unicodedata.category(character) in _HIDDEN or character in _BLANK


def lines_of(value: Any, schema: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    """A field's value as a reviewer reads it: labels for codes, one entry of a list on each line. Not yet cleaned."""
    if isinstance(value, list):
        return tuple(_list(value, in_any(schema, "items"), lang))
    if isinstance(value, dict):
        return tuple(_group(value, in_any(schema, "properties"), lang))
    if isinstance(value, str):
        return tuple(_text(value, schema, lang).rstrip("\n").split("\n")) if value else ()
    return () if value is None else (_plain(value, lang),)


def _plain(value: Any, lang: str) -> str:
    if isinstance(value, bool):
        return (_YES if value else _NO).in_language(lang)
    return "" if value is None else str(value)


def _text(text: str, schema: Mapping[str, Any], lang: str) -> str:
    label = in_any(schema, "x-labels").get(text)
    if not isinstance(label, dict):
        return text
    shown = Words(str(label.get("zh", "")), str(label.get("en", ""))).in_language(lang)
    return f"{shown} ({text})" if shown else text


def _list(values: list[Any], schema: Mapping[str, Any], lang: str) -> Iterator[str]:
    shown = [lines_of(value, schema, lang) for value in values]
    if all(len(lines) <= 1 and len("".join(lines)) <= SHORT for lines in shown):
        yield ("、" if lang.startswith("zh") else ", ").join("".join(lines) for lines in shown)
        return
    for lines in shown:
        for number, line in enumerate(lines):
            yield f"{'  ' if number else '· '}{line}"


def _group(group: Mapping[str, Any], properties: Mapping[str, Any], lang: str) -> Iterator[str]:
    for name, value in group.items():
        schema = mapping_of(properties, name)
        lines = lines_of(value, schema, lang) or ("",)
        colon = "：" if lang.startswith("zh") else ": "
        yield f"{_title(name, schema, lang)}{colon}{lines[0]}"
        yield from (f"  {line}" for line in lines[1:])


def _title(name: str, schema: Mapping[str, Any], lang: str) -> str:
    english = mapping_of(mapping_of(schema, "x-i18n"), "title").get("en", "")
    return Words(str(schema.get("title", name)), str(english)).in_language(lang)
