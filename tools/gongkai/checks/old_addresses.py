"""Old addresses that lead to an item (`aliases`): each is a plain path, nobody else's, and not the portal's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.checks.addresses import (
    AUTHORED,
    Taken,
    authored_pages,
    base_path,
    decoded,
    file_of,
    is_own,
    on_host,
    on_portal,
    plain,
)
from gongkai.checks.brief import Brief
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_


def _odd(item: Item, _portal: Portal) -> Iterable[Hit]:
    for index, alias in enumerate(item.texts("aliases")):
        if not plain(alias):
            yield Hit(item.place("aliases", index), {"value": decoded(alias)[:60]}, "aliases")


def _own(portal: Portal) -> Iterable[Hit]:
    usable = list(_usable(portal))
    if not usable:
        return
    base = base_path(portal.settings)
    fixed = frozenset(authored_pages(e.path for e in portal.tree.entries(AUTHORED)))
    pages = {item.address.lower() for item in portal.briefs}
    for item, index, alias in usable:
        path = on_portal(alias, base)
        # An address that an item has already is REF113's business.
        if path and path.lower() not in pages and is_own(path, portal.settings, fixed):
            yield Hit(_place(portal, item, index), {"value": alias}, "aliases")


def taken(portal: Portal) -> Iterable[Hit]:
    """Old addresses that another item holds, as its page or as an old address, or that are the item's own page."""
    usable = list(_usable(portal))
    base = base_path(portal.settings)
    held: Taken[Brief] = Taken()
    for item in portal.briefs if usable else ():
        held.take(base + item.address, item)
    for item, index, alias in usable:
        path = on_host(alias, base)
        file = file_of(path) or path
        other = held.holder(file)
        if other is not None and (other is not item or file.lower() == f"{base}{item.address}"):
            yield Hit(_place(portal, item, index), {"value": alias, "other": other.path}, "aliases")
        else:
            held.take(file, item)


def _usable(portal: Portal) -> Iterator[tuple[Brief, int, str]]:
    for item in portal.briefs:
        # Most items have none: a generator for each of them would take most of the time.
        if item.aliases:
            yield from ((item, i, alias) for i, alias in enumerate(item.aliases) if plain(alias))


def _place(portal: Portal, item: Brief, index: int) -> Place:
    return portal.corpus.by_path[item.path].place("aliases", index)


_SAFE = N_(
    "An old address becomes a page and a line in the web server's settings: what could leave the portal or be read as a "
    "command there is not let in."
)
_PORTAL = N_(
    "The portal's own pages, and those of items to come, must stay reachable; a redirect in their place would hide them."
)

RULES = (
    Rule("REF121", "odd-old-address", Severity.ERROR,
         N_("the old address {value} is not a plain path"),
         N_("write only what stands after the host name, like /zcfg/2019/t20190301_118.html: letters, digits and -_.~!@()+,=&"),
         _SAFE, item=_odd, alone=True, of=frozenset({"aliases"})),
    Rule("REF122", "address-of-the-portal", Severity.ERROR,
         N_("the old address {value} is one that the portal uses itself"),
         N_("delete the line; only addresses that do not exist on this portal can lead somewhere else"),
         _PORTAL, portal=_own),
)  # fmt: skip
