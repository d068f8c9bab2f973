"""What a sheet shows, as one digest: when it is as it was, so are the sheet's bytes, and nobody makes it again.

A key holds everything a page can show: the engine, every setting, schema and template, the item's file and its other
files, the ledger's facts and chain, which of its moments have passed, its neighbours, who points at it, and every item
that its text asked for when it was made last, found or not. What is in doubt is part of the key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from gongkai.evidence.chain import Proof
from gongkai.evidence.earlier import Earlier
from gongkai.model.corpus import FileEntry
from gongkai.model.item import Item
from gongkai.portal.bearings import Bearing, window
from gongkai.portal.lists import Leaf, Shelf
from gongkai.portal.past import Asked
from gongkai.portal.site import Groups, Site
from gongkai.portal.unchanged import as_bytes, blob_of, digest

MEMORY = "owns"
_PATH = attrgetter("path")


class _Reckoned(NamedTuple):
    """What an item shows of itself, and what that was reckoned from beside its file and the settings."""

    bearing: Bearing
    files: Sequence[FileEntry]
    proof: Proof | None
    earlier: Earlier | None
    own: bytes


class Keys:
    """The keys of one site's sheets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._shelves: dict[str, bytes] = {}

    def item(self, item: Item, asked: Asked) -> bytes:
        """The key of the item's own files: not one digest but its parts, for there are as many as items."""
        ident, own = self._site.bearing(item).ident, self.own
        rows = [self.house, own[item.path]]
        rows += [b"-" if one is None else own[one.path] for one in self._site.neighbours_of(item.path)]
        for group in self._pointing:
            if ident in group:
                rows += [own[other.path] for other in group[ident]]
        return b"".join(rows) + (digest(self._asked(asked)) if asked else b"")

    @cached_property
    def house(self) -> bytes:
        """See `of_the_house`."""
        return self._site.house

    @cached_property
    def _pointing(self) -> tuple[Groups, ...]:
        """Who points at an item, by its id."""
        return self._site.successors, self._site.predecessors, self._site.readings

    def _asked(self, asked: Asked) -> Iterator[bytes]:
        for by, name in asked:
            other = self._site.asked(by, name)
            yield f"{by} {name}".encode()
            yield b"-" if other is None else self.own[other.path]

    def some(self, items: Iterable[Item], asked: Asked = (), also: str = "") -> bytes:
        """The key of what these items, in this order, make together with what their texts asked for, and something more."""
        return digest((self.house, self.shown(items), also.encode(), *self._asked(asked)))

    def leaf(self, leaf: Leaf) -> bytes:
        """The key of one page of a list."""
        rows = [self.house, self._shelf(leaf.shelf), f"{leaf.number} {leaf.last}".encode()]
        return digest((*rows, self.shown(leaf.items)))

    def shown(self, items: Iterable[Item]) -> bytes:
        """One row of what several items show: each is as long as the other."""
        return self._every if items is self._site.every else self._shown(items)

    @cached_property
    def _every(self) -> bytes:
        """The row of all items: several sheets are made from them."""
        return self._shown(self._site.every)

    def _shown(self, items: Iterable[Item]) -> bytes:
        return b"".join(map(self.own.__getitem__, map(_PATH, items)))

    @cached_property
    def own(self) -> Mapping[str, bytes]:
        """By path all that may be shown of each item itself, at this moment, anywhere."""
        portal, record = self._site.portal, self._site.record
        memory = portal.kept.memory if portal.kept is not None else {}
        context = self.house, bool(record.checkpoints)
        at, known = memory.get(MEMORY, ((), {}))
        found = self._reckoned(known if at == context else {})
        memory[MEMORY] = context, found
        return {path: one.own for path, one in found.items()}

    def _reckoned(self, known: Mapping[str, _Reckoned]) -> dict[str, _Reckoned]:
        """Of each item what it shows: as it was `known` where nothing is different that it was reckoned from."""
        site, folders, found = self._site, self._folders, {}
        proofs, earlier = site.record.proofs.get, site.record.earlier.get
        for item in site.portal.corpus.items:
            path, one = item.path, site.bearings[item.path]
            files = folders.get(item.folder, ()) if folders else ()
            beside = files, proofs(one.ident), earlier(one.ident)
            old = known.get(path)
            # A bearing that is still the same one says so of the item's file, the ledger's facts of it and its moments.
            if old is None or old[0] is not one or old[1:4] != beside or _is_fleeting(files, beside[2]):
                old = _Reckoned(one, *beside, digest(self._of(item)))
            found[path] = old
        return found

    def _of(self, item: Item) -> Iterator[bytes]:
        site, ident = self._site, item.id
        yield as_bytes(f"{item.path} {item.blob}")
        yield repr(site.portal.facts.get(ident)).encode()
        # When the last of its moments passed: which of them have passed is said by that.
        yield repr(site.bearings[item.path].since).encode()
        for entry in self._folders.get(item.folder, ()):
            yield as_bytes(f"{entry.path} {entry.kind} {blob_of(entry, site.portal.tree)}")
        proof = site.record.proofs.get(ident)
        if proof is not None:
            yield repr((_chain(proof), bool(site.record.checkpoints))).encode()
        earlier = site.record.earlier.get(ident)
        if earlier is not None:
            yield as_bytes(
                f"{earlier.item.path} {earlier.item.blob} {earlier.blob} {earlier.since} {earlier.until}"
            )
            yield repr(window(earlier.item, site.portal)[0]).encode()

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


def _is_fleeting(files: Sequence[FileEntry], earlier: Earlier | None) -> bool:
    """Whether these do not tell all: an earlier version has moments of its own, a file unknown to git may hold any bytes."""
    return earlier is not None or not all(entry.blob for entry in files)


def _chain(proof: Proof) -> tuple[object, ...]:
    """What the public record of an item can show; an event's id says all that the ledger says of it."""
    links = [
        (k.id, k.kind, k.role, k.department, k.person, k.reason, k.content, k.files) for k in proof.chain
    ]
    return proof.genesis, proof.ledger, proof.from_genesis, proof.taken_down, proof.facts, links
