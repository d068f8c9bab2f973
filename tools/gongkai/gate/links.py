"""What each event of the ledger says of the items that it is about: the links of their chains."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.evidence.chain import Link, fingerprint
from gongkai.evidence.ledger import Event
from gongkai.evidence.state import State, Submission
from gongkai.gate.moments import Moments, paths_of
from gongkai.model.message import Words
from gongkai.model.settings import words

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


def review_of(portal: Portal) -> Mapping[str, Any]:
    """review.yml of a portal; empty when it has none that can be read."""
    data = portal.settings.files["review"].data if "review" in portal.settings.files else {}
    return data if isinstance(data, dict) else {}


def links_of(event: Event, before: State, after: State, moments: Moments) -> Iterator[tuple[str, Link]]:
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
    named = review_of(portal).get("steps", {}).get(step, {}) if step else {}
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
