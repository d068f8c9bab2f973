"""Opening a table by what its bytes are: XLSX, JSON Lines, or CSV in UTF-8 or GB18030."""

from __future__ import annotations

import codecs
from pathlib import Path

from gongkai.intake import csv_table, jsonl_table, xlsx_table
from gongkai.intake.table import Layout, Table
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg

MAX_BYTES = 500_000_000
ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")


def read_table(path: Path, layout: Layout) -> Table:
    """Read the whole table. GongkaiError when there is none, or when it is not of a kind we read."""
    raw = _bytes(path)
    if raw.startswith(b"PK\x03\x04"):
        return xlsx_table.read(path, layout)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise GongkaiError(
            msg("{path} is an old or password-protected Excel file", path=str(path)),
            msg("open it in Excel or WPS, save it as .xlsx or CSV without a password, and try again"),
        )
    text, said = _decoded(raw, path, layout.encoding)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or text.lstrip()[:1] == "{":
        table = jsonl_table.read(text)
    else:
        table = csv_table.read(text, layout)
    return Table(table.columns, table.rows, (*said, *table.said))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise GongkaiError(
                msg("{path} is larger than {limit} bytes", path=str(path), limit=MAX_BYTES),
                msg("split the table into several files and import them one after the other"),
            )
        raw = path.read_bytes()
    except OSError as error:
        raise GongkaiError(
            msg("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)),
            msg("check the name and the permissions of the file"),
        ) from error
    if not raw.strip():
        raise GongkaiError(msg("{path} is empty", path=str(path)), msg("check that this is the right file"))
    return raw


def _decoded(raw: bytes, path: Path, named: str) -> tuple[str, tuple[Message, ...]]:
    """The text, and a word on its encoding. UTF-8 first: no other text passes for it by accident."""
    guesses = [named] if named else ["utf-8-sig", "gb18030"]
    if not named and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        guesses = ["utf-16"]
    for encoding in guesses:
        try:
            text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            name = "utf-8" if encoding == "utf-8-sig" else encoding
            return text, (msg("the file was read as {encoding}", encoding=name.upper()),)
    raise GongkaiError(
        msg("{path} is not a text that can be read", path=str(path)),
        msg("save it as CSV in UTF-8, or as .xlsx, and try again"),
    )
