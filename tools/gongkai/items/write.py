"""Writing items: a new file from fields, and one field changed in place with everything else left as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import yaml

from gongkai.items.read import split
from gongkai.items.scalars import resolve
from gongkai.items.strict import load
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg

Form = Literal["md", "yml"]
MODELINE = "# yaml-language-server: $schema="


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: lists indented under their names, long texts as blocks, `null` for nothing."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    """Lines as a block where a block says exactly the same, in quotes where anything else could be read."""
    if any(c in value for c in "\x85\u2028\u2029\ufeff"):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
    if "\n" in value and _fits_block(value):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    quoted = None if isinstance(resolve(value), str) else "'"  # PyYAML takes 0E0 for a text, and we do not
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=quoted)


def _fits_block(value: str) -> bool:
    return not re.search(
        r"[ \t]\n|[ \t]\Z|\A[ \t\n]|[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\uffef]", value
    )


_Dumper.add_representer(str, _text)


def dump(value: Any) -> str:
    """A value as YAML text that the strict loader reads back the same."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000)


def render(
    fields: Mapping[str, Any],
    body: str,
    *,
    form: Form,
    schema: str = "",
    comments: Mapping[str, str] | None = None,
) -> str:
    """The text of a new item file: modeline, fields in the given order, each after its comment, then the body.

    `schema` is the modeline's path; `comments` gives lines (without `#`) that stand above a field. Both forms read
    back as the same item.
    """
    lines = [f"{MODELINE}{schema}"] if schema else []
    for name, value in fields.items():
        lines.extend(f"# {line}".rstrip() for line in (comments or {}).get(name, "").splitlines())
        lines.append(dump({name: value}).rstrip("\n"))
    if form == "md":
        return "\n".join(["---", *lines, "---", "", body])
    if body:
        lines.append(dump({"body": body}).rstrip("\n"))
    return "\n".join(lines) + "\n"


def set_field(text: str, form: Form, name: str, value: Any) -> str:
    """The file's text with the top-level field `name` set to `value`; comments, order and line ends stay.

    A field that is not there is added after the last one. Raises GongkaiError when the text cannot be read, or when
    the result would not read back as asked for (then nothing is lost: the caller has not written yet).
    """
    return _edit(text, form, name, dump({name: value}).rstrip("\n").split("\n"), value)


def remove_field(text: str, form: Form, name: str) -> str:
    """The file's text without the top-level field `name`; unchanged when it is not there."""
    return _edit(text, form, name, [], None)


def _edit(text: str, form: Form, name: str, new: list[str], value: Any) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    bom, plain = ("\ufeff", plain[1:]) if plain.startswith("\ufeff") else ("", plain)
    front, first = (split(plain)[0], 1) if form == "md" else (plain, 0)
    before = load(front)
    lines = plain.split("\n")
    start, end = _span(before.keys, front, name)
    lines[start + first : end + first] = new
    result = "\n".join(lines)
    _verify(result, form, before.data, name, value, bool(new))
    return bom + result.replace("\n", newline)


def _span(keys: Mapping[Any, tuple[int, int]], front: str, name: str) -> tuple[int, int]:
    """The lines (from 0, end excluded) of the field; an empty span after the last field when it is not there."""
    lines = front.split("\n")
    starts = sorted(line - 1 for pointer, (line, _) in keys.items() if len(pointer) == 1)
    if (name,) not in keys:
        end = _trim(lines, starts[-1] if starts else 0, len(lines))
        return end, end
    start = keys[(name,)][0] - 1
    following = [s for s in starts if s > start]
    return start, _trim(lines, start, following[0] if following else len(lines))


def _trim(lines: list[str], start: int, end: int) -> int:
    """Leave the comments and blank lines that stand before the next field to that field."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _verify(result: str, form: Form, before: Any, name: str, value: Any, kept: bool) -> None:
    wanted = {k: v for k, v in before.items() if k != name}
    if kept:
        wanted[name] = value
    after = load(split(result)[0] if form == "md" else result).data
    if after != wanted:
        raise GongkaiError(
            msg("the field {name} cannot be changed without touching the others", name=name),
            msg("write each field on a line of its own, outside { } brackets, then try again"),
            Exit.FINDINGS,
        )
