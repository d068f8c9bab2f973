"""Items whose fields are at hand and nothing more: enough for every order, list and count over all of them.

Their texts and the places of their values are four fifths of all bytes; one item's are fetched when somebody asks for them,
and not held here: of a whole portal they would be more than all else that a build holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gongkai.model.item import Item, Mark, Pointer


class Rest(NamedTuple):
    """What an item is besides its fields; see `Item`."""

    body: str
    body_line: int
    marks: Mapping[Pointer, Mark]
    keys: Mapping[Pointer, Mark]


Fetch = Callable[[str, str], Rest]
"""The rest of the item of a path and blob."""


class Front(Item):
    """An item that completes itself. Copied or pickled it becomes a plain, whole one."""

    __slots__ = ("_fetch",)

    def __new__(cls, *args: Any, **named: Any) -> Item:  # type: ignore[misc]
        """What `dataclasses.replace` calls: a changed copy is whole."""
        return Item(*args, **named)

    @classmethod
    def of(cls, path: str, blob: str, form: str, fields: dict[str, Any], fetch: Fetch) -> Item:
        """The front of the item of this blob at this path."""
        front = object.__new__(cls)
        put = object.__setattr__
        put(front, "path", path)
        put(front, "blob", blob)
        put(front, "form", form)
        put(front, "fields", fields)
        put(front, "_fetch", fetch)
        return front

    @property
    def rest(self) -> Rest:
        """What is not at hand."""
        return self._fetch(self.path, self.blob)

    def whole(self) -> Item:
        """All of the item."""
        return Item(self.path, self.form, self.fields, *self.rest, self.blob)

    body = property(lambda self: self.rest.body)
    body_line = property(lambda self: self.rest.body_line)
    marks = property(lambda self: self.rest.marks)
    keys = property(lambda self: self.rest.keys)

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, Front) else other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Item], tuple[Any, ...]]:
        whole = self.whole()
        return Item, tuple(getattr(whole, name) for name in Item.__slots__)

    _fetch: Fetch
