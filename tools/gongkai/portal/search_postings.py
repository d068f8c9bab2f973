"""A part's postings: the texts of its items, and the terms that they are found by."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

from gongkai.model.item import Item, texts_in
from gongkai.portal import standing
from gongkai.portal.search_mend import Held
from gongkai.portal.search_parts import Part
from gongkai.portal.search_stock import Stock, one_each
from gongkai.portal.search_terms import BREAK, numbers, plain, terms
from gongkai.portal.site import Site

_TITLES = ("title", "document_number", "decision_number", "project_number")
_SILENT = frozenset(
    {"id", "type", "department", "column", "topics", "officer", "secrecy", "openness", "personal_information",
     "retention", "legacy", "aliases", "attachments", "images", "late_reason", "withdrawal", "interprets", "replaces",
     "fulfils", "language", "update_type", "show_difference", "body", *_TITLES}
)  # fmt: skip
"""Fields that the page does not show as the item's own words, or shows as codes' titles."""


def stock(part: Part, site: Site, house: bytes = b"", owns: tuple[bytes, ...] = ()) -> Stock:
    """What a part is found by, computed from its items."""
    # numpy takes a tenth of a second to come, and most builds find every part as it was, or nearly so. Here it only counts:
    # the threads that it keeps ready for matrices would take a processor from the other hands while they wait for work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from gongkai.portal.search_pairs import paired
    from gongkai.portal.search_segments import counted

    titles = [_title(item) for item in part.items]
    keys, others = paired(titles, [BREAK.join(_texts(item, site)) for item in part.items])
    longer = {term: one_each(values) for term, values in others.items()}
    return Stock(house, owns, *counted(keys), longer | _numbered(part, titles, site))


def _numbered(part: Part, titles: list[str], site: Site) -> dict[str, tuple[int, ...]]:
    """The values of all numbers of a part's items; no pair of characters begins as these terms do."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for value, item, title in zip(count(1, 2), part.items, titles, strict=False):
        for term in dict.fromkeys(_numbers(item, title, site)):
            found[term].append(value)
    return dict(zip(found, map(tuple, found.values()), strict=True))


def held(item: Item, site: Site) -> Held:
    """The terms of one item, as its part's stock has them."""
    title = _title(item)
    return terms(title, BREAK.join(_texts(item, site)), _numbers(item, title, site))


def _title(item: Item) -> str:
    fields = item.fields
    return BREAK.join([value if isinstance(value := fields.get(name), str) else "" for name in _TITLES])


def _numbers(item: Item, title: str, site: Site) -> list[str]:
    return numbers((title, standing.index_number(item, site.portal), item.id))


@lru_cache(maxsize=1024)
def _said(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an item's fields that hold its own words: most items have the fields that others have."""
    return tuple(name for name in names if name not in _SILENT and not name.startswith("x_"))


def _texts(item: Item, site: Site) -> Iterator[str]:
    topics = site.portal.settings.topics
    for name in _said(tuple(item.fields)):
        value = item.fields[name]
        yield from (value,) if isinstance(value, str) else texts_in([value])
    yield from (site.words(topics[t]) for t in item.texts("topics") if t in topics)
    if not standing.has_ended(item, site.portal):
        yield plain(item.body)
        yield from (a.title for a in item.attachments)
        if item.attachments:
            yield from (text.text for text in site.portal.texts(item)[1:])
