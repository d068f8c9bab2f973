"""The ways from the pages of a folder to other places, as MkDocs' filter `url` reckons them, each folder's only once.

A page names some twenty places, most of them in a few folders: a way is the way to the folder, and the name there.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

NAME = "ways"
"""Under this name the context of a page holds the ways from its folder."""
_ANY = "\0"
"""Stands for any name in a folder: none is called so."""


class Mark(str):
    """Stands, while the mould of a page is learnt (`moulds`), where each page has a text of its own: `name` says which.

    Filters and pieces that are given a mark answer with one.
    """

    def __new__(cls, name: str) -> Mark:
        """The mark of a name."""
        made = super().__new__(cls, f"\0{name}\0")
        made.name = name
        return made

    name: str


class Ways(dict[str, str]):
    """The ways from one folder to others: `tide/2024/` → `../../tide/2024/`. `whole` reckons the way to any address."""

    def __init__(self, folder: str, whole: Callable[[str], str]) -> None:
        self.folder = folder
        self._whole = whole
        self._odd = frozenset(("", ".", "..", *folder.split("/")))
        """Names that a way may end before: those of the folders that it begins in, and what is no name."""
        self._known: dict[str, str] = {}

    def to(self, address: str) -> str:
        """The way to this address; one that is no path of the portal comes back as it is."""
        cut = address.rfind("/") + 1
        if not cut or address[cut:] in self._odd or "\\" in address:
            if address not in self._known:
                self._known[address] = self._whole(address)
            return self._known[address]
        return self[address[:cut]] + address[cut:]

    def __missing__(self, folder: str) -> str:
        found = self[folder] = self._whole(folder + _ANY).removesuffix(_ANY)
        return found


def use_ways(env: Environment) -> None:
    """Let the filter `url` of this environment use the ways of a page that has them. Call before any template is compiled."""
    whole = env.filters["url"]

    @pass_context
    def url(context: Context, address: object) -> str:
        if type(address) is Mark:
            return address
        ways = context.resolve_or_missing(NAME)
        found: str = whole(context, address) if ways is missing else ways.to(str(address))
        return found

    env.filters["url"] = url
