"""An item's texts scanned once for the wording list and for the literals that other rules look behind."""

from __future__ import annotations

from functools import lru_cache
from weakref import ref

from gongkai.checks import links_found, personal_words, secrecy_marks, wording_marks
from gongkai.checks.passages import Text
from gongkai.checks.portal import Portal
from gongkai.checks.signs import JOINED, SIGN, beginnings
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


@lru_cache(maxsize=8)
def finder(words: tuple[Word, ...]) -> Finder:
    """The automaton of these entries; built anew only for entries that were not seen before."""
    return Finder(words, (*LITERALS, *beginnings()))


def is_plain(text: Text, scan: Scan) -> bool:
    """Whether no rule about single signs has anything to look at in a text that was scanned."""
    return SIGN not in scan.places and text.text.count(JOINED) < len(text.pieces)


class _Scans:
    """The finder of the settings file, and the scans of the item, that were asked for last."""

    def __init__(self) -> None:
        self._file: tuple[ConfigFile | None, Finder] | None = None
        self._item: tuple[Item, object, Scanned] | None = None

    def of(self, item: Item, portal: Portal) -> Scanned:
        kept = self._item
        if kept is None or kept[0] is not item or kept[1]() is not portal:  # type: ignore[operator]
            find = self._finder(portal.settings.files.get("wording"))
            rows = tuple((text, find.scan(text.text)) for text in portal.texts(item))
            kept = self._item = (item, ref(portal), rows)
        return kept[2]

    def _finder(self, file: ConfigFile | None) -> Finder:
        kept = self._file
        if kept is None or kept[0] is not file:
            kept = self._file = (file, finder(words_of(file)))
        return kept[1]


scanned = _Scans().of
"""Each text of an item with what its scan found; kept until another item is looked at."""
