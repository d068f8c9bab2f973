"""The search index as files: a short directory, rows for filters, postings in many small files, results in blocks.

A query needs the directory, the rows, of each volume one file of postings for each of its terms, and the blocks of the results
it shows: at 10,000 items well under 300 KB. Everything is computed from the items alone, so that equal portals have equal
indexes; what one volume or part has of its own is computed by itself, so that it is as it was while none of its items changed.

- `search/index.json`       what the others need: names of departments, columns, types and states; how many items each part has,
  how many parts and files each volume; a digest of every file, so that a browser never mixes two releases
- `search/rows.bin`         per item, part after part: days since 1970 and department (2 bytes each), column, type, state (1 byte each)
- `search/t/<v>/<n>.bin`    the postings of volume v: of each of its parts a segment (see search_segments)
- `search/r/<p>/<n>.json`   what results show of 32 items of part p each
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from gongkai.portal.keys import Keys
from gongkai.portal.page import SiteData
from gongkai.portal.search_kept import Held
from gongkai.portal.search_mend import Shelves, files_of
from gongkai.portal.search_parts import Part, Volume, parts, volumes
from gongkai.portal.search_postings import held, stock
from gongkai.portal.search_results import BLOCK, ROW, STATES, Codes, as_json, blocks, codes, rows
from gongkai.portal.search_stock import Stock
from gongkai.portal.search_volume import Shape, digest
from gongkai.portal.site import Site

FOLDER = "search"
Files = Iterator[tuple[str, bytes]]
Piece = TypeVar("Piece", Part, Volume)
Changed = Iterable[tuple[int, bytes]]
"""The segments of a part that are not as they were, by the numbers of their files."""


def index(site: Site, keys: Keys | None = None) -> Iterator[SiteData]:
    """All files of the index of what the public may see and may find, if one may search; `keys`: see `Search`."""
    if not site.portal.settings.has_search:
        return
    search = Search(site, keys)
    made = (*map(search.results, search.parts), *map(search.postings, search.volumes), search.top())
    yield from (SiteData(path, data) for files in made for path, data in files)


class Search:
    """The index in pieces: the results of each part, the postings of each volume, and what stands above them all.

    With `keys` what a piece tells those above it is kept, and what volumes are mended from; without them nothing is kept.
    """

    def __init__(self, site: Site, keys: Keys | None = None) -> None:
        self.parts = parts(site)
        self.volumes = volumes(self.parts)
        self._site, self._keys = site, keys
        self._held = Held(site.portal.kept if keys else None)
        self._known: dict[int, bytes] = {}

    def key(self, piece: Part | Volume) -> bytes:
        """The digest of all that a piece is made from, but for its number."""
        if isinstance(piece, Part):
            return _hashed((self._key(piece), self._shown_codes))
        return _hashed((str(piece.files).encode(), *map(self._key, piece.parts)))

    def results(self, part: Part) -> Files:
        """What results show of a part."""
        made = blocks(part, self._site)
        digests = "".join(map(digest, made)).encode()
        self._held.say(_name(part), self.key(part), rows(part, self._site, self._codes) + digests)
        yield from ((f"{_name(part)}/{n}.json", data) for n, data in enumerate(made))

    def postings(self, volume: Volume) -> Files:
        """What a volume's items are found by."""
        from gongkai.portal.search_segments import segments

        cut = [segments(self._stock(part), volume.files) for part in volume.parts]
        digests: list[str] = []
        # One file after another: all at once are as much again as all segments.
        for n, pieces in enumerate(zip(*cut, strict=True)):
            data = b"".join(pieces)
            digests.append(digest(data))
            yield _path(volume, n), data
        self._say(volume, Shape.of([*map(self._key, volume.parts)], cut, digests))

    def mend(self, volume: Volume, key: bytes, read: Callable[[str], bytes]) -> dict[str, bytes] | None:
        """The volume's files that are not as they were when it was made under this key; None when that cannot be told.

        `read` gives a file as it was, by its path.
        """
        old, keys = self._held.shape(key), [*map(self._key, volume.parts)]
        if old is None or len(old.digests) != volume.files or len(old.parts) != len(keys):
            return None
        new: defaultdict[int, dict[int, bytes]] = defaultdict(dict)
        for number, part in enumerate(volume.parts):
            changed = (
                ()
                if old.parts[number] == keys[number]
                else self._changed(part, old.parts[number], volume.files)
            )
            if changed is None:
                return None
            for file, segment in changed:
                new[file][number] = segment
        found = old.mended(keys, new, lambda file: read(_path(volume, file)))
        if found is None:
            return None
        self._say(volume, found[0])
        return {_path(volume, file): data for file, data in found[1].items()}

    def top(self) -> Files:
        """The directory, and the rows of all items."""
        told = [self._told(part, self.results) for part in self.parts]
        sizes = [ROW * len(part.items) for part in self.parts]
        every = b"".join(said[:size] for said, size in zip(told, sizes, strict=True))
        blocks_ = b"".join(said[size:] for said, size in zip(told, sizes, strict=True))
        files = b"".join(self._told(volume, self.postings) for volume in self.volumes)
        digests = {"rows": digest(every), "t": files.decode(), "r": blocks_.decode()}
        yield f"{FOLDER}/index.json", as_json(self._directory() | digests)
        yield f"{FOLDER}/rows.bin", every
        of_parts, of_volumes = [*map(self._key, self.parts)], [*map(self.key, self.volumes)]
        self._held.tidy(of_parts, of_volumes, [*map(self.key, self.parts), *of_volumes])

    def _directory(self) -> dict[str, object]:
        site = self._site
        names = {"departments": site.department, "columns": site.column, "types": site.kind}
        return {
            "parts": [len(part.items) for part in self.parts],
            "volumes": [[len(volume.parts), volume.files] for volume in self.volumes],
            "block": BLOCK,
            "states": list(STATES),
            **{name: ["", *map(title, self._codes[name])] for name, title in names.items()},
            "codes": {name: ["", *self._codes[name]] for name in names},
        }

    @cached_property
    def _codes(self) -> Codes:
        return codes(self._site)

    @cached_property
    def _shown_codes(self) -> bytes:
        return repr(self._codes).encode()

    def _key(self, part: Part) -> bytes:
        """The digest of what is shown of a part's items."""
        if part.number not in self._known:
            self._known[part.number] = self._keys.some(part.items) if self._keys else b""
        return self._known[part.number]

    def _stock(self, part: Part) -> Stock:
        """What the part is found by, as it was computed before or computed now."""
        found = self._held.stock(self._key(part)) if self._keys else None
        return found or self._computed(part)

    def _computed(self, part: Part) -> Stock:
        made = stock(part, self._site, *self._made_from(part))
        self._held.keep_stock(self._key(part), made)
        return made

    def _made_from(self, part: Part) -> tuple[bytes, tuple[bytes, ...]]:
        """What a stock is known by: the digest of all settings, and of what each item shows."""
        if self._keys is None:
            return b"", ()
        shown, count = self._keys.shown(part.items), len(part.items)
        return self._keys.some(()), tuple(
            shown[at : at + len(shown) // count] for at in range(0, len(shown), len(shown) // count)
        )

    def _changed(self, part: Part, before: bytes, files: int) -> Changed | None:
        """The segments of a part that are not those of the part of the key `before`; None when that cannot be told."""
        old, (house, owns) = self._held.stock(before), self._made_from(part)
        if old is None or old.house != house:
            return None
        mended = Shelves(old).mended(
            owns, lambda rank: held(part.items[rank], self._site) if rank < len(owns) else ({}, {})
        )
        if mended is not None:
            self._held.keep_stock(self._key(part), mended[0].stock)
            return mended[0].segments(files_of(mended[1], files), files)
        from gongkai.portal.search_segments import segments

        pairs = zip(segments(old, files), segments(self._stock(part), files), strict=True)
        return [(file, new) for file, (was, new) in enumerate(pairs) if new != was]

    def _say(self, volume: Volume, shape: Shape) -> None:
        self._held.say(_name(volume), self.key(volume), "".join(shape.digests).encode())
        self._held.keep_shape(self.key(volume), shape)

    def _told(self, piece: Piece, make: Callable[[Piece], Files]) -> bytes:
        """What the directory has to know of a piece, which is made for it when nobody has made it."""
        name, key = _name(piece), self.key(piece)
        if (said := self._held.said(name, key)) is None:
            deque(make(piece), maxlen=0)
            said = self._held.said(name, key)
        return said or b""


def _name(piece: Part | Volume) -> str:
    return f"{FOLDER}/{'r' if isinstance(piece, Part) else 't'}/{piece.number}"


def _path(volume: Volume, file: int) -> str:
    return f"{_name(volume)}/{file}.bin"


def _hashed(rows_: Iterable[bytes]) -> bytes:
    return hashlib.blake2b(b"\n".join(row.hex().encode() for row in rows_), digest_size=16).digest()
