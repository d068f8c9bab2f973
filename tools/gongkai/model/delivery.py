"""How a public file goes out, wherever it is served: its type, how long it may be kept by others, and in which order.

One table for the house's own settings of nginx and Caddy and for object storage, so that all hosts say the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "ics": "text/calendar",
    "xml": "application/xml",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "jsonl": "application/jsonl",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "wps": "application/vnd.ms-works",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""Media types by ending (IANA); what is not listed is `application/octet-stream`."""
OTHER = "application/octet-stream"
WRITTEN = frozenset(
    {"application/xml", "application/json", "application/ld+json", "application/jsonl", "image/svg+xml"}
)
"""Types besides `text/…` that are written in UTF-8 and say so."""
PAGE, FILE, FOREVER = "public, max-age=60", "public, max-age=300", "public, max-age=31536000, immutable"
"""Pages, lists, feeds, data: a minute, then asked for again (ETag). Attachments: five. Names with a digest: a year.

What is taken from the public must go soon: nothing that an item holds is kept for longer than five minutes.
"""
HASHED = r"/assets/.*\.[0-9a-f]{8,}\.(?:min\.)?[a-z0-9]+$"
ATTACHED = r"/[a-z][a-z0-9-]*/[0-9]{4}/[0-9]{5}/"
PACKED = (
    "text/css",
    "text/javascript",
    "text/plain",
    "text/csv",
    "text/calendar",
    "text/markdown",
    *sorted(WRITTEN),
)
"""Types that are worth compressing (text/html always is)."""
_FIRST = re.compile(r"assets/|(?:evidence/)?[a-z][a-z0-9-]*/[0-9]{4}/[0-9]{5}[./]")
_PARTS = re.compile(r"search/(?!index\.json$)|sitemap-")
_LAST = frozenset({"index.html", "search/index.json", "sitemap.xml"})
STAGES = 4


def media_type(path: str) -> str:
    """The media type of a public file, without its character set."""
    return TYPES.get(path.rpartition(".")[2].lower(), OTHER)


def content_type(path: str) -> str:
    """The `Content-Type` of a public file."""
    kind = media_type(path)
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind in WRITTEN else kind


def cache_control(path: str) -> str:
    """The `Cache-Control` of a public file; `path` is relative to the portal."""
    if re.search(HASHED, f"/{path}"):
        return FOREVER
    return FILE if re.search(ATTACHED, f"/{path}") or path.startswith("assets/") else PAGE


def stage(path: str) -> int:
    """When a file goes out, from 0: what is pointed to before what points to it, so that no list leads nowhere.

    Items' pages and files and the theme, then the parts of the search and the maps, then lists, feeds and data, and at
    the very end the home page and the heads of search and maps.
    """
    if _FIRST.match(path):
        return 0
    if _PARTS.match(path):
        return 1
    return 3 if path in _LAST else 2
