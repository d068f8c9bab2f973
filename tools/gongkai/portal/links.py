"""The link check over finished pages: every address inside the portal leads to a file that is there.

MkDocs' strict mode looks at Markdown only; ready HTML passes it unseen.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESS = re.compile(rb'<[a-z][a-z0-9]*\s[^>]*?\b(?:href|src)="([^"]*)"')
LOADED = re.compile(rb"<(?:script|img|iframe|source|audio|video|embed|link)\s[^>]*>")
QUIET_LINK = re.compile(rb'\brel="?(?:canonical|alternate|prev|next|license)\b')
OUTSIDE = re.compile(rb'\b(?:src|href|srcset|data)="?((?:https?:)?//[^"\s>]+)')
CSS_OUTSIDE = re.compile(rb"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")
_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
ID = re.compile(rb'\s(?:id|name)="([^"]*)"')
_WITH_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
KNOWN_SCHEMES = ("http:", "https:", "mailto:", "tel:", "data:")


@dataclass(frozen=True, slots=True, order=True)
class DeadLink:
    """An address on the page `page` that leads nowhere."""

    page: str
    url: str


@dataclass(frozen=True, slots=True, order=True)
class Request:
    """An address on another host that a browser would ask for by itself when it shows `page`."""

    page: str
    url: str


def dead_links(site: Path, base: str = "/") -> list[DeadLink]:
    """The addresses, inside the finished portal `site`, that lead to no file or to no anchor of its page.

    `base` is the path under which the portal is served: its 404 page speaks of everything from there.
    """
    files = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    anchors = _Anchors(site)
    found: set[DeadLink] = set()
    for page in sorted(f for f in files if f.endswith(".html")):
        raw = (site / page).read_bytes()
        for url in {unescape(u.decode("utf-8", "replace")) for u in ADDRESS.findall(raw)}:
            if not _leads(url, page, files, anchors, base):
                found.add(DeadLink(page, url))
    return sorted(found)


class _Anchors:
    """The anchors of pages, read when first asked for."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.of = lru_cache(maxsize=None)(self._read)

    def _read(self, page: str) -> frozenset[str]:
        return anchors_of((self.site / page).read_bytes())


def anchors_of(raw: bytes) -> frozenset[str]:
    """The anchors of a page."""
    return frozenset(unescape(i.decode("utf-8", "replace")) for i in ID.findall(raw))


def _leads(url: str, page: str, files: set[str], anchors: _Anchors, base: str) -> bool:
    target = leads_to(url, page, base)
    if target is None:
        return True
    path, anchor = target
    return path in files and (not anchor or not path.endswith(".html") or anchor in anchors.of(path))


def leads_to(url: str, page: str, base: str) -> tuple[str, str] | None:
    """The file of the portal and the anchor that an address on `page` means; None when it leads to another host.

    The file is empty when the address is of a kind that no browser should follow.
    """
    if _WITH_SCHEME.match(url):
        return None if url.lower().startswith(KNOWN_SCHEMES) else ("", "")
    if url.startswith("//"):
        return None
    parts = urlsplit(url)
    return _file(unquote(parts.path), page, base), unquote(parts.fragment)


def _file(path: str, page: str, base: str) -> str:
    """The file of the portal that a path on `page` means."""
    if not path:
        return page
    if path.startswith("/"):
        path = path.removeprefix(base)
        full = posixpath.normpath(path) if path else "."
    else:
        full = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    full = full.lstrip("/")
    return (
        posixpath.join(full, "index.html").removeprefix("./") if path.endswith("/") or full == "." else full
    )


def requests(site: Path) -> list[Request]:
    """What the pages and style sheets of `site` would ask of other hosts without a reader's click."""
    found: set[Request] = set()
    for path in sorted(site.rglob("*")):
        if path.suffix in SEEKERS and path.is_file():
            name = path.relative_to(site).as_posix()
            found |= {
                Request(name, url.decode("utf-8", "replace"))
                for url in SEEKERS[path.suffix](path.read_bytes())
            }
    return sorted(found)


def _of_html(raw: bytes) -> Iterator[bytes]:
    yield from of_tags(LOADED.findall(raw))
    yield from of_styles(raw)


def of_tags(tags: Iterable[bytes]) -> Iterator[bytes]:
    """What tags that load something (`LOADED`) ask of other hosts."""
    for tag in tags:
        if not QUIET_LINK.search(tag):
            yield from OUTSIDE.findall(tag)


def of_styles(raw: bytes) -> Iterator[bytes]:
    """What the styles within a page ask of other hosts."""
    for style in _STYLE.findall(raw) if b"<style" in raw else ():
        yield from CSS_OUTSIDE.findall(style)


def _of_css(raw: bytes) -> Iterator[bytes]:
    yield from CSS_OUTSIDE.findall(raw)


SEEKERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {".html": _of_html, ".css": _of_css}
