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
from gongkai.portal.sights import Poured, Shape, addresses, loading

_EASY = re.compile(
    r'"(?:((?:\.\./)*)([\w-][\w.-]*(?:/[\w-][\w.-]*)*)|(?:https?|mailto|tel):[^"]*)(?=")', re.ASCII
)
"""An address between quotes that certainly leads out of the portal (`links.KNOWN_SCHEMES`), or is a way to a file, by so many steps
up, without signs that mean anything else: nothing has to be unquoted, and no part of it is a dot alone.
"""


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
    `shapes` are those that were seen on any page of the folder: what they have in common means the same on all.
    """

    __slots__ = ("above", "found", "loaded", "shapes")

    def __init__(self, name: str) -> None:
        parts = [f"{part}/" for part in name.split("/")] if name else []
        self.above = {"../" * up: "".join(parts[: len(parts) - up]) for up in range(len(parts) + 1)}
        self.loaded: set[bytes] = set()
        self.found: set[bytes] = set()
        self.shapes: set[Shape] = set()


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
        loaded, found = _seen_of(data, folder)
        if not loaded <= folder.loaded:
            self.seen.wrong |= any(True for _ in of_tags(loaded - folder.loaded))
        if b"<style" in loaded:
            self.seen.wrong |= any(True for _ in of_styles(data))
        fresh = found - folder.found
        if b'"#' in b'"%b' % b'"'.join(fresh):
            own = {url for url in fresh if url[:1] == b"#"}
            self.seen.wrong |= any(not _has(url, data) for url in own)
            fresh -= own
            found -= own
        self._look(_text(b'"'.join(fresh)), path, folder)
        if type(data) is Poured and data.ways:
            self._look('"'.join(data.ways), path, folder)
        folder.loaded, folder.found = loaded, found

    def _look(self, urls: str, path: str, folder: _Folder) -> None:
        """Note the files and the anchors that addresses, a quote between each two, mean: most are easy, and matched all at once."""
        if not urls:
            return
        easy, above = _EASY.findall(f'"{urls}"'), folder.above
        try:
            self.seen.files.update([above[up] + way for up, way in easy if way])
        except KeyError:  # one of them leads out of the portal; the others do not
            self.seen.wrong = True
            self.seen.files.update([above[up] + way for up, way in easy if way and up in above])
        if len(easy) <= urls.count('"'):
            for url in urls.split('"'):
                if not _EASY.match(f'"{url}"'):
                    self._look_closer(unescape(url), path)

    def _look_closer(self, url: str, path: str) -> None:
        target = leads_to(url, path, self._base)
        if target is None:
            return
        if not target[0]:
            self.seen.wrong = True
            return
        self.seen.files.add(target[0])
        if target[1] and target[0].endswith(".html"):
            self.seen.anchors.add(target)


def _seen_of(data: bytes, folder: _Folder) -> tuple[set[bytes], set[bytes]]:
    """What loads something and what is led to: of a page out of a mould, what no page of the folder had of the mould's own."""
    if type(data) is not Poured:
        return loading(data), addresses(data)
    shape, loaded, found = data.shape, loading(data.own), addresses(data.own)
    found |= shape.anchors
    if shape not in folder.shapes or b"<style" in shape.loading:  # each style is looked at on each page
        folder.shapes.add(shape)
        return loaded | shape.loading, found | shape.addresses
    return loaded, found


def _has(url: bytes, data: bytes) -> bool:
    """Whether a page has this anchor, in whatever way the two are written."""
    if len(url) == 1 or b' id="%b"' % url[1:] in data:
        return True
    target = leads_to(unescape(_text(url)), "", "/")
    return target is not None and target[1] in anchors_of(data)


def _text(url: bytes) -> str:
    return url.decode("utf-8", "replace")
