"""A .docx file: its text by paragraphs and table rows, with what an author's eye misses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gongkai.attachments.markup import Walker, walk
from gongkai.attachments.office import Package, note_person, read_drawn
from gongkai.attachments.plain import html_words
from gongkai.attachments.reading import Notes, Refusal

Attributes = Mapping[str, str]
Inner = Callable[[bytes, str, Notes], None]
_FIELD = re.compile(
    r"\s*(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b(.*)", re.IGNORECASE | re.DOTALL
)
_OFF = ("0", "false", "none", "off")
_STORIES = (
    ("header", r"word/header\d*\.xml"), ("footer", r"word/footer\d*\.xml"), ("footnote", r"word/footnotes\.xml"),
    ("endnote", r"word/endnotes\.xml"), ("comment", r"word/comments\.xml"), ("glossary", r"word/glossary/document\.xml"),
)  # fmt: skip


def read_word(package: Package, notes: Notes, inner: Inner) -> None:
    """Read the document, then headers, footers, notes, comments, charts; then what stands in chunks of other formats."""
    main = _main(package)
    story = _Story(notes, "")
    walk(package.read(main), story, main)
    for spot, pattern in _STORIES:
        for name in package.under(pattern):
            walk(package.read(name), _Story(notes, spot), name)
    read_drawn(package, r"word/(?:charts/chart|diagrams/data)\d*\.xml", "drawing", notes)
    relations = package.relations(main)
    for key in story.chunks:
        relation = relations.get(key)
        if relation is not None and not relation.external:
            _read_chunk(
                package.archive.read(relation.target), relation.target.rpartition("/")[2], notes, inner
            )


def _main(package: Package) -> str:
    for relation in package.relations("").values():
        if relation.kind == "officeDocument" and relation.target in package.names:
            return relation.target
    if not package.archive.has("word/document.xml"):
        raise Refusal("damaged", "word/document.xml")
    return "word/document.xml"


def _read_chunk(raw: bytes, name: str, notes: Notes, inner: Inner) -> None:
    """A part that Word will fold into the text when the file is opened: the body may stand there whole."""
    low = name.lower()
    if raw.startswith(b"PK"):
        inner(raw, name, notes)
    elif low.endswith((".htm", ".html", ".xhtml", ".mht", ".mhtml", ".txt")):
        for number, words in enumerate(html_words(raw), 1):
            notes.part(f"{name} paragraph {number}", words)
    else:
        notes.trait("unread-part", name)


class _Story(Walker):
    """One run of text. `spot` names it; empty for the document itself."""

    def __init__(self, notes: Notes, spot: str) -> None:
        self.notes, self.spot = notes, spot
        self.chunks: list[str] = []
        self._paragraphs: list[list[str]] = []
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []
        self._counts = {"paragraph": 0, "table": 0, "row": 0}
        self._taking: str = ""
        self._field: list[str] = []
        self._gone: list[str] = []
        self._skip = self._run = self._format = self._shaded = 0
        self._hidden = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        """See `Walker`."""
        if tag == "Fallback":
            self._skip += 1
        if self._skip:
            return
        begin = getattr(self, f"_start_{tag.lower()}", None)
        if begin is not None:
            begin(attributes)

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._taking == "field":
            self._field.append(data)
        elif self._taking == "gone":
            self._gone.append(data)
        elif self._taking and self._paragraphs:
            self._paragraphs[-1].append(data)
            if self._hidden and data.strip():
                self.notes.trait(self._hidden, self._here())

    def end(self, tag: str) -> None:
        """See `Walker`."""
        if tag == "Fallback":
            self._skip -= 1
        elif not self._skip:
            finish = getattr(self, f"_end_{tag.lower()}", None)
            if finish is not None:
                finish()

    def _here(self) -> str:
        if self.spot:
            return self.spot
        if self._rows:
            return f"table {self._counts['table']} row {self._counts['row']}"
        return f"paragraph {self._counts['paragraph']}"

    def _add(self, text: str) -> None:
        if self._run and not self._format and self._paragraphs:
            self._paragraphs[-1].append(text)

    def _start_p(self, _: Attributes) -> None:
        self._paragraphs.append([])
        self._shaded = 0
        if not self._rows:
            self._counts["paragraph"] += 1

    def _end_p(self) -> None:
        if not self._paragraphs:
            return
        text = "".join(self._paragraphs.pop())
        if self._gone:
            self.notes.part(f"{self._here()} deleted", "".join(self._gone))
            self._gone.clear()
        if self._cells:
            self._cells[-1].append(text)
        else:
            self.notes.part(self._here(), text)

    def _start_tbl(self, _: Attributes) -> None:
        self._counts["table"] += 1
        self._counts["row"] = 0

    def _start_tr(self, _: Attributes) -> None:
        self._rows.append([])
        self._counts["row"] += 1

    def _end_tr(self) -> None:
        if self._rows:
            spot = self._here()
            self.notes.part(spot, "\t".join(self._rows.pop()))

    def _start_tc(self, _: Attributes) -> None:
        self._cells.append([])

    def _end_tc(self) -> None:
        if self._cells:
            cell = " ".join(filter(None, self._cells.pop()))
            if self._rows:
                self._rows[-1].append(cell)

    def _start_r(self, _: Attributes) -> None:
        self._run += 1
        self._hidden = ""

    def _end_r(self) -> None:
        self._run -= 1
        self._hidden = ""

    def _start_rpr(self, _: Attributes) -> None:
        self._format += 1

    def _end_rpr(self) -> None:
        self._format -= 1

    def _start_vanish(self, attributes: Attributes) -> None:
        if self._run and self._format and attributes.get("val", "1") not in _OFF:
            self._hidden = "hidden-text"

    def _start_shd(self, _: Attributes) -> None:
        self._shaded += 1
        if self._hidden == "white-text":
            self._hidden = ""

    def _start_color(self, attributes: Attributes) -> None:
        """White on white; in tables and boxes white letters stand on dark ground as a rule."""
        alone = not self._rows and not self._shaded and len(self._paragraphs) == 1
        if self._run and self._format and alone and attributes.get("val", "").upper() == "FFFFFF":
            self._hidden = self._hidden or "white-text"

    def _start_t(self, _: Attributes) -> None:
        self._taking = "text"

    def _end_t(self) -> None:
        self._taking = ""

    def _start_deltext(self, _: Attributes) -> None:
        self._taking = "gone"

    def _end_deltext(self) -> None:
        self._taking = ""

    def _start_tab(self, _: Attributes) -> None:
        self._add("\t")

    def _start_br(self, _: Attributes) -> None:
        self._add("\n")

    def _start_cr(self, _: Attributes) -> None:
        self._add("\n")

    def _start_nobreakhyphen(self, _: Attributes) -> None:
        self._add("-")

    def _start_instrtext(self, _: Attributes) -> None:
        self._taking = "field"

    def _end_instrtext(self) -> None:
        self._taking = ""

    def _start_fldchar(self, attributes: Attributes) -> None:
        if attributes.get("fldCharType") != "begin":
            self._note_field("".join(self._field))
        self._field.clear()

    def _start_fldsimple(self, attributes: Attributes) -> None:
        self._note_field(attributes.get("instr", ""))

    def _note_field(self, code: str) -> None:
        found = _FIELD.match(code)
        if found and found[1].upper() in ("DDE", "DDEAUTO"):
            self.notes.trait("dde", self._here())
        elif found and ("://" in found[2] or "\\\\" in found[2]):
            self.notes.trait("outside", self._here())

    def _tracked(self, attributes: Attributes) -> None:
        self.notes.trait("tracked", self._here())
        note_person(attributes.get("author", ""), self.notes)

    _start_ins = _start_del = _start_movefrom = _start_moveto = _tracked
    _start_cellins = _start_celldel = _start_rprchange = _start_pprchange = _tracked

    def _start_comment(self, attributes: Attributes) -> None:
        self.notes.trait("comment", "")
        note_person(attributes.get("author", ""), self.notes)

    def _start_altchunk(self, attributes: Attributes) -> None:
        self.chunks.append(attributes.get("id", ""))
