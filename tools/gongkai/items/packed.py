"""Items as bytes, to be kept by their blob ids: what was parsed once need not be parsed again."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, cast

from gongkai.items.front import Fetch, Front
from gongkai.model.item import Item, Mark, Pointer
from gongkai.store.kept import Kept

KIND = "item"
FRONTS = "fronts"
"""Form and fields of all items of one tree as one value: that is read in a fifth of the time that their values of their own take."""
WHOLE = "all"
APART = 50
"""So many items may be missing in it before it is written anew."""
SPARE = 5_000
"""So many values that no present item has may lie in the file before they are taken out."""
MOST = 1_000
"""So many unpacked items that are no longer asked for may be held."""
BATCH = 1_000
"""So many new values are written at once."""


class Marks(Mapping[Pointer, Mark]):
    """Places of values or keys, unpacked when somebody first asks: most items are read and found good."""

    __slots__ = ("_marks", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._marks: dict[Pointer, Mark] | None = None

    def _all(self) -> dict[Pointer, Mark]:
        if self._marks is None:
            self._marks = marshal.loads(self._raw)
        return self._marks

    def __getitem__(self, pointer: Pointer) -> Mark:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def pack(item: Item) -> bytes:
    """An item as bytes; its path and blob are the key's business."""
    marks, keys = marshal.dumps(dict(item.marks)), marshal.dumps(dict(item.keys))
    return marshal.dumps((item.form, dict(item.fields), item.body, item.body_line, marks, keys))


def unpack(raw: bytes, path: str, blob: str) -> Item:
    """The item that `pack` made, at this path."""
    form: Literal["md", "yml"]
    form, fields, body, body_line, marks, keys = marshal.loads(raw)
    return Item(path, form, fields, body, body_line, Marks(marks), Marks(keys), blob)


class Shelf:
    """The items that are kept, and those read in this process: each is fetched when it is asked for, and all at once for all."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._raw: dict[str, bytes] = {}
        self._whole = False
        self._new: dict[str, bytes] = {}
        self._items: dict[tuple[str, str], Item] = {}

    @classmethod
    def of(cls, kept: Kept) -> Shelf:
        """The one shelf of this process for what is `kept`."""
        shelf = kept.memory.setdefault(KIND, None) or cls(kept)
        kept.memory[KIND] = shelf
        return cast("Shelf", shelf)

    def fetch_all(self) -> None:
        """Read all that is kept at once, for somebody who wants many."""
        if not self._whole:
            self._raw = self._kept.all(KIND) | self._raw
            self._whole = True

    def find(self, path: str, blob: str) -> Item | None:
        """The item of this blob at this path, if it is known."""
        if (path, blob) not in self._items:
            raw = self.raw(path, blob)
            if raw is None:
                return None
            self._items[path, blob] = unpack(raw, path, blob)
        return self._items[path, blob]

    def raw(self, path: str, blob: str) -> bytes | None:
        """The packed item of this blob at this path, if it is known."""
        key = _key(path, blob)
        return self._raw.get(key) or (None if self._whole else self._kept.get(KIND, key))

    def every(
        self, rows: Sequence[tuple[str, str]], load: Callable[[str], Item], fetch: Fetch
    ) -> tuple[Item, ...]:
        """The items of these (path, blob): fronts as far as they are kept, the others by `load`. `fetch`: see `Front`."""
        known = self._items
        strange = [row for row in rows if row not in known]
        fronts = self._fronts() if len(strange) > APART else {}
        new = [row for row in strange if _key(*row) not in fronts]
        if len(new) > APART:
            self.fetch_all()
        for path, blob in strange:
            if front := fronts.get(_key(path, blob)):
                known[path, blob] = Front.of(path, blob, *front, fetch)
        items = tuple(known.get(row) or load(row[0]) for row in rows)
        if len(known) > len(items) + MOST:  # a process that stays need not hold what items were once
            self._items = dict(zip(rows, items, strict=True))
        if len(new) > APART and self._kept.folder is not None:
            told = {_key(i.path, i.blob): (i.form, dict(i.fields)) for i in items}
            self._kept.put(FRONTS, {WHOLE: marshal.dumps(told)}, alone=True)
            # All are unpacked now: their bytes would only lie beside them.
            self._raw, self._whole = {}, False
        return items

    def _fronts(self) -> dict[str, tuple[str, dict[str, Any]]]:
        with suppress(ValueError, EOFError, TypeError):
            return marshal.loads(self._kept.get(FRONTS, WHOLE) or b"") or {}
        return {}

    def add(self, item: Item) -> None:
        """Keep an item that was read without any fault."""
        self.put(item.path, item.blob, pack(item))
        self._items[item.path, item.blob] = item

    def put(self, path: str, blob: str, raw: bytes) -> None:
        """Keep an item that another process has packed; what piles up is written at once."""
        self._new[_key(path, blob)] = raw
        if len(self._new) >= BATCH:
            self._write()

    def close(self) -> None:
        """Write what is new."""
        if self._new:
            self._write()

    def clear_out(self, used: Iterable[tuple[str, str]]) -> None:
        """Take out what none of these (path, blob) has, when that has become much."""
        keys = {_key(path, blob) for path, blob in used}
        idle = set(self._kept.keys(KIND)) - keys
        if len(idle) > SPARE + len(keys):
            self._kept.drop(KIND, sorted(idle))

    def _write(self) -> None:
        self._kept.put(KIND, self._new)
        if self._whole or self._kept.folder is None:  # else each is fetched when it is asked for
            self._raw.update(self._new)
        self._new = {}


def _key(path: str, blob: str) -> str:
    # The ending says how the bytes are read.
    return f"{blob}{'m' if path.lower().endswith('.md') else 'y'}"
