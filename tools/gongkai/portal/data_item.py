"""One item as data, beside its page: what the page shows, and nothing that it does not show."""

from __future__ import annotations

from typing import Any

from gongkai.model.item import Item
from gongkai.portal import address, data_rows
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.data_words import say
from gongkai.portal.disclosure import ELSEWHERE
from gongkai.portal.feeds_entry import Enclosure, content, enclosures
from gongkai.portal.gist import Gist, gist
from gongkai.portal.item_page import CONTACT
from gongkai.portal.once import once
from gongkai.portal.page import Page
from gongkai.portal.site import Site
from gongkai.report.escape import json_text

SCHEMA = "item.schema.json"
_COMMON = ("update_type", "change_note", "occurred_on", "source")
"""Fields that the page or its change notes show, besides those of the catalogue's row and the type's own."""
_PRIVATE = frozenset(
    {"personal_information", "officer", "late_reason", "secrecy", "openness", "fulfils", "retention"}
)
"""For the house alone: a basis or a waiver says more of people than what was published."""
_HIDDEN = _PRIVATE | ELSEWHERE
_LEGACY = ("index_number", "first_published_on", "url")


def item_json(item: Item, page: Page, catalogue: Catalogue) -> bytes:
    """The item's JSON. Authored Markdown is not in it, for it may hold comments: the text is the page's own HTML."""
    head = _head(catalogue.site, catalogue.root)
    parts = (head, catalogue.row_json(item), _json(_besides(item, page, catalogue)))
    return b"{%b}\n" % b", ".join([part[1:-1] for part in parts if part != b"{}"])


@once
def _head(_site: Site, root: str) -> bytes:
    return _json({"$schema": f"{root}{SCHEMA}", "schema_version": 1})


def _json(data: dict[str, Any]) -> bytes:
    return json_text(data, indent=None).encode()


def _besides(item: Item, page: Page, catalogue: Catalogue) -> dict[str, Any]:
    """All but the catalogue's row. Of an item whose text no longer goes out only what became of it."""
    site, root, fields, said = catalogue.site, catalogue.root, item.fields, gist(item, catalogue.site)
    found: dict[str, Any] = {
        "publisher": _publisher(site),
        "replaces": _others(item, site, root, "replaces") if "replaces" in fields else (),
        "interprets": _others(item, site, root, "interprets") if "interprets" in fields else (),
        "evidence": _evidence(said, site, root),
    }
    if not item.removed:
        legacy = item.group("legacy")
        found["withdrawal"] = _without_own(item.group("withdrawal")) if "withdrawal" in fields else ()
        found["legacy"] = {n: legacy[n] for n in _LEGACY if legacy.get(n)} if legacy else {}
    if said.is_open:
        found |= _text(said, page, site)
    return {name: value for name, value in found.items() if value}


@once
def _publisher(site: Site) -> str:
    return site.words(site.portal.settings.organisation)


def _text(said: Gist, page: Page, site: Site) -> dict[str, Any]:
    item, url = said.item, said.url
    contact = item.group("contact")
    offered = page.context.get("attachments")
    return {
        "contact": {n: v for n, v in contact.items() if n in CONTACT and isinstance(v, str)}
        if contact
        else (),
        "fields": _fields(item, _shown(site, said.bearing.type)),
        "content_html": content(page, url),
        "attachments": [_attachment(file) for file in enclosures(item, page, site, url)] if offered else (),
    }


def _fields(item: Item, shown: frozenset[str]) -> dict[str, Any]:
    """The fields of the item's type as they were written, without names that begin with x_."""
    return {
        name: value if type(value) is str else _without_own(value)
        for name, value in item.fields.items()
        if name in shown
    }


@once
def _shown(site: Site, code: str) -> frozenset[str]:
    """The names of the fields of a type that go out as data besides the catalogue's row."""
    kind = site.portal.types.get(code)
    known = kind.fields.items() if kind else ()
    own = (name for name, info in known if not info.common and info.name not in _HIDDEN)
    return frozenset((*_COMMON, *own))


def _without_own(value: Any) -> Any:
    """The value without the house's own names (`x_…`), however deep they stand."""
    if isinstance(value, dict):
        return {n: _without_own(v) for n, v in value.items() if not n.startswith("x_")}
    if isinstance(value, list):
        return [_without_own(v) for v in value]
    return value


def _others(item: Item, site: Site, root: str, field: str) -> list[str]:
    """The addresses of the items that a field names, as far as they are there."""
    named = () if item.removed else map(site.by_id.get, item.texts(field))
    return [address.absolute(root, other.address) for other in named if other]


def _evidence(said: Gist, site: Site, root: str) -> str:
    is_proved = said.bearing.ident in site.record.proofs
    return address.absolute(root, address.evidence(said.item, "json")) if is_proved else ""


def _attachment(file: Enclosure) -> dict[str, Any]:
    return {
        "title": file.title,
        "url": file.url,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.digest,
    }


def schema(site: Site, root: str) -> bytes:
    """The JSON Schema of an item's data. `fields` are the type's own: they are as its schema of submission says."""
    text, links = (
        {"type": "string"},
        {"type": "array", "items": {"type": "string", "format": "uri-reference"}},
    )
    group = {"type": "object"}
    file = dict.fromkeys(("title", "url", "media_type", "sha256"), text) | {"size": {"type": "integer"}}
    rows = data_rows.schema(site)
    rows["properties"] |= {
        "$schema": text,
        "schema_version": {"const": 1},
        "publisher": text,
        "replaces": links,
        "interprets": links,
        "evidence": text,
        "withdrawal": group,
        "legacy": group,
        "contact": {"type": "object", "additionalProperties": text},
        "fields": group,
        "content_html": text,
        "attachments": {
            "type": "array",
            "items": {"type": "object", "properties": file, "required": ["title", "url", "sha256"]},
        },
    }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **({"$id": address.absolute(root, SCHEMA)} if root else {}),
        "title": say(site, "about_item"),
    }
    return (json_text(head | rows, indent=1) + "\n").encode()
