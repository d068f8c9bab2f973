"""What an import map says, as frozen data: where each field of an item comes from in a table's row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gongkai.intake.table import Layout
from gongkai.model.finding import Place

Shape = Literal["text", "date", "number", "yes_no", "list", "path"]
BodyShape = Literal["html", "text", "markdown"]


@dataclass(frozen=True, slots=True)
class Value:
    """Where one value comes from, and what is made of it, in this order.

    `column`, `constant` or `template` is the source; an empty source gives `default`. `pattern` cuts a part
    out (its first group, or all it matched); `by` and `match` translate, else `otherwise`; `split` makes a
    list; `shape` reads dates, numbers, 是/否. `place` is where the map says so.
    """

    place: Place
    column: str = ""
    constant: Any = None
    template: str = ""
    default: Any = None
    pattern: re.Pattern[str] | None = None
    by: Mapping[str, Any] | None = None
    match: tuple[tuple[re.Pattern[str], Any], ...] = ()
    otherwise: Any = None
    closed: bool = False
    split: str = ""
    shape: Shape = "text"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that this value reads."""
        return (self.column,) if self.column else tuple(HOLE.findall(self.template))


HOLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Body:
    """The body: its column, what it is written in, what stands in for an empty one, the base of its links."""

    column: str
    shape: BodyShape
    otherwise: str = ""
    base: str = ""
    place: Place = field(default_factory=lambda: Place(""))


@dataclass(frozen=True, slots=True)
class Files:
    """Remote attachments: their column, and the heading of the list of links at the end of the body."""

    column: str
    heading: str
    place: Place


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule by which rows are left out, with its reason. Exactly one of the conditions is set."""

    place: Place
    reason: str
    empty: tuple[str, ...] = ()
    equals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    matches: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    duplicate: tuple[str, ...] = ()
    keep_last: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that this rule reads."""
        return (*self.empty, *self.equals, *self.matches, *self.duplicate)


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A whole map. `characters` says what single characters of the source stood for."""

    path: str
    source_id: Value
    department: Value
    kind: Value
    year: Value
    fields: Mapping[str, Value]
    legacy: Mapping[str, Value] = field(default_factory=dict)
    body: Body | None = None
    files: Files | None = None
    aliases: Value | None = None
    skip: tuple[Skip, ...] = ()
    layout: Layout = field(default_factory=Layout)
    characters: Mapping[str, str] = field(default_factory=dict)

    def reads(self) -> list[tuple[str, Place]]:
        """Every column that the map names, and where."""
        values = [self.source_id, self.department, self.kind, self.year]
        values += [*self.fields.values(), *self.legacy.values(), *([self.aliases] if self.aliases else [])]
        named = [(column, value.place) for value in values for column in value.columns]
        named += [(column, rule.place) for rule in self.skip for column in rule.columns]
        if self.body:
            texts = (self.body.column, self.body.base, *HOLE.findall(self.body.otherwise))
            named += [(column, self.body.place) for column in texts if column]
        if self.files:
            named.append((self.files.column, self.files.place))
        return named
