"""Schema files as JSON: strict reading, the line of any value, references between the files of one tree."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.model.item import Pointer
from gongkai.model.message import Hole, Message, msg
from gongkai.schema.fault import SchemaFault

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_REASONS: Mapping[str, Message] = {
    "Expecting ',' delimiter": msg("a comma is missing here"),
    "Expecting ':' delimiter": msg("a colon is missing here"),
    "Expecting property name enclosed in double quotes": msg("a name in double quotes belongs here"),
    "Illegal trailing comma before end of object": msg("there is a comma too many before the end"),
    "Illegal trailing comma before end of array": msg("there is a comma too many before the end"),
    "Expecting value": msg("a value is missing here"),
    "Extra data": msg("something follows after the end"),
    "Unterminated string starting at": msg("this text is not closed by a double quote"),
    "Invalid control character at": msg("a text must not go over the end of its line"),
}


class _RepeatedError(ValueError):
    """A key that stands twice in one object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedError(next(name for name in names if names.count(name) > 1))
    return found


def _refuse(word: str) -> Any:
    raise ValueError(word)


def parse(path: str, raw: bytes) -> Any | SchemaFault:
    """The JSON value of a schema file, or why it is none."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        return SchemaFault(path, "text", line=raw.count(b"\n", 0, error.start) + 1)
    except json.JSONDecodeError as error:
        reason = _REASONS.get(error.msg, msg("this is not JSON"))
        return SchemaFault(path, "json", line=error.lineno, column=error.colno, holes={"reason": reason})
    except _RepeatedError as error:
        return SchemaFault(
            path, "repeated", line=_second(raw.decode("utf-8"), str(error)), holes={"name": str(error)}
        )
    except (ValueError, RecursionError):
        return SchemaFault(path, "json", holes={"reason": msg("this is not JSON")})


def _second(text: str, name: str) -> int:
    """The line on which a key that stands twice in one object stands again."""
    seen: set[Pointer] = set()
    for pointer, offset in _places(text):
        if pointer and pointer[-1] == name and pointer in seen:
            return text.count("\n", 0, offset) + 1
        seen.add(pointer)
    return 1


def place_of(text: str, pointer: Pointer) -> tuple[int, int]:
    """Line and column, counted from 1, of the value at `pointer`, or of its nearest parent, in sound JSON."""
    found = dict(_places(text))
    while pointer and pointer not in found:
        pointer = pointer[:-1]
    offset = found.get(pointer, 0)
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _places(text: str) -> Iterator[tuple[Pointer, int]]:
    tokens = _TOKEN.finditer(text)
    first = next(tokens, None)
    return _walk(tokens, first, ()) if first else iter(())


def _walk(
    tokens: Iterator[re.Match[str]], token: re.Match[str], at: Pointer
) -> Iterator[tuple[Pointer, int]]:
    yield at, token.start()
    if token[0] == "{":
        for name in tokens:
            if name[0] == "}":
                return
            if name[0] != ",":
                next(tokens)
                yield from _walk(tokens, next(tokens), (*at, json.loads(name[0])))
    elif token[0] == "[":
        index = 0
        for entry in tokens:
            if entry[0] == "]":
                return
            if entry[0] != ",":
                yield from _walk(tokens, entry, (*at, index))
                index += 1


class Documents:
    """The schema files of one tree by path: their values and, for places, their texts."""

    def __init__(self, values: Mapping[str, Any], texts: Mapping[str, bytes]) -> None:
        self.values = values
        self.texts = texts
        self._inlined: dict[tuple[str, Pointer], Any] = {}

    def fault(self, path: str, keyword: str, pointer: Pointer, **holes: Hole) -> SchemaFault:
        """A fault of a file with the line and column of the value at `pointer`."""
        line, column = place_of(self.texts[path].decode("utf-8"), pointer)
        return SchemaFault(path, keyword, pointer, line, column, holes)

    def find(self, ref: str, base: str) -> tuple[str, Pointer] | None:
        """The file and place that a `$ref` in the file `base` means; None when it leads nowhere."""
        path, fragment = target_of(ref, base), ref.partition("#")[2]
        if path not in self.values or (fragment and not fragment.startswith("/")):
            return None
        node: Any = self.values[path]
        pointer: list[str | int] = []
        for part in fragment.split("/")[1:]:
            key = _step(node, part.replace("~1", "/").replace("~0", "~"))
            if key is None:
                return None
            node, pointer = node[key], [*pointer, key]
        return path, tuple(pointer)

    def at(self, path: str, pointer: Pointer) -> Any:
        """The value at a place that `find` gave."""
        node = self.values[path]
        for step in pointer:
            node = node[step]
        return node

    def inline(self, node: Any, base: str, trail: frozenset[tuple[str, Pointer]] = frozenset()) -> Any:
        """A schema with its references put in place and plain `allOf` parts merged: for titles and labels.

        Not for judging. A reference back into itself becomes an empty schema.
        """
        if isinstance(node, list):
            return [self.inline(entry, base, trail) for entry in node]
        if not isinstance(node, dict):
            return node
        own = {key: self.inline(value, base, trail) for key, value in node.items() if key != "$ref"}
        parts = own.get("allOf") if isinstance(own.get("allOf"), list) else []
        merged: dict[str, Any] = dict(self._target(node.get("$ref"), base, trail))
        for part in parts or ():
            merged.update(part if isinstance(part, dict) and "if" not in part else {})
        merged.update(own)
        return merged

    def _target(self, ref: Any, base: str, trail: frozenset[tuple[str, Pointer]]) -> Mapping[str, Any]:
        found = self.find(ref, base) if isinstance(ref, str) else None
        if found is None or found in trail:
            return {}
        if found not in self._inlined:
            self._inlined[found] = self.inline(self.at(*found), found[0], trail | {found})
        value = self._inlined[found]
        return value if isinstance(value, dict) else {}


def target_of(ref: str, base: str) -> str:
    """The path of the file that a `$ref` in the file `base` names."""
    name = ref.partition("#")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), name)) if name else base


def _step(node: Any, part: str) -> str | int | None:
    if isinstance(node, dict) and part in node:
        return part
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return int(part)
    return None
