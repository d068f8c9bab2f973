"""Clean a PDF: properties, scripts, attached files and remarks go; the pages stay as they are."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf

_RUNS = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie"})
_GOES = frozenset(
    {
        "/Text", "/Popup", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Caret", "/FileAttachment", "/RichMedia",
        "/Movie", "/Screen", "/3D", "/Redact",
    }
)  # fmt: skip
_WORDY = frozenset({"/FreeText", "/Stamp", "/Line", "/Square", "/Circle", "/Polygon", "/Ink"})
_KEYS = ("/Metadata", "/PieceInfo", "/AA", "/LastModified", "/AF")
_ROOT = ("/Metadata", "/AA", "/AF", "/PieceInfo", "/Collection")


def clean_pdf(raw: bytes, _kind: str) -> bytes:
    """The file saved anew without them; what nothing leads to any more is not written."""
    with pikepdf.open(BytesIO(raw)) as pdf:
        root = pdf.Root
        for key in _ROOT:
            _drop(root, key)
        _drop_action(root, "/OpenAction")
        names = root.get("/Names")
        for key in ("/JavaScript", "/EmbeddedFiles"):
            _drop(names, key)
        _drop(root.get("/AcroForm"), "/XFA")
        for thing in pdf.objects:
            _clean_object(thing)
        for page in pdf.pages:
            _clean_page(page.obj)
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        sink = BytesIO()
        pdf.save(sink, encryption=False, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
        return sink.getvalue()


def _clean_object(thing: Any) -> None:
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for key in _KEYS:
            _drop(thing, key)
        for key in ("/A", "/PA", "/Next"):
            _drop_action(thing, key)
        if isinstance(thing, pikepdf.Dictionary) and str(thing.get("/S")) in _RUNS:
            for key in list(thing.keys()):
                del thing[key]


def _drop(thing: Any, key: str) -> None:
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) and key in thing:
        del thing[key]


def _drop_action(thing: Any, key: str) -> None:
    action = thing.get(key)
    if isinstance(action, pikepdf.Dictionary) and (
        str(action.get("/S")) in _RUNS or "/JS" in action or "/S" not in action
    ):
        del thing[key]


def _clean_page(page: Any) -> None:
    rows = page.get("/Annots")
    if not isinstance(rows, pikepdf.Array):
        return
    kept = []
    for row in list(rows):
        kind = str(row.get("/Subtype")) if isinstance(row, pikepdf.Dictionary) else ""
        if kind in _GOES or not kind:
            continue
        _clean_object(row)
        if kind in _WORDY:
            for key in ("/Contents", "/T", "/RC", "/Subj", "/Popup"):
                _drop(row, key)
        kept.append(row)
    page["/Annots"] = pikepdf.Array(kept)
