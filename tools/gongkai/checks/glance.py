"""Looking once at an item for several rules: what a family's one pass found, kept for the item that is being looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from weakref import ref

from gongkai.checks.passages import Text
from gongkai.checks.portal import Portal
from gongkai.model.finding import Hit
from gongkai.model.item import Item
from gongkai.model.message import Hole, msg

Hits = Mapping[str, list[Hit]]
"""Hits by the code of their rule."""
Pass = Callable[[Item, Portal], Iterable[tuple[str, Hit]]]
NONE: Hits = {}


class Glance:
    """One pass over an item serves all rules of a family; `rule(code)` is that code's looking function.

    What the pass found is kept until another item, or the same one in another portal, is looked at.
    """

    def __init__(self, look: Pass) -> None:
        self._look = look
        self._kept: tuple[Item | None, Callable[[], Portal | None], Hits] = (None, lambda: None, NONE)

    def rule(self, code: str) -> Part:
        """The looking function of one rule."""
        return Part(self, code)

    def hits(self, item: Item, portal: Portal) -> Hits:
        """What the pass found, by the rules' codes."""
        kept = self._kept
        if kept[0] is not item or kept[1]() is not portal:
            kept = self._kept = (item, ref(portal), _by_code(self._look(item, portal)))
        return kept[2]

    def idle(self, item: Item, portal: Portal) -> bool:
        """Whether none of its rules has anything to say."""
        return not self.hits(item, portal)


@dataclass(frozen=True, slots=True)
class Part:
    """One rule's part of what a pass found."""

    glance: Glance
    code: str

    def __call__(self, item: Item, portal: Portal) -> Iterable[Hit]:
        """The hits of this rule."""
        return self.glance.hits(item, portal).get(self.code, ())


def _by_code(rows: Iterable[tuple[str, Hit]]) -> Hits:
    found: dict[str, list[Hit]] = defaultdict(list)
    for code, hit in rows:
        found[code].append(hit)
    return dict(found) if found else NONE


def hit(text: Text, offset: int, count: int = 1, **holes: Hole) -> Hit:
    """A hit at a character of a text: `where` says the spot in an attachment, `more` how many like it follow."""
    passage = text.passage(offset)
    extra: dict[str, Hole] = {
        "where": msg(" ({spot})", spot=passage.spot) if passage.spot else "",
        "more": msg("; {count} more like it follow here", count=count - 1) if count > 1 else "",
    }
    return Hit(text.place(offset), {**holes, **extra}, passage.field)


def is_own(text: Text, offset: int) -> bool:
    """Whether a character stands in the item's own file, not in an attachment."""
    return not text.passage(offset).spot


def around(text: Text, start: int, end: int, width: int = 6) -> str:
    """The words around a place, for a message: one line, cut at the passage's ends."""
    before = text.text[max(0, start - width) : start].rpartition("\n")[2]
    after = text.text[end : end + width].partition("\n")[0]
    return (before + text.text[start:end] + after).replace("\x1e", "").strip()
