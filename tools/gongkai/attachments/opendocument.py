"""OpenDocument files (.odt, .ods, .odp) and OFD, the national fixed-layout format: zip files of XML."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gongkai.attachments.archive import odd_names
from gongkai.attachments.markup import Paragraphs, Walker, values, walk
from gongkai.attachments.office import Package, note_person
from gongkai.attachments.reading import Notes, Refusal


def read_open(package: Package, notes: Notes) -> None:
    """Read an OpenDocument file's content, and note macros, comments, changes, hidden tables and authors."""
    odd_names(package.archive.infos, notes)
    manifest = package.read("META-INF/manifest.xml")
    if manifest and values(manifest, "encryption-data", name="META-INF/manifest.xml"):
        raise Refusal("encrypted")
    if any(
        re.match(r"(?:Basic|Scripts)/.+\.(?:xml|xba|py|js|bsh)\Z", n) and "script-lc" not in n
        for n in package.names
    ):
        notes.trait("macro")
    if not package.archive.has("content.xml"):
        raise Refusal("damaged", "content.xml")
    walk(package.read("content.xml"), _Content(notes), "content.xml")
    if styles := package.read("styles.xml"):
        walk(styles, _Content(notes, "header"), "styles.xml")
    if meta := package.read("meta.xml"):
        for _, name, _ in values(meta, "creator", "initial-creator", "printed-by", name="meta.xml"):
            note_person(name, notes)


class _Content(Walker):
    """Paragraphs and table rows; where an annotation or a tracked change stands."""

    def __init__(self, notes: Notes, spot: str = "") -> None:
        self.notes, self.spot = notes, spot
        self._pieces: list[list[str]] = []
        self._cells: list[str] | None = None
        self._hidden_styles: set[str] = set()
        self._style = self._table = ""
        self._number = self._row = self._silent = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See `Walker`."""
        if tag in ("p", "h"):
            self._pieces.append([])
        elif tag in ("tab", "line-break", "s") and self._pieces:
            self._pieces[-1].append(" " if tag == "s" else "\t" if tag == "tab" else "\n")
        elif tag == "style":
            self._style = attributes.get("name", "")
        elif tag == "table-properties" and attributes.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table":
            self._start_table(attributes)
        elif tag == "table-row":
            self._start_row(attributes)
        elif tag in ("creator", "date"):
            self._silent += 1
        else:
            self._note(tag, attributes)

    def _note(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "annotation":
            self.notes.trait("comment", self._here())
        elif tag == "changed-region" or tag == "cell-content-change":
            self.notes.trait("tracked", self._here())
        elif tag == "table-column" and attributes.get("visibility") == "collapse":
            self.notes.trait("hidden-column", self._table)
        elif tag == "event-listener":
            self.notes.trait("macro", self._here())

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        self._table, self._row = attributes.get("name", ""), 0
        if attributes.get("style-name", "") in self._hidden_styles:
            self.notes.trait("hidden-sheet", self._table)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._row += 1
        self._cells = []
        if attributes.get("visibility") in ("collapse", "filter"):
            self.notes.trait("hidden-row", self._here())

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._pieces and not self._silent:
            self._pieces[-1].append(data)

    def end(self, tag: str) -> None:
        """See `Walker`."""
        if tag in ("p", "h") and self._pieces:
            text = "".join(self._pieces.pop())
            if self._cells is not None:
                self._cells.append(text)
            else:
                self._number += 1
                self.notes.part(self._here(), text)
        elif tag == "table-row" and self._cells is not None:
            cells, self._cells = self._cells, None
            self.notes.part(
                f"{self._table} row {self._row}" if not self.spot else self.spot, "\t".join(cells)
            )
        elif tag in ("creator", "date"):
            self._silent -= 1

    def _here(self) -> str:
        if self.spot:
            return self.spot
        return f"{self._table} row {self._row}" if self._cells is not None else f"paragraph {self._number}"


def read_ofd(package: Package, notes: Notes) -> None:
    """Read an OFD file's pages in order, and note its author, annotations and attached files."""
    odd_names(package.archive.infos, notes)
    if root := package.read("OFD.xml"):
        for _, name, _ in values(root, "Author", name="OFD.xml"):
            note_person(name, notes)
    pages = package.under(r"(?:.*/)?Pages/Page_\d+/Content\.xml")
    for number, part in enumerate(pages, 1):
        walker = Paragraphs(lambda text, n=number: notes.part(f"page {n}", text))  # type: ignore[misc]
        walk(package.read(part), walker, part)
        walker.flush()
    if not pages:
        raise Refusal("damaged", "Pages")
    if not notes.parts:
        notes.trait("no-text")
    for name in package.names:
        if re.search(r"(?:^|/)Attach(?:ments?|s)/(?!Attachments?\.xml)[^/]+\Z", name, re.IGNORECASE):
            notes.trait("embedded", name)
