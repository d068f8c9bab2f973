"""The evidence of items, read from the ledger: of one for whoever asks, of all for the portal that is being built."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.chain import Link, Proof, Record, fingerprint, published_part
from gongkai.evidence.checkpoint import Signed
from gongkai.evidence.earlier import Earlier
from gongkai.evidence.ledger import LEDGER, MOVES, Event
from gongkai.evidence.state import State, Submission, replay
from gongkai.gate.earlier import earlier
from gongkai.gate.history import Unsound, read_ledger
from gongkai.gate.moments import Moments, paths_of
from gongkai.gate.takedowns import Takedowns
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.facts import ItemFacts
from gongkai.model.message import Words, msg
from gongkai.model.settings import words
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.proven import Proven

ABOUT = frozenset(
    {
        "received",
        "approved",
        "returned",
        "cancelled",
        "accepted",
        "confirmed",
        "objected",
        "lapsed",
        "withdrawn",
    }
)
"""Kinds of events that are about a submission."""


class _Reader:
    """A ledger read to its end: the state there, and every item's links."""

    def __init__(self, folder: Path) -> None:
        objects = Objects(Repository(folder))
        self.tip = objects.ref(LEDGER)
        if not self.tip:
            raise GongkaiError(
                msg("{folder} has no ledger", folder=str(folder)),
                msg("run `gongkai audit` in a clone: it fetches the ledger"),
            )
        proven = Proven(folder)
        self.moments = Moments(proven)
        self.takedowns = Takedowns(self.moments)
        self.events = _events(proven, self.tip)
        self.state = State()
        self.links: defaultdict[str, list[Link]] = defaultdict(list)
        for event in self.events:
            after = replay([event], self.state)
            for ident, link in _links(event, self.state, after, self.moments):
                self.links[ident].append(link)
            self.state = after

    @cached_property
    def review(self) -> Mapping[str, Any]:
        """review.yml as it stands today."""
        return _review(self.moments.portal(self.state.main_tree, self.events[-1].time))

    def proof(self, ident: str) -> Proof:
        """The chain of one item; codes and keys only where review.yml shows them today."""
        chain: Iterable[Link] = self.links.get(ident, ())
        if self.review.get("names_shown") != "people":
            chain = (replace(link, person="", key="") for link in chain)
        tree = self.events[0].data.get("tree", "")
        old = any(self.moments.proven.at(tree, path)[1] for path in paths_of(ident))
        facts = self.state.facts.get(ident) or ItemFacts()
        return Proof(ident, self.state.genesis, self.tip, facts, tuple(chain), old)

    def proof_at(self, ident: str, main: str, until: int) -> Proof:
        """The chain of one item, with the decision that took it down as of the commit `main`, set by the event `until`."""
        found = self.proof(ident)
        known = [link for link in found.chain if link.event <= until]
        return replace(found, taken_down=self.takedowns.decision(ident, known, main))

    def earlier(self, until: int) -> Iterator[tuple[str, Earlier]]:
        """The versions before the present ones that may be shown beside them, of a portal of the state after `until`."""
        today = self.moments.portal(self.state.main_tree, self.events[-1].time)
        for ident, links in self.links.items():
            found = earlier(links, until, self.moments.proven, today)
            if found is not None:
                yield ident, found


def prove_item(folder: Path, ident: str) -> Proof:
    """The evidence of the item, read from the ledger of a server or clone.

    GongkaiError: exit 1 when the ledger is broken, 2 when there is no ledger or it knows no such item.
    """
    proof = _Reader(folder).proof(ident)
    if not proof.chain and not proof.from_genesis:
        raise GongkaiError(
            msg("the ledger knows no item {item}", item=ident),
            msg("give an id like tide-2026-00001; it stands on the item's page"),
        )
    return proof


def public_record(folder: Path, main: str, checkpoints: tuple[Signed, ...] = ()) -> Record:
    """What a portal built from the commit `main` shows of its ledger: a proof for every item accepted by then."""
    reader = _Reader(folder)
    numbers = [e.number for e in reader.events if e.data.get("main") == main and e.kind in MOVES]
    until = numbers[-1] if numbers else -1
    reasons = reader.review.get("reasons_shown") is True
    proofs = (
        published_part(reader.proof_at(ident, main, until), until, reasons=reasons) for ident in reader.links
    )
    return Record(
        {p.item: p for p in proofs if any(link.kind == "accepted" for link in p.chain)},
        checkpoints,
        reader.tip,
        dict(reader.earlier(until)),
    )


def _events(proven: Proven, tip: str) -> tuple[Event, ...]:
    try:
        return read_ledger(proven, tip)
    except Unsound as unsound:
        raise GongkaiError(
            unsound.says,
            msg("`gongkai audit` names the event; publish nothing until it is cleared up"),
            Exit.FINDINGS,
        ) from unsound


def _review(portal: Portal) -> Mapping[str, Any]:
    data = portal.settings.files["review"].data if "review" in portal.settings.files else {}
    return data if isinstance(data, dict) else {}


def _links(event: Event, before: State, after: State, moments: Moments) -> Iterator[tuple[str, Link]]:
    """What an event says, of each item that it is about."""
    if event.kind == "published":
        time = moments.portal(before.main_tree, event.time).today.isoformat()
        for ident, number in event.data["items"].items():
            main = event.data.get("main", "")
            yield ident, Link(event.number, event.id, event.kind, time, index_number=number, commit=main)
    if event.kind in ABOUT:
        submission = after.submissions[event.data["submission"]]
        portal = moments.portal(before.main_tree, event.time)
        for ident in submission.last.change.items:
            yield ident, _link(ident, event, submission, before, portal)


def _link(ident: str, event: Event, submission: Submission, before: State, portal: Portal) -> Link:
    data: Mapping[str, Any] = event.data
    row = portal.settings.people.get(data.get("person", ""), {})
    step = data.get("step", "")
    named = _review(portal).get("steps", {}).get(step, {}) if step else {}
    department = portal.settings.departments.get(str(row.get("department") or ""))
    change = submission.last.change
    reasons: Mapping[str, str] = data.get("reasons", {})
    return Link(
        event.number, event.id, event.kind, portal.today.isoformat(), submission.number, submission.last.number,
        role=words(row.get("title")) or Words(""),
        department=department.title if department else Words(""),
        person=data.get("person", ""),
        key=fingerprint(data.get("key", "")),
        step=step,
        step_title=words(named.get("title")) or Words(step),
        identity=data.get("identity", "signature" if "signature" in data else ""),
        statement=hashlib.sha256(data["statement"].encode()).hexdigest() if "statement" in data else "",
        change=change.digest,
        content=change.content_of(ident),
        files=tuple(p for p in change.paths if _is_of(p.path, ident)),
        policy=data.get("policy", ""),
        policy_version=before.policy_version,
        settings=before.main,
        reason=reasons.get(ident) or "; ".join(reasons.values()),
        commit=data.get("main", ""),
        approvals=tuple(data.get("approvals", ())),
    )  # fmt: skip


def _is_of(path: str, ident: str) -> bool:
    """Whether a path is the item's file or lies in its folder."""
    folder = next(paths_of(ident), "").rpartition(".")[0]
    return path.startswith((f"{folder}.", f"{folder}/"))
