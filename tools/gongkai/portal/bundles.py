"""All attachments of an item in one file, for whoever wants to keep them together."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.model.item import Item
from gongkai.portal import address, standing
from gongkai.portal.attachments import readable
from gongkai.portal.references import ItemLinks
from gongkai.portal.site import Site

LIMIT = 100 * 1024 * 1024
"""Bytes; larger collections are downloaded one by one. A bundle is made in memory, one at a time."""
_END = 22
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The file as an item's page offers it."""

    href: str
    size: str


def bundle(item: Item, site: Site, links: ItemLinks) -> Bundle | None:
    """What the page offers: nothing for one attachment alone."""
    names = _names(item, links)
    size = _END + sum(len(site.portal.tree.read(f"{item.folder}/{n}")) + _around(n) for n in names)
    if len(names) < 2 or size > LIMIT:
        return None
    return Bundle(address.relative(address.bundle(item), item.address), readable(size))


def _around(name: str) -> int:
    """The bytes that a ZIP needs besides a file's own: its header, and its line in the list at the end."""
    return 30 + 46 + 2 * len(name.encode())


def files(site: Site) -> Iterator[tuple[str, bytes]]:
    """The bundles of all items, one by one."""
    for item in site.items:
        yield from of_item(item, site, ItemLinks(site, item))


def of_item(item: Item, site: Site, links: ItemLinks) -> Iterator[tuple[str, bytes]]:
    """The bundle of an item that has one."""
    if (
        "attachments" in item.fields
        and not standing.has_ended(item, site.portal)
        and bundle(item, site, links)
    ):
        yield address.bundle(item), _packed(item, site, _names(item, links))


def _names(item: Item, links: ItemLinks) -> list[str]:
    return list(dict.fromkeys(n for a in item.attachments if (n := links.own_file(a.file))))


def _packed(item: Item, site: Site, names: list[str]) -> bytes:
    """A ZIP without compression and without dates: office files are packed already, and equal files give equal bytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _DAY)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, site.portal.tree.read(f"{item.folder}/{name}"))
    return kept.getvalue()
