"""An .xlsx file: every row of every sheet as a line of text, shown or hidden, and what stands behind the sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from gongkai.attachments.cells import column_number, letters
from gongkai.attachments.markup import Walker, values, walk
from gongkai.attachments.office import Package, note_person, read_drawn
from gongkai.attachments.reading import Notes, Refusal, masked

_DDE = re.compile(r"\s*'?[\w.]+\s*\|")
_FETCH = re.compile(r"\b(?:WEBSERVICE|FILTERXML|RTD|CALL|REGISTER\.ID|EXEC)\s*\(", re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")
_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
_USER = re.compile(r"[\\/]Users[\\/]([^\\/]+)", re.IGNORECASE)
_FRAMES = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})
_TEXTS = frozenset({"v", "t", "f"}) | _FRAMES
_MAX_GAP = 50
_LAST_DAY = 2_958_465  # 9999-12-31


@dataclass
class _Book:
    """What the sheets share."""

    strings: list[str]
    dates: frozenset[int]
    epoch: date


def read_sheets(package: Package, notes: Notes) -> None:
    """Read all sheets, then comments, drawings, pivot caches and links to other workbooks."""
    workbook = package.read("xl/workbook.xml")
    if not workbook:
        raise Refusal("damaged", "xl/workbook.xml")
    rows = values(workbook, "sheet", "workbookPr", "absPath", name="xl/workbook.xml")
    old = any(tag == "workbookPr" and a.get("date1904") in ("1", "true") for tag, _, a in rows)
    book = _Book(
        _strings(package, notes), _date_styles(package), date(1904, 1, 1) if old else date(1899, 12, 30)
    )
    relations = package.relations("xl/workbook.xml")
    for tag, _, a in rows:
        if tag == "absPath":
            _note_path(a.get("url", ""), notes)
        elif tag == "sheet":
            name, relation = a.get("name", ""), relations.get(a.get("id", ""))
            if a.get("state") in ("hidden", "veryHidden"):
                notes.trait("hidden-sheet", name)
            if relation is not None and not relation.external:
                _read_sheet(package, relation.target, name, book, notes)
    _read_behind(package, notes)


def _read_sheet(package: Package, part: str, name: str, book: _Book, notes: Notes) -> None:
    data = package.read(part)
    if data:
        walk(data, _Sheet(name, book, notes), part)
    for relation in package.relations(part).values():
        if relation.kind in ("comments", "threadedComment") and not relation.external:
            _read_comments(package.read(relation.target), name, notes)


def _read_comments(data: bytes, sheet: str, notes: Notes) -> None:
    if not data:
        return
    pieces: list[str] = []
    for tag, text, a in values(data, "author", "comment", "threadedComment", "t", "text"):
        if tag == "author" and not text.startswith("tc="):
            note_person(text, notes)
        elif tag in ("t", "text"):
            pieces.append(text)
        elif tag in ("comment", "threadedComment"):
            notes.trait("comment", f"{sheet}!{a.get('ref', '')}")
            notes.part(f"{sheet}!{a.get('ref', '')} comment", "".join(pieces))
            pieces.clear()


def _note_path(path: str, notes: Notes) -> None:
    """Excel keeps the folder the file was last saved in, and with it the name of the user's account."""
    found = _USER.search(path)
    if found and not re.match(r"(?i)(?:public|default)\Z", found[1]):
        note_person(found[1], notes)


def _read_behind(package: Package, notes: Notes) -> None:
    read_drawn(package, r"xl/(?:drawings/drawing|charts/chart|diagrams/data)\d*\.xml", "drawing", notes)
    for part in package.under(r"xl/pivotCache/pivotCache(?:Definition|Records)\d*\.xml"):
        if "Definition" in part:
            notes.trait("pivot-cache")
        for _, _, a in values(package.read(part), "s", "n", "d", name=part):
            notes.part("pivot cache", a.get("v", ""))
    for _ in package.under(r"xl/model/.*\.data"):
        notes.trait("pivot-cache")
    for part in package.under(r"xl/externalLinks/externalLink\d*\.xml"):
        for tag, text, _ in values(package.read(part), "ddeLink", "oleLink", "v", name=part):
            if tag == "v":
                notes.part("external link", text)
            else:
                notes.trait("dde", part.rpartition("/")[2])
    if package.archive.has("xl/connections.xml"):
        notes.trait("workbook-link", "connections.xml")
    for part in package.under(r"xl/persons/.*\.xml"):
        for _, _, a in values(package.read(part), "person", name=part):
            name = a.get("displayName", "")
            if name:
                notes.trait("author", "", masked(name))


