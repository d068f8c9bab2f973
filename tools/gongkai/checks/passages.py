"""The authored text of an item as one run of characters, each of which knows its place in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from gongkai.model.finding import Place
from gongkai.model.item import Item, Pointer, texts_in

BREAK = "\x1e\n"
"""Stands between two passages: no rule's pattern spans it, and no authored text holds it (items/strict.py)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A value of the front matter, the body, or one part of an attachment.

    `field` is the pointer with dots ("contact.telephone", "body", "attachments.0.file"); `spot` says where within an
    attachment ("Sheet1!B7", "page 3"), empty for text of the item's own file. `exact`: each line of `text` is a line of
    the file from `place` on, so a place within it can be counted.
    """

    text: str
    place: Place
    field: str
    spot: str = ""
    exact: bool = False


class Text:
    """Passages joined with `BREAK`, so that a rule looks once instead of once per field.

    `pieces` are the passages' texts. `own`: of the item's own file, not of an attachment. A passage (`tell` it by its number)
    and where each of them starts are reckoned when somebody asks: in most items no rule finds a place to speak of.
    """

    def __init__(self, pieces: Sequence[str], own: bool, tell: Callable[[int], Passage]) -> None:
        self.pieces, self.own = pieces, own
        self.text = BREAK.join(pieces)
        self._tell = tell

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Text:
        """Join the passages."""
        rows = tuple(passages)
        return cls([row.text for row in rows], bool(rows) and not rows[0].spot, rows.__getitem__)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages in their order."""
        return tuple(map(self._tell, range(len(self.pieces))))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each passage starts in `text`."""
        ends = accumulate([len(piece) + len(BREAK) for piece in self.pieces])
        return (0, *ends)[: len(self.pieces)]

    def passage(self, offset: int) -> Passage:
        """The passage that holds the character at `offset`."""
        return self._tell(bisect_right(self.starts, offset) - 1)

    def place(self, offset: int) -> Place:
        """The file's line and column of the character at `offset`; of the value's beginning where lines do not match."""
        index = bisect_right(self.starts, offset) - 1
        passage, start = self._tell(index), self.starts[index]
        if not passage.exact:
            return passage.place
        before = self.text[start:offset]
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        first = passage.place.column if not line else 1
        return Place(passage.place.path, passage.place.line + line, first + column)


def authored(item: Item) -> Text:
    """What the officer wrote into the item's own file: every text of the front matter, then the body."""
    pieces = texts_in(item.fields.values())
    if item.body:
        pieces.append(item.body)
    return Text(pieces, bool(pieces), _Own(item, pieces).passage)


class _Own:
    """The passages of an item's own file, each made once."""

    def __init__(self, item: Item, pieces: Sequence[str]) -> None:
        self._item, self._pieces = item, pieces
        self._made: dict[int, Passage] = {}
        self._of_body = len(pieces) - 1 if item.body else -1

    @cached_property
    def _pointers(self) -> list[Pointer]:
        """Where each piece of the front matter stands, in the order of `texts_in`."""
        return list(_pointers(self._item.fields, ()))

    def passage(self, index: int) -> Passage:
        """The passage of this number."""
        if index not in self._made:
            of_body = index == self._of_body
            at = ("body",) if of_body else self._pointers[index]
            exact = of_body and self._item.form == "md"
            self._made[index] = Passage(
                self._pieces[index], self._item.place(*at), ".".join(map(str, at)), exact=exact
            )
        return self._made[index]


def _pointers(value: Any, at: Pointer) -> Iterator[Pointer]:
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _pointers(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _pointers(inner, (*at, index))
