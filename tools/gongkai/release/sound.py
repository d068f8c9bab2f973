"""Whether a built portal may go out: everything that belongs there is there, nothing else is, and all of it can be read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from gongkai.model.message import Message, msg
from gongkai.release.leaks import Leaks
from gongkai.release.looked import Looked, Row
from gongkai.release.place import Release
from gongkai.release.searching import Index
from gongkai.release.view import Expected
from gongkai.store.durable import stats_of
from gongkai.store.files import blob_id

NEEDED = ("index.html", "404.html", "search.html", "search/index.json", "robots.txt")
PAGE = re.compile(
    r"^(?:evidence/|changes/)?(?P<stem>(?P<department>[a-z][a-z0-9-]*)/\d{4}/\d{5})\.(?:html|json)$"
)
ATTACHED = re.compile(r"^(?P<department>[a-z][a-z0-9-]*)/\d{4}/\d{5}/.")
FEWER_ITEMS, FEWER_BYTES = 0.9, 0.5
"""A release with less than so much of the last one's pages of items, or of its bytes, is looked at by people first."""
FEW = 5


@dataclass
class Look:
    """What a look over all files found: each one's row by path, which of them were read, and all that is not sound."""

    rows: dict[str, Row] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    faults: list[Message] = field(default_factory=list)


def look_over(site: Path, expected: Expected, known: Looked) -> Look:
    """Read every file once; what is `known` from the last release, being the same file, is not read again.

    OSError when the disk fails.
    """
    looker, look = _Looker(expected), Look()
    for path, at in stats_of(site):
        title = expected.pages.get(path, "")
        row = known.row(path, at, title)
        if row is None or not looker.belongs(path):
            data = Path(f"{site}/{path}").read_bytes()
            row = (len(data), hashlib.sha256(data).hexdigest(), at.st_mtime_ns, at.st_ino, title)
            looker.look(path, data)
            look.fresh.append(path)
        look.rows[path] = row
    look.faults = [*looker.faults, *_missing(expected, look.rows), *searched(site, expected)]
    return look


def _missing(expected: Expected, there: Container[str]) -> Iterator[Message]:
    for path in (*NEEDED, *expected.pages):
        if path not in there:
            yield msg("{path} is missing", path=path)


class _Looker:
    """Looks at one file after the other, and keeps what is wrong."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self.faults: list[Message] = []
        self.leaks = Leaks(expected.secret, expected.secret_files, expected.allowed)

    def belongs(self, path: str) -> bool:
        """Whether a path is neither a file of an item, which is always read, nor the page of one that is not shown."""
        match = self._of_items(PAGE.match(path))
        strange = match and f"{match['stem']}.html" not in self.expected.pages
        return not strange and not self._of_items(ATTACHED.match(path))

    def look(self, path: str, data: bytes) -> None:
        """One file."""
        if self._of_items(ATTACHED.match(path)):
            self._attached(path, data)
        else:
            self._made(path, data)
        for phrase in self.leaks.in_file(path, data):
            self.faults.append(
                msg("{path} holds text that must not be public ({start}…)", path=path, start=phrase[:2])
            )

    def _of_items(self, match: re.Match[str] | None) -> re.Match[str] | None:
        return match if match and match["department"] in self.expected.departments else None

    def _attached(self, path: str, data: bytes) -> None:
        wanted = self.expected.files.get(path)
        if wanted is None:
            self.faults.append(msg("{path} is a file of no item that is shown", path=path))
        elif blob_id(data) != wanted:
            self.faults.append(msg("{path} does not hold what was approved", path=path))

    def _made(self, path: str, data: bytes) -> None:
        match = self._of_items(PAGE.match(path))
        if match and f"{match['stem']}.html" not in self.expected.pages:
            self.faults.append(msg("{path} is a page of no item that is shown", path=path))
        title = self.expected.pages.get(path, "")
        if (
            title
            and title.encode() not in data
            and _plain(title) not in _plain(unescape(data.decode("utf-8", "replace")))
        ):
            self.faults.append(msg("{path} does not bear the title of its item", path=path))
        if not _readable(path, data):
            self.faults.append(msg("{path} cannot be read by programs", path=path))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _readable(path: str, data: bytes) -> bool:
    """Whether a feed or data file is well formed. Files of items are others' and were looked at when they came in."""
    check = READERS.get(path.rpartition(".")[2])
    if check is None:
        return True
    try:
        return check(data)
    except (ValueError, ExpatError, RecursionError):
        return False


def _xml(data: bytes) -> bool:
    # As ElementTree parses, with namespaces, but no tree is built: it is only asked whether it can be read.
    return b"<!DOCTYPE" not in data[:2000] and bool(ParserCreate(namespace_separator="}").Parse(data, True))


def _json(data: bytes) -> bool:
    json.loads(data)
    return True


def _calendar(data: bytes) -> bool:
    return data.startswith(b"BEGIN:VCALENDAR") and data.rstrip().endswith(b"END:VCALENDAR")


def _text(data: bytes) -> bool:
    return bool(data.decode("utf-8")) or not data


READERS: dict[str, Callable[[bytes], bool]] = {
    "xml": _xml, "rss": _xml, "atom": _xml, "svg": _xml, "json": _json, "jsonld": _json, "webmanifest": _json,
    "ics": _calendar, "csv": _text, "txt": _text, "html": _text,
}  # fmt: skip


def searched(site: Path, expected: Expected) -> Iterator[Message]:
    """What the search does not find although it must, or holds although it must not."""
    try:
        index = Index(site / "search")
        pages = frozenset(index.pages)
        lost = [title for title, page in expected.titles if not index.finds(title, page)]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        yield msg("the search index cannot be read: {reason}", reason=str(error) or type(error).__name__)
        return
    for page in sorted(pages - expected.searchable):
        yield msg("the search finds {path}, which is not to be found", path=page)
    for page in sorted(expected.searchable - pages):
        yield msg("the search does not hold {path}", path=page)
    for title in lost:
        yield msg("the search does not find {title} by its title", title=title)


def shrunk(fresh: Release, last: Release | None) -> Iterator[Message]:
    """How much less there is than in the last release, when it is so much that people should look first."""
    if last is None:
        return
    if last.items - fresh.items > FEW and fresh.items < last.items * FEWER_ITEMS:
        yield msg(
            "it has {count} pages of items, the last release had {old}", count=fresh.items, old=last.items
        )
    if fresh.bytes < last.bytes * FEWER_BYTES:
        yield msg("it has {count} bytes, the last release had {old}", count=fresh.bytes, old=last.bytes)
