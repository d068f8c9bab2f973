"""The files of an item as its page offers them: title, kind, size, and a digest to check a copy by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.model.item import Item
from gongkai.portal.pictures import size_of
from gongkai.portal.references import ItemLinks
from gongkai.portal.site import Site

UNITS = ("B", "KB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class Attached:
    """One file on a page; `digest` is its SHA-256 in hexadecimal."""

    title: str
    href: str
    kind: str
    size: str
    digest: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption; width and height in pixels, 0 when they are not known."""

    src: str
    caption: str
    width: int = 0
    height: int = 0


def attached(item: Item, site: Site, links: ItemLinks) -> list[Attached]:
    """The attachments that are there; a missing one is a finding of the checks, not a dead link."""
    found = ((a.title, links.own_file(a.file)) for a in item.attachments)
    return [_attached(title, name, item, site, links) for title, name in found if name]


def _attached(title: str, name: str, item: Item, site: Site, links: ItemLinks) -> Attached:
    data = site.portal.tree.read(f"{item.folder}/{name}")
    kind = name.rpartition(".")[2].upper() if "." in name else ""
    return Attached(title, links.file(name), kind, readable(len(data)), hashlib.sha256(data).hexdigest())


def readable(size: int) -> str:
    """A size in bytes as people read it (1 KB = 1,024 bytes)."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{size} B" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"


def figures(item: Item, links: ItemLinks) -> list[Figure]:
    """The pictures of the field `images` that the text itself does not show already."""
    return [
        Figure(links.file(name), caption, *(size_of(name, links) or (0, 0)))
        for name, caption in _images(item, links)
        if name not in links.used
    ]


def _images(item: Item, links: ItemLinks) -> Iterator[tuple[str, str]]:
    entries = item.fields.get("images")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("file"), str):
            name = links.own_file(entry["file"])
            if name:
                yield name, str(entry.get("caption") or "")
