"""Items as bytes, to be kept by their blob ids: what was parsed once need not be parsed again."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from sys import intern
from typing import Any, Literal, cast

from gongkai.items.front import Fetch, Front, Rest
from gongkai.items.quick import Places
from gongkai.model.item import Item, Mark, Pointer
from gongkai.store.kept import Kept
from gongkai.store.relay import Stretch

KIND = "item"
FRONTS = "fronts"
"""Form and fields of many items as one value: that is read in a fifth of the time that their values of their own take."""
APART = 50
"""So many items may be missing in these before theirs are kept too."""
SPARE = 5_000
"""So many values that no present item has may lie in the file before they are taken out."""
MOST = 1_000
"""So many unpacked items that are no longer asked for may be held."""
LATELY = 50
"""So many texts are held beside the items they belong to: a page asks for its item's more than once."""
SHORT = 12
"""Texts of so many signs are mostly said by many items: names of departments and types, dates, words of the schemas."""
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


FrontRow = tuple[Literal["md", "yml"], dict[str, Any]]
"""Form and fields."""


def front(item: Item) -> FrontRow:
    """Form and fields of an item. Marshal knows interned texts again: whoever unpacks ten thousand holds each once."""
    fields = item.fields.items()
    return item.form, {k: intern(v) if type(v) is str and len(v) <= SHORT else v for k, v in fields}


def pack(item: Item, known: FrontRow | None = None) -> bytes:
    """An item as bytes, its `front` being `known`; its path and blob are the key's business.

    Fields and places are bytes within the bytes: who wants a text only does not unpack them.
    """
    fronted, marks, keys = marshal.dumps(known or front(item)), _packed(item.marks), _packed(item.keys)
    return marshal.dumps((item.body, item.body_line, fronted, marks, keys))


def _packed(places: Mapping[Pointer, Mark]) -> bytes:
    """Places as bytes; those of a shape that many items have are packed once."""
    return places.packed if isinstance(places, Places) else marshal.dumps(dict(places))


def unpack(raw: bytes, path: str, blob: str) -> Item:
    """The item that `pack` made, at this path."""
    body, body_line, fronted, marks, keys = marshal.loads(raw)
    form, fields = marshal.loads(fronted)
    return Item(path, form, fields, body, body_line, Marks(marks), Marks(keys), blob)


def pack_fronts(fronts: Mapping[tuple[str, str], FrontRow]) -> bytes:
    """Many items' fronts, by path and blob, as one value."""
    return marshal.dumps({_key(*row): fronted for row, fronted in fronts.items()})


