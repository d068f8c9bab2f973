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

from gongkai.portal.links import SEEKERS, anchors_of, leads_to

_FAST = re.compile(rb'\s(?:href|src)="([^"]*)"')
"""More than the closer look takes for addresses: text that looks like an address makes the closer look necessary, and no more."""


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
        self._known: dict[tuple[str, bytes], tuple[str, str] | None] = {}

    def at(self, path: str, data: bytes) -> None:
        """A file that goes out."""
        kind = path[path.rfind(".") :]
        seek = SEEKERS.get(kind)
        if seek is None:
            return
        if b"//" in data and any(True for _ in seek(data)):
            self.seen.wrong = True
        if kind == ".html":
            self._addresses(path, data)

    def _addresses(self, path: str, data: bytes) -> None:
        folder = dirname(path)
        for url in set(_FAST.findall(data)):
            if url[:1] == b"#":
                self.seen.wrong |= len(url) > 1 and b' id="%b"' % url[1:] not in data and not _has(url, data)
                continue
            key = (folder, url)
            if key not in self._known:
                self._known[key] = self._look(url, path)
            target = self._known[key]
            if target and target[1]:
                self.seen.anchors.add(target)

    def _look(self, url: bytes, path: str) -> tuple[str, str] | None:
        """The file and the anchor that an address means; None when it means nothing of this portal."""
        target = leads_to(_text(url), path, self._base)
        if target is None:
            return None
        if not target[0]:
            self.seen.wrong = True
            return None
        self.seen.files.add(target[0])
        return target if target[0].endswith(".html") else (target[0], "")


def _has(url: bytes, data: bytes) -> bool:
    """Whether a page has this anchor, in whatever way the two are written."""
    target = leads_to(_text(url), "", "/")
    return target is not None and target[1] in anchors_of(data)


def _text(url: bytes) -> str:
    return unescape(url.decode("utf-8", "replace"))