class _Strings(Walker):
    """The shared strings, without the readings of East Asian words."""

    def __init__(self, notes: Notes) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._taking = self._silent = False
        self._left = notes.budget.text

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See `Walker`."""
        if tag == "rPh":
            self._silent = True
        self._taking = tag == "t" and not self._silent

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._taking:
            self._pieces.append(data)
            self._left -= len(data)
            if self._left < 0:
                raise Refusal("bomb-text", "xl/sharedStrings.xml")

    def end(self, tag: str) -> None:
        """See `Walker`."""
        self._taking = False
        if tag == "rPh":
            self._silent = False
        elif tag == "si":
            self.found.append("".join(self._pieces))
            self._pieces.clear()


def _strings(package: Package, notes: Notes) -> list[str]:
    data = package.read("xl/sharedStrings.xml")
    walker = _Strings(notes)
    if data:
        walk(data, walker, "xl/sharedStrings.xml")
    return walker.found


def _date_styles(package: Package) -> frozenset[int]:
    """The numbers of the cell formats that show a number as a date."""
    data = package.read("xl/styles.xml")
    if not data:
        return frozenset()
    rows = values(data, "numFmt", "xf", "cellXfs", "cellStyleXfs", name="xl/styles.xml")
    own = {
        a.get("numFmtId", "")
        for tag, _, a in rows
        if tag == "numFmt"
        and re.search(r"[yd年日]", re.sub(r'"[^"]*"|\[[^\]]*\]', "", a.get("formatCode", "")))
    }
    formats: list[str] = []
    for tag, _, a in rows:  # an outer element comes after those within it
        if tag == "xf":
            formats.append(a.get("numFmtId", ""))
        elif tag == "cellStyleXfs":
            formats.clear()
        elif tag == "cellXfs":
            break
    return frozenset(i for i, f in enumerate(formats) if f in own or (f.isdigit() and int(f) in _DATES))


class _Sheet(Walker):
    """One sheet: a line of text for each row with something in it."""

    def __init__(self, name: str, book: _Book, notes: Notes) -> None:
        self.name, self.book, self.notes = name, book, notes
        self._hidden_columns: list[tuple[int, int]] = []
        self._row_hidden = False
        self._cells: list[tuple[int, str, str]] = []
        self._ref = self._type = ""
        self._style = 0
        self._row = self._column = 0
        self._taking = ""
        self._value: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See `Walker`."""
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in _TEXTS:
            self._taking = tag
            if tag == "f":
                self._value = []
        elif tag == "row":
            self._row = _int(attributes.get("r", ""), self._row + 1)
            self._column = 0
            self._row_hidden = attributes.get("hidden") in ("1", "true")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self._hidden_columns.append((_int(attributes.get("min", "")), _int(attributes.get("max", ""))))

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        found = _CELL.fullmatch(attributes.get("r", ""))
        self._column = column_number(found[1]) if found else self._column + 1
        self._ref = found[0] if found else f"{letters(self._column)}{self._row}"
        self._type, self._style = attributes.get("t", "n"), _int(attributes.get("s", ""))
        self._value = []

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._taking:
            self._value.append(data)

    def end(self, tag: str) -> None:
        """See `Walker`."""
        if tag == "f":
            self._note_formula("".join(self._value))
            self._value = []
        elif tag == "c":
            self._end_cell("".join(self._value))
        elif tag == "row":
            self._end_row()
        elif tag in _FRAMES:
            self.notes.part(
                f"{self.name} header", re.sub(r"&(?:\"[^\"]*\"|[A-Z0-9])", " ", "".join(self._value))
            )
            self._value = []
        self._taking = ""

    def _end_cell(self, value: str) -> None:
        shown = self._shown(value)
        if shown:
            self._cells.append((self._column, self._ref, shown))
        self._value = []

    def _shown(self, value: str) -> str:
        if self._type == "s":
            index = _int(value, -1)
            return self.book.strings[index] if 0 <= index < len(self.book.strings) else ""
        if self._type != "n" or not value:
            return value
        return _plain_number(value, self._style in self.book.dates, self.book.epoch)

    def _end_row(self) -> None:
        cells, self._cells = self._cells, []
        if not cells:
            return
        first, last = cells[0][1], cells[-1][1]
        spot = f"{self.name}!{first}" if first == last else f"{self.name}!{first}:{last}"
        line, at = "", cells[0][0]
        for column, _, shown in cells:
            line += "\t" * max(0, min(column - at, _MAX_GAP)) + shown.replace("\n", " ")
            at = column
        self.notes.part(spot, line)
        if self._row_hidden:
            self.notes.trait("hidden-row", spot)
        for column, _, _ in cells if self._hidden_columns else ():
            if any(low <= column <= high for low, high in self._hidden_columns):
                self.notes.trait("hidden-column", f"{self.name}!{letters(column)}")

    def _note_formula(self, formula: str) -> None:
        if _DDE.match(formula):
            self.notes.trait("dde", f"{self.name}!{self._ref}")
        elif _FETCH.search(formula):
            self.notes.trait("outside", f"{self.name}!{self._ref}")


def _plain_number(value: str, is_date: bool, epoch: date) -> str:
    """A number as people read it: an identity number kept as 3.3E+17 in full, a day's number as its date."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if is_date and 1 <= number <= _LAST_DAY:
        return (epoch + timedelta(days=min(int(number), 2_900_000))).isoformat()
    if not number.is_finite() or not -12 < number.adjusted() < 25:
        return value
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _int(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
