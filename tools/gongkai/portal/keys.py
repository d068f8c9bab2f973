"""What a sheet shows, as one digest: when it is as it was, so are the sheet's bytes, and nobody makes it again.

A key holds everything a page can show: the engine, every setting, schema and template, the item's file and its other
files, the ledger's facts and chain, which of its moments have passed, its neighbours, who points at it, and every item
that its text asked for when it was made last, found or not. What is in doubt is part of the key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from gongkai.evidence.chain import Proof
from gongkai.model.corpus import FileEntry
from gongkai.model.item import Item
from gongkai.portal.lists import Leaf, Shelf
from gongkai.portal.moments import of_item
from gongkai.portal.past import Asked
from gongkai.portal.site import Site
from gongkai.portal.unchanged import blob_of, digest, of_the_house


class Keys:
    """The keys of one site's sheets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._own: dict[str, bytes] = {}
        self._shelves: dict[str, bytes] = {}

    @cached_property
    def house(self) -> bytes:
        """See `of_the_house`."""
        return of_the_house(self._site.portal.tree)

    def item(self, item: Item, asked: Asked) -> bytes:
        """The key of the item's own files."""
        site, ident = self._site, item.id
        around = (*site.neighbours.get(ident, ()), *site.successors.get(ident, ()),
                  *site.predecessors.get(ident, ()), *site.readings.get(ident, ()))  # fmt: skip
        rows = [self.house, self.own(item)]
        rows += [b"-" if other is None else self.own(other) for other in around]
        return digest([*rows, *self._asked(asked)] if asked else rows)

    def _asked(self, asked: Asked) -> Iterator[bytes]:
        for by, name in asked:
            other = self._site.asked(by, name)
            yield f"{by} {name}".encode()
            yield b"-" if other is None else self.own(other)

    def some(self, items: Iterable[Item], asked: Asked = (), also: str = "") -> bytes:
        """The key of what these items, in this order, make together with what their texts asked for, and something more."""
        return digest((self.house, self._owns(items), also.encode(), *self._asked(asked)))

    def leaf(self, leaf: Leaf) -> bytes:
        """The key of one page of a list."""
        rows = [self.house, self._shelf(leaf.shelf), f"{leaf.number} {leaf.last}".encode()]
        return digest((*rows, self._owns(leaf.items)))

    def _owns(self, items: Iterable[Item]) -> bytes:
        """One row of what several items show: each is as long as the other."""
        return b"".join(map(self.own, items))

    def own(self, item: Item) -> bytes:
        """All that may be shown of the item itself, at this moment, anywhere."""
        found = self._own.get(item.path)
        if found is None:
            found = self._own[item.path] = digest(self._of(item))
        return found

    def _of(self, item: Item) -> Iterator[bytes]:
        site, ident = self._site, item.id
        yield f"{item.path} {item.blob}".encode()
        yield repr(site.portal.facts.get(ident)).encode()
        yield self._passed(item)
        for entry in self._folders.get(item.folder, ()):
            yield f"{entry.path} {entry.kind} {blob_of(entry, site.portal.tree)}".encode()
        proof = site.record.proofs.get(ident)
        if proof is not None:
            yield repr((_chain(proof), bool(site.record.checkpoints))).encode()
        earlier = site.record.earlier.get(ident)
        if earlier is not None:
            yield f"{earlier.item.path} {earlier.item.blob} {earlier.blob} {earlier.since} {earlier.until}".encode()
            yield self._passed(earlier.item)

    def _passed(self, item: Item) -> bytes:
        """Which of the item's moments have passed."""
        portal = self._site.portal
        return bytes(at.time <= portal.now for at in of_item(item, portal))

    @cached_property
    def _folders(self) -> Mapping[str, Sequence[FileEntry]]:
        """The files beside items, by the folder of the item."""
        found: defaultdict[str, list[FileEntry]] = defaultdict(list)
        for path, entry in self._site.portal.corpus.files.items():
            parts = path.split("/")
            for depth in range(3, len(parts)):
                found["/".join(parts[:depth])].append(entry)
        return found

    def _shelf(self, shelf: Shelf) -> bytes:
        """All that a list shows besides its items."""
        if shelf.first not in self._shelves:
            shown = (
                shelf.first,
                shelf.title,
                shelf.description,
                shelf.crumbs,
                shelf.choices,
                shelf.departments,
                shelf.facts,
            )
            self._shelves[shelf.first] = repr(shown).encode()
        return self._shelves[shelf.first]


def _chain(proof: Proof) -> tuple[object, ...]:
    """What the public record of an item can show; an event's id says all that the ledger says of it."""
    links = [
        (k.id, k.kind, k.role, k.department, k.person, k.reason, k.content, k.files) for k in proof.chain
    ]
    return proof.genesis, proof.ledger, proof.from_genesis, proof.taken_down, proof.facts, links
