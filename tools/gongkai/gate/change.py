"""The exact change that a pushed commit asks for, computed from blobs: no merge, no checkout, no rename detection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from gongkai.gate.names import MAX_FILES, path_faults
from gongkai.items.read import is_item_path, read_item
from gongkai.model.evidence import Change, PathChange
from gongkai.model.item import ID_PATTERN, REMOVAL, Item
from gongkai.model.message import Message, msg
from gongkai.store.listing import Entry
from gongkai.store.objects import Objects

GONE = Entry("", "")


def change_between(objects: Objects, base: str, tip: str) -> tuple[Change, tuple[Message, ...]]:
    """What `tip` differs in from `base` (two commits or trees), path by path, and what is wrong with those paths."""
    old, new = objects.differing(base, tip)
    paths = sorted(old.keys() | new.keys())
    sizes = objects.sizes(new[p].blob for p in paths if p in new)
    changed = {p: _sized(new.get(p, GONE), sizes) for p in paths}
    faults = tuple(path_faults(changed, objects.beside(tip, new) if len(new) <= MAX_FILES else ()))
    if faults:
        return Change(()), faults
    rows = tuple(row_of(objects, p, old, new) for p in paths)
    return Change(rows, items_of(paths)), tuple(removal_faults(rows, objects.repository.blob))


def _sized(entry: Entry, sizes: Mapping[str, int]) -> Entry:
    return replace(entry, size=sizes.get(entry.blob, 0))


def row_of(objects: Objects, path: str, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> PathChange:
    """What becomes of one path: its blobs in two listings, and the SHA-256 of the new bytes."""
    before, after = old.get(path, GONE).blob, new.get(path, GONE).blob
    digest = hashlib.sha256(objects.repository.blob(after)).hexdigest() if after else ""
    return PathChange(path, before, after, digest)


def items_of(paths: list[str]) -> tuple[str, ...]:
    """The ids of the items that these paths belong to: the item's own file, or the folder of its attachments."""
    found = dict.fromkeys(_item(path) for path in paths if path.startswith("content/"))
    return tuple(i for i in found if i)


def _item(path: str) -> str:
    parts = path.split("/")
    name = parts[3] if len(parts) > 4 else parts[-1].rpartition(".")[0]
    return name if ID_PATTERN.match(name) else ""


def foreign(change: Change, department: str) -> tuple[Message, ...]:
    """Paths that belong to another department than the branch's."""
    mine = f"content/{department}/"
    return tuple(
        msg("{path} belongs to another department than {department}", path=p.path, department=department)
        for p in change.paths
        if p.path.startswith("content/") and not p.path.startswith(mine)
    )


def deletions(change: Change) -> tuple[Message, ...]:
    """Bare deletions of items: taking down is a state (withdrawn, removed), not a deletion (design §4)."""
    gone = (
        p.path for p in change.paths if not p.new and p.path.count("/") == 3 and p.path.startswith("content/")
    )
    return tuple(
        msg("{path} cannot be deleted; to take it down use `gongkai withdraw`", path=p) for p in gone
    )


def removal_faults(rows: Iterable[PathChange], read: Callable[[str], bytes]) -> Iterator[Message]:
    """What a change may not do with notices: bring back what was removed, or say that of what never was there."""
    for row in rows:
        if not is_item_path(row.path) or not row.new:
            continue
        new = _notice(row.path, row.new, read)
        if not row.old:
            if new is not None and new.removed:
                yield msg("{path} is the notice of a removal, but there is nothing to remove", path=row.path)
            continue
        old = _notice(row.path, row.old, read)
        if old is not None and old.removed and (new is None or not new.removed):
            yield msg("{path} was removed; it cannot be brought back", path=row.path)


def _notice(path: str, blob: str, read: Callable[[str], bytes]) -> Item | None:
    raw = read(blob)
    # Reading is the slow part, and hardly any item is a notice.
    return read_item(path, raw, blob)[0] if REMOVAL.encode() in raw else None
