"""The evidence of one item: who handed it in, who approved which exact bytes under which policy, when it went out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.ledger import LEDGER, Event
from gongkai.evidence.state import State, Submission, replay
from gongkai.gate.history import Unsound, read_ledger
from gongkai.gate.moments import Moments, paths_of
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import PathChange
from gongkai.model.facts import ItemFacts
from gongkai.model.message import Words, msg
from gongkai.model.settings import words
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.proven import Proven

ABOUT = frozenset({"received", "approved", "returned", "cancelled", "accepted"})


@dataclass(frozen=True)
class Link:
    """One event in an item's life, at the server's `time` in the portal's zone.

    `role` is the person's post; `person` is empty unless the portal shows codes. `change` is the digest that everybody
    signed, `files` this item's part of it; `policy` is the digest of the rules that an approval was given under,
    `settings` the commit of main whose settings held.
    """

    event: int
    id: str
    kind: str
    time: str
    submission: str = ""
    version: int = 0
    role: Words = Words("")
    department: Words = Words("")
    person: str = ""
    step: str = ""
    step_title: Words = Words("")
    identity: str = ""
    statement: str = ""
    change: str = ""
    files: tuple[PathChange, ...] = ()
    policy: str = ""
    settings: str = ""
    reason: str = ""
    commit: str = ""
    approvals: tuple[int, ...] = ()
    index_number: str = ""


@dataclass(frozen=True)
class Proof:
    """The chain of one item, from the ledger whose head is `ledger`, with the facts that follow from it."""

    item: str
    genesis: str
    ledger: str
    facts: ItemFacts
    chain: tuple[Link, ...]
    from_genesis: bool = False


def prove_item(folder: Path, ident: str) -> Proof:
    """The evidence of the item, read from the ledger of a server or clone.

    GongkaiError: exit 1 when the ledger is broken, 2 when there is no ledger or it knows no such item.
    """
    objects = Objects(Repository(folder))
    tip = objects.ref(LEDGER)
    proven = Proven(folder)
    if not tip:
        raise GongkaiError(
            msg("{folder} has no ledger", folder=str(folder)),
            msg("run `gongkai audit` in a clone: it fetches the ledger"),
        )
    try:
        events = read_ledger(proven, tip)
    except Unsound as unsound:
        raise GongkaiError(
            unsound.says,
            msg("`gongkai audit` names the event; publish nothing until it is cleared up"),
            Exit.FINDINGS,
        ) from unsound
    return _proof(ident, events, Moments(proven), tip)


def _proof(ident: str, events: tuple[Event, ...], moments: Moments, tip: str) -> Proof:
    state, old = State(), False
    chain: list[Link] = []
    for event in events:
        chain.extend(_links(ident, event, state, moments))
        state = replay([event], state)
        if event.kind == "genesis":
            old = any(moments.proven.at(state.main_tree, path)[1] for path in paths_of(ident))
    if not chain and not old:
        raise GongkaiError(
            msg("the ledger knows no item {item}", item=ident),
            msg("give an id like tide-2026-00001; it stands on the item's page"),
        )
    if not _names_shown(moments.portal(state.main_tree, events[-1].time)):
        chain = [replace(link, person="") for link in chain]
    return Proof(ident, state.genesis, tip, state.facts.get(ident) or ItemFacts(), tuple(chain), old)


def _names_shown(portal: Portal) -> bool:
    """Whether review.yml, as it stands today, shows people's codes beside their posts."""
    return _review(portal).get("names_shown") == "people"


def _review(portal: Portal) -> Mapping[str, Any]:
    data = portal.settings.files["review"].data if "review" in portal.settings.files else {}
    return data if isinstance(data, dict) else {}


def _links(ident: str, event: Event, before: State, moments: Moments) -> Iterator[Link]:
    """What an event says of the item: one link, or none."""
    if event.kind == "published" and ident in event.data["items"]:
        zone = moments.portal(before.main_tree, event.time).settings.timezone
        yield Link(
            event.number, event.id, event.kind, event.time.astimezone(zone).isoformat(), index_number=event.data["items"][ident],
            commit=event.data.get("main", ""),
        )  # fmt: skip
    if event.kind not in ABOUT:
        return
    after = replay([event], before).submissions[event.data["submission"]]
    if ident in after.last.change.items:
        portal = moments.portal(before.main_tree, event.time)
        yield _link(ident, event, after, before.main, portal)


def _link(ident: str, event: Event, submission: Submission, main: str, portal: Portal) -> Link:
    data: Mapping[str, Any] = event.data
    row = portal.settings.people.get(data.get("person", ""), {})
    step = data.get("step", "")
    named = _review(portal).get("steps", {}).get(step, {}) if step else {}
    department = portal.settings.departments.get(str(row.get("department") or ""))
    own = tuple(p for p in submission.last.change.paths if _is_of(p.path, ident))
    reasons: Mapping[str, str] = data.get("reasons", {})
    return Link(
        event.number, event.id, event.kind, portal.today.isoformat(), submission.number, submission.last.number,
        role=words(row.get("title")) or Words(""),
        department=department.title if department else Words(""),
        person=data.get("person", ""),
        step=step,
        step_title=words(named.get("title")) or Words(step),
        identity=data.get("identity", "signature" if "signature" in data else ""),
        statement=hashlib.sha256(data["statement"].encode()).hexdigest() if "statement" in data else "",
        change=submission.last.change.digest,
        files=own,
        policy=data.get("policy", ""),
        settings=main,
        reason=reasons.get(ident) or "; ".join(reasons.values()),
        commit=data.get("main", ""),
        approvals=tuple(data.get("approvals", ())),
    )  # fmt: skip


def _is_of(path: str, ident: str) -> bool:
    """Whether a path is the item's file or lies in its folder."""
    folder = next(paths_of(ident), "").rpartition(".")[0]
    return path.startswith((f"{folder}.", f"{folder}/"))


def as_data(proof: Proof) -> dict[str, Any]:
    """The proof as JSON data; what is empty is left out."""
    facts = {n: str(v) if n == "index_number" else v.isoformat() for n, v in asdict(proof.facts).items() if v}
    chain = [{n: v for n, v in asdict(link).items() if v not in ("", 0, (), {"zh": "", "en": ""}) or n == "event"}
             for link in proof.chain]  # fmt: skip
    return {
        "schema_version": 1, "id": proof.item, "genesis": proof.genesis, "ledger": proof.ledger,
        "in_genesis": proof.from_genesis, "facts": facts, "chain": chain,
    }  # fmt: skip
