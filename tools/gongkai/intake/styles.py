"""What a Word file's styles say of a paragraph: its outline level, its numbering, whether it is the title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gongkai.intake.ooxml import W

_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])\s*$", re.IGNORECASE)
_TITLE = re.compile(r"(?:title|公文标题|文件标题|大标题|标题)\s*$", re.IGNORECASE)
BODY_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style with what it inherits: `outline` from 0 (None: body text), numbering, alignment."""

    name: str = ""
    outline: int | None = None
    number: tuple[str, int | None] | None = None
    centred: bool = False
    hidden: bool = False

    @property
    def is_title(self) -> bool:
        """Whether the style is meant for the document's title."""
        return bool(_TITLE.match(self.name))


class Styles:
    """The paragraph styles of a document by their ids."""

    def __init__(self, root: Element | None) -> None:
        found = root.iter(f"{W}style") if root is not None else ()
        self._elements = {e.get(f"{W}styleId", ""): e for e in found if e.get(f"{W}type") == "paragraph"}
        self._known: dict[str, Style] = {}

    def of(self, style_id: str) -> Style:
        """The style of this id; a plain one when there is none."""
        if style_id not in self._known:
            self._known[style_id] = self._read(style_id)
        return self._known[style_id]

    def _read(self, style_id: str) -> Style:
        chain = self._chain(style_id)
        name = _value(chain[0], "name") if chain else ""
        heading = _HEADING.search(name or style_id)
        outline = next((level for e in chain if (level := outline_of(properties(e))) is not None), None)
        if heading:
            outline = int(heading[1]) - 1
        number = next((n for e in chain if (n := number_of(properties(e))) is not None), None)
        aligned = next((a for e in chain if (a := _value(properties(e), "jc"))), "")
        return Style(name, None if outline == BODY_LEVEL else outline, number, aligned == "center")

    def _chain(self, style_id: str) -> list[Element]:
        chain: list[Element] = []
        while style_id in self._elements and self._elements[style_id] not in chain:
            chain.append(self._elements[style_id])
            style_id = _value(chain[-1], "basedOn")
        return chain


def properties(element: Element) -> Element | None:
    """A paragraph's or style's paragraph properties."""
    return element.find(f"{W}pPr")


def outline_of(found: Element | None) -> int | None:
    """The outline level (0 to 8; 9 is body text) that paragraph properties set themselves."""
    text = _value(found, "outlineLvl")
    return int(text) if text.isdecimal() and int(text) <= BODY_LEVEL else None


def number_of(found: Element | None) -> tuple[str, int | None] | None:
    """The list and level (None: not said) that paragraph properties set themselves."""
    numbering = found.find(f"{W}numPr") if found is not None else None
    list_id = _value(numbering, "numId")
    level = _value(numbering, "ilvl")
    return (list_id, int(level) if level.isdecimal() else None) if list_id else None


def is_centred(found: Element | None) -> bool | None:
    """Whether paragraph properties centre the paragraph; None when they do not say."""
    aligned = _value(found, "jc")
    return aligned == "center" if aligned else None


def style_of(found: Element | None) -> str:
    """The id of the paragraph's style."""
    return _value(found, "pStyle")


def _value(parent: Element | None, name: str) -> str:
    element = parent.find(f"{W}{name}") if parent is not None else None
    return element.get(f"{W}val", "") if element is not None else ""
