"""What a text is found by: pairs of neighbouring characters, and the numbers of documents.

Chinese has no spaces, so words are not cut out of it: every two neighbours are a term, and whoever searches for any part of
a title has exactly these pairs. `search.js` makes the same terms of a query; tests/site/test_search.py holds the two to it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from itertools import pairwise

_RUN = re.compile(r"[^\W_]+")
_LINK = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--.*?-->", re.DOTALL)
_FOLD = re.compile(r"\n(?<=\S\n)(?=\S)")
"""The end of a line within a paragraph."""
_MARKS = "*_`~"
_YEAR = r"(?:19|20)\d{2}"
# A number that does not begin with a run of letters does not begin within it either: the rest of a run is passed over.
_DOCUMENT = re.compile(rf"(?<![^\W\d_])([^\W\d_]*+)\W*+({_YEAR})\D{{1,3}}0*(\d{{1,6}})(?!\d)")
_INDEX = re.compile(rf"[0-9a-z]{{6,}}/{_YEAR}-\d+")

BREAK = "\n"
"""Parts texts: it is in no word, so no pair spans two of them."""
Held = tuple[dict[int, int], dict[int, int]]
"""The terms of an item, short ones and longer ones, by what they are `known` by; each with a flag."""
VALUE = 11
"""Bits of a value: twice an item's rank in its part, which has 1024 items at most, and the title's flag."""

TURN = 0x9E3779B1
"""An odd number: 32 bits times it are other 32 bits, each of another, and what was alike no longer is."""

NAME, BELOW = 6, 16
"""So many bytes has the name of a longer term, and so many bits stand in it below its place."""
MANY = 255
"""So many bytes of postings or more are told apart by a number of their own."""


def plain(body: str) -> str:
    """A Markdown text without its marks: where a link goes and how words are set is nothing to search for."""
    # Most texts have neither: to see that is quicker than to look for them.
    if "](" in body:
        body = _LINK.sub("]", body)
    if "<" in body:
        body = _TAG.sub("", body)
    body = _FOLD.sub("", body)
    for mark in _MARKS:
        body = body.replace(mark, "")
    return body


def normal(text: str) -> str:
    """Full and half width, capital and small letters are the same to whoever searches."""
    return unicodedata.normalize("NFKC", text).lower()


def pairs(texts: Iterable[str]) -> set[str]:
    """The terms of texts: all pairs of neighbours within runs of letters and digits; a run of one stands alone."""
    found: set[str] = set()
    for run in _RUN.findall(normal("\n".join(texts))):
        found.update([run] if len(run) == 1 else map("".join, pairwise(run)))
    return found


def numbers(texts: Iterable[str]) -> list[str]:
    """The terms of document and index numbers, whichever brackets they are written with; some of them more than once.

    云潮发〔2026〕3号 is found as a whole, by its year and serial, by prefix and year, and by the serial.
    """
    found: list[str] = []
    for text in texts:
        said = normal(text)
        for prefix, year, serial in _DOCUMENT.findall(said):
            found += (f"#{year}-{serial}", f"#n{serial}")
            if prefix:
                found += (f"#{prefix}{year}-{serial}", f"#{prefix}{year}")
        if "/" in said:
            found += [f"#{number}" for number in _INDEX.findall(said)]
    return found


def terms(title: str, text: str, numbers: Iterable[str] = ()) -> Held:
    """All that an item is found by, each with a flag: whether the title holds it, as it does each of its characters."""
    found: Held = {}, {}
    of_title = *pairs([title]), *filter(str.isalnum, normal(title)), *numbers
    for flag, said in enumerate((pairs([text]), of_title)):
        for term in said:
            longer, number = known(term)
            found[longer][number] = flag
    return found


def known(term: str) -> tuple[bool, int]:
    """What a term is known by: whether it is longer than two UTF-16 units, and its number among those: where it stands, or its name."""
    return (False, spread(term)) if is_short(term) else (True, long_name(term.encode()))


def spread(term: str) -> int:
    """Where a term stands among all, in 32 bits; `search.js` computes the same. No two terms of two UTF-16 units share a place."""
    if is_short(term):
        return int.from_bytes(term.encode("utf-16-be").ljust(4, b"\0"), "big") * TURN & 0xFFFFFFFF
    return zlib.crc32(term.encode())


def is_short(term: str) -> bool:
    """Whether a term is one or two UTF-16 units long, as all pairs of common characters are."""
    return len(term) < 3 and len(term.encode("utf-16-be")) <= 4


def name(term: str, files: int) -> bytes:
    """What tells a term from the others of its kind in the same file: for a short one the place itself, as far as the file
    does not say it already; for a longer one CRC-32 and Adler-32 of its text, 48 bits of them. Should two longer ones share a
    name, they are one term.
    """
    if is_short(term):
        return spread(term).to_bytes(4, "big")[4 - width(files) :]
    return long_name(term.encode()).to_bytes(NAME, "big")


def long_name(term: bytes) -> int:
    """The same of a longer term, in UTF-8: `NAME` bytes, of which the first four say where the term stands."""
    return zlib.crc32(term) << BELOW | zlib.adler32(term) >> 16


def width(files: int) -> int:
    """How many bytes the name of a short term has, where there are so many files."""
    return 3 if files >= 256 else 4


def place(longer: bool, number: int, files: int) -> int:
    """Which of so many files holds what is `known` by this."""
    return (number >> BELOW if longer else number) * files >> 32


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    return _FEW[value] if value < len(_FEW) else _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


_FEW = [_varint(value) for value in range(2048)]
