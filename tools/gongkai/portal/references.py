"""Where the links and pictures of one item's text go, and which of its files they need."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

from markupsafe import Markup, escape

from gongkai.model.item import Item
from gongkai.portal import address
from gongkai.portal.site import Site

_ELSEWHERE = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


class ItemLinks:
    """The links of one item's text (see `rewrite.Links`). `used` gathers the item's files that it shows."""

    def __init__(self, site: Site, item: Item) -> None:
        self.site = site
        self.item = item
        self.used: dict[str, None] = {}

    def link(self, url: str) -> str | None:
        """The address for a link: of another item, of a file, on another host; None when it leads nowhere."""
        if url.startswith(("http://", "https://", "mailto:", "tel:", "#")):
            return unquote(url) if url.startswith("#") else url
        if url.startswith("doc:"):
            return self._item(url.removeprefix("doc:"))
        if _ELSEWHERE.match(url) or url.startswith("//"):
            return url
        return self._relative(url)

    def image(self, url: str) -> str | None:
        """The address of a picture in the item's folder."""
        name = self.own_file(unquote(urlsplit(url).path))
        return self.file(name) if name else None

    def titled(self, identity: str) -> Markup | None:
        """A link to another item, its title as the words; None when the public cannot see it."""
        other = self.site.by_id.get(identity)
        if other is None:
            return None
        href = address.relative(other.address, self.item.address)
        return Markup(f'<a href="{escape(href)}">{escape(self.site.title_of(other))}</a>')

    def _item(self, name: str) -> str | None:
        identity, mark, fragment = name.partition("#")
        item = self.site.by_id.get(identity)
        return address.relative(item.address + mark + unquote(fragment), self.item.address) if item else None

    def _relative(self, url: str) -> str | None:
        parts = urlsplit(url)
        path = unquote(parts.path)
        other = self._other(path)
        if other is not None:
            return self._item(f"{other.id}#{parts.fragment}" if parts.fragment else other.id)
        name = self.own_file(path)
        return self.file(name) if name else None

    def _other(self, path: str) -> Item | None:
        """The item whose file, or whose page, a path means."""
        if path.startswith("/"):
            return self.site.by_address.get(path[1:])
        return self.site.by_path.get(
            posixpath.normpath(posixpath.join(posixpath.dirname(self.item.path), path))
        )

    def own_file(self, path: str) -> str:
        """The name, inside the item's folder, of a file that `path` means; empty when there is none.

        Both spellings work: from the folder itself (`a.jpg`) and, as editors preview it, from the item's file
        (`tide-2024-00001/a.jpg`).
        """
        for start in (self.item.folder, posixpath.dirname(self.item.path)):
            found = posixpath.normpath(posixpath.join(start, path))
            entry = self.site.portal.corpus.files.get(found)
            if entry and entry.kind == "file" and found.startswith(f"{self.item.folder}/"):
                return found.removeprefix(f"{self.item.folder}/")
        return ""

    def file(self, name: str) -> str:
        """The address of one of the item's own files, noted as used."""
        self.used.setdefault(name)
        return address.relative(address.attachment(self.item, name), self.item.address)
