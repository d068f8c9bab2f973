"""What a text is found by: pairs of neighbouring characters, and the numbers of documents.

Chinese has no spaces, so words are not cut out of it: every two neighbours are a term, and whoever searches for any part of
a title has exactly these pairs. `search.js` makes the same terms of a query; tests/site/test_search.py holds the two to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

_RUN = re.compile(r"[^\W_]+")
_LINK = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"[*_`~]+|(?<=\S)\n(?=\S)")
_YEAR = r"(?:19|20)\d{2}"
_DOCUMENT = re.compile(rf"([^\W\d_]*)\W*({_YEAR})\D{{1,3}}0*(\d{{1,6}})(?!\d)")
_INDEX = re.compile(rf"[0-9a-z]{{6,}}/{_YEAR}-\d+")


def plain(body: str) -> str:
    """A Markdown text without its marks: where a link goes and how words are set is nothing to search for."""
    return _MARKS.sub("", _TAG.sub("", _LINK.sub("]", body)))


def normal(text: str) -> str:
    """Full and half width, capital and small letters are the same to whoever searches."""
    return unicodedata.normalize("NFKC", text).lower()


def pairs(texts: Iterable[str]) -> set[str]:
    """The terms of texts: all pairs of neighbours within runs of letters and digits; a run of one stands alone."""
    found: set[str] = set()
    for run in _RUN.findall(normal("\n".join(texts))):
        found.update([run] if len(run) == 1 else map("".join, pairwise(run)))
    return found


def numbers(texts: Iterable[str]) -> Iterator[str]:
    """The terms of document and index numbers, whichever brackets they are written with.

    云潮发〔2026〕3号 is found as a whole, by its year and serial, by prefix and year, and by the serial.
    """
    for text in texts:
        said = normal(text)
        for prefix, year, serial in _DOCUMENT.findall(said):
            yield f"#{year}-{serial}"
            yield f"#n{serial}"
            if prefix:
                yield f"#{prefix}{year}-{serial}"
                yield f"#{prefix}{year}"
        for number in _INDEX.findall(said):
            yield f"#{number}"
