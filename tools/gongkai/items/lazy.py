"""A corpus whose items are known by path, id and blob: each is unpacked when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.item import Item, Unread


class Unpacked(Mapping[str, Item]):
    """Items by a key, loaded by the paths that the keys stand for."""

    def __init__(self, paths: Mapping[str, str], load: Callable[[str], Item]) -> None:
        self.paths = paths
        self._load = load

    def __getitem__(self, key: str) -> Item:
        return self._load(self.paths[key])

    def __contains__(self, key: object) -> bool:
        return key in self.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


class LazyCorpus(Corpus):
    """See `Corpus`. `ids` gives the id of the item at each path, in the order of paths.

    `every` gives all items when they are wanted: getting them one by one would take longer.
    """

    def __init__(
        self,
        ids: Mapping[str, str],
        unread: tuple[Unread, ...],
        files: Mapping[str, FileEntry],
        load: Callable[[str], Item],
        every: Callable[[], tuple[Item, ...]],
    ) -> None:
        given = {"unread": unread, "files": files, "_ids": ids, "_load": load, "_every": every}
        for name, value in given.items():
            object.__setattr__(self, name, value)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items."""
        return self._every()

    @property
    def count(self) -> int:
        """See `Corpus.count`."""
        return len(self._ids)

    @cached_property
    def by_id(self) -> Unpacked:
        """See `Corpus.by_id`."""
        return Unpacked({ident: path for path, ident in reversed(list(self._ids.items()))}, self._load)

    @cached_property
    def by_path(self) -> Unpacked:
        """See `Corpus.by_path`."""
        return Unpacked({path: path for path in self._ids}, self._load)

    _ids: Mapping[str, str]
    _load: Callable[[str], Item]
    _every: Callable[[], tuple[Item, ...]]
