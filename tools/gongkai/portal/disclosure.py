"""The two tables of an item's page: what 国办秘函〔2009〕6号 asks of every item; the type's own fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from gongkai.model.item import Item
from gongkai.model.types import FieldInfo
from gongkai.portal import address, data_dates
from gongkai.portal.gist import gist
from gongkai.portal.once import once
from gongkai.portal.site import Site
from gongkai.portal.values import Values, labels_of

_ELSEWHERE = """
id type title department column summary keywords source contact validity document_number document_date
effective_from effective_to topics issuers change_note interprets replaces images body attachments
"""
ELSEWHERE = frozenset(_ELSEWHERE.split())
"""Fields of a type that the page shows in another place."""


def disclosure(item: Item, site: Site) -> list[tuple[str, Any]]:
    """索引号, 发布机构, 成文日期, 发布日期, 文号, 有效性, 主题分类, 公开方式 …: those that have a value."""
    t, text = site.t, item.text
    said = gist(item, site)
    facts, one = site.portal.facts_of(item), said.bearing
    shared = _shared(site, one.department, one.type, text("openness") or "proactive", said.validity)
    publisher, department, kind, openness, validity = shared
    is_changed = facts.changed is not None and facts.changed != facts.published
    changed = changed_day(item, site) if is_changed else ""
    issuers, keywords = item.texts("issuers"), item.texts("keywords")
    values = (
        said.index_number,
        publisher,
        _joined(issuers, site) if issuers else "",
        department,
        said.document_number,
        text("document_date"),
        one.published_on[:10] or t["not_published"],
        changed,
        text("change_note") if changed else "",
        text("effective_from"),
        text("effective_to"),
        validity,
        _topics(item, said.path, site) if one.topics else "",
        kind,
        openness,
        text("source"),
        _joined(keywords, site) if keywords else "",
        one.ident,
    )
    return [row for row in zip(_labels(site), values, strict=True) if row[1]]


_LABELS = """
index_number publisher issuers responsible document_number document_date published changed_on what_changed
effective_from effective_to validity topics kind openness source keywords id
"""
"""What the rows of the disclosure say, in their order: keys of `labels.LABELS`."""


@once
def _labels(site: Site) -> Sequence[str]:
    return [site.t[name] for name in _LABELS.split()]


@once
def _shared(site: Site, department: str, code: str, openness: str, validity: str) -> tuple[str, ...]:
    """The names of the publisher, of a department, of a type, and of what an item of that type says of itself."""
    return (
        site.words(site.portal.settings.organisation),
        site.department(department),
        site.kind(code),
        label_of(site, code, "openness", openness),
        label_of(site, code, "validity", validity),
    )


@once
def label_of(site: Site, code: str, name: str, value: str) -> str:
    """The label of a value in a field of a type."""
    kind = site.portal.types.get(code) if value else None
    info = kind.fields.get(name) if kind else None
    return site.words(info.label(value)) if info else ""


def changed_day(item: Item, site: Site) -> str:
    """The day on which a changed version was last published; empty when it never changed."""
    first, last = data_dates.published(item, site.portal), data_dates.modified(item, site.portal)
    return last.isoformat()[:10] if first and last and last != first else ""


def _topics(item: Item, path: str, site: Site) -> Markup:
    """The topics, each a link to what else there is on it; `path` is where the item's page stands."""
    folder = path.rpartition("/")[0]
    return Markup(_joined([_topic(site, code, folder) for code in item.texts("topics")], site))


@once
def _topic(site: Site, code: str, folder: str) -> str:
    """A topic as HTML, on the pages of a folder."""
    known = site.portal.settings.topics
    if code not in known:
        return escape(code)
    href = address.relative(address.topic(code), f"{folder}/")
    return f'<a href="{escape(href)}">{escape(site.words(known[code]))}</a>'


def _joined(values: Iterable[str], site: Site) -> str:
    return ("、" if site.lang == "zh" else ", ").join(values)


def details(item: Item, site: Site, values: Values) -> list[tuple[str, Any]]:
    """The fields that only this type has, in the order of its schema, with the schema's titles."""
    fields, rows = item.fields, []
    for name, title, info, labels in _own(site, item.type):
        if name in fields:
            value = fields[name]
            if type(value) is str:
                shown = labels.get(value) or values.text(value)
            else:
                shown = _value(value, info, values)
            rows.append((title, shown))
    return [row for row in rows if row[1]]


@once
def _own(site: Site, code: str) -> Sequence[tuple[str, str, FieldInfo, Mapping[str, Markup]]]:
    """The fields that only this type has, by name and title, with the labels of their values."""
    kind = site.portal.types.get(code)
    known = kind.fields.items() if kind else ()
    return [
        (name, site.words(info.title), info, labels_of(info, site.lang))
        for name, info in known
        if not info.common and info.name not in ELSEWHERE
    ]


def _value(value: Any, info: FieldInfo, values: Values) -> Markup:
    return Markup("") if value in (None, "", [], {}) else values.show(value, info)
