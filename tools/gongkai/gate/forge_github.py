"""GitHub's answers: `GET /repos/{o}/{r}/pulls/{n}`, `…/pulls/{n}/reviews`, `…/activity`, `…/actions/workflows/{file}/runs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from gongkai.gate.forge_records import (
    CHECK,
    Asked,
    Reader,
    Review,
    Row,
    last_words,
    maybe,
    moment,
    pull_request,
    rows,
    text,
)

VERDICTS = {"APPROVED": "yes", "CHANGES_REQUESTED": "no", "DISMISSED": "undone"}
PASSING = ("COMMENTED", "PENDING")
"""A comment says neither yes nor no, and a review that was not handed in says nothing."""


def _asked(row: Row) -> Asked:
    return pull_request(row, merged=bool(row.get("merged_at")))


def _reviews(documents: Sequence[Any], asked: Asked) -> tuple[Review, ...]:
    return last_words(_review(row) for row in rows(documents) if text(row, "state") not in PASSING)


def _review(row: Row) -> Review:
    # A dismissed review keeps its place and time and changes its state; an account that is gone has no login.
    verdict = VERDICTS.get(text(row, "state"), "undone")
    return Review(maybe(row, "user", "login"), verdict, maybe(row, "commit_id"), moment(row, "submitted_at"))


def _pushers(found: Iterable[Row], asked: Asked) -> frozenset[str]:
    """Who moved the branch, as the server saw it (`actor`), whatever the commits say of their authors."""
    mine = (row for row in rows(found) if text(row, "ref") == f"refs/heads/{asked.branch}")
    return frozenset(filter(None, (maybe(row, "actor", "login") for row in mine)))


def _passed(found: Iterable[Row], asked: Asked) -> Iterator[datetime]:
    for row in rows(found, "workflow_runs"):
        ours = maybe(row, "path").partition("@")[0].endswith(f"/{CHECK}.yml")
        if ours and row.get("conclusion") == "success" and text(row, "head_branch") == asked.branch:
            yield moment(row, "created_at")


GITHUB = Reader("github", _asked, _reviews, _pushers, _passed)
