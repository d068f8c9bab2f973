"""The text of a PDF's pages, as PDFium finds it; pages that are pictures only are named."""

from __future__ import annotations

from collections.abc import Iterable

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as raw_api  # type: ignore[import-untyped]

from gongkai.attachments.reading import Notes, Refusal


def read_pages(raw: bytes, notes: Notes) -> None:
    """Read every page; Refusal when PDFium cannot open the file."""
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        raise Refusal("damaged", "", str(error)[:80]) from error
    try:
        silent = [number for number in range(1, len(document) + 1) if not _read_page(document, number, notes)]
    finally:
        document.close()
    if silent:
        notes.trait("no-text", f"page {ranges(silent)}", count=len(silent))


def _read_page(document: pypdfium2.PdfDocument, number: int, notes: Notes) -> bool:
    """Keep the page's text; False when it shows a picture and has no text to read."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        notes.trait("unread-part", f"page {number}")
        return True
    text_page = page.get_textpage()
    text = text_page.get_text_range().replace("\r\n", "\n").replace("\x02", "").replace("\ufffe", "")
    text_page.close()
    notes.part(f"page {number}", text)
    words = bool(text.strip()) or not _has_picture(page)
    page.close()
    return words


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(
        True
        for _ in page.get_objects(filter=[raw_api.FPDF_PAGEOBJ_IMAGE, raw_api.FPDF_PAGEOBJ_PATH], max_depth=3)
    )


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in order, as people write them: 3, 5–8; only the first few."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and number == rows[-1][1] + 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in rows[:4]]
    return ", ".join(shown) + (" …" if len(rows) > 4 else "")
