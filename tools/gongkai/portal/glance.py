"""A quick look at each page when it is made: every address it leads to, noted once for the whole portal.

It finds out whether anything is wrong, not what: that tells the closer look of `links`, over the finished files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from posixpath import dirname

from gongkai.portal.links import LOADED, SEEKERS, anchors_of, leads_to, of_styles, of_tags

_ATTRIBUTES = (b'href="', b'src="')
"""More than the closer look takes for addresses: text that looks like an address makes the closer look necessary, and no more."""
_PLAIN = re.compile(rb"(?:\.\./)*[\w-][\w.-]*(?:/[\w-][\w.-]*)*\Z", re.ASCII)
"""A way to a file without signs that mean anything else: nothing has to be unquoted, and no part of it is a dot alone."""
_ELSEWHERE = (b"https:", b"http:", b"mailto:", b"tel:")
"""How an address begins that certainly leads out of the portal (`links.KNOWN_SCHEMES`)."""
_Page = tuple[set[bytes], set[bytes]]


@dataclass
class Seen:
    """What pages lead to: files of the portal, and anchors on other pages; `wrong` when one is wrong already."""

    files: set[str] = field(default_factory=set)
    anchors: set[tuple[str, str]] = field(default_factory=set)
    wrong: bool = False

    @classmethod
    def together(cls, parts: Iterable[Seen]) -> Seen:
        """What several processes saw."""
        found = cls()
        for part in parts:
            found.files |= part.files
            found.anchors |= part.anchors
            found.wrong |= part.wrong
        return found

    def only(self, there: set[str]) -> Seen:
        """What of it leads to these files; pages that led elsewhere are gone, or their portal was not sound."""
        return Seen(self.files & there, {a for a in self.anchors if a[0] in there})

    def doubtful(self, there: set[str], site: Path) -> bool:
        """Whether anything leads nowhere, when these files are there."""
        if self.wrong or not self.files <= there:
            return True
        known: dict[str, frozenset[str]] = {}
        for page, _ in self.anchors:
            if page not in known:
                known[page] = anchors_of((site / page).read_bytes())
        return any(anchor not in known[page] for page, anchor in self.anchors)


class Glance:
    """Looks at pages one after the other. `base` is the path under which the portal is served."""

    def __init__(self, base: str) -> None:
        self.seen = Seen()
        self._base = base
        self._before: dict[str, _Page] = {}
        """Of the last page of each folder: the tags that load something, and the addresses. Most stand on the next page too,
        and mean the same there.
        """

    def at(self, path: str, data: bytes) -> None:
        """A file that goes out."""
        kind = path[path.rfind(".") :]
        if kind == ".html":
            self._at_page(path, data)
        elif kind in SEEKERS:
            self.seen.wrong |= any(True for _ in SEEKERS[kind](data))

    def _at_page(self, path: str, data: bytes) -> None:
        folder = dirname(path)
        loaded, found = set(LOADED.findall(data)), _addresses(data)
        known = self._before.get(folder, (set(), set()))
        self.seen.wrong |= any(True for _ in of_tags(loaded - known[0])) or any(True for _ in of_styles(data))
        new = found - known[1]
        own = {url for url in new if url[:1] == b"#"}
        for url in new - own:
            if not url.startswith(_ELSEWHERE):
                self._look(url, path, folder)
        self.seen.wrong |= any(not _has(url, data) for url in own)
        self._before[folder] = loaded, found - own

    def _look(self, url: bytes, path: str, folder: str) -> None:
        """Note the file and the anchor that an address means, if it means anything of this portal."""
        plain = _PLAIN.match(url) and _below(folder, url.decode())
        target = (plain, "") if plain else leads_to(_text(url), path, self._base)
        if target is None:
            return
        if not target[0]:
            self.seen.wrong = True
            return
        self.seen.files.add(target[0])
        if target[1] and target[0].endswith(".html"):
            self.seen.anchors.add(target)


def _addresses(data: bytes) -> set[bytes]:
    return {rest[: rest.find(b'"')] for start in _ATTRIBUTES for rest in data.split(start)[1:]}


def _below(folder: str, way: str) -> str:
    """The file that a plain way from a folder means; empty when it leads out of the portal."""
    while way.startswith("../"):
        if not folder:
            return ""
        folder, way = dirname(folder), way[3:]
    return f"{folder}/{way}" if folder else way


def _has(url: bytes, data: bytes) -> bool:
    """Whether a page has this anchor, in whatever way the two are written."""
    if len(url) == 1 or b' id="%b"' % url[1:] in data:
        return True
    target = leads_to(_text(url), "", "/")
    return target is not None and target[1] in anchors_of(data)


def _text(url: bytes) -> str:
    return unescape(url.decode("utf-8", "replace"))
