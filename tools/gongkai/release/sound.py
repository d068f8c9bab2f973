"""Whether a built portal may go out: everything that belongs there is there, nothing else is, and all of it can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from itertools import filterfalse
from pathlib import Path

from gongkai.model.message import Message, msg
from gongkai.release.leaks import Leaks
from gongkai.release.looked import Looked, asked_of, secret_of
from gongkai.release.manifest import line_of
from gongkai.release.place import Release
from gongkai.release.readable import LONG, has_lines, readable, readable_lines
from gongkai.release.searching import SEARCH, Index, Seen
from gongkai.release.view import Expected
from gongkai.store.durable import Stands, stands_of
from gongkai.store.files import blob_id

NEEDED = ("index.html", "404.html", "robots.txt")
TO_SEARCH = ("search.html", "search/index.json")
PAGE = re.compile(
    r"^(?:evidence/|changes/)?(?P<stem>(?P<department>[a-z][a-z0-9-]*)/\d{4}/\d{5})\.(?:html|json)$"
)
ATTACHED = re.compile(r"^(?P<department>[a-z][a-z0-9-]*)/\d{4}/\d{5}/.")
FEWER_ITEMS, FEWER_BYTES = 0.9, 0.5
"""A release with less than so much of the last one's pages of items, or of its bytes, is looked at by people first."""
FEW = 5


@dataclass
class Look:
    """What a look over all files found, which of them were read, and all that is not sound."""

    looked: Looked
    fresh: list[str]
    faults: list[Message]


def look_over(
    site: Path, expected: Expected, known: Looked, stands: Callable[[], Stands] | None = None
) -> Look:
    """Read every file once; what is `known` from the last release, being the same file, is not read again.

    `stands` says how all files lie there, where somebody has looked. OSError when the disk fails.
    """
    looker = _Looker(expected, known)
    lines, secret, asked = {**known.lines}, secret_of(expected), asked_of(expected)
    there = Looked(site, lines, stands() if stands else stands_of(site), secret, asked)
    fresh = looker.unknown(there)
    with ThreadPoolExecutor(1) as aside:
        for path in sorted(fresh):
            data = Path(f"{site}/{path}").read_bytes()
            # A long file is digested while it is looked at: that is C code, and leaves this thread its turn.
            line = aside.submit(line_of, path, data) if len(data) >= LONG else None
            looker.look(path, data)
            there.lines[path] = line.result() if line else line_of(path, data)
    count = sum(map(len, there.stands.values()))
    if not len(known.lines) == len(lines) == count:  # some came or went
        # Those of before are in order: a few more among them are put into their places in no time.
        paths = [*lines] if len(lines) == count else there.paths()
        lines = {path: lines[path] for path in sorted(paths)}
    lost, seen = searched(site, expected, known.seen.of(lines.keys(), fresh))
    looked = replace(there, lines=lines, lined=looker.lined | (known.lined - fresh), seen=seen)
    return Look(looked, sorted(fresh), [*looker.faults, *_missing(expected, lines), *lost])


def _missing(expected: Expected, there: Container[str]) -> Iterator[Message]:
    needed = () if expected.searchable is None else TO_SEARCH
    for path in filterfalse(there.__contains__, (*NEEDED, *needed, *expected.pages)):
        yield msg("{path} is missing", path=path)


class _Looker:
    """Looks at one file after the other, and keeps what is wrong."""

    def __init__(self, expected: Expected, known: Looked) -> None:
        self.expected, self.known = expected, known
        self.faults: list[Message] = []
        self.lined: set[str] = set()
        self.leaks = Leaks(expected.secret, expected.secret_files, expected.allowed)

    def unknown(self, there: Looked) -> set[str]:
        """The files to be read: those not known as they lie there, and those of which something else is asked today."""
        if self.known.secret != there.secret:
            return set(there.paths())
        anew = self._asked_anew(self.known.asked, there.asked)
        return {*self.known.others(there.stands), *(path for path in anew if there.stand(path))}

    def _asked_anew(self, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
        """Files of items, which are always read; pages that must bear another title; and what does not belong any more."""
        yield from (path for path, what in now.items() if then.get(path) != what)
        yield from self.expected.files
        if then.keys() - now.keys():
            # Not shown any more: its data and its record are files of their own, of which nothing was asked.
            yield from (path for path in self.known.lines if not self.belongs(path))

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
        if not (self._in_lines(path, data) or readable(path, data)):
            self.faults.append(msg("{path} cannot be read by programs", path=path))

    def _in_lines(self, path: str, data: bytes) -> bool:
        """Whether a long file can be read by its lines, of which most stand in the last release's too."""
        if not has_lines(path, data):
            return False
        before = self.known.bytes_of(path) if path in self.known.lined else b""
        good = readable_lines(data, before)
        self.lined |= {path} if good else set()
        return good


def _plain(text: str) -> str:
    return " ".join(text.split())


def searched(site: Path, expected: Expected, known: Seen) -> tuple[list[Message], Seen]:
    """What the search does not find although it must, or holds although it must not; and what was read to know that."""
    if expected.searchable is None:
        return [], Seen()
    try:
        index = Index(site / SEARCH, known)
        pages = frozenset(index.pages)
        lost = [title for title, page in expected.titles if not index.finds(title, page)]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        reason = str(error) or type(error).__name__
        return [msg("the search index cannot be read: {reason}", reason=reason)], Seen()
    more, less = pages - expected.searchable, expected.searchable - pages
    return [
        *(msg("the search finds {path}, which is not to be found", path=page) for page in sorted(more)),
        *(msg("the search does not hold {path}", path=page) for page in sorted(less)),
        *(msg("the search does not find {title} by its title", title=title) for title in lost),
    ], index.seen


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
