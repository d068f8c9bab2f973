"""The evidence of items, read from the ledger: of one for whoever asks, of all for the portal that is being built."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gongkai.evidence.chain import Link, Proof, Record, published_part
from gongkai.evidence.checkpoint import Signed
from gongkai.evidence.earlier import Earlier
from gongkai.evidence.ledger import LEDGER, MOVES, Event
from gongkai.evidence.state import State, replay
from gongkai.gate.earlier import asked_of, is_grave
from gongkai.gate.history import Unsound, read_ledger
from gongkai.gate.links import links_of, review_of
from gongkai.gate.moments import Moments, paths_of
from gongkai.gate.takedowns import Takedowns
from gongkai.gate.verified import bare
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.facts import ItemFacts
from gongkai.model.message import msg
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.proven import Proven


@dataclass
class _Told:
    """What a public record said of each item, for which state, and under which rules about names and reasons."""

    until: int = -1
    review: tuple[bool, bool] = (False, False)
    proofs: dict[str, Proof] = field(default_factory=dict)
    earlier: dict[str, Earlier] = field(default_factory=dict)
    """Where the difference is asked for; whether it may be shown depends on the rules of the day."""
    left: dict[str, None] = field(default_factory=dict)
    """Of whom the ledger knows more than was told, or has heard since."""


class Chains:
    """A ledger read to its end: the state there, and every item's links. Who stays goes on from there (`followed`).

    Of events it keeps what later ones ask of them (`bare`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tip = ""
        self.moments = Moments(Proven(folder))
        self.takedowns = Takedowns(self.moments)
        self.events: tuple[Event, ...] = ()
        self.state = State()
        self.links: defaultdict[str, list[Link]] = defaultdict(list)
        self._told = _Told()

    def follow(self, tip: str) -> None:
        """Read what came since. Unsound when the ledger does not go on from where this one stood."""
        proven = self.moments.proven
        proven.forget()
        events = read_ledger(proven, tip, self.events)
        for event in events[len(self.events) :]:
            after = replay([event], self.state)
            for ident, link in links_of(event, self.state, after, self.moments):
                self.links[ident].append(link)
                self._told.left[ident] = None
            self.state = after
        self.events, self.tip = (*self.events, *map(bare, events[len(self.events) :])), tip

    def proof(self, ident: str) -> Proof:
        """The chain of one item; codes and keys only where review.yml shows them today."""
        chain: Iterable[Link] = self.links.get(ident, ())
        if self._review.get("names_shown") != "people":
            chain = (replace(link, person="", key="") for link in chain)
        tree = self.events[0].data.get("tree", "")
        old = any(self.moments.proven.at(tree, path)[1] for path in paths_of(ident))
        facts = self.state.facts.get(ident) or ItemFacts()
        return Proof(ident, self.state.genesis, self.tip, facts, tuple(chain), old)

    def record(self, main: str, checkpoints: tuple[Signed, ...] = ()) -> Record:
        """What a portal built from the commit `main` shows: a proof for every item accepted by then."""
        moves = (e.number for e in reversed(self.events) if e.kind in MOVES and e.data.get("main") == main)
        told = self._tell(main, next(moves, -1))
        today = self.moments.portal(self.state.main_tree, self.events[-1].time)
        shown = {i: found for i, found in told.earlier.items() if not is_grave(found.item, today)}
        return Record({**told.proofs}, checkpoints, self.tip, shown)

    @property
    def _review(self) -> Mapping[str, Any]:
        """review.yml as it stands today."""
        return review_of(self.moments.portal(self.state.main_tree, self.events[-1].time))

    def _tell(self, main: str, until: int) -> _Told:
        """What is told of every item; anew of those of whom something was heard that is not told yet.

        All else stays: what is told of an item follows from the events about it, and from what review.yml shows.
        """
        review = self._review
        shows = (review.get("names_shown") == "people", review.get("reasons_shown") is True)
        told = self._told
        if until < told.until or shows != told.review or not told.proofs:
            told = _Told(proofs={}, left=dict.fromkeys(self.links))
        for ident in told.left:
            links = self.links[ident]
            told.proofs.pop(ident, None)
            told.earlier.pop(ident, None)
            known = [link for link in links if link.event <= until]
            taken = self.takedowns.decision(ident, known, main)
            proof = published_part(replace(self.proof(ident), taken_down=taken), until, reasons=shows[1])
            if any(link.kind == "accepted" for link in proof.chain):
                told.proofs[ident] = proof
            before = asked_of(links, until, self.moments.proven)
            if before is not None:
                told.earlier[ident] = before
        left = {ident: None for ident in told.left if self.links[ident][-1].event > until}
        self._told = replace(told, until=until, review=shows, left=left)
        return self._told


def followed(folder: Path, before: Chains | None = None) -> Chains:
    """The ledger of a server or clone read to its end; `before` is taken along where it is of the same one."""
    tip = Objects(Repository(folder)).ref(LEDGER)
    if not tip:
        raise GongkaiError(
            msg("{folder} has no ledger", folder=str(folder)),
            msg("run `gongkai audit` in a clone: it fetches the ledger"),
        )
    if before is not None and before.folder == folder and _goes_on(before, tip):
        return before
    chains = Chains(folder)
    try:
        chains.follow(tip)
    except Unsound as unsound:
        raise GongkaiError(
            unsound.says,
            msg("`gongkai audit` names the event; publish nothing until it is cleared up"),
            Exit.FINDINGS,
        ) from unsound
    return chains


def _goes_on(before: Chains, tip: str) -> bool:
    """Bring it to the end of the ledger; False when that is another one, as when a publication could not be recorded."""
    try:
        before.follow(tip)
    except Unsound:
        return False
    return True


def prove_item(folder: Path, ident: str) -> Proof:
    """The evidence of the item, read from the ledger of a server or clone.

    GongkaiError: exit 1 when the ledger is broken, 2 when there is no ledger or it knows no such item.
    """
    proof = followed(folder).proof(ident)
    if not proof.chain and not proof.from_genesis:
        raise GongkaiError(
            msg("the ledger knows no item {item}", item=ident),
            msg("give an id like tide-2026-00001; it stands on the item's page"),
        )
    return proof


def public_record(folder: Path, main: str, checkpoints: tuple[Signed, ...] = ()) -> Record:
    """What a portal built from the commit `main` shows of its ledger: a proof for every item accepted by then."""
    return followed(folder).record(main, checkpoints)
