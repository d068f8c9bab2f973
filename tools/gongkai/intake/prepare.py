"""Before a Word file is converted: numbers become text, outline levels headings, chunks get a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement

from gongkai.intake.flatten import flatten, put_before
from gongkai.intake.numbering import Label, Numbering
from gongkai.intake.ooxml import Package, R, W
from gongkai.intake.styles import Styles, is_centred, number_of, outline_of, properties, style_of

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Around a mark at the start of a paragraph. Noncharacters: allowed in XML, and never part of a text."""
_MARKS = str.maketrans("", "", OPEN + CLOSE)
LISTED = "list:"
CHUNK = "chunk:"
_CLOSED_BY = "、，。）)】〕：．.；"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the document's own text, outside of tables, for finding title, number and date.

    `bare`: it holds nothing but text, so that a title taken from it loses no picture or footnote.
    """

    text: str
    index: int
    level: int | None = None
    centred: bool = False
    titled: bool = False
    numbered: bool = False
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """The document ready for conversion, its lines, the names of its chunks, and what was counted."""

    file: BytesIO
    lines: tuple[Line, ...]
    chunks: tuple[str, ...]
    counts: Counter[str]


def prepare(package: Package, without: frozenset[int] = frozenset()) -> Prepared:
    """Make the package ready; paragraphs whose index is in `without` are left out (they became the title)."""
    root = package.xml(package.main)
    body = root.find(f"{W}body") if root is not None else None
    if root is None or body is None:
        raise package.damaged(package.main)
    work = _Work(package)
    work.counts = flatten(root)
    changed = {package.main: root}
    for name in (*package.related("footnotes"), *package.related("endnotes")):
        notes = package.xml(name)
        if notes is not None:
            work.counts += flatten(notes)
            changed[name] = notes
    work.walk(root)
    lines = work.lines(body)
    for index in without:
        _, parent, element = lines[index]
        parent.remove(element)
    work.chunks_in(root)
    return Prepared(
        package.repacked(changed), tuple(line for line, *_ in lines), tuple(work.chunks), work.counts
    )


class _Work:
    """One document's numbering and styles, and what is found on the way."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.styles = Styles(_first(package, "styles"))
        self.numbering = Numbering(_first(package, "numbering"))
        self.chunks: list[str] = []
        self.counts: Counter[str] = Counter()
        self.numbered: set[int] = set()

    def walk(self, root: Element) -> None:
        """Every paragraph in its order: marks away, number as text, heading as the converter knows it."""
        for text in root.iter(f"{W}t"):
            text.text = (text.text or "").translate(_MARKS)
        for paragraph in list(root.iter(f"{W}p")):
            self._number(paragraph)
            self._outline(paragraph)

    def _number(self, paragraph: Element) -> None:
        found = properties(paragraph)
        list_id, level = self._list_of(found)
        if list_id in ("", "0") or self.numbering.is_bullet(list_id, level):
            return
        label = self.numbering.next_label(list_id, level)
        if label is None:
            return
        if found is None:
            found = Element(f"{W}pPr")
            paragraph.insert(0, found)
        self.numbered.add(id(paragraph))
        _switch_off(found)
        put_before(paragraph, self._words(label, found))

    def _words(self, label: Label, found: Element) -> str:
        if label.plain and self._level(found) is None:
            return f"{OPEN}{LISTED}{label.value}{CLOSE}"
        return label.text if not label.text or label.text[-1] in _CLOSED_BY[:-3] else f"{label.text} "

    def _list_of(self, found: Element | None) -> tuple[str, int]:
        """The list and level of a paragraph: its own, or its style's."""
        own = number_of(found)
        style_id = style_of(found)
        named = self.numbering.level_of_style(style_id)
        inherited = self.styles.of(style_id).number
        list_id, level = own or inherited or named or ("", None)
        if level is None:
            level = named[1] if named is not None and own is None else 0
        return list_id, level

    def _level(self, found: Element | None) -> int | None:
        own = outline_of(found)
        level = own if own is not None else self.styles.of(style_of(found)).outline
        return None if level is None or level > 8 else level

    def _outline(self, paragraph: Element) -> None:
        found = properties(paragraph)
        level = self._level(found)
        if found is None or level is None or not _text(paragraph).strip():
            return
        style = found.find(f"{W}pStyle")
        if style is None:
            style = Element(f"{W}pStyle")
            found.insert(0, style)
        style.set(f"{W}val", f"Heading{min(6, level + 1)}")

    def lines(self, body: Element) -> list[tuple[Line, Element, Element]]:
        """The body's own paragraphs as lines, each with its parent and its element."""
        found: list[tuple[Line, Element, Element]] = []
        for parent, element in _paragraphs(body):
            about = properties(element)
            style = self.styles.of(style_of(about))
            own = is_centred(about)
            centred = style.centred if own is None else own
            line = Line(
                _text(element).strip(),
                len(found),
                self._level(about),
                centred,
                style.is_title,
                id(element) in self.numbered,
                not any(child.tag in _NOT_TEXT for child in element.iter()),
            )
            found.append((line, parent, element))
        return found

    def chunks_in(self, root: Element) -> None:
        """Each altChunk (a whole file put into the document) becomes a paragraph that keeps its place."""
        relations = self.package.relations(self.package.main)
        for parent in list(root.iter()):
            for child in [c for c in parent if c.tag == f"{W}altChunk"]:
                relation = relations.get(child.get(f"{R}id", ""))
                self.chunks.append(relation.target if relation else "")
                child.clear()
                child.tag = f"{W}p"
                put_before(child, f"{OPEN}{CHUNK}{len(self.chunks) - 1}{CLOSE}")


def _paragraphs(parent: Element) -> Iterator[tuple[Element, Element]]:
    """The paragraphs outside of tables, those inside of content controls included."""
    for child in parent:
        if child.tag == f"{W}p":
            yield parent, child
        elif child.tag == f"{W}sdt":
            content = child.find(f"{W}sdtContent")
            yield from _paragraphs(content) if content is not None else ()


def _first(package: Package, kind: str) -> Element | None:
    names = package.related(kind)
    return package.xml(names[0] if names else f"word/{kind}.xml")


def _switch_off(found: Element) -> None:
    """The number is text now: the paragraph must be no list item to the converter, not even by its style."""
    old = found.find(f"{W}numPr")
    if old is not None:
        found.remove(old)
    numbering = SubElement(found, f"{W}numPr")
    SubElement(numbering, f"{W}ilvl", {f"{W}val": "0"})
    SubElement(numbering, f"{W}numId", {f"{W}val": "0"})


_NOT_TEXT = frozenset(
    f"{W}{name}"
    for name in ("drawing", "pict", "object", "footnoteReference", "endnoteReference", "txbxContent")
)


def _text(paragraph: Element) -> str:
    """The paragraph's own text, without that of text boxes."""
    boxed = {id(e) for box in paragraph.iter(f"{W}txbxContent") for e in box.iter()}
    parts = []
    for element in paragraph.iter():
        if id(element) in boxed:
            continue
        if element.tag == f"{W}t":
            parts.append(element.text or "")
        elif element.tag in (f"{W}tab", f"{W}br"):
            parts.append(" ")
    return "".join(parts)
