"""What libyaml's events say of a text: the strict loader's own judgement, for whatever is not plain (`quick`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from gongkai.items.beyond import Trouble, flow_end_trouble, gap_trouble, scalar_trouble
from gongkai.items.scalars import WORDS, resolve
from gongkai.items.strict import Loaded, YamlFault
from gongkai.items.syntax import explain
from gongkai.model.item import Mark, Pointer
from gongkai.model.message import Hole

MAX_DEPTH = 32
MAX_VALUES = 200_000


def read(text: str, first_line: int) -> Loaded:
    """See `strict.load`."""
    shift = first_line - 1
    text = text if text.endswith("\n") else f"{text}\n"  # parsers disagree on a last line without an end
    try:
        return _Builder(text, shift).build(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1 + shift, mark.column + 1) if mark else (first_line, 1)
        raise YamlFault("syntax", at[0], at[1], problem=explain(error.problem, error.context)) from error
    except yaml.reader.ReaderError as error:
        raise _bad_character(text, error, shift) from error


def _bad_character(text: str, error: yaml.reader.ReaderError, shift: int) -> YamlFault:
    """libyaml names a byte or character offset; find the first character YAML does not allow ourselves."""
    match = re.search("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    position = match.start() if match else min(int(error.position or 0), len(text))
    before = text[:position]
    line = before.count("\n") + 1
    code = f"U+{ord(text[position]):04X}" if position < len(text) else ""
    return YamlFault("character", line + shift, position - before.rfind("\n"), code=code)


class _Builder:
    """Builds data from libyaml's events, iteratively: a deep file cannot exhaust the stack."""

    def __init__(self, text: str, shift: int) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._shift = shift
        self._marks: dict[Pointer, Mark] = {}
        self._keys: dict[Pointer, Mark] = {}
        self._faults: list[YamlFault] = []
        self._stack: list[_Open] = []
        self._root: Any = None
        self._documents = 0
        self._values = 0
        self._flow = 0
        self._last: Any = None

    def build(self, events: Iterator[Any]) -> Loaded:
        for event in events:
            kind = type(event)
            if self._flow:
                self._refuse(gap_trouble(self._text, self._last, event.start_mark))
            if kind is yaml.ScalarEvent:
                self._refuse_extras(event)
                self._look(event)
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._refuse_extras(event)
                self._open(event, {} if kind is yaml.MappingStartEvent else [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.DocumentStartEvent:
                self._document(event)
            elif kind is yaml.AliasEvent:
                raise self._fault("alias", event, name=event.anchor)
            self._last = event.end_mark
        return Loaded(self._root, self._marks, self._keys, tuple(self._faults))

    def _mark(self, event: Any) -> Mark:
        return event.start_mark.line + 1 + self._shift, event.start_mark.column + 1

    def _fault(self, fault: str, event: yaml.Event, **holes: Hole) -> YamlFault:
        line, column = self._mark(event)
        return YamlFault(fault, line, column, **holes)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._fault("documents", event)
        if event.version or event.tags:
            raise self._fault("directive", event)

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor:
            raise self._fault("alias", event, name=event.anchor)
        if event.tag:
            raise self._fault("tag", event, name=event.tag)

    def _open(self, event: Any, value: Any) -> None:
        pointer = self._place(event, value)
        if len(self._stack) >= MAX_DEPTH:
            raise self._fault("depth", event, limit=MAX_DEPTH)
        self._flow += bool(event.flow_style)
        self._stack.append(_Open(value, pointer, event, self._indent()))

    def _close(self, event: yaml.Event) -> None:
        top = self._stack.pop()
        if top.flow:
            self._flow -= 1
            if not self._flow:
                self._refuse(flow_end_trouble(self._text, self._lines, top.start, event, self._indent()))

    def _indent(self) -> int:
        """The column (from 0) of the innermost block collection; -1 at the top."""
        return self._stack[-1].indent if self._stack else -1

    def _look(self, event: yaml.ScalarEvent) -> None:
        flow = self._flow > 0
        if flow or event.style:
            self._refuse(scalar_trouble(self._text, self._lines, event, self._indent(), flow))

    def _refuse(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            line, column, problem = trouble
            raise YamlFault("syntax", line + 1 + self._shift, column + 1, problem=problem)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and top.wants_key:
            self._key(top, event)
        else:
            self._place(event, event.value if event.style else resolve(event.value))

    def _key(self, top: _Open, event: yaml.ScalarEvent) -> None:
        key = event.value
        if not event.style and ((key in WORDS and WORDS[key] is None) or key == "<<"):
            raise self._fault("alias" if key == "<<" else "key", event, name=key)
        top.repeated = key in top.value
        if top.repeated:
            first = self._keys[(*top.pointer, key)][0]
            self._faults.append(self._fault("repeated", event, name=key, first=first))
        else:
            self._keys[(*top.pointer, key)] = self._mark(event)
        top.key = key

    def _place(self, event: yaml.Event, value: Any) -> Pointer:
        """Put a value where it belongs; a repeated key's value is read but kept nowhere."""
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._fault("size", event, limit=MAX_VALUES)
        if not self._stack:
            self._root = value
            self._marks[()] = self._mark(event)
            return ()
        top = self._stack[-1]
        if top.wants_key:
            raise self._fault("key", event, name="")
        pointer = top.put(value)
        self._marks.setdefault(pointer, self._mark(event))
        return pointer


class _Open:
    """A mapping or sequence that is still being read."""

    __slots__ = ("flow", "indent", "is_map", "key", "pointer", "repeated", "start", "value")

    def __init__(self, value: Any, pointer: Pointer, event: Any, around: int) -> None:
        self.value = value
        self.flow = bool(event.flow_style)
        self.start = event.start_mark
        self.indent = around if self.flow else event.start_mark.column
        self.pointer = pointer
        self.is_map = isinstance(value, dict)
        self.key: str | None = None
        self.repeated = False

    @property
    def wants_key(self) -> bool:
        return self.is_map and self.key is None

    def put(self, value: Any) -> Pointer:
        if not self.is_map:
            self.value.append(value)
            return (*self.pointer, len(self.value) - 1)
        key, self.key = self.key or "", None
        if not self.repeated:
            self.value[key] = value
            return (*self.pointer, key)
        return (*self.pointer, key, "repeated")
