"""A year's postings: which of its items hold which term. One part is computed at a time, and kept while nothing in it changes.

An item's place in its part is its rank among the year's ids, so that what is computed depends on the items alone, and never on
the order in which they came.
"""

from __future__ import annotations

import hashlib
import marshal
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.model.item import ID_PATTERN, Item
from gongkai.portal import standing
from gongkai.portal.search_pairs import BREAK, paired
from gongkai.portal.search_terms import numbers, plain
from gongkai.portal.site import Site

Postings = Mapping[str, bytes]
MOST = 4096
"""A part has so many items at most; a year with more has several."""
_PART = "postings"
_TITLES = ("title", "document_number", "decision_number", "project_number")
_SILENT = frozenset(
    {"id", "type", "department", "column", "topics", "officer", "secrecy", "openness", "personal_information",
     "retention", "legacy", "aliases", "attachments", "images", "late_reason", "withdrawal", "interprets", "replaces",
     "fulfils", "language", "update_type", "show_difference", "body", *_TITLES}
)  # fmt: skip
"""Fields that the page does not show as the item's own words, or shows as codes' titles."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of one year, in the order of their ids."""

    year: str
    items: tuple[Item, ...]


def parts(items: Iterable[Item]) -> list[Part]:
    """The items by the year of their ids, older years first; each year cut where it grows too long."""
    years: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        match = ID_PATTERN.match(item.id)
        years[match["year"] if match else ""].append(item)
    found: list[Part] = []
    for year in sorted(years):
        rows = sorted(years[year], key=lambda item: item.id)
        found.extend(Part(year, tuple(rows[at : at + MOST])) for at in range(0, len(rows), MOST))
    return found


def _key(part: Part, site: Site) -> str:
    """The digest of all that a part's postings are computed from; empty when something has no digest (a plain folder)."""
    rows = []
    for item in part.items:
        files = [e.blob for a in item.attachments if (e := site.portal.corpus.attachment(item, a.file))]
        if not item.blob or not all(files):
            return ""
        ended = standing.has_ended(item, site.portal)
        rows.append(
            " ".join((item.id, item.blob, *files, standing.index_number(item, site.portal), str(ended)))
        )
    topics = sorted((code, site.words(title)) for code, title in site.portal.settings.topics.items())
    return hashlib.sha256("\n".join((*rows, str(topics))).encode()).hexdigest()[:32]


def _texts(item: Item, site: Site) -> Iterator[str]:
    for name, value in item.fields.items():
        if name not in _SILENT and not name.startswith("x_"):
            yield from _strings(value)
    yield from (
        site.words(site.portal.settings.topics[t])
        for t in item.texts("topics")
        if t in site.portal.settings.topics
    )
    if not standing.has_ended(item, site.portal):
        yield plain(item.body)
        yield from (a.title for a in item.attachments)
        if item.attachments:
            yield from (text.text for text in site.portal.texts(item)[1:])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def postings(part: Part, site: Site) -> Postings:
    """Each term's items as bytes: the differences of their ranks, doubled, plus one where the title holds the term."""
    kept, key = site.portal.kept, _key(part, site)
    raw = kept.get(_PART, key) if kept and key else None
    if raw is not None:
        found: Postings = marshal.loads(raw)
        return found
    made = _made(part.items, site)
    if kept and key:
        kept.put(_PART, {key: marshal.dumps(made)})
    return made


def _made(items: Sequence[Item], site: Site) -> dict[str, bytes]:
    titles = [BREAK.join(item.text(name) for name in _TITLES) for item in items]
    made = paired(titles, [BREAK.join(_texts(item, site)) for item in items])
    found: defaultdict[str, list[int]] = defaultdict(list)
    for rank, (item, title) in enumerate(zip(items, titles, strict=True)):
        for term in set(numbers((title, standing.index_number(item, site.portal), item.id))):
            found[term].append(rank)
    for term, ranks in found.items():
        steps = [b - a for a, b in pairwise((0, *ranks))]
        made[term] = b"".join(varint(step * 2 + 1) for step in steps)
    return made


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
