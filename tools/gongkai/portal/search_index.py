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

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from gongkai.model.item import Item
from gongkai.portal.page import SiteData
from gongkai.portal.search_kept import Held
from gongkai.portal.search_parts import Part, Volume, parts, volumes
from gongkai.portal.search_postings import postings
from gongkai.portal.search_results import BLOCK, ROW, STATES, Codes, as_json, blocks, codes, rows
from gongkai.portal.site import Site

FOLDER = "search"
Files = Iterator[tuple[str, bytes]]
KeyOf = Callable[[Iterable[Item]], bytes]
Piece = TypeVar("Piece", Part, Volume)


def index(site: Site, key_of: KeyOf | None = None) -> Iterator[SiteData]:
    """All files of the index of what the public may see and may find."""
    search = Search(site, key_of)
    made = (*map(search.results, search.parts), *map(search.postings, search.volumes), search.top())
    yield from (SiteData(path, data) for files in made for path, data in files)


class Search:
    """The index in pieces: the results of each part, the postings of each volume, and what stands above them all.

    `key_of` gives the digest of all that is shown of some items. What a piece tells those above it, and the postings of a
    part, are kept under it; without it nothing is kept.
    """

    def __init__(self, site: Site, key_of: KeyOf | None = None) -> None:
        self.parts = parts(site)
        self.volumes = volumes(self.parts)
        self._site, self._key_of = site, key_of
        self._held = Held(site.portal.kept if key_of else None)
        self._keys: dict[int, bytes] = {}

    def key(self, piece: Part | Volume) -> bytes:
        """The digest of all that a piece is made from, but for its number."""
        if isinstance(piece, Part):
            return _hashed((self._key(piece), repr(self._codes).encode()))
        return _hashed((str(piece.files).encode(), *map(self._key, piece.parts)))

    def results(self, part: Part) -> Files:
        """What results show of a part."""
        made = blocks(part, self._site)
        digests = "".join(map(_digest, made)).encode()
        self._held.say(_name(part), self.key(part), rows(part, self._site, self._codes) + digests)
        yield from ((f"{_name(part)}/{n}.json", data) for n, data in enumerate(made))

    def postings(self, volume: Volume) -> Files:
        """What a volume's items are found by."""
        segments = [self._segments(part, volume.files) for part in volume.parts]
        digests = []
        for n, parts_ in enumerate(zip(*segments, strict=True)):
            data = b"".join(parts_)
            digests.append(_digest(data))
            yield f"{_name(volume)}/{n}.bin", data
        self._held.say(_name(volume), self.key(volume), "".join(digests).encode())

    def top(self) -> Files:
        """The directory, and the rows of all items."""
        told = [self._told(part, self.results) for part in self.parts]
        sizes = [ROW * len(part.items) for part in self.parts]
        every = b"".join(said[:size] for said, size in zip(told, sizes, strict=True))
        blocks_ = b"".join(said[size:] for said, size in zip(told, sizes, strict=True))
        files = b"".join(self._told(volume, self.postings) for volume in self.volumes)
        digests = {"rows": _digest(every), "t": files.decode(), "r": blocks_.decode()}
        yield f"{FOLDER}/index.json", as_json(self._directory() | digests)
        yield f"{FOLDER}/rows.bin", every
        self._held.tidy(
            [*map(self.key, self.parts), *map(self.key, self.volumes)],
            [(self._key(part), volume.files) for volume in self.volumes for part in volume.parts],
        )

    def _directory(self) -> dict[str, object]:
        site = self._site
        names = {
            "departments": site.department,
            "columns": site.column,
            "types": lambda code: _type(site, code),
        }
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

    def _key(self, part: Part) -> bytes:
        """The digest of what is shown of a part's items."""
        if part.number not in self._keys:
            self._keys[part.number] = self._key_of(part.items) if self._key_of else b""
        return self._keys[part.number]

    def _segments(self, part: Part, files: int) -> list[bytes]:
        """The part's postings, made or as they were made before."""
        return self._held.segments(self._key(part), files, lambda: postings(part, self._site, files))

    def _told(self, piece: Piece, make: Callable[[Piece], Files]) -> bytes:
        """What the directory has to know of a piece, which is made for it when nobody has made it."""
        name, key = _name(piece), self.key(piece)
        if (said := self._held.said(name, key)) is None:
            deque(make(piece), maxlen=0)
            said = self._held.said(name, key)
        return said or b""


def _name(piece: Part | Volume) -> str:
    return f"{FOLDER}/{'r' if isinstance(piece, Part) else 't'}/{piece.number}"


def _type(site: Site, code: str) -> str:
    kind = site.portal.types.get(code)
    return site.words(kind.title) if kind else code


def _digest(data: bytes) -> str:
    """Six characters: enough that a browser's old copy is never taken for the new file."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest())[:6].decode()


def _hashed(rows_: Iterable[bytes]) -> bytes:
    return hashlib.blake2b(b"\n".join(row.hex().encode() for row in rows_), digest_size=16).digest()
