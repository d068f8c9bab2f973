"""One item as a row of the catalogue: the fields in one table, from which CSV, JSON and both their schemas are written.

条例 第12条 asks of a catalogue: index, name, summary, date of making; the rest makes the rows usable by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.model.item import Item
from gongkai.model.message import N_, Message
from gongkai.portal import address, data_dates, standing
from gongkai.portal.feeds_entry import state
from gongkai.portal.site import Site, department_of


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row: its key, its heading, its JSON Schema, and whether only an item whose text may go out has it."""

    key: str
    title: str
    schema: Mapping[str, Any]
    read: Callable[[Item, Site, str], Any]
    text: bool = False


_TEXT: Mapping[str, Any] = {"type": "string"}
_URL: Mapping[str, Any] = {"type": "string", "format": "uri-reference"}
_DATE: Mapping[str, Any] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_MOMENT: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$",
}
_LIST: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_STATES = [
    "current",
    "open",
    "closed",
    "amended",
    "repealed",
    "expired",
    "ended",
    "replaced",
    "withdrawn",
    "removed",
    "preview",
]


def _said(name: str) -> Callable[[Item, Site, str], Any]:
    return lambda item, _site, _root: item.text(name)


def _state(item: Item, site: Site, _root: str) -> str:
    return state(item, site) or "current"


def _type(item: Item, site: Site, _root: str) -> str:
    kind = site.portal.types.get(item.type)
    return site.words(kind.title) if kind else item.type


def _replaced_by(item: Item, site: Site, root: str) -> str:
    by = item.group("withdrawal").get("replaced_by")
    other = site.by_id.get(str(by)) if by else None
    return address.absolute(root, other.address) if other else ""


def _published(item: Item, site: Site, _root: str) -> str:
    return data_dates.iso(data_dates.published(item, site.portal))


def _modified(item: Item, site: Site, _root: str) -> str:
    return data_dates.iso(data_dates.modified(item, site.portal))


def _topics(item: Item, site: Site, _root: str) -> list[str]:
    known = site.portal.settings.topics
    return [site.words(known[code]) if code in known else code for code in item.texts("topics")]


FIELDS: tuple[Field, ...] = (
    Field("index_number", N_("Index number"), _TEXT, lambda i, s, _r: standing.index_number(i, s.portal)),
    Field("title", N_("Title"), _TEXT, lambda i, s, _r: s.title_of(i)),
    Field("document_number", N_("Document number"), _TEXT, _said("document_number")),
    Field("department", N_("Department"), _TEXT, lambda i, s, _r: s.department(department_of(i))),
    Field("column", N_("Column"), _TEXT, lambda i, s, _r: s.column(s.portal.column_of(i))),
    Field("kind", N_("Kind"), _TEXT, _type),
    Field("document_date", N_("Document date"), _DATE, _said("document_date")),
    Field("published", N_("Published"), _MOMENT, _published),
    Field("modified", N_("Last change published"), _MOMENT, _modified),
    Field("state", N_("Standing"), {"type": "string", "enum": _STATES}, _state),
    Field("validity", N_("Validity"), _TEXT, lambda i, s, _r: standing.validity_of(i, s.portal)),
    Field("effective_from", N_("In force from"), _DATE, _said("effective_from")),
    Field("effective_to", N_("In force until"), _DATE, _said("effective_to")),
    Field("opens_on", N_("Opens on"), _DATE, _said("opens_on")),
    Field("closes_on", N_("Closes on"), _DATE, _said("closes_on")),
    Field("summary", N_("Summary"), _TEXT, _said("summary"), text=True),
    Field("topics", N_("Topics"), _LIST, _topics),
    Field("keywords", N_("Keywords"), _LIST, lambda i, _s, _r: list(i.texts("keywords")), text=True),
    Field("language", N_("Language"), _TEXT, lambda i, _s, _r: i.text("language") or "zh-CN"),
    Field("url", N_("Address"), _URL, lambda i, _s, r: address.absolute(r, i.address)),
    Field(
        "data", N_("Address of the data"), _URL, lambda i, _s, r: address.absolute(r, address.item_data(i))
    ),
    Field("replaced_by", N_("Replaced by"), _URL, _replaced_by),
    Field("id", N_("Item"), _TEXT, lambda i, _s, _r: i.id),
    Field("type", N_("Code of the kind"), _TEXT, lambda i, _s, _r: i.type),
    Field("department_code", N_("Code of the department"), _TEXT, lambda i, _s, _r: department_of(i)),
    Field("column_code", N_("Code of the column"), _TEXT, lambda i, s, _r: s.portal.column_of(i)),
)
REQUIRED = ("title", "state", "url", "data", "id", "type")
_BARE = frozenset({"index_number", "title", "department", "published", "modified", "state", "url", "data", "id", "type",
                   "kind", "department_code"})  # fmt: skip
"""All that is said of a removed item."""
_CLOSED = tuple(f for f in FIELDS if not f.text)
_OF_REMOVED = tuple(f for f in FIELDS if f.key in _BARE)


def row(item: Item, site: Site, root: str, open_: bool) -> dict[str, Any]:
    """The item's row: only what has a value, and no text unless the item is open (`feeds_entry.is_open`)."""
    fields = _OF_REMOVED if item.removed else FIELDS if open_ else _CLOSED
    return {f.key: value for f in fields if (value := f.read(item, site, root))}


def schema(site: Site) -> dict[str, Any]:
    """The JSON Schema of a row, its titles in the portal's language."""
    properties = {f.key: {"title": heading(f, site), **f.schema} for f in FIELDS}
    return {
        "type": "object",
        "properties": properties,
        "required": list(REQUIRED),
        "additionalProperties": False,
    }


def heading(field: Field, site: Site) -> str:
    """A field's heading in the portal's language."""
    return site.say(Message(field.title))
