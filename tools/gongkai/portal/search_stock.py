"""What a part of the search is found by, as it is kept: see `search_mend`."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Mapping
from typing import NamedTuple


class Stock(NamedTuple):
    """The postings of a part of the index, in native arrays as bytes.

    `house` is the digest of all settings, `owns` are those of what each item shows. `terms` says where each term of
    two UTF-16 units stands among all (`search_terms.spread`, 4 bytes each, in order), `counts` how many values it has (2 bytes
    each), `values` the values themselves (2 bytes each; see `search_pairs.paired`). `others` are the values of longer terms.
    """

    house: bytes
    owns: tuple[bytes, ...]
    terms: bytes
    counts: bytes
    values: bytes
    others: Mapping[str, tuple[int, ...]]

    def packed(self) -> bytes:
        """All of it as bytes."""
        return marshal.dumps((*self[:-1], dict(self.others)))


def one_each(values: Collection[int]) -> tuple[int, ...]:
    """Values in order, each item once: for the title, when it holds the term there and elsewhere."""
    if len(values) == 1:
        return (*values,)
    return tuple([rank * 2 + flag for rank, flag in {v >> 1: v & 1 for v in sorted(values)}.items()])


def unpacked(data: bytes | memoryview) -> Stock:
    """What `Stock.packed` made."""
    return Stock._make(marshal.loads(data))
