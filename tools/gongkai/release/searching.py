"""The search index read as a browser reads it: what `search.js` would show for a query, computed from the files alone."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

SEARCH = "search"
ROW = 7
LONGER = 6
"""So many bytes has the name of a term of more than two UTF-16 units."""
MANY = 255
_RUN = re.compile(r"[^\W_]+")
_YEAR = r"(?:19|20)\d{2}"
_INDEX = re.compile(rf"[0-9a-z]{{6,}}/{_YEAR}-\d+")
_WHOLE = re.compile(rf"([^\W\d_]*)[\W_]*({_YEAR})\D{{1,3}}0*(\d{{1,6}})(?!\d)")
_BEGUN = re.compile(rf"([^\W\d_]+)[\W_]*({_YEAR})[\W_]*$")
_SERIAL = re.compile(r"^[\W_]*第?0*(\d{1,6})号$")
_REST = re.compile(r"^[\W_]*号|号[\W_]*$")


@dataclass(frozen=True)
class Seen:
    """What was read in an index's files, by their names: of a file that is still the very same it need not be read again.

    `digests` are what the directory must say of them, `pages` those that a file of rows names; `held` says that a file holds
    a term for the item of a number, as long as the items are numbered in the same `order`.
    """

    digests: dict[str, str] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)
    held: set[tuple[str, int, str]] = field(default_factory=set)
    order: list[list[Any]] = field(default_factory=list)

    def of(self, there: Container[str], fresh: Container[str]) -> Seen:
        """What holds of a site's files, of which the `fresh` ones are not those that were read."""
        paths = ((name, f"{SEARCH}/{name}") for name in self.digests)
        same = {name: self.digests[name] for name, path in paths if path in there and path not in fresh}
        return Seen(same, self.pages, self.held, self.order)


