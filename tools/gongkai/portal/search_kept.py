"""What a build need not compute again of the search index: it is kept by the digests of what it was computed from.

A piece that is taken over from the build before is not made, yet the directory must know the digests of its files: that is
what a piece says. And a volume that is made anew is mended: what its parts were found by, and how its files were put together.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from gongkai.portal import search_stock, search_volume
from gongkai.portal.search_stock import Stock
from gongkai.portal.search_volume import Shape
from gongkai.store.kept import Kept

_SAID, _STOCK, _SHAPE = "search said", "stock", "search shape"
_SUM = 4
"""So many bytes has a checksum."""
_SPARE = 4
"""What nobody needs any more is thrown away when it is so many times as much as what is needed."""


class Held:
    """What the pieces of one index said, stocks of parts and shapes of volumes; in the `kept` file too, where there is one."""

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept or Kept(None)
        self._said: dict[str, bytes] = {}

    def say(self, name: str, key: bytes, said: bytes) -> None:
        """Keep what a piece says to those above it."""
        self._said[name] = said
        self._kept.put(_SAID, {key.hex(): said})

    def said(self, name: str, key: bytes) -> bytes | None:
        """What a piece said, in this build or an earlier one that it was the same in."""
        if name not in self._said and (said := self._kept.get(_SAID, key.hex())) is not None:
            self._said[name] = said
        return self._said.get(name)

    def stock(self, key: bytes) -> Stock | None:
        """What the part of this key was found by."""
        data = self._kept.whole(_STOCK, key.hex()) or b""
        packed = memoryview(data)[len(key) + _SUM :]
        return search_stock.unpacked(packed) if data[: len(key) + _SUM] == _head(key, packed) else None

    def keep_stock(self, key: bytes, stock: Stock) -> None:
        """Keep what a part is found by: nearly a megabyte, so in a file of its own."""
        packed = stock.packed()
        self._kept.put_whole(_STOCK, key.hex(), _head(key, packed) + packed)

    def shape(self, key: bytes) -> Shape | None:
        """How the files of the volume of this key were put together."""
        data = self._kept.get(_SHAPE, key.hex())
        return None if data is None else search_volume.unpacked(data)

    def keep_shape(self, key: bytes, shape: Shape) -> None:
        """Keep how a volume's files are put together."""
        self._kept.put(_SHAPE, {key.hex(): shape.packed()})

    def tidy(self, parts: Iterable[bytes], volumes: Iterable[bytes], pieces: Iterable[bytes]) -> None:
        """Forget what others than these left, when it has become much: keys of stocks, of shapes, of what was said."""
        self._kept.tidy_wholes(_STOCK, [key.hex() for key in parts], _SPARE)
        for kind, keys in ((_SHAPE, volumes), (_SAID, pieces)):
            needed = {key.hex() for key in keys}
            old = set(self._kept.keys(kind)) - needed
            if len(old) > _SPARE * len(needed):
                self._kept.drop(kind, old)


def _head(key: bytes, packed: bytes | memoryview) -> bytes:
    """What stands before a stock in its file: a file that was not written to its end, or for another key, has another."""
    return key + zlib.crc32(packed).to_bytes(_SUM, "big")
