"""Forgejo's and Gitea's answers: `GET /repos/{o}/{r}/pulls/{n}`, `…/reviews`, `…/activities/feeds`, `…/actions/tasks`."""

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
from gongkai.model.message import Message, msg

VERDICTS = {"APPROVED": "yes", "REQUEST_CHANGES": "no", "REQUEST_REVIEW": "undone"}
PASSING = ("COMMENT", "PENDING")
PUSHES = ("commit_repo", "create_branch")


def _asked(row: Row) -> Asked:
    return pull_request(row, merged=row.get("merged") is True)


def _reviews(documents: Sequence[Any], asked: Asked) -> tuple[Review, ...]:
    wanted = (row for row in rows(documents) if text(row, "state") not in PASSING and not row.get("team"))
    return last_words(map(_review, wanted))


def _review(row: Row) -> Review:
    verdict = VERDICTS.get(text(row, "state"), "undone")
    if row.get("dismissed") is True:
        verdict = "undone"
    account = text(row, "user", "login")
    return Review(
        account, verdict, maybe(row, "commit_id"), moment(row, "submitted_at"), _why_not(row, account)
    )


def _why_not(row: Row, account: str) -> Message | None:
    """Forgejo itself says when the branch moved on (`stale`) and when the reviewer's word has no weight (`official`)."""
    if row.get("stale") is True:
        return msg("the review of {account} is of an older version", account=account)
    if row.get("official") is not True:
        return msg("the review of {account} is not an official one for the forge", account=account)
    return None


def _pushers(found: Iterable[Row], asked: Asked) -> frozenset[str]:
    mine = (row for row in rows(found) if row.get("op_type") in PUSHES)
    names = (asked.branch, f"refs/heads/{asked.branch}")
    return frozenset(text(row, "act_user", "login") for row in mine if maybe(row, "ref_name") in names)


def _passed(found: Iterable[Row], asked: Asked) -> Iterator[datetime]:
    """A task of a pull request names its number (`#12`) or its branch."""
    names = (asked.branch, f"#{asked.number}")
    for row in rows(found, "workflow_runs"):
        if row.get("status") == "success" and row.get("name") == CHECK and maybe(row, "head_branch") in names:
            yield moment(row, "created_at")


FORGEJO = Reader("forgejo", _asked, _reviews, _pushers, _passed)
