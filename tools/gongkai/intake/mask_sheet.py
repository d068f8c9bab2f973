"""The cells of an XLSX: read row by row as text, masked where they are kept (shared texts, own texts, numbers)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from gongkai.attachments.cells import column_number
from gongkai.intake.mask import Mask, Masked, masks
from gongkai.intake.mask_xml import Gathered, Token, attribute, exchanged, tokens

SHARED = "xl/sharedStrings.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_KIND = re.compile(r"\s+t\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass
class Slot:
    """Where the text of a cell is kept: in which part, its characters there, and the tag and value of a number's cell."""

    part: str
    gathered: Gathered
    tag: tuple[int, int] | None = None
    value: tuple[int, int] | None = None


@dataclass
class Book:
    """The sheets and shared texts of a workbook; `own` are the parts it masks itself."""

    texts: dict[str, str]
    edits: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets' parts."""
        return sorted(name for name in self.texts if _SHEET.fullmatch(name))

    @property
    def own(self) -> frozenset[str]:
        """The parts whose cells are masked here."""
        return frozenset({SHARED, *self.sheets}) if self.sheets else frozenset()

    def mask(self, *, names: bool, hidden: dict[str, str]) -> list[Masked]:
        """Mask every sheet; what was hidden is noted in `hidden`."""
        shared = _shared(self.texts.get(SHARED, ""))
        rows = []
        for part in self.sheets:
            rows += self._sheet(part, shared, names, hidden)
        for index, slot in enumerate(shared):  # texts that no cell shows
            rows += self._one(f"{SHARED} {index + 1}", slot, names, hidden)
        for part, edits in self.edits.items():
            self.texts[part] = exchanged(self.texts[part], edits)
        return rows

    def _sheet(self, part: str, shared: list[Slot], names: bool, hidden: dict[str, str]) -> list[Masked]:
        text, slots = _rows(part, self.texts[part], shared)
        found = []
        starts = [start for start, _, _ in slots]
        for mask in masks(text, names=names):
            start, ref, slot = slots[bisect_right(starts, mask.start) - 1]
            if mask.end <= start + len(slot.gathered.text):
                self._hide(slot, Mask(mask.start - start, mask.end - start, mask.new, mask.kind), hidden)
                where = part.rpartition("/")[2].removesuffix(".xml")
                found.append(Masked(f"{where}!{ref}", mask.kind, mask.new))
        return found

    def _one(self, where: str, slot: Slot, names: bool, hidden: dict[str, str]) -> list[Masked]:
        done = self.edits.get(slot.part, {})
        found = [
            m
            for m in masks(str(slot.gathered), names=names)
            if not any(s in done for s in slot.gathered.spans[m.start : m.end])
        ]
        for mask in found:
            self._hide(slot, mask, hidden)
        return [Masked(where, m.kind, m.new) for m in found]

    def _hide(self, slot: Slot, mask: Mask, hidden: dict[str, str]) -> None:
        edits = self.edits.setdefault(slot.part, {})
        old = "".join(slot.gathered.text[mask.start : mask.end])
        if sum(c.isdigit() for c in old) > 7:
            hidden[old] = mask.new
        if slot.tag and slot.value:
            tag = slot.gathered.source[slice(*slot.tag)]
            edits[slot.tag] = f'{_KIND.sub("", tag)[:-1]} t="str">'
            whole = str(slot.gathered)
            edits[slot.value] = whole[: mask.start] + mask.new + whole[mask.end :]
            return
        for offset, sign in enumerate(mask.new):
            span = slot.gathered.spans[mask.start + offset]
            if span is not None and slot.gathered.text[mask.start + offset] != sign:
                edits[span] = sign


def _shared(source: str) -> list[Slot]:
    """The shared texts in order; readings in small type (`rPh`) are part of none."""
    slots: list[Slot] = []
    inside, small = False, False
    for token in tokens(source):
        if token.name == "si" and token.opens:
            slots.append(Slot(SHARED, Gathered(source)))
        elif token.name == "rPh":
            small = not token.closes
        elif token.name == "t":
            inside = token.opens and not token.closes
        elif not token.name and inside and not small and slots:
            slots[-1].gathered.take(token.start, token.end)
    return slots


def _rows(part: str, source: str, shared: list[Slot]) -> tuple[str, list[tuple[int, str, Slot]]]:
    """The sheet as lines with tabs, and where in them each cell's text begins."""
    lines: list[str] = []
    slots: list[tuple[int, str, Slot]] = []
    at, line, last = 0, "", 0
    cell: _Cell | None = None
    for token in tokens(source):
        if token.name == "row" and token.closes:
            lines.append(line)
            at, line, last = at + len(line) + 1, "", 0
        elif token.name == "c" and token.opens:
            cell = _Cell(part, source, token)
        elif cell is not None:
            cell.see(token)
        if token.name == "c" and token.closes and cell is not None:
            slot, column = cell.slot(shared), cell.column
            if slot is not None:
                line += "\t" * max(1 if last else 0, column - last)
                slots.append((at + len(line), cell.ref, slot))
                line += str(slot.gathered).replace("\n", " ").replace("\t", " ")
                last = column
            cell = None
    return "\n".join(lines), slots


class _Cell:
    """One cell while its tags go by."""

    def __init__(self, part: str, source: str, token: Token) -> None:
        self.part, self.source, self.tag = part, source, (token.start, token.end)
        tag = source[token.start : token.end]
        self.kind, self.ref = attribute(tag, "t"), attribute(tag, "r")
        self.gathered = Gathered(source)
        self.value: tuple[int, int] | None = None
        self._inside = ""

    @property
    def column(self) -> int:
        """The column's number from 1, as its letters say."""
        return column_number(self.ref)

    def see(self, token: Token) -> None:
        if token.name in ("v", "t", "f", "rPh"):
            self._inside = token.name if token.opens and not token.closes else ""
        elif not token.name and self._inside in ("v", "t"):
            self.gathered.take(token.start, token.end)
            self.value = (token.start, token.end)

    def slot(self, shared: list[Slot]) -> Slot | None:
        """Where the cell's text is kept; None for an empty cell."""
        words = str(self.gathered).strip()
        if not words:
            return None
        if self.kind == "s":
            return shared[int(words)] if words.isdigit() and int(words) < len(shared) else None
        if self.kind in ("", "n") and self.value:
            return Slot(self.part, _number(self.gathered, words), self.tag, self.value)
        return Slot(self.part, self.gathered)


def _number(gathered: Gathered, words: str) -> Gathered:
    """A number as it is read: 1.3812345678E10 is 13812345678."""
    try:
        whole = float(words)
    except ValueError:
        return gathered
    if whole.is_integer() and not words.isdigit() and abs(whole) < 1e15:
        plain = Gathered(gathered.source)
        for sign in str(int(whole)):
            plain.part(sign)
        return plain
    return gathered
