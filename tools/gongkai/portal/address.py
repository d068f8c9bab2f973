"""Where things stand on the portal, as paths from its top; and the way from one page to another."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from gongkai.model.item import Item
from gongkai.model.settings import Settings

SAFE = "/!$&'()*+,;=:@~-._"
_PLAIN = re.compile(r"[\w/.-]*", re.ASCII)
"""Signs that stay as they are in an address."""


def attachment(item: Item, name: str) -> str:
    """The path of an item's attachment: beside the page, in a folder of the page's name."""
    return f"{item.address.removesuffix('.html')}/{name}"


def column(code: str, year: str = "") -> str:
    """The first page of a column's list, of one year or of all."""
    return f"columns/{code}/{year}/index.html" if year else f"columns/{code}/index.html"


def department(code: str, year: str = "") -> str:
    """The first page of a department's list."""
    return f"departments/{code}/{year}/index.html" if year else f"departments/{code}/index.html"


def topic(code: str) -> str:
    """The first page of a topic's list."""
    return f"topics/{code}/index.html"


def archive(year: str) -> str:
    """The first page of a year's list."""
    return f"archive/{year}/index.html"


def numbered(first: str, number: int) -> str:
    """The path of page `number` (from 1) of the list that begins at `first`."""
    return first if number == 1 else f"{first.rpartition('/')[0]}/page-{number}.html"


def evidence(item: Item, ending: str = "html") -> str:
    """Where the record of an item's review stands."""
    return f"evidence/{item.address.removesuffix('.html')}.{ending}"


def difference(item: Item) -> str:
    """Where it stands what the last change of an item took out and put in."""
    return f"changes/{item.address}"


PLATFORM = "disclosure.html"
ORGANISATION = "organisation.html"
SERVICES = "services.html"
TOPICS = "topics/index.html"
DATA = "data.html"
CHECKPOINTS = "checkpoints.html"
CHECKPOINTS_DATA = "checkpoints.json"


def relative(target: str, page: str) -> str:
    """The way from the page at `page` to `target`, percent-encoded; a fragment of `target` is kept."""
    path, mark, fragment = target.partition("#")
    way = _way(path, posixpath.dirname(page))
    return way + mark + quote(fragment, SAFE) if mark else way


@lru_cache(maxsize=4096)
def _way(path: str, folder: str) -> str:
    """The way from a folder: most pages of a folder lead to the same few places."""
    return quote(posixpath.relpath(path, folder or "."), SAFE)


def base(settings: Settings) -> str:
    """The portal's public address with its last slash, as portal.yml says it; empty when it says none."""
    url = settings.portal.get("url")
    given = url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
    return f"{given.rstrip('/')}/" if urlsplit(given).netloc else ""


@lru_cache(maxsize=1024)
def absolute(root: str, path: str) -> str:
    """The whole address of a path of the portal; the home page's is the portal's own. An item's is asked for six times on end."""
    if path == "index.html":
        return root
    return root + (path if _PLAIN.fullmatch(path) else quote(path, SAFE))


def item_data(item: Item) -> str:
    """Where an item's JSON stands: beside its page."""
    return data_beside(item.address)


def data_beside(page: str) -> str:
    """Where the JSON of the item of this page stands."""
    return f"{page.removesuffix('.html')}.json"


def bundle(item: Item) -> str:
    """Where all attachments of an item stand in one file: beside its page."""
    return f"{item.address.removesuffix('.html')}.zip"


REQUESTS = "requests.html"
