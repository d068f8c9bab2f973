"""What stood elsewhere before leads to its item: a page at each old address, and lists for web servers.

Targets are pages of this portal and nothing else: who can write an item cannot send a reader to another host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from gongkai.checks.addresses import (
    AUTHORED,
    Taken,
    authored_pages,
    base_path,
    file_of,
    is_own,
    legacy_path,
    on_host,
    on_portal,
    plain,
)
from gongkai.model.item import Item
from gongkai.portal import address
from gongkai.portal.headers import policy
from gongkai.portal.page import SiteText
from gongkai.portal.site import Site
from gongkai.portal.tongue import marker

_QUERY = re.compile(r"[A-Za-z0-9\-._~!@()+,=&/?%*:]+\Z")
_SAFE = re.compile(r"[\w\-.~!@()+,=&/]+\Z")


@dataclass(frozen=True, slots=True)
class Redirect:
    """An old address that leads to the portal's page `target`.

    `path` is the path on the host, decoded once; where `query` is true it is the raw request, with its query. `file` is the
    page of the portal that says so itself; empty where none can stand.
    """

    path: str
    target: str
    query: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Redirects:
    """All of them, the first item's word counting where two claim one address; and the pages that are gone for good (410)."""

    moved: tuple[Redirect, ...] = ()
    gone: tuple[str, ...] = ()


def redirects(site: Site) -> Redirects:
    """The old addresses of what the public may see: `aliases` first, then the addresses that an import noted."""
    base = base_path(site.portal.settings)
    gone = tuple(base + item.address for item in sorted(site.notices, key=_path))
    known = zip(site.every, (*site.shown, *map(site.bearing, site.notices)), strict=True)
    moved = sorted((item for item, one in known if one.moved), key=_path)
    if not moved:
        return Redirects((), gone)
    held: Taken[Item] = Taken()
    for item in sorted(site.every, key=_path):
        held.take(base + item.address, item)
    fixed = frozenset(authored_pages(e.path for e in site.portal.tree.entries(AUTHORED)))
    found = (*_aliases(moved, site, base, fixed, held), *_legacy(moved, site, base, fixed, held))
    return Redirects(found, gone)


def _path(item: Item) -> str:
    return item.path


def _aliases(
    items: Iterable[Item], site: Site, base: str, fixed: frozenset[str], held: Taken[Item]
) -> Iterator[Redirect]:
    for item in items:
        for alias in filter(plain, item.texts("aliases")):
            path = on_host(alias, base)
            inside = on_portal(alias, base)
            file = file_of(path)
            if (inside and is_own(inside, site.portal.settings, fixed)) or held.holder(file or path):
                continue
            held.take(file or path, item)
            yield Redirect(path, item.address, file=file.removeprefix(base) if inside else "")


def _legacy(
    items: Iterable[Item], site: Site, base: str, fixed: frozenset[str], held: Taken[Item]
) -> Iterator[Redirect]:
    """The addresses of imported items on their old portal. An index page of a whole site is nobody's."""
    for item in items:
        raw = legacy_path(item)
        path = unquote(raw.partition("?")[0])
        inside = path.removeprefix(base) if path.startswith(base) else ""
        query = "?" in raw
        sound = _QUERY.match(raw) if query else _SAFE.match(path) and "//" not in path
        own = path == base or (inside and is_own(inside, site.portal.settings, fixed))
        key = raw if query else file_of(path) or path
        if raw and sound and not own and not held.holder(key):
            held.take(key, item)
            yield Redirect(raw if query else path, item.address, query)


def pages(found: Redirects, site: Site) -> Iterator[SiteText]:
    """A small page at each old address inside the portal: it works on any web server, with no settings at all."""
    for one in found.moved:
        if one.file:
            yield SiteText(one.file, _page(one, site))


def _page(one: Redirect, site: Site) -> str:
    """The page: to the item at once, by a link for whoever stays; engines are told the one true address."""
    t, item = site.t, site.by_address[one.target]
    way = escape(address.relative(one.target, one.file))
    root = address.base(site.portal.settings)
    true = escape(address.absolute(root, one.target) if root else way)
    title = escape(site.title_of(item))
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if site.lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy())}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f'<meta http-equiv="refresh" content="0; url={way}">\n<link rel="canonical" href="{true}">\n'
        # Without an icon of its own a browser would ask for /favicon.ico first.
        '<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{escape(t['moved'])}</h1>\n"
        f'<p>{escape(t["moved_says"])} <a href="{way}"{marker(site.lang)(title)}>{title}</a></p>\n</main>\n</body>\n</html>\n'
    )
