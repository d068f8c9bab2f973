"""What is to be published, as others found it: a verified state of the ledger, and what a portal made of it must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from gongkai.model.message import Message
from gongkai.release.anchor import Anchor

FOREVER = datetime.max.replace(tzinfo=UTC)
Taken = Mapping[str, tuple[str, str]]
"""What was taken from the public, by item id: how and from which bytes (a mark that changes with either), and the page."""


@dataclass(frozen=True)
class Expected:
    """What a sound portal holds. Paths are those of the finished site.

    `departments` are the folders in which only items stand: elsewhere old addresses may look like theirs. `pages` are
    the items' pages with the titles that must stand on them, `files` the files of shown items with their git ids,
    `titles` what the search must find, with the pages, `searchable` all that it holds, None where the portal has none.
    `secret` are texts that nobody may see, `secret_files` the git ids of such files; `allowed` gives all the text that
    may be seen: what stands there too is no leak.
    """

    departments: frozenset[str] = frozenset()
    pages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    titles: tuple[tuple[str, str], ...] = ()
    searchable: frozenset[str] | None = frozenset()
    secret: tuple[str, ...] = ()
    secret_files: frozenset[str] = frozenset()
    allowed: Callable[[], str] = str


@dataclass(frozen=True)
class Public:
    """What a verified state makes public: what was taken down, what a sound portal holds, and until when all that holds."""

    taken: Taken = field(default_factory=dict)
    expected: Expected = field(default_factory=Expected)
    until: datetime = FOREVER


@dataclass(frozen=True)
class View:
    """A verified state of the ledger at one moment.

    `main` is the commit of main, `commit` the one that is built (main, or an older one with what was taken down since
    laid over it: `laid` names those items). `ledger` is the last event, with the one that this publication will write if
    `rows` (index numbers by item id) are to be recorded; `published` the last event of that kind. `key` names the last
    event that changed what the public may see: with the same one nothing else does but time. `work_out` is asked for the
    rest when somebody needs it, once.
    """

    anchor: Anchor
    main: str
    commit: str
    ledger: str
    effective: datetime
    published: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)
    laid: tuple[str, ...] = ()
    key: str = ""
    work_out: Callable[[], Public] = Public

    @cached_property
    def _public(self) -> Public:
        return self.work_out()

    @property
    def taken(self) -> Taken:
        """What was taken from the public."""
        return self._public.taken

    @property
    def expected(self) -> Expected:
        """What a sound portal of it holds."""
        return self._public.expected

    @property
    def until(self) -> datetime:
        """When the public view changes next, without anybody's doing."""
        return self._public.until


@dataclass(frozen=True)
class Last:
    """The view that visitors see: its key, and from when until when it holds if nobody does anything."""

    key: str
    since: datetime
    until: datetime

    def holds(self, key: str, now: datetime) -> bool:
        """Whether it is the view of this key at this moment too: then it was recorded, and nothing is left to record."""
        return bool(key) and key == self.key and self.since <= now < self.until


class Source(Protocol):
    """The repository to publish from, with those who verify and build. Every method may raise GongkaiError."""

    def look(self, anchor: Anchor | None, now: datetime, last: Last | None = None) -> View:
        """Fetch and verify everything since the anchor; what main shows at `now`.

        `last` is what visitors see, made by the same engine: where it holds, no rows are looked for.
        """
        ...

    def older(self, commit: str, view: View) -> View:
        """What an older commit of main shows now, with everything that was taken down since laid over it."""
        ...

    def build(self, view: View, site: Path, before: Path | None = None) -> tuple[Message, ...]:
        """Build the portal of a view in a folder that does not exist yet; what is not sound about it.

        `before` is the folder of a release: what is as it was there may be taken over by links.
        """
        ...

    def settle(self, release: Path, changed: Mapping[str, int]) -> None:
        """Write down beside the public files what the next build needs to take them over.

        `changed`: files that gave way to those of the last release with the same bytes, and when those were last changed.
        """
        ...

    def record(self, view: View) -> bool:
        """Write the publication into the ledger; False when somebody wrote there since the look."""
        ...

    def held(self) -> AbstractContextManager[None]:
        """Keep everybody else from the ledger meanwhile, where that can be done."""
        ...
