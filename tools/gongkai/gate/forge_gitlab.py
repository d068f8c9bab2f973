"""GitLab's answers below `GET /projects/:id/merge_requests/:iid`: itself, `/approvals`, `/versions`, `/notes`, `/reviewers`.

An approval names no commit. So the versions must be given too: the newest one must be the head that is judged, and only
what was approved after that push counts, whether or not the project resets approvals on a push.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    number,
    odd,
    rows,
    text,
)
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg

NOTES = {"approved this merge request": "yes", "unapproved this merge request": "undone"}


def _asked(row: Row) -> Asked:
    done = row.get("state") == "merged"
    merged = (maybe(row, "squash_commit_sha") or maybe(row, "merge_commit_sha")) if done else ""
    head = text(row, "sha")
    if maybe(row, "diff_refs", "head_sha") not in ("", head):
        raise odd("diff_refs.head_sha")
    return Asked(
        number(row, "iid"), text(row, "author", "username"), head, text(row, "source_branch"), moment(row, "created_at"),
        merged,
    )  # fmt: skip


def _reviews(documents: Sequence[Any], asked: Asked) -> tuple[Review, ...]:
    found = list(rows(documents))
    approvals = [row for row in found if "approved_by" in row]
    pushed = _pushed([row for row in found if "head_commit_sha" in row], asked)
    said = _said(row for row in found if row.get("system") is True)
    if len(approvals) != 1 or approvals[0].get("iid", asked.number) != asked.number:
        raise odd("approved_by")
    yes = (_approval(row, said, pushed, asked) for row in rows([approvals[0]["approved_by"]]))
    asking = (row for row in found if row.get("state") == "requested_changes" and "user" in row)
    no = (Review(text(r, "user", "username"), "no", asked.head, _since(r, pushed)) for r in asking)
    # Who asked for changes and approved afterwards is no longer among those who ask for changes.
    return (*last_words(yes), *last_words(no))


def _since(row: Row, pushed: datetime) -> datetime:
    return moment(row, "created_at") if maybe(row, "created_at") else pushed


def _pushed(versions: Sequence[Row], asked: Asked) -> datetime:
    """When the head was pushed that is judged: the newest version's time."""
    if not versions:
        raise GongkaiError(
            msg("GitLab's approvals name no commit; without the versions nobody knows what was approved"),
            msg("give the answer of …/merge_requests/:iid/versions as a further --reviews"),
        )
    newest = max(versions, key=lambda row: number(row, "id"))
    if text(newest, "head_commit_sha") != asked.head:
        raise odd("head_commit_sha")
    return moment(newest, "created_at")


def _said(notes: Iterable[Row]) -> Mapping[str, Review]:
    """The last yes or its withdrawal of each account, from the notes that GitLab itself writes."""
    found = ((row, NOTES.get(maybe(row, "body"))) for row in notes)
    said = (
        Review(text(row, "author", "username"), verdict, "", moment(row, "created_at"))
        for row, verdict in found
        if verdict
    )
    return {review.account.casefold(): review for review in last_words(said)}


def _approval(row: Row, said: Mapping[str, Review], pushed: datetime, asked: Asked) -> Review:
    """An approval with its time: the API's own (`approved_at`), or that of the note about it on an older GitLab."""
    account = text(row, "user", "username")
    note = said.get(account.casefold())
    if maybe(row, "approved_at"):
        time = moment(row, "approved_at")
    elif note is not None and note.verdict == "yes":
        time = note.time
    else:
        why = msg("GitLab does not say when {account} approved", account=account)
        return Review(account, "yes", "", pushed, why)
    if time <= pushed:
        return Review(
            account, "yes", "", time, msg("{account} approved before the last push", account=account)
        )
    return Review(account, "yes", asked.head, time)


def _pushers(found: Iterable[Row], asked: Asked) -> frozenset[str]:
    """Project events (`GET /projects/:id/events?action=pushed`): who pushed the branch."""
    mine = (row for row in rows(found) if maybe(row, "push_data", "ref") == asked.branch)
    return frozenset(text(row, "author_username") for row in mine)


def _passed(found: Iterable[Row], asked: Asked) -> Iterator[datetime]:
    """Jobs (`GET /projects/:id/pipelines/:pipeline_id/jobs`) of the merge request's pipelines."""
    refs = (asked.branch, *(f"refs/merge-requests/{asked.number}/{end}" for end in ("head", "merge")))
    for row in rows(found):
        if row.get("status") == "success" and row.get("name") == CHECK and maybe(row, "ref") in refs:
            yield moment(row, "created_at")


GITLAB = Reader("gitlab", _asked, _reviews, _pushers, _passed)
