"""What a forge's API says of a pull request, in one form for all three forges; JSON that is not as it must be is refused.

A record is believed as far as the forge is: it names accounts, commits and times of the forge's own server. Everything
missing, of another type or about something else is a refusal, never a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg

MAX_BYTES = 20_000_000
"""More than this no list of reviews holds; a larger file is not read."""
CHECK = "gongkai-check"
"""The job whose first success is the receipt (decision 0020)."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A pull request: its number, author's account, branch, the commit at its head, and (once merged) main's new one."""

    number: int
    author: str
    head: str
    branch: str
    opened: datetime
    merged: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The last word of an account: yes, no (asks for changes) or undone, about which commit, when; `why` it cannot count."""

    account: str
    verdict: str
    commit: str
    time: datetime
    why: Message | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """How one forge's JSON is read: the pull request, the reviews, who pushed, when the check job succeeded."""

    name: str
    asked: Callable[[Row], Asked]
    reviews: Callable[[Sequence[Any], Asked], tuple[Review, ...]]
    pushers: Callable[[Iterable[Row], Asked], frozenset[str]]
    passed: Callable[[Iterable[Row], Asked], Iterator[datetime]]


def load(path: Path) -> Any:
    """The JSON of a file; GongkaiError (exit 2) when there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(path)
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise GongkaiError(
            msg("{path} is not the JSON that a forge's API gives", path=str(path)),
            msg("save the API's answer as it comes, one file for each page"),
        ) from error
    except FileNotFoundError as error:
        raise GongkaiError(
            msg("{path} is not there", path=str(path)), msg("check the name of the file")
        ) from error


def rows(documents: Iterable[Any], inside: str = "") -> Iterator[Row]:
    """Every object of lists, lists of pages, or (`inside`) of the list that an envelope holds under this name."""
    for document in documents:
        if isinstance(document, dict) and inside in document:
            yield from rows([document[inside]])
        elif isinstance(document, list):
            yield from rows(document, inside)
        elif isinstance(document, dict):
            yield document
        elif document is not None:
            raise odd("a list")


def text(row: Row, *names: str) -> str:
    """The text at these nested names; GongkaiError when it is not there."""
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        raise odd(".".join(names))
    return value


def maybe(row: Row, *names: str) -> str:
    """The text at these nested names; empty when there is none."""
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def number(row: Row, name: str) -> int:
    """The positive whole number of this name; GongkaiError when there is none."""
    value = row.get(name)
    if type(value) is not int or value < 1:
        raise odd(name)
    return value


def moment(row: Row, *names: str) -> datetime:
    """The time at these nested names, with its offset; GongkaiError when there is none."""
    try:
        found = datetime.fromisoformat(text(row, *names))
    except ValueError:
        raise odd(".".join(names)) from None
    if found.tzinfo is None:
        raise odd(".".join(names))
    return found


def pull_request(row: Row, *, merged: bool) -> Asked:
    """A pull request in the form that GitHub, Gitea and Forgejo share; only when it is `merged` its commit is main's."""
    return Asked(
        number(row, "number"), text(row, "user", "login"), text(row, "head", "sha"), text(row, "head", "ref"),
        moment(row, "created_at"), maybe(row, "merge_commit_sha") if merged else "",
    )  # fmt: skip


def odd(what: str) -> GongkaiError:
    """An API's answer without something that it always has."""
    return GongkaiError(
        msg("the forge's JSON is not as its API gives it: {what}", what=what),
        msg("save the API's answers unchanged, and name the right --forge"),
    )


def last_words(found: Iterable[Review]) -> tuple[Review, ...]:
    """Of each account the last review, in the order of time; of two at one moment the later in the list."""
    last = {review.account.casefold(): review for review in sorted(found, key=lambda r: r.time)}
    return tuple(sorted(last.values(), key=lambda r: (r.time, r.account)))
