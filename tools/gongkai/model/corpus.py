"""All items of one tree, and everything else that lies beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gongkai.model.item import Item, Unread


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a tree: its path, size in bytes, git blob id, and kind ("file", "symlink", "other")."""

    path: str
    size: int = 0
    blob: str = ""
    kind: str = "file"


@dataclass(frozen=True)
class Corpus:
    """The items of a tree in the order of their paths, what could not be read, and the other files."""

    items: tuple[Item, ...] = ()
    unread: tuple[Unread, ...] = ()
    files: Mapping[str, FileEntry] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.items)

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """Each id's first item; a second one with the same id is a finding."""
        return {item.id: item for item in reversed(self.items)}

    @cached_property
    def by_path(self) -> Mapping[str, Item]:
        """The items by the path of their files."""
        return {item.path: item for item in self.items}

    def attachment(self, item: Item, name: str) -> FileEntry | None:
        """The file that the item's attachment `name` means, if it is there."""
        return self.files.get(f"{item.folder}/{name}")

    def fatal(self) -> Iterator[Unread]:
        """The files that gave no item."""
        return (u for u in self.unread if u.fatal)
