"""How the search index is cut: the items by date, in parts, and parts in volumes, each of which has files of its own.

Where a part ends is said by the ids of its own items, so a change moves no cut but those beside it: one item changed is one
part changed. All is said by the items as they are, never by what was built before, so equal portals have equal indexes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise

from gongkai.model.item import Item
from gongkai.portal.bearings import Bearing
from gongkai.portal.site import Site

LEAST, MOST = 256, 1024
"""A part has so many items; it ends where an id says so, about every 256 items, once it has enough."""
FULL = 64
"""A volume has so many parts; those left over make two more, which are written anew more often."""
OPEN = 4
"""So many parts at most are in the newest volume, where most changes fall."""
FILE, SMALL = 8_000, 4_000
"""A file of postings has so many bytes, or up to twice as many; in the newest volume half of that, for a question loads both."""
_AN_ITEM = 1_250
"""An item has about so many in all of them."""
_DAYS, _IDENT = slice(5), slice(11, None)
"""Where these stand in `Bearing.sought`."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some items that follow one another."""

    number: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """Some parts whose postings stand in the same files."""

    number: int
    parts: tuple[Part, ...]
    files: int
    """How many files of postings it has: a power of two, which seldom changes while items come and go."""


def parts(site: Site) -> list[Part]:
    """What the public may see and find, the oldest first; of one day in the order of ids. Removed items are not in it."""
    placed = {one.sought: item for item, one in zip(site.items, site.shown, strict=True)}
    order = sorted(placed)
    items = [*map(placed.__getitem__, order)]
    found: list[Part] = []
    start = 0
    while start < len(items):
        end = _end(order, start)
        found.append(Part(len(found), tuple(items[start:end])))
        start = end
    return found


def _end(order: Sequence[str], start: int) -> int:
    """Where the part ends that begins there."""
    most = min(start + MOST, len(order))
    ends = (n for n in range(start + LEAST, most) if zlib.crc32(order[n - 1][_IDENT].encode()) % LEAST == 0)
    return next(ends, most)


def volumes(parts: Sequence[Part]) -> list[Volume]:
    """The parts in volumes: full ones, what is left over, and the newest few."""
    count = len(parts)
    cuts = sorted({*range(0, count, FULL), max(count - 1, 0) // OPEN * OPEN, count})
    return [_volume(n, parts[a:b], SMALL if b == count else FILE) for n, (a, b) in enumerate(pairwise(cuts))]


def _volume(number: int, parts: Sequence[Part], file: int) -> Volume:
    size = sum(len(part.items) for part in parts) * _AN_ITEM
    return Volume(number, tuple(parts), 1 << (max(size // file, 1).bit_length() - 1))


def newest(site: Site, count: int) -> list[Item]:
    """The items that a search for nothing shows first, in the order in which `search.js` shows them."""
    placed = {one.sought: item for item, one in zip(site.items, site.shown, strict=True)}
    last = min(nlargest(count, placed), default="")[_DAYS]
    late = sorted((where for where in placed if where >= last), key=lambda where: (-int(where[_DAYS]), where))
    return [placed[where] for where in late[:count]]


def days(one: Bearing) -> int:
    """Days from 1970 to the date that the search sorts the item by; 0 without one."""
    return int(one.sought[_DAYS])
