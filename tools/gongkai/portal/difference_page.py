"""The page that shows what the last change of an item took out and put in, where officer and reviewers signed that it may.

Which earlier versions may be seen at all is the ledger's word (`gate.earlier`); here stands what the present moment adds:
nothing of an item that is hidden, withdrawn, removed or over. Only fields that the item's own page shows are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup

from gongkai.evidence.earlier import FIELD, Earlier, withheld
from gongkai.model.item import Item
from gongkai.model.types import FieldInfo
from gongkai.portal import address, standing
from gongkai.portal.difference import Change, compared, lines, paragraphs
from gongkai.portal.disclosure import ELSEWHERE
from gongkai.portal.page import Crumb, Page
from gongkai.portal.site import Site
from gongkai.portal.values import Values

_APART = frozenset({"id", "type", "body", "change_note", "images", "attachments", FIELD})
"""Fields that are no words of the document, or that are compared in another way."""
_ENDS = ("<br>", "</li>", "</tr>", "</dd>", "</dt>")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed: its title, and its lines."""

    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between an item and the version before it."""

    item: Item
    earlier: Earlier
    fields: tuple[FieldChange, ...]
    text: tuple[Change, ...]


def pages(site: Site) -> Iterator[Page]:
    """A page for each item whose last change asked for it."""
    for item in site.items:
        yield from page(item, site)


def page(item: Item, site: Site) -> Iterator[Page]:
    """The item's page of it, if it has one."""
    found = difference(item, site) if item.id in site.record.earlier else None
    if found is not None:
        yield _page(found, site)


def linked(rows: list[tuple[str, Any]], item: Item, site: Site) -> list[tuple[str, Any]]:
    """The rows of the item's page, with the way to its difference after what is told of the change."""
    if item.id not in site.record.earlier or difference(item, site) is None:
        return rows
    href = address.relative(address.difference(item), item.address)
    row = (site.t["difference"], Markup('<a href="{}">{}</a>').format(href, site.t["difference_link"]))
    told = (site.t["changed_on"], site.t["what_changed"])
    at = max((n for n, known in enumerate(rows, 1) if known[0] in told), default=len(rows))
    return [*rows[:at], row, *rows[at:]]


def difference(item: Item, site: Site) -> Difference | None:
    """What the last change of the item made different, as far as the public may see it now; None for nothing."""
    earlier = site.record.earlier.get(item.id)
    if earlier is None or not _may_be_seen(item, earlier, site):
        return None
    fields = tuple(_fields(earlier.item, item, site))
    text = compared(paragraphs(earlier.item.body), paragraphs(item.body))
    return Difference(item, earlier, fields, text) if fields or text else None


def _may_be_seen(item: Item, earlier: Earlier, site: Site) -> bool:
    """Whether it is this very version, and both are such as the public may see at this moment."""
    both = (item, earlier.item)
    return (
        item.blob == earlier.blob
        and all(standing.is_shown(one, site.portal) for one in both)
        and not any(withheld(one) or standing.has_ended(one, site.portal) for one in both)
    )


def _fields(old: Item, new: Item, site: Site) -> Iterator[FieldChange]:
    kind = site.portal.types.get(new.type)
    for name, info in (kind.fields if kind else {}).items():
        if name not in _APART and (not info.common or name in ELSEWHERE):
            changes = compared(*(_lines(item, name, info, site) for item in (old, new)))
            if changes:
                yield FieldChange(site.words(info.title), changes)
    files = compared(*([file.title for file in item.attachments] for item in (old, new)))
    if files:
        yield FieldChange(site.t["attachments"], files)


def _lines(item: Item, name: str, info: FieldInfo, site: Site) -> list[str]:
    """A field's value as the item's page words it, line by line."""
    named: Mapping[str, object] = {
        "department": site.department, "column": site.column, "topics": partial(_topic, site),
    }  # fmt: skip
    say = named.get(name)
    if callable(say):
        return [str(say(code)) for code in item.texts(name)]
    value = item.fields.get(name)
    if value in (None, "", [], {}):
        return []
    html = str(Values(site, partial(_title, site)).show(value, info))
    for end in _ENDS:
        html = html.replace(end, ": " if end == "</dt>" else "\n\n")
    return lines(html.replace("</td>", " · "))


def _topic(site: Site, code: str) -> str:
    known = site.portal.settings.topics
    return site.words(known[code]) if code in known else code


def _title(site: Site, identity: str) -> Markup | None:
    """Another item by the title that the public knows it by."""
    other = site.by_id.get(identity)
    return Markup("{}").format(site.title_of(other)) if other else None


def _page(found: Difference, site: Site) -> Page:
    item, earlier = found.item, found.earlier
    context = {
        "about": site.title_of(item),
        "about_path": item.address,
        "text_lang": site.lang_of(item),
        "note": item.text(FIELD),
        "change_note": item.text("change_note"),
        "since": f"{earlier.since:%Y-%m-%d}",
        "until": f"{earlier.until:%Y-%m-%d}",
        "fields": found.fields,
        "text": found.text,
        "evidence": address.evidence(item) if item.id in site.record.proofs else "",
        "crumbs": [Crumb(site.title_of(item), item.address)],
        "meta": {"robots": "noindex"},
    }
    return Page(address.difference(item), "gongkai/difference.html", site.t["difference"], context)
