"""What an item's page, its head and its data all say of it: reckoned once, for they are made one right after the other."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.model.item import Item
from gongkai.portal import address, standing
from gongkai.portal.bearings import Bearing
from gongkai.portal.once import once
from gongkai.portal.site import Site

CLOSED = frozenset({"withdrawn", "replaced", "expired", "repealed", "ended"})
"""Standings in which the portal hands out no text as data: a machine that copies it would spread it as valid."""


class Gist(NamedTuple):
    """One item's. `path` and `data` are where its page and its JSON stand, `url` is the page's whole address.

    `validity`: see `portal.standing`.
    """

    item: Item
    bearing: Bearing
    path: str
    data: str
    url: str
    title: str
    document_number: str
    index_number: str
    validity: str
    state: str
    is_open: bool


def gist(item: Item, site: Site) -> Gist:
    """The item's; only the last one is remembered."""
    last = site.ready[gist]
    found: Gist | None = last.get("")
    if found is None or found.item is not item:
        found = last[""] = _gist(item, site)
    return found


def _gist(item: Item, site: Site) -> Gist:
    path, portal = item.address, site.portal
    return Gist(
        item,
        site.bearing(item),
        path,
        address.data_beside(path),
        address.absolute(_root(site), path),
        item.title,
        item.text("document_number"),
        standing.index_number(item, portal),
        standing.validity_of(item, portal),
        *_standing(item, site),
    )


def is_open(item: Item, site: Site) -> bool:
    """Whether the item's text may go out as data: not taken down, not over, no list of people."""
    return _standing(item, site)[1]


def is_list(item: Item) -> bool:
    """Whether it is a 公示. Its names stand on its page as long as the law wants, and in no copy that outlasts it
    (个人信息保护法 第6、19条).
    """
    kind = item.type
    return kind == "public_list" or (kind == "personnel" and item.text("stage") == "publicity")


def state(item: Item, site: Site) -> str:
    """The gravest standing of the item (a word of `standing.State.kind`, or `removed`); empty when there is none."""
    return _standing(item, site)[0]


def _standing(item: Item, site: Site) -> tuple[str, bool]:
    """See `state` and `is_open`."""
    if item.removed:
        return "removed", False
    found = site.states(item)
    if not found:
        return "", not is_list(item)
    return found[0].kind, not is_list(item) and all(s.kind not in CLOSED for s in found)


@once
def _root(site: Site) -> str:
    return address.base(site.portal.settings)
