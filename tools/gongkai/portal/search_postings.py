"""A part's postings: the texts of its items, and the terms that they are found by."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import repeat

from gongkai.model.item import Item, texts_in
from gongkai.portal import standing
from gongkai.portal.search_parts import Part
from gongkai.portal.search_stock import LONGER, SHORT, Stock
from gongkai.portal.search_terms import BREAK, Held, numbers, plain, terms
from gongkai.portal.site import Site

# Whoever calls numpy first, it only counts here: the threads that it keeps ready for matrices would take a processor from the
# other hands while they wait for work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_TITLES = ("title", "document_number", "decision_number", "project_number")
_SILENT = frozenset(
    {"id", "type", "department", "column", "topics", "officer", "secrecy", "openness", "personal_information",
     "retention", "legacy", "aliases", "attachments", "images", "late_reason", "withdrawal", "interprets", "replaces",
     "fulfils", "language", "update_type", "show_difference", "body", *_TITLES}
)  # fmt: skip
"""Fields that the page does not show as the item's own words, or shows as codes' titles."""


def stock(part: Part, site: Site, house: bytes = b"", owns: tuple[bytes, ...] = ()) -> Stock:
    """What a part is found by, computed from its items."""
    # numpy takes a tenth of a second to come, and most builds find every part as it was, or nearly so.
    from gongkai.portal.search_pairs import paired
    from gongkai.portal.search_segments import counted

    titles = [_title(item) for item in part.items]
    texts = [_text(item, site) for item in part.items]
    short, longer = paired(titles, texts, [*map(_numbers, part.items, titles, repeat(site))])
    return Stock(house, owns, counted(short, SHORT), counted(longer, LONGER))


def held(item: Item, site: Site) -> Held:
    """The terms of one item, as its part's stock has them."""
    title = _title(item)
    return terms(title, _text(item, site), _numbers(item, title, site))


def _title(item: Item) -> str:
    fields = item.fields
    return BREAK.join([value if isinstance(value := fields.get(name), str) else "" for name in _TITLES])


def _numbers(item: Item, title: str, site: Site) -> list[str]:
    return numbers((title, standing.index_number(item, site.portal), item.id))


@lru_cache(maxsize=1024)
def _said(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an item's fields that hold its own words: most items have the fields that others have."""
    return tuple(name for name in names if name not in _SILENT and not name.startswith("x_"))


def _text(item: Item, site: Site) -> str:
    """All that the item's page shows as its own words, but for its title."""
    fields, topics = item.fields, site.portal.settings.topics
    found: list[str] = []
    for name in _said(tuple(fields)):
        value = fields[name]
        if isinstance(value, str):
            found.append(value)
        else:
            found += texts_in([value])
    found += [site.words(topics[t]) for t in item.texts("topics") if t in topics]
    if not standing.has_ended(item, site.portal):
        found.append(plain(item.body))
        if attachments := item.attachments:
            found += [a.title for a in attachments]
            found += [text.text for text in site.portal.texts(item)[1:]]
    return BREAK.join(found)
