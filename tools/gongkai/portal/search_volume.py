"""The files of a volume of the search: in each a segment of every part; and how they were put together, so as to be mended."""

from __future__ import annotations

import base64
import hashlib
import marshal
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

DIGEST = 6
"""So many characters has a file's digest: enough that a browser's old copy is never taken for the new file."""
Segments = Mapping[int, Mapping[int, bytes]]
"""By the number of a file, and by that of a part in its volume."""


def digest(data: bytes) -> str:
    """The digest of a file, as the directory says it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest())[:DIGEST].decode()


class Shape(NamedTuple):
    """The keys of a volume's parts, the digests of its files, and of each part the sizes of its segments, 4 bytes each."""

    parts: tuple[bytes, ...]
    digests: tuple[str, ...]
    sizes: tuple[bytes, ...]

    @classmethod
    def of(cls, parts: Sequence[bytes], segments: Sequence[Sequence[bytes]], digests: Sequence[str]) -> Shape:
        """The shape of a volume whose parts have these keys and segments, and whose files have these digests."""
        sizes = (array("I", map(len, each)).tobytes() for each in segments)
        return cls(tuple(parts), tuple(digests), tuple(sizes))

    def packed(self) -> bytes:
        """All of it as bytes."""
        return marshal.dumps(tuple(self))

    def mended(
        self, parts: Sequence[bytes], segments: Segments, read: Callable[[int], bytes]
    ) -> tuple[Shape, dict[int, bytes]] | None:
        """With these segments in place of those of old, and the files that are not as they were, by their numbers.

        `read` gives a file as it was. None when one of these is not what this shape says.
        """
        sizes, digests = [array("I", each) for each in self.sizes], list(self.digests)
        files: dict[int, bytes] = {}
        for file, new in segments.items():
            old, pieces, at = read(file), [], 0
            if digest(old) != digests[file]:
                return None
            for part, each in enumerate(sizes):
                pieces.append(new.get(part) or old[at : at + each[file]])
                at += each[file]
                each[file] = len(pieces[-1])
            files[file] = b"".join(pieces)
            digests[file] = digest(files[file])
        return Shape(tuple(parts), tuple(digests), tuple(each.tobytes() for each in sizes)), files


def unpacked(data: bytes) -> Shape:
    """What `Shape.packed` made."""
    return Shape._make(marshal.loads(data))
