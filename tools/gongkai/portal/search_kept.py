"""What a build need not compute again of the search index: it is kept by the digests of what it was computed from.

A piece that is taken over from the build before is not made, yet the directory must know the digests of its files: that is
what a piece says. And a volume that is made anew takes the segments of those of its parts that did not change from here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from gongkai.store.kept import Kept

_SAID, _SEGMENTS = "search said", "search segments"
_SPARE = 4
"""What nobody needs any more is thrown away when it is so many times as much as what is needed."""


class Held:
    """What the pieces of one index said, and the segments of its parts; in the `kept` file too, where there is one."""

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept
        self._said: dict[str, bytes] = {}

    def say(self, name: str, key: bytes, said: bytes) -> None:
        """Keep what a piece says to those above it."""
        self._said[name] = said
        if self._kept:
            self._kept.put(_SAID, {key.hex(): said})

    def said(self, name: str, key: bytes) -> bytes | None:
        """What a piece said, in this build or an earlier one that it was the same in."""
        if name not in self._said and self._kept:
            said = self._kept.get(_SAID, key.hex())
            if said is not None:
                self._said[name] = said
        return self._said.get(name)

    def segments(self, key: bytes, files: int, make: Callable[[], list[bytes]]) -> list[bytes]:
        """The segments of a part for so many files."""
        name = _name(key, files)
        data = self._kept.get(_SEGMENTS, name) if self._kept else None
        if data is not None:
            return _unpacked(data)
        made = make()
        if self._kept:
            self._kept.put(_SEGMENTS, {name: _packed(made)})
        return made

    def tidy(self, pieces: Iterable[bytes], parts: Iterable[tuple[bytes, int]]) -> None:
        """Forget what others than these keys left, when it has become much."""
        needed = {_SAID: {key.hex() for key in pieces}, _SEGMENTS: {_name(*part) for part in parts}}
        for kind, names in needed.items() if self._kept else ():
            old = set(self._kept.keys(kind)) - names if self._kept else set()
            if self._kept and len(old) > _SPARE * len(names):
                self._kept.drop(kind, old)


def _name(key: bytes, files: int) -> str:
    return f"{key.hex()} {files}"


def _packed(segments: Sequence[bytes]) -> bytes:
    """How many there are, where each ends, and all of them."""
    return array("I", (len(segments), *accumulate(map(len, segments)))).tobytes() + b"".join(segments)


def _unpacked(data: bytes) -> list[bytes]:
    count = memoryview(data)[:4].cast("I")[0]
    start = 4 * (count + 1)
    ends = array("I", data[4:start])
    return [data[start + a : start + b] for a, b in pairwise((0, *ends))]
