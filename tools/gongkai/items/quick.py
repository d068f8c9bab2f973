"""The plain front matter that nearly all items have, read line by line: names, texts of one line, lists of them, groups.

libyaml and the strict loader make the same of it in five times the time. Whatever is not plain beyond doubt (another sign at
the head of a text, a text over several lines, brackets, a repeated name, an indentation that fits nothing) is left to them.
Tests hold both to the same data, places, and order.

Thousands of items have the same few shapes: the same names, indentations and lists, line by line. What a shape makes of its
lines, and where everything stands, is found out once (`_layout`); an item of a known shape only fills in its values.
"""

from __future__ import annotations

import marshal
import re
from functools import cached_property, lru_cache
from sys import intern
from typing import Any

from gongkai.items.scalars import WORDS, resolve
from gongkai.model.item import Mark, Pointer

MOST = 2_000
"""More lines than this are for the strict loader, which counts what it reads."""
DEEPEST = 12
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What YAML forbids, what ends a line, and what somebody may take for a space."""
_BARE = r"[^\n!-/:-@\[-`{-~ ][^\n:#]*+(?:(?::(?=[^ \n])|(?<! )#)[^\n:#]*+){0,99}(?<! )"
"""Begins with a letter, a digit or any sign beyond ASCII; no colon before a space or the end, no # after a space.

Nothing read so far is ever read otherwise, for the line must end behind it: `+` spares it from being tried. Not the
group: Python before 3.11.5 matches one that holds a choice wrongly (python/cpython#106052). So each colon and # is remembered
until the line's end, and a text with a hundred of them is for the strict loader.
"""
_TEXT = rf"""{_BARE}|'[^'\n]*+'|"[^"\\\n]*+\""""
_NAME = "[A-Za-z_][A-Za-z0-9_-]{0,60}+"
_LINE = re.compile(
    rf"^(?:( *(?:(?:- )?{_NAME}:(?: (?!$)|$)|- (?!$)))({_TEXT})?| *(?:#[^\n]*)?)$", re.MULTILINE
)
"""What stands before a line's text, and the text: a name, the hyphen of an entry, or both; nothing of a remark."""
_NOTHING = frozenset(word for word, meaning in WORDS.items() if meaning is None)
_OTHER = frozenset("'\"-0123456789") | frozenset(word[0] for word in WORDS if word)
"""A text that begins with none of these means itself."""
SHAPES = 256
"""So many shapes are held, of no more than `SHORT` lines each."""
SHORT = 100


class Places(dict[Pointer, Mark]):
    """The places of a shape's values or names: one for all items of this shape, so nobody may change it."""

    @cached_property
    def packed(self) -> bytes:
        """These places by `marshal`, as items/packed.py keeps them."""
        return marshal.dumps(dict(self))


Plain = tuple[dict[str, Any], Places, Places]
"""Data, the places of its values, the places of its names."""
_Layout = tuple[Any, Places, Places]
"""The same, where each value is the number of the text that says it."""


def plain(text: str, first_line: int) -> Plain | None:
    """What a text holds that begins on this line of its file; None when that is for the strict loader to say."""
    text = text.rstrip("\n")
    lines = _LINE.findall(text)
    if len(lines) > MOST or len(lines) != text.count("\n") + 1 or _ODD.search(text):
        return None
    shape, texts = zip(*lines, strict=True)
    layout = (_known_layout if len(lines) <= SHORT else _layout)(first_line, shape)
    if layout is None:
        return None
    mould, marks, keys = layout
    return _filled(mould, [t if t[:1] not in _OTHER else _meant(t) for t in texts]), marks, keys


def _layout(first_line: int, shape: tuple[str, ...]) -> _Layout | None:
    """What lines are that begin like this; None when they are not plain."""
    reader = _Reader()
    try:
        for number, head in enumerate(shape):
            line, name = first_line + number, head.lstrip(" ")
            column = len(head) - len(name)
            value = number if name.endswith(" ") else None
            if name.startswith("- "):
                name = name[2:]
                reader.entry(line, column, None if name else value)
                column += 2
            if name:
                reader.name(line, column, name.rstrip(": "), value)
    except _Doubt:
        return None
    return reader.whole()


_known_layout = lru_cache(SHAPES)(_layout)


def _filled(mould: Any, meant: list[Any]) -> Any:
    """A shape's data with these values."""
    if type(mould) is dict:
        return {n: meant[m] if type(m) is int else _filled(m, meant) for n, m in mould.items()}
    if type(mould) is list:
        return [meant[m] if type(m) is int else _filled(m, meant) for m in mould]
    return None


class _Doubt(Exception):
    """This is not plain."""


class _Reader:
    """What is open at a line: groups and lists by column (from 0), and a name that waits for what the next line says.

    Values are the numbers of their lines.
    """

    __slots__ = ("_keys", "_marks", "_open", "_root", "_waits")

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._marks, self._keys = Places(), Places()
        self._open: list[tuple[int, Any, Pointer]] = [(0, self._root, ())]
        self._waits: tuple[dict[str, Any], str, Pointer, Mark] | None = None

    def name(self, line: int, column: int, name: str, value: int | None) -> None:
        """`name: value` at this column."""
        _, group, pointer = self._at(line, column, dict)
        if name in group or name in _NOTHING:
            raise _Doubt
        if not self._marks:
            self._marks[()] = (line, 1)
        name = intern(name)
        at = (*pointer, name)
        self._keys[at] = (line, column + 1)
        column += len(name) + 2
        group[name] = value
        if value is not None:
            self._marks[at] = (line, column + 1)
        else:
            self._waits = (group, name, at, (line, column))

    def entry(self, line: int, column: int, value: int | None) -> None:
        """`- value`; without a value the entry is a group that begins behind the dash."""
        _, rows, pointer = self._at(line, column, list)
        at = (*pointer, len(rows))
        rows.append({} if value is None else value)
        self._marks[at] = (line, column + 3)
        if value is None:
            self._begin(column + 2, rows[-1], at)

    def whole(self) -> _Layout | None:
        """All that was read; None when it was nothing."""
        self._settle()
        return (self._root, self._marks, self._keys) if self._root else None

    def _at(self, line: int, column: int, kind: type) -> tuple[int, Any, Pointer]:
        """The group or list that a line at this column belongs to: one that is open, or what a name waited for."""
        if self._waits is not None:
            outer = self._open[-1][0]
            if column > outer or (column == outer and kind is list):
                group, name, pointer, _ = self._waits
                group[name] = kind()
                self._marks[pointer] = (line, column + 1)
                self._waits = None
                self._begin(column, group[name], pointer)
            else:
                self._settle()
        opened = self._open
        while opened and (opened[-1][0] > column or type(opened[-1][1]) is not kind):
            opened.pop()
        if not opened or opened[-1][0] != column:
            raise _Doubt
        return opened[-1]

    def _begin(self, column: int, value: Any, pointer: Pointer) -> None:
        if len(self._open) >= DEEPEST:
            raise _Doubt
        self._open.append((column, value, pointer))

    def _settle(self) -> None:
        """Nothing followed the name that waits: its value is null."""
        if self._waits is not None:
            _, _, pointer, mark = self._waits
            self._marks[pointer] = mark
            self._waits = None


def _meant(value: str) -> Any:
    return value[1:-1] if value[0] in "'\"" else resolve(value)
