"""The one YAML loader: a strict profile in which a file means the same to everybody.

Dates and `no`/`on`/`012`/`12:30` stay texts; only `true`/`false`, `null`, whole and decimal numbers as JSON writes
them are anything else. Repeated keys are a fault; aliases, anchors, tags, merge keys, directives and more than one
document are refused; depth and size are limited. Every value and key knows its line and column, counted from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gongkai.items.quick import plain
from gongkai.model.item import Mark, Pointer
from gongkai.model.message import Hole

MAX_CHARACTERS = 4_000_000


class YamlFault(Exception):
    """Why a text is not read: the key of a reading rule, where (from 1), and the rule's holes."""

    def __init__(self, fault: str, line: int, column: int, **holes: Hole) -> None:
        super().__init__(f"{fault} at {line}:{column} {holes}")
        self.fault = fault
        self.line = line
        self.column = column
        self.holes = holes


class Loaded(NamedTuple):
    """What a text holds: plain JSON data, the places of its values and keys, and faults that did not stop reading."""

    data: Any
    marks: Mapping[Pointer, Mark]
    keys: Mapping[Pointer, Mark]
    faults: tuple[YamlFault, ...] = ()


def load(text: str, *, first_line: int = 1) -> Loaded:
    """Read one YAML document; `first_line` is the line of the file on which `text` begins.

    Raises YamlFault for what cannot be read at all; a repeated key is among `Loaded.faults`, the first one counts.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlFault("size", first_line, 1, limit=MAX_CHARACTERS)
    quickly = plain(text, first_line)
    if quickly is not None:
        return Loaded(*quickly)
    from gongkai.items.events import read  # most runs read nothing that needs libyaml

    return read(text, first_line)