class Index:
    """An index in its folder. What is missing or cannot be read raises OSError, ValueError, KeyError or IndexError.

    What is `known` of its files is not read again. `seen` is what was found until now, read or known.
    """

    def __init__(self, folder: Path, known: Seen | None = None) -> None:
        self.folder = folder
        self.directory: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
        self.sizes: list[int] = self.directory["parts"]
        self.volumes: list[list[int]] = self.directory["volumes"]
        self.count = sum(self.sizes)
        self.seen = Seen(order=[self.sizes, self.volumes])
        self._before = known or Seen()
        self._postings_of: dict[str, list[int]] = {}

    def finds(self, query: str, page: str) -> bool:
        """Whether a query finds a page. What holds all terms is found: then nobody need know what else is, and in what order."""
        terms, exact, numbers = _wanted(query)
        number = self._numbers.get(page)
        if number is None or exact or numbers or not terms:
            return page in self.find(query)
        self._day(number)  # without it the browser has no order, and shows nothing: then this raises
        return all(self._holds(number, term) for term in terms) or page in self.find(query)

    def find(self, query: str) -> list[str]:
        """The pages that a query finds, best first."""
        terms, exact, numbers = _wanted(query)
        held: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for term in (*terms, *numbers):
            for value in self._postings(term):
                held[value >> 1][0] += 1
                held[value >> 1][1] += value & 1
        right = {value >> 1 for term in exact for value in self._postings(term)}
        needed = len(terms) + len(numbers)
        scores = {n: self._score(held[n], n in right, needed, bool(numbers)) for n in (*held, *right)}
        if not right and not any(hits == needed for hits, _ in held.values()):
            least = needed if numbers else max(1, math.ceil(needed * 0.7))
            scores = {n: hits / needed for n, (hits, _) in held.items() if hits >= least}
        good = sorted((n for n, score in scores.items() if score), key=lambda n: (-scores[n], -self._day(n)))
        return [self.pages[n] for n in good]

    @staticmethod
    def _score(held: list[int], right: bool, needed: int, by_number: bool) -> float:
        hits, in_title = held
        if right:
            return 1e6
        return 1e4 + (1e4 * in_title / needed) if needed and hits == needed else 0.0

    @cached_property
    def pages(self) -> list[str]:
        """The pages of all items in the order of the index."""
        size = self.directory["block"]
        blocks = [f"r/{p}/{n}.json" for p, count in enumerate(self.sizes) for n in range(-(-count // size))]
        pages = list(chain.from_iterable(self._block(name, at) for at, name in enumerate(blocks)))
        if len(pages) != self.count:
            raise ValueError("r")
        return pages

    def _block(self, name: str, number: int) -> list[str]:
        """The pages that a file of rows names."""
        if self._is_known(name, "r", number):
            found = self._before.pages[name]
        else:
            found = [row[0] for row in json.loads(self._checked(name, "r", number))]
        self.seen.pages[name] = found
        return found

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {page: number for number, page in enumerate(self.pages)}

    @cached_property
    def _rows(self) -> bytes:
        rows = self._checked("rows.bin", "rows", 0)
        if len(rows) != self.count * ROW:
            raise ValueError("rows.bin")
        return rows

    def _day(self, number: int) -> int:
        return int.from_bytes(self._rows[number * ROW : number * ROW + 2], "little")

    def _postings(self, term: str) -> list[int]:
        """The items that hold a term; each term is looked up once."""
        if term not in self._postings_of:
            self._postings_of[term] = self._looked_up(term)
        return self._postings_of[term]

    def _looked_up(self, term: str) -> list[int]:
        """Volume after volume, and in each part after part, as `search.js` does."""
        found: list[int] = []
        for volume in self._volumes:
            name, number = volume.file(term)
            for data, at, end, base, _ in _tables(self._checked(name, "t", number), volume, term):
                found += _unpacked(data, at, end, base)
        return found

    def _holds(self, item: int, term: str) -> bool:
        """Whether the item of this number holds a term: asked of the volume and the part with this item only."""
        volume = next((volume for volume in self._volumes if item < volume.end), None)
        if volume is None:
            return False
        name, number = volume.file(term)
        said = (name, item, term)
        # What was found holds as long as items are numbered as they were then.
        still = said in self._before.held and self._before.order == self.seen.order
        if not (self._is_known(name, "t", number) and still):
            tables = _tables(self._checked(name, "t", number), volume, term)
            found = [
                _unpacked(data, at, end, base) for data, at, end, base, last in tables if base <= item < last
            ]
            if item not in {value >> 1 for value in chain.from_iterable(found)}:
                return False
        self.seen.held.add(said)
        return True

    @cached_property
    def _volumes(self) -> list[_Volume]:
        found: list[_Volume] = []
        base, first, sizes = 0, 0, iter(self.sizes)
        for number, (parts, files) in enumerate(self.volumes):
            found.append(_Volume(number, base, first, files, list(islice(sizes, parts))))
            base, first = found[-1].end, first + files
        return found

    def _checked(self, name: str, kind: str, number: int) -> bytes:
        """A file of the index; ValueError when it is not the one that the directory speaks of."""
        data = (self.folder / name).read_bytes()
        self._compare(
            name, kind, number, base64.urlsafe_b64encode(hashlib.sha256(data).digest())[:6].decode()
        )
        return data

    def _is_known(self, name: str, kind: str, number: int) -> bool:
        """Whether it is known what a file holds; ValueError as above."""
        digest = self._before.digests.get(name)
        if digest is not None:
            self._compare(name, kind, number, digest)
        return digest is not None

    def _compare(self, name: str, kind: str, number: int, digest: str) -> None:
        if self.directory[kind][number * 6 : number * 6 + 6] != digest:
            raise ValueError(name)
        self.seen.digests[name] = digest


@dataclass(frozen=True)
class _Volume:
    """Some parts of an index whose terms stand in the same files; the numbers of its first item and of its first file."""

    number: int
    base: int
    first: int
    files: int
    sizes: list[int]

    @cached_property
    def end(self) -> int:
        """The number of the item after its last."""
        return self.base + sum(self.sizes)

    def file(self, term: str) -> tuple[str, int]:
        """The file in which a term would stand, and its number among all."""
        shard = _spread(term) * self.files >> 32
        return f"t/{self.number}/{shard}.bin", self.first + shard


def _tables(data: bytes, volume: _Volume, term: str) -> Iterator[tuple[bytes, int, int, int, int]]:
    """A file, where a term's postings begin and end in each part of it, the part's first item, and the next part's.

    ValueError when the file does not end where its last table does.
    """
    files, base, at = volume.files, volume.base, 0
    short, longer = (_name(term, files), b"") if _is_short(term) else (b"", _name(term, files))
    for size in volume.sizes:
        for name, width in ((short, 3 if files >= 256 else 4), (longer, LONGER)):
            begin, end, at = _table(data, at, name, width)
            yield data, begin, end, base, base + size
        base += size
    if at != len(data):
        raise ValueError(term)


def _table(data: bytes, at: int, name: bytes, width: int) -> tuple[int, int, int]:
    """Where the postings of a name begin and end in the table at `at`, and where the table ends; see `search_segments`."""
    count, names = _number(data, at)
    at = names + count * width
    sizes, at = data[at : at + count], at + count
    beyond = []
    for _ in range(sizes.count(MANY)):
        size, at = _number(data, at)
        beyond.append(size)
    end = at + sum(sizes) + sum(beyond)
    here = data.find(name, names, names + count * width) if name else -1
    while here >= 0 and (here - names) % width:
        here = data.find(name, here + 1, names + count * width)
    if here < 0:
        return end, end, end
    place = (here - names) // width
    before = sizes[:place].count(MANY)
    begin = at + sum(sizes[:place]) + sum(beyond[:before])
    return begin, begin + sizes[place] + (beyond[before] if sizes[place] == MANY else 0), end


def _unpacked(data: bytes, at: int, end: int, base: int) -> list[int]:
    """Postings as places, doubled, plus one where the title holds the term."""
    found, place = [], base
    while at < end:
        step, at = _number(data, at)
        place += step >> 1
        found.append(place << 1 | step & 1)
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if not byte & 128:
            return value, at


def _name(term: str, files: int) -> bytes:
    """What tells a term from others: see `search_terms.name`."""
    if _is_short(term):
        return _spread(term).to_bytes(4, "big")[1 if files >= 256 else 0 :]
    text = term.encode()
    return zlib.crc32(text).to_bytes(4, "big") + (zlib.adler32(text) >> 16).to_bytes(2, "big")


def _is_short(term: str) -> bool:
    return len(term.encode("utf-16-be")) <= 4


def _spread(term: str) -> int:
    """Where a term stands among all: see `search_terms.spread`."""
    if _is_short(term):
        return int.from_bytes(term.encode("utf-16-be").ljust(4, b"\0"), "big") * 0x9E3779B1 & 0xFFFFFFFF
    return zlib.crc32(term.encode())


def _pairs(text: str) -> list[str]:
    found: dict[str, None] = {}
    for run in _RUN.findall(text):
        found.update(dict.fromkeys([run] if len(run) == 1 else map("".join, pairwise(run))))
    return list(found)


def _wanted(query: str) -> tuple[list[str], list[str], list[str]]:
    """The pairs, the exact numbers and the serials that a query asks for, as `wanted` of search.js."""
    said = unicodedata.normalize("NFKC", query.strip()).lower()
    if index := _INDEX.search(said):
        return _pairs(said.replace(index[0], " ", 1)), [f"#{index[0]}"], []
    if whole := _WHOLE.search(said):
        prefix, year, serial = whole.groups()
        rest = _REST.sub(" ", said.replace(whole[0], " ", 1))
        named = prefix if len(prefix) > 1 else ""
        return _pairs(f"{named} {rest}"), [f"#{prefix}{year}-{serial}"], [f"#{year}-{serial}"]
    if alone := _SERIAL.search(said):
        return [], [], [f"#n{alone[1]}"]
    begun = _BEGUN.search(said)
    return _pairs(said), [f"#{begun[1]}{begun[2]}"] if begun else [], []
