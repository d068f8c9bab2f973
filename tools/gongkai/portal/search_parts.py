"""How the search index is cut: the items by date, in parts, and parts in volumes, each of which has files of its own.

Where a part ends is said by the ids of its own items, so a change moves no cut but those beside it: one item changed is one
part changed. All is said by the items as they are, never by what was built before, so equal portals have equal indexes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, takewhile

from gongkai.model.item import Item
from gongkai.portal import standing
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
_YEAR = slice(-10, -6)
"""Where the year stands in an id; see `ID_PATTERN`."""
_FIRST = date(1970, 1, 1).toordinal()


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
    found: list[Part] = []
    held: list[Item] = []
    for item in sorted(
        (item for item in site.items if not item.removed), key=lambda item: _place(item, site)
    ):
        held.append(item)
        if len(held) >= MOST or (len(held) >= LEAST and zlib.crc32(item.id.encode()) % LEAST == 0):
            found.append(Part(len(found), tuple(held)))
            held.clear()
    return [*found, Part(len(found), tuple(held))] if held else found


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
    items = [item for item in site.items if not item.removed]
    # The site has those that are not published yet first, wherever their dates belong, then the others by date.
    waiting = len(list(takewhile(lambda item: standing.published(item, site.portal) is None, items)))
    last = days(items[min(waiting + count, len(items)) - 1], site) if items else 0
    late = takewhile(lambda item: days(item, site) >= last, items[waiting:])
    return sorted((*items[:waiting], *late), key=lambda item: (-days(item, site), *_place(item, site)))[
        :count
    ]


def days(item: Item, site: Site) -> int:
    """Days from 1970 to the date that the search sorts the item by; 0 without one."""
    day = standing.published(item, site.portal) or item.date("document_date") or item.date("occurred_on")
    return max(0, min(day.toordinal() - _FIRST, 65535)) if day else 0


def _place(item: Item, site: Site) -> tuple[int, str, str]:
    """By date, then by the year of the id, then by the id; what is shown has an id."""
    ident = item.id
    return days(item, site), ident[_YEAR], ident
