"""Clean .docx, .xlsx and .pptx: what all of them share; the rest is in clean_word and clean_sheet."""

from __future__ import annotations

import re

from gongkai.intake.clean_package import Element, Parts, attribute, drop_all, local
from gongkai.intake.clean_picture import clean_picture
from gongkai.intake.clean_sheet import clean_book
from gongkai.intake.clean_word import clean_document

_DROPPED = re.compile(
    r"(?:.*/)?(?:vbaProject\.bin|vbaData\.xml|activeX/.*|comments\w*\.xml|threadedComments/.*|persons/.*|people\.xml|"
    r"commentAuthors\.xml|authors\.xml|comments/.*|pivotCache/.*|pivotTables/.*|externalLinks/.*|connections\.xml|"
    r"queryTables/.*|xl/model/.*|slicers/.*|slicerCaches/.*|macrosheets/.*|dialogsheets/.*|calcChain\.xml|"
    r"notesSlides/.*|tags/.*)",
    re.IGNORECASE,
)
_PROPERTIES = ("docProps/app.xml", "docProps/custom.xml")
_KEPT_OUTSIDE = frozenset({"hyperlink"})


def clean_office(raw: bytes, kind: str) -> bytes:
    """The file without macros, comments, changes, hidden parts, pivot caches, links that fetch, and names in its properties."""
    parts = Parts(raw)
    if kind == "docx":
        clean_document(parts)
    elif kind == "xlsx":
        clean_book(parts)
    else:
        _clean_slides(parts)
    commented = {part for part in parts.data for _, how, _ in parts.relations(part) if how == "comments"}
    parts.cut(lambda part, how, target: _unwanted(how, target) or (how == "vmlDrawing" and part in commented))
    parts.change(r"xl/workbook\.xml", _drop_empty)
    parts.change(r"docProps/core\.xml", _unname)
    for name in parts.under(r".*/media/[^/]+\.(?:jpe?g|png|webp)"):
        parts.data[name] = _picture(name, parts.data[name])
    return parts.save()


def _unwanted(how: str, target: str) -> bool:
    if target.startswith("!"):
        return how not in _KEPT_OUTSIDE
    return target in _PROPERTIES or _DROPPED.fullmatch(target) is not None


def _unname(root: Element) -> None:
    for element in root:
        if local(element) in ("creator", "lastModifiedBy"):
            element.text = ""


def _drop_empty(root: Element) -> None:
    """Lists of links that have no entries left are not valid."""
    drop_all(e for e in root if local(e) in ("externalReferences", "pivotCaches") and not len(e))


def _picture(name: str, raw: bytes) -> bytes:
    kind = {"png": "png", "webp": "webp"}.get(name.rpartition(".")[2].lower(), "jpeg")
    try:
        return clean_picture(raw, kind)
    except ValueError:
        return raw  # not the kind its name says; reading the copy again will tell


def _clean_slides(parts: Parts) -> None:
    """Take hidden slides out."""
    hidden: set[str] = set()
    for name in parts.under(r"ppt/slides/slide\d+\.xml"):
        root = parts.root(name)
        if root is not None and attribute(root, "show") in ("0", "false"):
            hidden.add(name)
    parts.cut(lambda part, how, target: target in hidden)
