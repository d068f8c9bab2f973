"""Old addresses as paths on the portal: which can be used at all, and which are the portal's own.

The build and the rules ask the same functions, so that nothing is written that a rule would refuse.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar
from urllib.parse import unquote, urlsplit

from gongkai.model.item import Item
from gongkai.model.lazily import lazily
from gongkai.model.settings import Settings

_T = TypeVar("_T")
_PAGES = """
index.html 404.html search.html sitemap.html data.html checkpoints.html checkpoints.json
disclosure.html organisation.html services.html requests.html
atom.xml rss.xml feed.json data.json deadlines.ics opensearch.xml robots.txt sitemap.xml favicon.ico
catalogue.csv catalogue.csv-metadata.json catalogue.json catalogue.jsonld catalogue.schema.json item.schema.json
"""
_FOLDERS = "archive assets columns departments evidence search topics .well-known"
PAGES = frozenset(_PAGES.split())
"""Files at the top of the portal that the build makes itself."""
FOLDERS = frozenset(_FOLDERS.split())
"""Folders at the top of the portal that the build fills itself."""
AUTHORED = "site_config/pages"
"""Where the body's own fixed pages stand."""
_SITEMAP = lazily(r"sitemap-[a-z0-9-]+\.xml\Z")
_PLAIN = lazily(r"[\w\-.~!@()+,=&/]+\Z")
_LONGEST = 200
"""Bytes of one part of a path: file systems end at 255, and an ending may be added."""


def base_path(settings: Settings) -> str:
    """The path of the portal's address, with `/` at both ends: `/` unless it stands below the top of its host."""
    url = settings.portal.get("url")
    path = urlsplit(url).path if isinstance(url, str) else ""
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


def plain(alias: str) -> bool:
    """Whether an old address is a path without tricks: letters, digits and harmless signs; no dot or empty parts.

    Quotes, braces, `$`, `%` that stay after decoding, and backslashes would mean something to a web server's settings; `..`
    would leave the portal.
    """
    path = decoded(alias)
    parts = path.strip("/").split("/")
    sound = all(p.strip(".") and len(p.encode()) <= _LONGEST for p in parts)
    return sound and _PLAIN.match(path) is not None and "//" not in path


def decoded(alias: str) -> str:
    """The address with its percent signs read once, as a web server compares it; what is no UTF-8 stays odd."""
    return unquote(alias, errors="replace")


def on_host(alias: str, base: str) -> str:
    """The whole path on the host: one that begins with `/` is whole, another begins at the portal's top."""
    path = decoded(alias)
    return path if path.startswith("/") else base + path


def on_portal(alias: str, base: str) -> str:
    """The path from the portal's top; empty when the address lies elsewhere on the host."""
    path = on_host(alias, base)
    return path.removeprefix(base) if path.startswith(base) else ""


def file_of(path: str) -> str:
    """The HTML file that a web server shows at this path of the portal; empty when no HTML can stand there.

    `a/b/` and `a/b` are shown by `a/b/index.html`; a path that ends like a script or a document is a matter of the
    server's own redirects.
    """
    name = posixpath.basename(path)
    if not path or path.endswith("/"):
        return f"{path}index.html" if path else ""
    if "." not in name:
        return f"{path}/index.html"
    return path if name.lower().endswith((".html", ".htm", ".shtml")) else ""


def is_own(path: str, settings: Settings, authored: Iterable[str] = ()) -> bool:
    """Whether a path of the portal belongs to the portal itself, whatever the case of its letters.

    Its pages and folders, the fixed pages, and the folders of departments' years, where items to come will stand.
    """
    lower = path.lower().strip("/")
    first, _, rest = lower.partition("/")
    if not rest:
        given = lower in PAGES or lower in FOLDERS or _SITEMAP.match(lower) is not None
        return not lower or given or any(page.lower() == lower for page in authored)
    return first in FOLDERS or (first in settings.departments and re.match(r"\d{4}/", rest) is not None)


def authored_pages(paths: Iterable[str]) -> Iterator[str]:
    """The paths on the portal of the fixed pages among `paths` of the tree."""
    for path in paths:
        if path.startswith(f"{AUTHORED}/"):
            name = path.removeprefix(f"{AUTHORED}/")
            yield f"{name.removesuffix('.md')}.html" if name.endswith(".md") else name


def legacy_path(item: Item) -> str:
    """Where the item stood on the portal it was taken over from: path and query of `legacy.url`, percent-encoded."""
    url = item.group("legacy").get("url")
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return ""
    if parts is None or parts.scheme not in ("http", "https") or not parts.path.strip("/") + parts.query:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class Taken(Generic[_T]):
    """Who holds which path of the portal, in small letters: two that differ only by case are one to many servers.

    A path that is a file cannot be a folder too, so whoever holds a file also bars everything below it.
    """

    def __init__(self) -> None:
        self.files: dict[str, _T] = {}
        self.folders: dict[str, _T] = {}

    def holder(self, file: str) -> _T | None:
        """Who stands in the way of a file at this path."""
        lower = file.lower()
        found = self.files.get(lower) or self.folders.get(lower)
        return found or next((self.files[p] for p in _above(lower) if p in self.files), None)

    def take(self, file: str, item: _T) -> None:
        """Give the path to the item; whoever came first keeps it."""
        self.files.setdefault(file.lower(), item)
        for folder in _above(file.lower()):
            if folder in self.folders:  # and so are all above it
                return
            self.folders[folder] = item


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
