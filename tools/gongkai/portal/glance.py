"""A quick look at each page when it is made: every address it leads to, noted once for the whole portal.

It finds out whether anything is wrong, not what: that tells the closer look of `links`, over the finished files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from gongkai.portal.links import SEEKERS, anchors_of, leads_to, of_styles, of_tags

_HREF = re.compile(rb'href="(?=([^"]*))')
_SRC = re.compile(rb'src="(?=([^"]*))')
"""More than the closer look takes for addresses: text that looks like an address makes the closer look necessary, and no more.
What is quoted is looked ahead at, not passed over: an address begins even within what only looks like one.
"""
_LOADING = re.compile(rb"<(?:(?:s(?:cript|ource)|i(?:mg|frame)|link|audio|video|embed)\s[^>]*>|style)")
"""`links.LOADED` and the beginning of a style, in one pass."""
_PLAIN = re.compile(rb"((?:\.\./)*)[\w-][\w.-]*(?:/[\w-][\w.-]*)*\Z", re.ASCII)
"""A way to a file without signs that mean anything else: nothing has to be unquoted, and no part of it is a dot alone."""
_ELSEWHERE = (b"https:", b"http:", b"mailto:", b"tel:")
"""How an address begins that certainly leads out of the portal (`links.KNOWN_SCHEMES`)."""


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


class _Folder:
    """What is known of a folder: the ways up from it, and what its last page held.

    `loaded` are the tags that load something, `found` the addresses. Most stand on the next page too, and mean the same there.
    """

    __slots__ = ("_above", "found", "loaded")

    def __init__(self, name: str) -> None:
        parts = name.split("/") if name else []
        self._above = ["".join(f"{part}/" for part in parts[:end]) for end in range(len(parts), -1, -1)]
        self.loaded: set[bytes] = set()
        self.found: set[bytes] = set()

    def below(self, way: str, up: int) -> str:
        """The file that a plain way from here means, of which so many characters lead up; empty when it leads out of the portal."""
        steps = up // len("../")
        return self._above[steps] + way[up:] if steps < len(self._above) else ""


class Glance:
    """Looks at pages one after the other. `base` is the path under which the portal is served."""

    def __init__(self, base: str) -> None:
        self.seen = Seen()
        self._base = base
        self._folders: dict[str, _Folder] = {}

    def at(self, path: str, data: bytes) -> None:
        """A file that goes out."""
        kind = path[path.rfind(".") :]
        if kind == ".html":
            self._at_page(path, data)
        elif kind in SEEKERS:
            self.seen.wrong |= any(True for _ in SEEKERS[kind](data))

    def _at_page(self, path: str, data: bytes) -> None:
        name = path.rpartition("/")[0]
        folder = self._folders.get(name)
        if folder is None:
            folder = self._folders[name] = _Folder(name)
        loaded, found = set(_LOADING.findall(data)), {*_HREF.findall(data), *_SRC.findall(data)}
        if not loaded <= folder.loaded:
            self.seen.wrong |= any(True for _ in of_tags(loaded - folder.loaded))
        if b"<style" in loaded:
            self.seen.wrong |= any(True for _ in of_styles(data))
        own = set()
        for url in found - folder.found:
            if url[:1] == b"#":
                own.add(url)
            elif not url.startswith(_ELSEWHERE):
                self._look(url, path, folder)
        self.seen.wrong |= any(not _has(url, data) for url in own)
        folder.loaded, folder.found = loaded, found - own

    def _look(self, url: bytes, path: str, folder: _Folder) -> None:
        """Note the file and the anchor that an address means, if it means anything of this portal."""
        plain = _PLAIN.match(url)
        target = (
            (folder.below(url.decode(), plain.end(1)), "")
            if plain
            else leads_to(_text(url), path, self._base)
        )
        if target is None:
            return
        if not target[0]:
            self.seen.wrong = True
            return
        self.seen.files.add(target[0])
        if target[1] and target[0].endswith(".html"):
            self.seen.anchors.add(target)


def _has(url: bytes, data: bytes) -> bool:
    """Whether a page has this anchor, in whatever way the two are written."""
    if len(url) == 1 or b' id="%b"' % url[1:] in data:
        return True
    target = leads_to(_text(url), "", "/")
    return target is not None and target[1] in anchors_of(data)


def _text(url: bytes) -> str:
    return unescape(url.decode("utf-8", "replace"))
