"""Where in an attachment something stands, in the reader's language: `page 3` is 第3页."""

from __future__ import annotations

import re

from gongkai.model.lazily import lazily
from gongkai.model.message import N_, Hole, Message

_NUMBERED = {
    "page": N_("page {number}"), "paragraph": N_("paragraph {number}"), "table": N_("table {number}"),
    "row": N_("row {number}"), "line": N_("line {number}"), "slide": N_("slide {number}"),
    "notes": N_("speaker notes of slide {number}"),
}  # fmt: skip
_NAMED = {
    "header": N_("page header"), "footer": N_("page footer"), "footnote": N_("footnote"), "endnote": N_("endnote"),
    "comment": N_("comment"), "deleted": N_("deleted text"), "drawing": N_("drawing"), "field": N_("form field"),
    "glossary": N_("building blocks"), "pivot cache": N_("pivot table's hidden data"), "names": N_("names of files"),
    "external link": N_("data of another workbook"),
}  # fmt: skip
_WORD = lazily(
    rf"(?<![\w.])(?:(?P<kind>{'|'.join(_NUMBERED)}) (?P<number>\d[\d, –]*(?: …)?)|(?P<name>{'|'.join(_NAMED)}))(?![\w.!])"
)


def spoken(spot: str) -> Hole:
    """A spot ("a.docx › paragraph 3", "Sheet1!B7:D7") ready to be a hole of a sentence; names stay as they are."""
    pieces: dict[str, Hole] = {}
    at = 0
    for found in _WORD.finditer(spot):
        pieces[f"p{len(pieces)}"] = spot[at : found.start()]
        pieces[f"p{len(pieces)}"] = _word(found)
        at = found.end()
    if not pieces:
        return spot
    pieces[f"p{len(pieces)}"] = spot[at:]
    return Message("".join(f"{{{name}}}" for name in pieces), pieces)


def _word(found: re.Match[str]) -> Message:
    if found["kind"]:
        return Message(_NUMBERED[found["kind"]], {"number": found["number"]})
    return Message(_NAMED[found["name"]])
