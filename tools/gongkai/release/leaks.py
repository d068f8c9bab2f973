"""Looking for text that nobody may see: whole phrases of it, in every byte that would go out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from ahocorasick_rs import BytesAhoCorasick

from gongkai.store.files import blob_id

_RUN = re.compile(r"[^\W_]+")
_HAN = re.compile(r"(?![年月日第号期])[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*\d)[0-9A-Za-z]{9,}(?![0-9A-Za-z])")
_PHRASE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){3,}")
HAN = 6
"""A run with so many Chinese characters (those of dates and numbers not counted) tells whose text it is."""
BINARY = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2", ".bin", ".css", ".js"}
)


def phrases(texts: Iterable[str]) -> set[str]:
    """What gives a text away wherever it stands: runs of letters between marks, long numbers, four English words in a row.

    Runs hold nothing that HTML, XML, CSV or JSON would write in another way.
    """
    found: set[str] = set()
    for text in texts:
        found.update(run for run in _RUN.findall(text) if len(_HAN.findall(run)) >= HAN)
        found.update(_NUMBER.findall(text))
        found.update(_PHRASE.findall(text))
    return found


class Leaks:
    """Looks for secret texts and files. `allowed` gives what may be seen: it is asked only when something was found."""

    def __init__(self, texts: Iterable[str], files: frozenset[str], allowed: Callable[[], str]) -> None:
        self._needles = sorted(phrases(texts))
        self._found = BytesAhoCorasick([n.encode() for n in self._needles]) if self._needles else None
        self._files = files
        self._allowed = allowed
        self._open: str | None = None

    def in_file(self, path: str, data: bytes) -> Iterator[str]:
        """The phrases in a file that stand nowhere in what may be seen; a whole secret file gives its path."""
        if self._files and blob_id(data) in self._files:
            yield path
        if self._found is None or path.endswith(tuple(BINARY)):
            return
        hits = self._found.find_matches_as_indexes(readable(path, data), overlapping=True)
        for number in sorted({hit[0] for hit in hits}):
            if not self._may_be_seen(self._needles[number]):
                yield self._needles[number]

    def _may_be_seen(self, phrase: str) -> bool:
        if self._open is None:
            self._open = self._allowed()
        return phrase in self._open


def readable(path: str, data: bytes) -> bytes:
    """A file as its reader reads it: folded lines of a calendar put together, `\\u4e91` of JSON as the character."""
    if path.endswith(".ics"):
        return data.replace(b"\r\n ", b"").replace(b"\n ", b"")
    if path.endswith(".json") and b"\\u" in data:
        try:
            return json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "surrogatepass")
        except ValueError:
            return data
    return data