class Shelf:
    """The items that are kept, and those read in this process: each is fetched when it is asked for, and all at once for all."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._raw: dict[str, bytes] = {}
        self._whole = False
        self._new: dict[str, bytes | Stretch] = {}
        self._lying: dict[str, Stretch] = {}
        self._new_fronts: list[bytes] = []
        self._items: dict[tuple[str, str], Item] = {}
        self._lately: dict[tuple[str, str], Rest] = {}

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
        if key in self._lying:
            return self._lying[key].read()
        return self._raw.get(key) or (None if self._whole else self._kept.get(KIND, key))

    def passing(self, rows: Iterable[tuple[str, str]]) -> Iterator[Item | None]:
        """The items of these (path, blob) one after another, None for what is not known: for who reads all, and holds none."""
        for path, blob in rows:
            raw = self.raw(path, blob)
            yield self._items.get((path, blob)) if raw is None else unpack(raw, path, blob)

    def rest(self, path: str, blob: str) -> Rest | None:
        """What the item of this blob is besides its fields, if it is known. It is not held for long."""
        if (path, blob) not in self._lately:
            raw = self.raw(path, blob)
            if raw is None:
                return None
            body, body_line, _, marks, keys = marshal.loads(raw)
            if len(self._lately) >= LATELY:
                self._lately.clear()
            self._lately[path, blob] = Rest(body, body_line, Marks(marks), Marks(keys))
        return self._lately[path, blob]

    def hold(self, packed: bytes, rows: Iterable[tuple[str, str]], fetch: Fetch) -> list[Item]:
        """The items of these (path, blob) as far as their fronts are in what another process has packed. `fetch`: see `Front`.

        Those that lie in no spool are left out: when there is no room to keep them, nobody could tell the rest of them.
        """
        lying = [row for row in rows if _key(*row) in self._lying]
        return self._held(marshal.loads(packed), lying, fetch)

    def _held(
        self, fronts: Mapping[str, FrontRow], rows: Iterable[tuple[str, str]], fetch: Fetch
    ) -> list[Item]:
        found = []
        for path, blob in rows:
            if row := fronts.get(_key(path, blob)):
                item = self._items[path, blob] = Front.of(path, blob, *row, fetch)
                found.append(item)
        return found

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
        self._held(fronts, strange, fetch)
        items = tuple(known.get(row) or load(row[0]) for row in rows)
        if len(known) > len(items) + MOST:  # a process that stays need not hold what items were once
            self._items = dict(zip(rows, items, strict=True))
        idle, fresh = len(fronts) > len(items) + SPARE, set(new)
        if self._kept.folder is not None and (idle or len(new) > APART):
            # One that somebody wrote into meanwhile is another item than the one asked for, and kept as that only.
            got = zip(rows, items, strict=True)
            wanted = {row: item for row, item in got if item.blob == row[1] and (idle or row in fresh)}
            told = pack_fronts({row: front(item) for row, item in wanted.items()})
            self._kept.put(FRONTS, {_digest(told): told}, alone=idle)
            # All are unpacked now: their bytes would only lie beside them.
            self._raw, self._whole = {}, False
        return items

    def _fronts(self) -> dict[str, FrontRow]:
        found: dict[str, FrontRow] = {}
        with suppress(ValueError, EOFError, TypeError):
            for value in self._kept.each(FRONTS):
                found |= marshal.loads(value)
        return found

    def add(self, item: Item) -> None:
        """Keep an item that was read without any fault."""
        self.put(item.path, item.blob, pack(item))
        self._items[item.path, item.blob] = item

    def put(self, path: str, blob: str, raw: bytes | Stretch) -> None:
        """Keep an item that another process has packed; what piles up is written at once.

        One that lies in a spool is read from there until `leave`: that takes a fifth of the time.
        """
        key = _key(path, blob)
        self._new[key] = raw
        if isinstance(raw, Stretch):
            self._lying[key] = raw
        if len(self._new) >= BATCH:
            self._write()

    def put_fronts(self, packed: bytes) -> None:
        """Keep the fronts of items that were put."""
        self._new_fronts.append(packed)

    def leave(self) -> None:
        """Let go of spools: what lay there is kept by now, or is read anew."""
        if self._lying and self._kept.folder is not None:
            self._lying, self._whole = {}, False

    def close(self) -> None:
        """Write what is new."""
        if self._new or self._new_fronts:
            self._write()

    def clear_out(self, used: Iterable[tuple[str, str]]) -> None:
        """Take out what none of these (path, blob) has, when that has become much."""
        keys = {_key(path, blob) for path, blob in used}
        idle = set(self._kept.keys(KIND)) - keys
        if len(idle) > SPARE + len(keys):
            self._kept.drop(KIND, sorted(idle))

    def _write(self) -> None:
        new = {key: raw.read() if isinstance(raw, Stretch) else raw for key, raw in self._new.items()}
        self._kept.put(KIND, new)
        self._kept.put(FRONTS, {_digest(packed): packed for packed in self._new_fronts})
        if self._whole or self._kept.folder is None:  # else each is fetched when it is asked for
            self._raw.update((key, new[key]) for key in new.keys() - self._lying.keys())
        self._new, self._new_fronts = {}, []


def _digest(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()[:32]


def _key(path: str, blob: str) -> str:
    # The ending says how the bytes are read.
    return f"{blob}{'m' if path.lower().endswith('.md') else 'y'}"
