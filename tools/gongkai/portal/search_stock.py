"""What a part of the search is found by, as it is kept: see `search_mend`."""

from __future__ import annotations

import marshal
from typing import NamedTuple

SHORT, LONGER = "I", "Q"
"""How the numbers of terms of two UTF-16 units stand in an array, and those of longer ones: in 4 bytes and in 8."""


class Table(NamedTuple):
    """Terms and the items that hold them, in native arrays as bytes.

    `terms` are the numbers that the terms are `known` by, of a `kind` and in order, `counts` how many values each has (2 bytes each),
    `values` the values themselves (2 bytes each; see `search_pairs.paired`).
    """

    kind: str
    terms: bytes = b""
    counts: bytes = b""
    values: bytes = b""


class Stock(NamedTuple):
    """The postings of a part of the index: of short terms, and of longer ones.

    `house` is the digest of all settings, `owns` are those of what each item shows.
    """

    house: bytes
    owns: tuple[bytes, ...]
    short: Table = Table(SHORT)
    longer: Table = Table(LONGER)

    def packed(self) -> bytes:
        """All of it as bytes."""
        return marshal.dumps((self.house, self.owns, tuple(self.short), tuple(self.longer)))


def unpacked(data: bytes | memoryview) -> Stock:
    """What `Stock.packed` made."""
    house, owns, short, longer = marshal.loads(data)
    return Stock(house, owns, Table._make(short), Table._make(longer))
