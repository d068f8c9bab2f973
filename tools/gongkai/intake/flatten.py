"""A Word document's XML made plain before it is converted: what would be lost is unwrapped or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from gongkai.intake.ooxml import W

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_UNWRAPPED = frozenset({f"{W}fldSimple", f"{W}dir", f"{W}bdo"})
_DELETED = {
    f"{W}del": "deletions",
    f"{W}moveFrom": "deletions",
    f"{W}ins": "insertions",
    f"{W}moveTo": "insertions",
}
_PROPERTIES = frozenset(f"{W}{name}" for name in ("pPr", "rPr", "trPr", "tcPr", "tblPr", "sectPr", "sdtPr"))
_FOREIGN = {f"{W}object": "objects", f"{W}control": "objects"}


def flatten(root: Element) -> Counter[str]:
    """Change the tree in place, and count by kind what was dropped or moved.

    Kinds: `deletions`, `insertions` (accepted), `hidden` (runs of hidden text, dropped), `textboxes` (moved
    behind their paragraph), `formulas` (kept as a line of text), `objects` (embedded files, dropped),
    `contents` (tables of contents, dropped).
    """
    counts: Counter[str] = Counter()
    root[:] = _children(root, counts)
    return counts


def _children(parent: Element, counts: Counter[str]) -> list[Element]:
    kept: list[Element] = []
    for child in parent:
        kept.extend(_flat(child, counts))
    return kept


def _flat(element: Element, counts: Counter[str]) -> Iterable[Element]:
    tag = element.tag
    if tag in _PROPERTIES:  # the converter needs them whole: a deleted row is marked in its properties
        counts["deletions"] += tag == f"{W}trPr" and element.find(f"{W}del") is not None
        return (element,)
    if tag == f"{W}sdt" and _is_contents(element):
        counts["contents"] += 1
        return ()
    if tag == f"{MC}AlternateContent":
        return _alternative(element, counts)
    if tag in _DELETED:
        counts[_DELETED[tag]] += 1
        if _DELETED[tag] == "deletions":
            return ()
    if tag in _FOREIGN:
        counts[_FOREIGN[tag]] += 1
    if tag == f"{W}r" and _is_hidden(element):
        counts["hidden"] += bool("".join(element.itertext()).strip())
        return ()
    if tag in (f"{M}oMath", f"{M}oMathPara"):
        counts["formulas"] += 1
        return (_run("".join(t.text or "" for t in element.iter(f"{M}t"))),)
    if tag == f"{W}ruby":
        base = element.find(f"{W}rubyBase")
        return _children(base, counts) if base is not None else ()
    if tag == f"{W}drawing":
        return _drawing(element, counts)
    element[:] = _children(element, counts)
    if tag == f"{W}cr":
        element.tag = f"{W}br"
    if tag == f"{V}textbox":
        counts["textboxes"] += 1
    return list(element) if tag in _UNWRAPPED else (element,)


def _alternative(element: Element, counts: Counter[str]) -> list[Element]:
    """The fallback, which the converter reads; the first choice where there is none."""
    fallback = element.find(f"{MC}Fallback")
    if fallback is not None and len(fallback):
        return _children(fallback, counts)
    choice = element.find(f"{MC}Choice")
    return [] if choice is None else _children(choice, counts)


def _drawing(element: Element, counts: Counter[str]) -> list[Element]:
    """A drawing with its pictures; the text boxes in it become the older form that the converter reads."""
    boxes = list(element.iter(f"{W}txbxContent"))
    if not boxes:
        return [element]
    made: list[Element] = []
    for box in boxes:
        counts["textboxes"] += 1
        pict, shape, text = Element(f"{W}pict"), Element(f"{V}shape"), Element(f"{V}textbox")
        box[:] = _children(box, counts)
        text.append(box)
        shape.append(text)
        pict.append(shape)
        made.append(pict)
    return made


def _is_contents(element: Element) -> bool:
    """Whether a block is Word's table of contents, whose page numbers mean nothing on the portal."""
    found = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return found is not None and found.get(f"{W}val") == "Table of Contents"


def _is_hidden(run: Element) -> bool:
    found = run.find(f"{W}rPr/{W}vanish")
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "off")


def _run(text: str) -> Element:
    run, words = Element(f"{W}r"), Element(f"{W}t", {SPACE: "preserve"})
    words.text = text
    run.append(words)
    return run


def put_before(paragraph: Element, text: str) -> None:
    """Put text before everything in a paragraph, behind its properties."""
    first = 1 if len(paragraph) and paragraph[0].tag == f"{W}pPr" else 0
    paragraph.insert(first, _run(text))
