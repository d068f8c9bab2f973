"""The whole catalogue of what is published (信息公开目录): as a table for people, as data for programs, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from gongkai.model.item import Item
from gongkai.portal import address
from gongkai.portal.data_rows import FIELDS, heading, row, schema
from gongkai.portal.data_words import say
from gongkai.portal.gist import is_open
from gongkai.portal.lines import CSV, JSON, Earlier, Files, Lines
from gongkai.portal.page import Line
from gongkai.portal.site import Site
from gongkai.report.escape import csv_text, json_text
from gongkai.store.relay import Stretch, spool_in

SCHEMA = "catalogue.schema.json"
CSVW = "catalogue.csv-metadata.json"
_KEYS = tuple(one.key for one in FIELDS)
_LISTS = tuple(one.key for one in FIELDS if one.schema["type"] == "array")
_PATH = attrgetter("path")
FEW = 100
"""So many lines may be made a second time."""
_BOM = "\ufeff"
"""Excel on Chinese Windows takes a file without it for GBK and shows nonsense; every other reader skips it."""


@dataclass(eq=False)
class Catalogue:
    """The catalogue of one site: published items, newest first; removed ones are not in it.

    `dates` say by a list's first page where to find and to note when anything in that list was last changed, by its first page.
    """

    site: Site
    dates: Mapping[str, dict[str, str]] = field(default_factory=dict)
    earlier: Earlier | None = field(default=None, init=False)
    _places: Mapping[str, int] = field(default_factory=dict, init=False)
    lines: Lines | None = field(default=None, init=False)
    """Where the items' lines stand, once the files were made."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The catalogue as a table and as data."""
        found, made = Files(self._title, self._head, self.earlier), 0
        for item in self.items:
            number = self._places.get(item.path)
            if number is None:
                made += 1
                found.add(self._line(item))
            else:
                found.keep(number)
        yield CSV, found.table()
        data = found.data()
        yield JSON, data
        self.lines = found.lines(map(_PATH, self.items))
        if made > FEW:
            self._lay_aside(data, self.lines)

    def begin_with(self, earlier: Earlier | None, same: Set[str]) -> None:
        """Take the lines of the items at the paths `same`, which are as they were, out of earlier files."""
        if earlier is not None:
            self.earlier, self._places = earlier, earlier.places(same)

    def _lay_aside(self, data: bytes, lines: Lines) -> None:
        """Have the lines at hand for the items' own files, and not in memory, which the pages need."""
        kept = self.site.portal.kept
        try:
            spool = spool_in(kept.folder if kept is not None else None)
            spool.add(data)
        except OSError:  # no room for it: each line that is asked for is made again
            return
        for name, (at, end) in zip(lines.names, lines.json_places(), strict=True):
            self._aside[name] = Stretch(spool, at, end - at)

    def schemas(self) -> Iterator[tuple[str, bytes]]:
        """What both mean; the settings alone change these."""
        yield SCHEMA, _pretty(self.schema())
        yield CSVW, _pretty(self.csvw())

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items in it."""
        pairs = zip(self.site.items, self.site.shown, strict=True)
        return tuple(item for item, one in pairs if one.published_on)

    def _line(self, item: Item) -> Line:
        values = self._row(item)
        return Line(self._cells(values).encode(), json_text(values, indent=None).encode())

    def row_json(self, item: Item) -> bytes:
        """An item's row as JSON, also of one that is not in the catalogue (not published, removed)."""
        if item.path in self._aside:
            return self._aside[item.path].read()
        return json_text(self._row(item), indent=None).encode()

    @cached_property
    def _aside(self) -> dict[str, Stretch]:
        return {}

    def _row(self, item: Item) -> dict[str, Any]:
        return row(item, self.site, self.root)

    def is_open(self, item: Item) -> bool:
        """Whether the item's text may go out as data."""
        return is_open(item, self.site)

    @cached_property
    def root(self) -> str:
        """The portal's address; without one, addresses are as seen from the catalogue itself."""
        return address.base(self.site.portal.settings)

    @cached_property
    def modified(self) -> str:
        """When anything in it was last published or changed; empty while nothing is published."""
        return self.newest((*self.items, *self.site.notices))

    def newest(self, items: Iterable[Item]) -> str:
        """When any of the items was last published or changed; empty when none is published."""
        dates = self.site.modified_on
        return max({*map(dates.__getitem__, map(_PATH, items))}, default="")  # few dates of many items

    def newest_on(self, first: str, items: Iterable[Item]) -> str:
        """The same of the items of the list that begins at `first`."""
        known = self.dates.get(first, {})
        if first not in known:
            known[first] = self.newest(items)
        return known[first]

    def published_on(self, item: Item) -> str:
        """When the item was first published, as data say it; empty while it is not."""
        return self.site.bearing(item).published_on

    def modified_on(self, item: Item) -> str:
        """When it was last published or changed."""
        return self.site.modified_on[item.path]

    @property
    def _title(self) -> bytes:
        return (_BOM + csv_text([[heading(one, self.site) for one in FIELDS]])).encode()

    def _cells(self, values: dict[str, Any]) -> str:
        between = "；" if self.site.lang == "zh" else "; "
        texts = values | {key: between.join(values[key]) for key in _LISTS if key in values}
        return csv_text([[texts.get(key, "") for key in _KEYS]])

    @property
    def _head(self) -> bytes:
        """The JSON with one item a line, so that a difference of two of them can be read: what is before the first."""
        return (json_text(self.data(), indent=None).removesuffix("}") + ', "items": [\n').encode()

    def data(self) -> dict[str, Any]:
        """What the JSON says of the catalogue itself."""
        site, settings = self.site, self.site.portal.settings
        found = {
            "$schema": address.absolute(self.root, SCHEMA),
            "schema_version": 1,
            "title": site.words(settings.title),
            "publisher": site.words(settings.organisation),
            "publisher_code": str(settings.portal.get("organisation_code") or ""),
            "url": self.root,
            "modified": self.modified,
            "ledger": self.site.record.ledger if self.site.record.proofs else "",
        }
        return {name: value for name, value in found.items() if value}

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the catalogue."""
        text = {"type": "string"}
        properties = dict.fromkeys(
            ("$schema", "title", "publisher", "publisher_code", "url", "modified"), text
        )
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **({"$id": address.absolute(self.root, SCHEMA)} if self.root else {}),
            "title": say(self.site, "catalogue"),
            "description": say(self.site, "about_catalogue"),
            "type": "object",
            "properties": {
                **properties,
                "ledger": text,
                "schema_version": {"const": 1},
                "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
            },
            "required": ["schema_version", "title", "publisher", "items"],
            "additionalProperties": False,
            "$defs": {"item": schema(self.site)},
        }

    def csvw(self) -> dict[str, Any]:
        """What the columns of the table are, for programs (W3C, Metadata Vocabulary for Tabular Data)."""
        lang = "zh" if self.site.lang == "zh" else "en"
        between = "；" if lang == "zh" else "; "
        columns = [
            {
                "name": f.key,
                "titles": {lang: heading(f, self.site)},
                "datatype": "string",
                **({"separator": between} if f.schema["type"] == "array" else {}),
            }
            for f in FIELDS
        ]
        return {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": lang}],
            "url": CSV,
            "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
            "tableSchema": {"columns": columns, "primaryKey": "id"},
        }


def _pretty(data: Any) -> bytes:
    return (json_text(data, indent=1) + "\n").encode()
