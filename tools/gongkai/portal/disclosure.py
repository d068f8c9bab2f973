"""The two tables of an item's page: what 国办秘函〔2009〕6号 asks of every item; the type's own fields."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from gongkai.model.item import Item
from gongkai.model.types import FieldInfo
from gongkai.portal import address, data_dates, standing
from gongkai.portal.page import Row
from gongkai.portal.site import Site, department_of
from gongkai.portal.values import Values

_ELSEWHERE = """
id type title department column summary keywords source contact validity document_number document_date
effective_from effective_to topics issuers change_note interprets replaces images body attachments
"""
ELSEWHERE = frozenset(_ELSEWHERE.split())
"""Fields of a type that the page shows in another place."""


def disclosure(item: Item, site: Site) -> list[Row]:
    """索引号, 发布机构, 成文日期, 发布日期, 文号, 有效性, 主题分类, 公开方式 …: those that have a value."""
    return [Row(site.t[label], escape(value)) for label, value in _rows(item, site) if value]


def _rows(item: Item, site: Site) -> Iterator[tuple[str, str]]:
    portal, t = site.portal, site.t
    yield "index_number", standing.index_number(item, portal)
    yield "publisher", site.words(portal.settings.organisation)
    yield "issuers", _joined(item.texts("issuers"), site)
    yield "responsible", site.department(department_of(item))
    yield "document_number", item.text("document_number")
    yield "document_date", item.text("document_date")
    yield "published", day(item, site) or t["not_published"]
    changed = changed_day(item, site)
    yield "changed_on", changed
    yield "what_changed", item.text("change_note") if changed else ""
    yield "effective_from", item.text("effective_from")
    yield "effective_to", item.text("effective_to")
    yield "validity", _label(item, site, "validity", standing.validity_of(item, portal))
    yield "topics", _topics(item, site)
    yield "kind", site.words(portal.types[item.type].title) if item.type in portal.types else item.type
    yield "openness", _label(item, site, "openness", item.text("openness") or "proactive")
    yield "source", item.text("source")
    yield "keywords", _joined(item.texts("keywords"), site)
    yield "id", item.id


def day(item: Item, site: Site) -> str:
    """The day of publication; empty while it is not published. A date is never invented."""
    when = standing.published(item, site.portal)
    return when.isoformat()[:10] if when else ""


def changed_day(item: Item, site: Site) -> str:
    """The day on which a changed version was last published; empty when it never changed."""
    first, last = data_dates.published(item, site.portal), data_dates.modified(item, site.portal)
    return last.isoformat()[:10] if first and last and last != first else ""


def _label(item: Item, site: Site, name: str, value: str) -> str:
    kind = site.portal.types.get(item.type) if value else None
    info = kind.fields.get(name) if kind else None
    return site.words(info.label(value)) if info else ""


def _topics(item: Item, site: Site) -> Markup:
    """The topics, each a link to what else there is on it."""
    known, codes = site.portal.settings.topics, item.texts("topics")
    shown = (_topic(code, item, site) if code in known else escape(code) for code in codes)
    return Markup("、" if site.lang == "zh" else ", ").join(shown) if codes else Markup("")


def _topic(code: str, item: Item, site: Site) -> Markup:
    href = address.relative(address.topic(code), item.address)
    words = site.words(site.portal.settings.topics[code])
    return Markup(f'<a href="{escape(href)}">{escape(words)}</a>')


def _joined(values: tuple[str, ...] | list[str], site: Site) -> str:
    return ("、" if site.lang == "zh" else ", ").join(values)


def details(item: Item, site: Site, values: Values) -> list[Row]:
    """The fields that only this type has, in the order of its schema, with the schema's titles."""
    kind = site.portal.types.get(item.type)
    if kind is None:
        return []
    given = (info for name, info in kind.fields.items() if name in item.fields)
    own = (info for info in given if not info.common and info.name not in ELSEWHERE)
    rows = (Row(site.words(info.title), _value(item, info, values)) for info in own)
    return [row for row in rows if row.value]


def _value(item: Item, info: FieldInfo, values: Values) -> Markup:
    value = item.fields.get(info.name)
    return Markup("") if value in (None, "", [], {}) else values.show(value, info)
