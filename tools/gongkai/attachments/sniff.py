"""What a file really is, by its first bytes and its parts, whatever its name says."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import filetype  # type: ignore[import-untyped]

from gongkai.attachments.archive import BROKEN
from gongkai.attachments.plain import decoded

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"BM", "bmp"), (b"{\\rtf", "rtf"), (OLE, "ole"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"#!", "program"), (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"), (b"\xce\xfa\xed\xfe", "program"), (b"L\0\0\0\x01\x14\x02\0", "program"),
    (b"@echo off", "program"), (b"MSCF", "program"),
)  # fmt: skip
_MEDIA = frozenset(
    {"mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "flv", "mp3", "m4a", "wav", "ogg", "aac", "flac"}
)
_HTML = re.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|script|iframe|meta\s|link\s|style\b)", re.IGNORECASE
)
_SVG = re.compile(r"<\s*(?:\w+:)?svg\b|<!doctype\s+svg", re.IGNORECASE)


def sniff(raw: bytes) -> tuple[str, str]:
    """(kind, a word on it): the kinds of `SUFFIXES`, or empty, ole, program, html, svg, media, other, unknown."""
    if not raw:
        return "empty", ""
    if raw[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zipped(raw), ""
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp", ""
    for magic, kind in _MAGIC:
        if raw.startswith(magic):
            return kind, ""
    if b"%PDF-" in raw[:1024]:
        return "pdf", ""
    guess = filetype.guess(raw[:8192])
    if guess is not None:
        return ("media" if guess.extension in _MEDIA else "other"), guess.extension
    return _text(raw), ""


def _zipped(raw: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            names = {name.lstrip("/").lower() for name in archive.namelist()[:20_000]}
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mime = archive.read("mimetype").decode("ascii", "replace").strip()
                return _OPEN.get(mime.removeprefix("application/vnd.oasis.opendocument."), "zip")
    except BROKEN:
        return "zip"
    if "ofd.xml" in names:
        return "ofd"
    if "[content_types].xml" not in names:
        return "zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    tops = {name.partition("/")[0] for name in names}
    return next((kind for top, kind in _OFFICE.items() if top in tops), "zip")


_OPEN = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_OFFICE = {"word": "docx", "xl": "xlsx", "ppt": "pptx"}


def _text(raw: bytes) -> str:
    head = decoded(raw[:65_536], whole=False)
    if head is None or decoded(raw) is None:
        return "unknown"
    if _SVG.search(head[:4096]):
        return "svg"
    return "html" if _HTML.search(head[:1024]) else "text"


def two_kinds(raw: bytes, kind: str) -> str:
    """What else the file is, when it is two kinds at once (a PDF that is also a zip); empty as a rule."""
    zipped = kind in ("docx", "xlsx", "pptx", "xlsb", "odt", "ods", "odp", "ofd", "zip")
    if zipped:
        return "pdf" if b"%PDF-" in raw[:1024] and kind == "zip" and raw.rstrip()[-5:] == b"%%EOF" else ""
    if (
        kind == "pdf"
        and not raw.startswith(b"%PDF-")
        and raw[:1024].partition(b"%PDF-")[0].strip(b"\xef\xbb\xbf\r\n\t \0")
    ):
        return "unknown"
    at = raw.rfind(b"PK\x05\x06", max(0, len(raw) - 65_557))
    if at < 0 or b"PK\x01\x02" not in raw[:at]:
        return ""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return "zip" if archive.namelist() else ""
    except BROKEN:
        return ""
