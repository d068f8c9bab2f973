"""One item of disclosed information as its file says it, with the place of every value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from gongkai.model.finding import Place
from gongkai.model.message import Hole

Pointer = tuple[str | int, ...]
Mark = tuple[int, int]
ID_PATTERN = re.compile(r"^(?P<department>[a-z][a-z0-9-]*)-(?P<year>\d{4})-(?P<serial>\d{5})$")


REMOVAL = "removal"
"""The field of a removed item, and the name of the rules and the review that it is subject to."""


@lru_cache(maxsize=1 << 15)
def address_of(ident: str) -> str:
    """The path of an item's page on the portal, by its id: `<department>/<year>/<serial>.html`."""
    match = ID_PATTERN.match(ident)
    if match is None:
        return f"{ident}.html"
    return f"{match['department']}/{match['year']}/{match['serial']}.html"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an item: its name in the item's folder, and the title readers see."""

    file: str
    title: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item as read from `path`; `.md` and `.yml` give the same.

    `fields` is plain JSON data without the body. `marks` gives (line, column), counted from 1, of the value
    at each pointer; `keys` of the key. `body` is authored Markdown that begins on line `body_line`.
    `blob` is git's id of the file's bytes.
    """

    path: str
    form: Literal["md", "yml"]
    fields: Mapping[str, Any]
    body: str = ""
    body_line: int = 1
    marks: Mapping[Pointer, Mark] = field(default_factory=dict)
    keys: Mapping[Pointer, Mark] = field(default_factory=dict)
    blob: str = ""

    @property
    def id(self) -> str:
        """The permanent id, `<department>-<year>-<serial>`; the file's name when the field is missing."""
        value = self.fields.get("id")
        return value if isinstance(value, str) else self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def type(self) -> str:
        """The name of the item's type, which picks its schema; empty when missing."""
        return self.text("type")

    @property
    def title(self) -> str:
        """The item's title; its id when the field is missing."""
        return self.text("title") or self.id

    @property
    def removed(self) -> bool:
        """Whether only the notice of its removal is left (design §4): no text, no title, no attachment."""
        return REMOVAL in self.fields

    @property
    def folder(self) -> str:
        """The path of the folder that holds this item's attachments."""
        return self.path.rpartition(".")[0]

    @property
    def address(self) -> str:
        """The path of the item's page on the portal: `<department>/<year>/<serial>.html`."""
        return address_of(self.id)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The well-formed entries of `attachments`; malformed ones are the schema's business."""
        entries = self.fields.get("attachments")
        if not isinstance(entries, list):
            return ()
        named = (e for e in entries if isinstance(e, dict) and isinstance(e.get("file"), str))
        return tuple(Attachment(e["file"], str(e.get("title") or e["file"])) for e in named)

    def text(self, name: str) -> str:
        """The field as text; empty when missing or not text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The field as a list of texts: one text counts as a list of one."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple([v for v in value if isinstance(v, str)]) if isinstance(value, list) else ()

    def date(self, name: str) -> date | None:
        """The field as a date (the date part of a time); None when missing or impossible."""
        text = self.text(name)
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError:
            return None

    def group(self, name: str) -> Mapping[str, Any]:
        """The field as a mapping (`legacy`, `withdrawal`, `contact` …); empty when missing or another shape."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}

    def document(self) -> dict[str, Any]:
        """What the schema judges: the fields, with the body as one of them."""
        return {**self.fields, "body": self.body} if self.body else dict(self.fields)

    def place(self, *pointer: str | int) -> Place:
        """Where the value at `pointer` stands; of its nearest parent when it is not there."""
        at = pointer
        while at and at not in self.marks:
            at = at[:-1]
        if pointer == ("body",) and self.form == "md":
            return Place(self.path, self.body_line)
        return Place(self.path, *self.marks.get(at, (1, 1)))

    def key_place(self, *pointer: str | int) -> Place:
        """Where the key at `pointer` stands; of its value or nearest parent when there is none."""
        return Place(self.path, *self.keys[pointer]) if pointer in self.keys else self.place(*pointer)


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that made no sense: why (the key of a reading rule), where, and the rule's holes."""

    place: Place
    fault: str
    holes: Mapping[str, Hole] = field(default_factory=dict)
    fatal: bool = True


def texts_in(values: Iterable[Any]) -> list[str]:
    """Every text among some values of JSON and within them, in their order."""
    found: list[str] = []
    _gather(values, found)
    return found


def _gather(values: Iterable[Any], found: list[str]) -> None:
    for value in values:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            _gather(value.values(), found)
        elif isinstance(value, list):
            _gather(value, found)
