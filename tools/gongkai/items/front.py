"""Items whose fields are at hand and nothing more: enough for every order, list and count over all of them.

Their texts and the places of their values are four fifths of all bytes; one item's are fetched when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongkai.model.item import Item

Fetch = Callable[[str, str], Item]
"""The whole item of a path and blob."""


class Front(Item):
    """An item that completes itself. Copied or pickled it becomes a plain, whole one."""

    __slots__ = ("_fetch", "_found")

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
        put(front, "_found", None)
        return front

    def whole(self) -> Item:
        """All of the item, fetched once."""
        found: Item | None = self._found
        if found is None:
            found = self._fetch(self.path, self.blob)
            object.__setattr__(self, "_found", found)
        return found

    body = property(lambda self: self.whole().body)
    body_line = property(lambda self: self.whole().body_line)
    marks = property(lambda self: self.whole().marks)
    keys = property(lambda self: self.whole().keys)

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, Front) else other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Item], tuple[Any, ...]]:
        return Item, tuple(getattr(self.whole(), name) for name in Item.__slots__)

    _fetch: Fetch
    _found: Item | None
