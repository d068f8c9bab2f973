"""What the portal makes: pages, files, links that lead nowhere. Plain frozen data; MkDocs only writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from gongkai.portal.rewrite import Heading


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path on the portal, the template, its title, and what the template shows.

    `content` is ready, safe HTML (an item's text). `in_nav` pages make the portal's short navigation.
    """

    path: str
    template: str
    title: str
    context: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    headings: tuple[Heading, ...] = ()
    in_nav: bool = False

    @property
    def kind(self) -> str:
        """The kind of page: the template's name."""
        return kind_of(self.template)


@cache
def kind_of(template: str) -> str:
    """The kind of page that a template makes."""
    return template.rpartition("/")[2].removesuffix(".html")


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file to be published at `path`, taken from `source` of the tree."""

    path: str
    source: str


@dataclass(frozen=True, slots=True)
class SiteText:
    """A file that the portal writes itself."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class SiteData:
    """A file of bytes that the portal makes itself."""

    path: str
    content: bytes


class Line(NamedTuple):
    """An item's lines in the catalogue's files, as bytes: they are kept, and put together anew with every change."""

    csv: bytes
    json: bytes


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link in the text of the file `source` that leads nowhere; it stands on the page as text."""

    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Made:
    """Everything made from one portal at one moment."""

    pages: tuple[Page, ...] = ()
    files: tuple[SiteFile, ...] = ()
    texts: tuple[SiteText, ...] = ()
    data: tuple[SiteData, ...] = ()
    broken: tuple[BrokenLink, ...] = ()
    settings: tuple[SiteText, ...] = ()
    """Files for the web server, never published: where old addresses lead."""


class Crumb(NamedTuple):
    """One step of the way from the home page to here."""

    title: str
    path: str


class Row(NamedTuple):
    """A line of a definition table: a label and a value (a text, or safe HTML as Markup)."""

    label: str
    value: Any
