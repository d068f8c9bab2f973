"""Where things stand on the portal, as paths from its top; and the way from one page to another."""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from gongkai.model.item import Item

SAFE = "/!$&'()*+,;=:@~-._"


def attachment(item: Item, name: str) -> str:
    """The path of an item's attachment: beside the page, in a folder of the page's name."""
    return f"{item.address.removesuffix('.html')}/{name}"


def column(code: str, year: str = "") -> str:
    """The first page of a column's list, of one year or of all."""
    return f"columns/{code}/{year}/index.html" if year else f"columns/{code}/index.html"


def department(code: str, year: str = "") -> str:
    """The first page of a department's list."""
    return f"departments/{code}/{year}/index.html" if year else f"departments/{code}/index.html"


def archive(year: str) -> str:
    """The first page of a year's list."""
    return f"archive/{year}/index.html"


def numbered(first: str, number: int) -> str:
    """The path of page `number` (from 1) of the list that begins at `first`."""
    return first if number == 1 else f"{posixpath.dirname(first)}/page-{number}.html"


def relative(target: str, page: str) -> str:
    """The way from the page at `page` to `target`, percent-encoded; a fragment of `target` is kept."""
    path, mark, fragment = target.partition("#")
    way = posixpath.relpath(path, posixpath.dirname(page) or ".")
    return quote(way, SAFE) + (mark + quote(fragment, SAFE) if mark else "")
