"""A portal's own settings: what `site_config/` says, as frozen data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from gongkai.model.finding import Place
from gongkai.model.item import Mark, Pointer
from gongkai.model.message import Words

FILES = ("portal", "departments", "people", "columns", "review", "obligations", "wording", "topics")
"""The files of site_config/ that a portal has, besides holidays/<year>.yml."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One YAML file of site_config: its path, plain data, and the place of every value."""

    path: str
    data: Any
    marks: Mapping[Pointer, Mark] = field(default_factory=dict)
    keys: Mapping[Pointer, Mark] = field(default_factory=dict)

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The mappings in the list at the top-level key `name`, each with its number; what is none is the schema's business."""
        rows = self.data.get(name) if isinstance(self.data, dict) else None
        yield from (
            (i, row) for i, row in enumerate(rows if isinstance(rows, list) else ()) if isinstance(row, dict)
        )

    def place(self, *pointer: str | int) -> Place:
        """Where the value at `pointer` stands; of its nearest parent when it is not there."""
        at = pointer
        while at and at not in self.marks:
            at = at[:-1]
        return Place(self.path, *self.marks.get(at, (1, 1)))


@dataclass(frozen=True, slots=True)
class Department:
    """A department: `code` is the folder under content/ and the first part of ids; never reused."""

    code: str
    title: Words
    abolished: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the portal (栏目). `home`: shown on the home page. `group`: the heading it stands under.

    `kind` is its ColumnType (国办发〔2017〕47号), `keywords` its ColumnKeywords.
    """

    code: str
    title: Words
    description: Words = Words("")
    group: str = ""
    home: bool = False
    kind: str = ""
    keywords: tuple[Words, ...] = ()


PARTS = ("guide", "rules", "content", "reports", "requests")
"""What the platform of 政府信息公开 consists of (国办公开办函〔2019〕61号), in the prescribed order."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of 法定主动公开内容: its columns, and the article that asks for them."""

    title: Words
    columns: tuple[str, ...] = ()
    basis: Words = Words("")


@dataclass(frozen=True, slots=True)
class Part:
    """One of `PARTS` and what fills it: a column, a page of the portal, or groups of columns; or why it is not there."""

    part: str
    column: str = ""
    page: str = ""
    groups: tuple[Group, ...] = ()
    not_required: Words = Words("")

    @property
    def filled(self) -> bool:
        """Whether anything stands in it, or a reason why nothing has to."""
        return bool(self.column or self.page or self.groups or self.not_required.zh)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in site_config that other parts ask for. Missing or broken parts are empty, never an exception."""

    portal: Mapping[str, Any] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)
    platform: Mapping[str, Part] = field(default_factory=dict)
    topics: Mapping[str, Words] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, ConfigFile] = field(default_factory=dict)

    @property
    def title(self) -> Words:
        """The portal's name."""
        return words(self.portal.get("title")) or Words("信息公开")

    @property
    def organisation(self) -> Words:
        """The full name of the body that publishes (发布机构)."""
        return words(self.portal.get("organisation")) or self.title

    @property
    def language(self) -> str:
        """The portal's language, "zh" or "en"."""
        return "en" if str(self.portal.get("language", "zh")).startswith("en") else "zh"

    @property
    def has_search(self) -> bool:
        """Whether people search on the portal itself: `search: none` leaves it to a platform above that searches many portals."""
        return self.portal.get("search") != "none"

    @property
    def timezone(self) -> tzinfo:
        """The zone in which days begin; Beijing time unless portal.yml says otherwise."""
        try:
            return ZoneInfo(str(self.portal.get("timezone", "Asia/Shanghai")))
        except (KeyError, ValueError, OSError):
            return timezone(timedelta(hours=8))


def words(value: Any) -> Words | None:
    """A text, or {zh, en}, as words; None for anything else."""
    if isinstance(value, str):
        return Words(value)
    if isinstance(value, dict) and isinstance(value.get("zh"), str):
        return Words(value["zh"], str(value.get("en") or ""))
    return None
