"""An item's texts scanned once for the wording list and for the literals that other rules look behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeGuard
from weakref import ref

from gongkai.checks import links_found, personal_words, secrecy_marks, wording_marks
from gongkai.checks.passages import Text
from gongkai.checks.portal import Portal
from gongkai.checks.signs import FIRST_SUSPECT, JOINED, SIGN, beginnings
from gongkai.checks.wording_list import Finder, Scan, Word, words_of
from gongkai.model.item import Item
from gongkai.model.settings import ConfigFile

Scanned = tuple[tuple[Text, Scan], ...]
LITERALS = (
    *wording_marks.LITERALS,
    *secrecy_marks.LITERALS,
    *links_found.LITERALS,
    *personal_words.LITERALS,
)

_FILES = ("attachments", "images")
"""The fields of what an item has besides its own text."""
_ONCE = frozenset({SIGN, *(group for _, group in (*links_found.LITERALS, *personal_words.LITERALS))})
"""The groups that only ask whether there is any: what they look for then they find by themselves."""
AHEAD = 500_000
"""Of so many characters the scans are held at once; what comes after is scanned when it is asked for."""
LONG = 100_000
"""Longer texts are scanned by themselves, when they are asked for: those of a whole batch are held at once."""
_FREQUENT = frozenset({SIGN, personal_words.PLATE})
"""What a text may consist of, if its writer wishes or its file is spoilt: each place costs 200 bytes, and ten million are too many."""


@lru_cache(maxsize=8)
def finder(words: tuple[Word, ...], *, is_long: bool = False) -> Finder:
    """The automaton of these entries; built anew only for entries that were not seen before.

    That of long texts tells nothing of single signs and beginnings of number plates.
    """
    literals: list[tuple[str | bytes, str]] = [*LITERALS, *beginnings()]
    wanted = [row for row in literals if row[1] not in _FREQUENT] if is_long else literals
    return Finder(words, wanted, _ONCE)


def is_plain(text: Text, scan: Scan) -> bool:
    """Whether no rule about single signs has anything to look at in a text that was scanned."""
    if len(text.text) > LONG:
        return not FIRST_SUSPECT.search("".join(text.pieces))
    return SIGN not in scan.places and text.text.count(JOINED) < len(text.pieces)


_Kept = tuple[Item, Callable[[], Portal | None], Scanned]


def _is_of(kept: _Kept | None, item: Item, portal: Portal) -> TypeGuard[_Kept]:
    return kept is not None and kept[0] is item and kept[1]() is portal


class _Scans:
    """The finder of the settings file, and the scans of the item, that were asked for last."""

    def __init__(self) -> None:
        self._file: tuple[ConfigFile | None, Finder] | None = None
        self._item: _Kept | None = None
        self._ahead: dict[str, _Kept] = {}

    def of(self, item: Item, portal: Portal) -> Scanned:
        if not _is_of(self._item, item, portal):
            ahead = self._ahead.pop(item.path, None)
            self._item = (
                ahead if _is_of(ahead, item, portal) else (item, ref(portal), self._scan(item, portal))
            )
        return self._item[2]

    def ahead(self, items: Iterable[Item], portal: Portal) -> None:
        """Scan items that will be asked for next; those with files are left until then, for these may be large."""
        self._ahead, room = {}, AHEAD
        for item in items:
            if item.fields.keys().isdisjoint(_FILES) and len(item.body) < min(LONG, room):
                room -= len(item.body)
                self._ahead[item.path] = item, ref(portal), self._scan(item, portal)

    def _scan(self, item: Item, portal: Portal) -> Scanned:
        find = self._finder(portal.settings.files.get("wording"))
        return tuple((text, self._scan_one(text.text, find, portal)) for text in portal.texts(item))

    def _scan_one(self, text: str, find: Finder, portal: Portal) -> Scan:
        if len(text) <= LONG:
            return find.scan(text)
        scan = finder(words_of(portal.settings.files.get("wording")), is_long=True).scan(text)
        # As `personal_words.seen` has it: whoever looks for plates looks at a long text as a whole.
        return scan._replace(places={**scan.places, personal_words.PLATE: []})

    def _finder(self, file: ConfigFile | None) -> Finder:
        kept = self._file
        if kept is None or kept[0] is not file:
            kept = self._file = (file, finder(words_of(file)))
        return kept[1]


_SCANS = _Scans()
scanned = _SCANS.of
"""Each text of an item with what its scan found; kept until another item is looked at."""
scan_ahead = _SCANS.ahead
