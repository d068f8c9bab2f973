"""Which decision took an item down: the first acceptance since which the item has said so without a break."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.evidence.chain import Link
from gongkai.gate.moments import Moments, paths_of
from gongkai.items.read import read_item

FIELD = "withdrawal"
DECIDED = ("accepted", "withdrawn")
"""Kinds of events that lay an item's bytes on main: by approval, or by the gate itself when no second review came."""


class Takedowns:
    """Looks into the commits that decisions made; each commit's tree is read once."""

    def __init__(self, moments: Moments) -> None:
        self.proven = moments.proven
        self.trees: dict[str, str] = {}

    def decision(self, ident: str, chain: Sequence[Link], main: str) -> int:
        """The number of that event; -1 when the item stands, and when it was taken down before the ledger began.

        A later correction of the banner's words is not a second withdrawal. `main` is the commit the portal is built from.
        """
        if not main or not self._says_so(ident, main):
            return -1
        found = -1
        for link in reversed([link for link in chain if link.kind in DECIDED and link.commit]):
            if not self._says_so(ident, link.commit):
                break
            found = link.event
        return found

    def _says_so(self, ident: str, commit: str) -> bool:
        """Whether the item says at this commit that it is withdrawn; a text without the word is not parsed for it."""
        if commit not in self.trees:
            self.trees[commit] = self.proven.commit(commit).tree
        for path in paths_of(ident):
            _, blob = self.proven.at(self.trees[commit], path)
            raw = self.proven.read(blob, "blob") if blob else b""
            item = read_item(path, raw, blob)[0] if FIELD.encode() in raw else None
            if item is not None and item.group(FIELD):
                return True
        return False
