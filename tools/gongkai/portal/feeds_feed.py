"""A feed before it is written in one of its formats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gongkai.portal.feeds_entry import Entry

FORMATS = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json"}
"""The names of a feed's files, beside the page that lists the same items."""
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its permanent id, whole addresses (of the portal, of its page), words, and entries, newest first.

    `folder` is where its files stand: empty for the portal's, `columns/notices/` for a column's.
    """

    ident: str
    folder: str
    root: str
    home: str
    title: str
    about: str
    lang: str
    publisher: str
    updated: datetime
    entries: tuple[Entry, ...]

    def path(self, form: str) -> str:
        """The path of one format's file."""
        return path(self.folder, form)

    def url(self, form: str) -> str:
        """The whole address of one format's file."""
        return self.root + self.path(form)


def path(folder: str, form: str) -> str:
    """Where a feed's file of one format stands."""
    return f"{folder}{FORMATS[form]}"
