"""A PDF file: its text page by page, scripts, attached files, hidden layers, comments, and who made it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

from gongkai.attachments.office import note_person
from gongkai.attachments.pdf_text import read_pages
from gongkai.attachments.reading import Notes, Refusal

MAX_PAGES = 3_000
MAX_OBJECTS = 400_000
MAX_STREAM = 100_000_000
_ALL_STREAMS = 250_000_000
_RUNS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "script",
    "/ImportData": "script",
    "/GoToE": "launch",
}
_LEADS = (
    "/A",
    "/AA",
    "/OpenAction",
    "/PA",
    "/Next",
    "/Annots",
    "/Fields",
    "/Kids",
    "/AcroForm",
    "/Names",
    "/JavaScript",
)
MAX_NESTED = 12
_ANNOTATED = frozenset(
    {
        "/Text",
        "/FreeText",
        "/Highlight",
        "/Underline",
        "/StrikeOut",
        "/Squiggly",
        "/Ink",
        "/Caret",
        "/Stamp",
        "/Line",
        "/Square",
        "/Circle",
        "/Polygon",
        "/Redact",
    }
)
_SILENT = frozenset({"/FreeText", "/Stamp", "/Line", "/Square", "/Circle", "/Polygon", "/Ink"})
"""Marks that belong to the page unless somebody wrote words into them."""


def read_pdf(raw: bytes, notes: Notes) -> None:
    """Read a PDF. Refusal when it is damaged, locked, or too large to be looked through."""
    if b"%%EOF" not in raw[-2048:]:
        raise Refusal("damaged", "", "%%EOF")
    try:
        with pikepdf.open(BytesIO(raw), suppress_warnings=True) as pdf:
            _read(pdf, raw, notes)
    except pikepdf.PasswordError as error:
        raise Refusal("encrypted") from error
    except pikepdf.PdfError as error:
        raise Refusal("damaged", "", re.sub(r"<.*?>", "", str(error))[:80]) from error


def _read(pdf: pikepdf.Pdf, raw: bytes, notes: Notes) -> None:
    _vet(pdf)
    root = pdf.Root
    for thing in _dictionaries(pdf):
        _note_actions(thing, notes)
    names = _get(root, "/Names")
    if _get(names, "/JavaScript") is not None:
        notes.trait("script")
    for name in _attached(pdf):
        notes.trait("embedded", name)
    _note_layers(root, notes)
    form = _get(root, "/AcroForm")
    if _get(form, "/XFA") is not None:
        notes.trait("script", "XFA")
    for number, page in enumerate(pdf.pages, 1):
        _note_annotations(page, number, notes)
    _note_people(pdf, notes)
    read_pages(raw, notes)


def _vet(pdf: pikepdf.Pdf) -> None:
    if len(pdf.objects) > MAX_OBJECTS:
        raise Refusal("bomb-parts", "", str(len(pdf.objects)))
    if len(pdf.pages) > MAX_PAGES:
        raise Refusal("bomb-pages", "", str(len(pdf.pages)))
    left = _ALL_STREAMS
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") != "/Image":
            left -= _unpacked(thing)
            if left < 0:
                raise Refusal("bomb-size")


def _unpacked(stream: pikepdf.Stream) -> int:
    """The bytes that a deflated stream unpacks to; Refusal when it goes on beyond every measure."""
    kinds = stream.get("/Filter")
    rows = (
        [str(k) for k in kinds]
        if isinstance(kinds, pikepdf.Array)
        else [str(kinds)]
        if kinds is not None
        else []
    )
    if not rows or any(kind not in ("/FlateDecode", "/Fl") for kind in rows):
        return 0
    data, total = stream.read_raw_bytes(), 0
    for again in range(len(rows)):
        total, data = _inflated(data, keep=again + 1 < len(rows))
    return total


def _inflated(data: bytes, *, keep: bool) -> tuple[int, bytes]:
    engine, total, kept = zlib.decompressobj(), 0, bytearray()
    try:
        while data:
            piece = engine.decompress(data, 1_000_000)
            total += len(piece)
            kept += piece if keep else b""
            if total > MAX_STREAM:
                raise Refusal("bomb-size")
            data = engine.unconsumed_tail
            if not piece and not data:
                break
    except zlib.error:
        pass  # a broken stream is the renderer's business, not a bomb
    return total, bytes(kept)


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            yield thing


def _get(thing: Any, key: str) -> Any:
    try:
        return thing.get(key) if thing is not None else None
    except (AttributeError, TypeError, ValueError):
        return None


def _note_actions(thing: Any, notes: Notes, depth: int = 0) -> None:
    """Actions in this dictionary and in those that stand within it without a number of their own."""
    if isinstance(thing, pikepdf.Array):
        for row in list(thing)[:2000]:
            if isinstance(row, pikepdf.Dictionary | pikepdf.Array) and not row.is_indirect:
                _note_actions(row, notes, depth + 1)
    elif isinstance(thing, pikepdf.Dictionary) and depth < MAX_NESTED:
        _note_action(thing, notes)
        for key in _LEADS:
            inner = _get(thing, key)
            rows = list(inner.values()) if key == "/AA" and isinstance(inner, pikepdf.Dictionary) else [inner]
            for row in rows:
                if isinstance(row, pikepdf.Dictionary | pikepdf.Array) and not row.is_indirect:
                    _note_actions(row, notes, depth + 1)


def _note_action(thing: Any, notes: Notes) -> None:
    if not isinstance(thing, pikepdf.Dictionary):
        return
    kind = _get(thing, "/S")
    code = _RUNS.get(str(kind)) if isinstance(kind, pikepdf.Name) else None
    if code or _get(thing, "/JS") is not None:
        notes.trait(code or "script")


def _attached(pdf: pikepdf.Pdf) -> list[str]:
    try:
        return list(pdf.attachments)[:50]
    except (pikepdf.PdfError, ValueError, TypeError):
        return []


def _note_layers(root: Any, notes: Notes) -> None:
    groups = _get(root, "/OCProperties")
    view = _get(groups, "/D")
    off = _get(view, "/OFF")
    everything = _get(groups, "/OCGs") if str(_get(view, "/BaseState")) == "/OFF" else None
    hidden = off if isinstance(off, pikepdf.Array) and len(off) else everything
    for group in list(hidden)[:20] if isinstance(hidden, pikepdf.Array) else ():
        notes.trait("layer", str(_get(group, "/Name") or "")[:40])


def _note_annotations(page: Any, number: int, notes: Notes) -> None:
    rows = _get(page.obj, "/Annots")
    for row in list(rows)[:5000] if isinstance(rows, pikepdf.Array) else ():
        kind, words = str(_get(row, "/Subtype")), str(_get(row, "/Contents") or "")
        if kind in ("/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D"):
            notes.trait("embedded", f"page {number}")
        elif kind in _ANNOTATED and (words or kind not in _SILENT):
            notes.trait("comment", f"page {number}")
            notes.part(f"page {number} comment", words)
            note_person(str(_get(row, "/T") or ""), notes)
        elif kind == "/Widget":
            value = _get(row, "/V")
            notes.part(f"page {number} field", str(value) if isinstance(value, pikepdf.String) else "")


def _note_people(pdf: pikepdf.Pdf, notes: Notes) -> None:
    names = {str(_get(pdf.docinfo, "/Author") or "")}
    data = _get(pdf.Root, "/Metadata")
    if isinstance(data, pikepdf.Stream):
        found = re.search(rb"<dc:creator>(.{0,2000}?)</dc:creator>", data.read_bytes()[:500_000], re.DOTALL)
        if found:
            names |= {
                row.decode("utf-8", "replace") for row in re.findall(rb"<rdf:li[^>]*>([^<]*)<", found[1])
            }
    for name in sorted(names):
        note_person(name, notes)
