"""One item as a row of the catalogue: the fields in one table, from which CSV, JSON and both their schemas are written.

条例 第12条 asks of a catalogue: index, name, summary, date of making; the rest makes the rows usable by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.model.item import Item
from gongkai.model.message import N_, Message
from gongkai.portal import address
from gongkai.portal.gist import Gist, gist
from gongkai.portal.once import once
from gongkai.portal.site import Site


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row: its key, its heading, its JSON Schema, and whether only an item whose text may go out has it."""

    key: str
    title: str
    schema: Mapping[str, Any]
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


FIELDS: tuple[Field, ...] = (
    Field("index_number", N_("Index number"), _TEXT),
    Field("title", N_("Title"), _TEXT),
    Field("document_number", N_("Document number"), _TEXT),
    Field("department", N_("Department"), _TEXT),
    Field("column", N_("Column"), _TEXT),
    Field("kind", N_("Kind"), _TEXT),
    Field("document_date", N_("Document date"), _DATE),
    Field("published", N_("Published"), _MOMENT),
    Field("modified", N_("Last change published"), _MOMENT),
    Field("state", N_("Standing"), {"type": "string", "enum": _STATES}),
    Field("validity", N_("Validity"), _TEXT),
    Field("effective_from", N_("In force from"), _DATE),
    Field("effective_to", N_("In force until"), _DATE),
    Field("opens_on", N_("Opens on"), _DATE),
    Field("closes_on", N_("Closes on"), _DATE),
    Field("summary", N_("Summary"), _TEXT, text=True),
    Field("topics", N_("Topics"), _LIST),
    Field("keywords", N_("Keywords"), _LIST, text=True),
    Field("language", N_("Language"), _TEXT),
    Field("url", N_("Address"), _URL),
    Field("data", N_("Address of the data"), _URL),
    Field("replaced_by", N_("Replaced by"), _URL),
    Field("id", N_("Item"), _TEXT),
    Field("type", N_("Code of the kind"), _TEXT),
    Field("department_code", N_("Code of the department"), _TEXT),
    Field("column_code", N_("Code of the column"), _TEXT),
)
REQUIRED = ("title", "state", "url", "data", "id", "type")
_BARE = frozenset({"index_number", "title", "department", "published", "modified", "state", "url", "data", "id", "type",
                   "kind", "department_code"})  # fmt: skip
"""All that is said of a removed item."""
_KEYS = tuple(f.key for f in FIELDS)
_CLOSED = frozenset(f.key for f in FIELDS if not f.text)
_DAYS = ("effective_from", "effective_to", "opens_on", "closes_on")
"""Few items have one."""


def row(item: Item, site: Site, root: str) -> dict[str, Any]:
    """The item's row: only what has a value, and no text unless the item is open (`gist.is_open`)."""
    said = gist(item, site)
    found = {key: value for key, value in zip(_KEYS, _values(said, site, root), strict=True) if value}
    if said.is_open:
        return found
    open_ = _BARE if item.removed else _CLOSED
    return {key: value for key, value in found.items() if key in open_}


def _values(said: Gist, site: Site, root: str) -> tuple[Any, ...]:
    """What each of the fields says of the item, in their order."""
    item, one = said.item, said.bearing
    given, text = item.fields, item.text
    return (
        said.index_number,
        site.title_of(item) if item.removed else said.title,
        said.document_number,
        *_names(site, one.department, one.column, one.type),
        text("document_date"),
        one.published_on,
        one.modified_on,
        said.state or "current",
        said.validity,
        *[text(name) if name in given else "" for name in _DAYS],
        text("summary"),
        [_topic(site, code) for code in item.texts("topics")] if one.topics else (),
        list(item.texts("keywords")) if "keywords" in given else (),
        text("language") or "zh-CN",
        said.url,
        address.absolute(root, said.data),
        _replaced_by(item.group("withdrawal"), site, root) if "withdrawal" in given else "",
        one.ident,
        one.type,
        one.department,
        one.column,
    )


@once
def _names(site: Site, department: str, column: str, kind: str) -> tuple[str, str, str]:
    return site.department(department), site.column(column), site.kind(kind)


def _topic(site: Site, code: str) -> str:
    known = site.portal.settings.topics
    return site.words(known[code]) if code in known else code


def _replaced_by(withdrawal: Mapping[str, Any], site: Site, root: str) -> str:
    by = withdrawal.get("replaced_by")
    other = site.by_id.get(str(by)) if by else None
    return address.absolute(root, other.address) if other else ""


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
