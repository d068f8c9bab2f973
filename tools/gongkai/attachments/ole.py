"""Old office files (.doc, .xls, .ppt, .wps, .et, .dps): what can be known of them without a converter."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

import olefile  # type: ignore[import-untyped]

from gongkai.attachments.office import note_person
from gongkai.attachments.reading import Notes, Refusal

_BOUNDSHEET, _FILEPASS, _EOF = 0x85, 0x2F, 0x0A
_MAX_STREAM = 60_000_000


def read_ole(raw: bytes, notes: Notes) -> str:
    """The kind (doc, xls, ppt, other); traits are noted. Refusal when it is damaged or locked.

    The text is not read: that takes LibreOffice, outside this process; trait `old` asks for it.
    """
    try:
        with olefile.OleFileIO(BytesIO(raw)) as file:
            names = ["/".join(entry) for entry in file.listdir()]
            if any(name.rpartition("/")[2] in ("EncryptedPackage", "EncryptionInfo") for name in names):
                raise Refusal("encrypted")
            kind = _kind(names)
            _note_names(names, notes)
            _note_inside(file, kind, names, notes)
            _note_people(file, notes)
    except Refusal:
        raise
    except Exception as error:  # olefile raises whatever a broken file leads it to
        raise Refusal("damaged", "", str(error)[:80]) from error
    if kind == "other":
        notes.trait("unsupported", "", "ole")
    else:
        notes.trait("old")
    return kind


def _kind(names: list[str]) -> str:
    tops = {name.partition("/")[0].lower() for name in names}
    if "worddocument" in tops:
        return "doc"
    if tops & {"workbook", "book"}:
        return "xls"
    return "ppt" if "powerpoint document" in tops else "other"


def _note_names(names: list[str], notes: Notes) -> None:
    for name in names:
        low = name.lower()
        if low.endswith(("/vba/dir", "_vba_project")) or low.startswith(("macros/", "_vba_project_cur")):
            notes.trait("macro")
        if low.endswith("\x01ole10native"):
            notes.trait("package")
        elif low.endswith("\x01compobj") and "/" in low and low.startswith(("objectpool", "mbd")):
            notes.trait("embedded")
        if low == "encryptedsummary":
            raise Refusal("encrypted")


def _note_inside(file: olefile.OleFileIO, kind: str, names: list[str], notes: Notes) -> None:
    if kind == "doc":
        head = file.openstream("WordDocument").read(12)
        if len(head) == 12 and struct.unpack("<H", head[10:12])[0] & 0x0100:
            raise Refusal("encrypted")
    elif kind == "xls":
        stream = next(n for n in names if n.lower() in ("workbook", "book"))
        for code, data in _records(file.openstream(stream).read(_MAX_STREAM)):
            if code == _FILEPASS:
                raise Refusal("encrypted")
            if code == _BOUNDSHEET and len(data) >= 6:
                _note_sheet(data, notes)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a workbook's first part, which names the sheets."""
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from("<HH", data, at)
        if code == _EOF:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + size


def _note_sheet(data: bytes, notes: Notes) -> None:
    if data[4] & 3:
        notes.trait("hidden-sheet")
    if data[5] == 1:
        notes.trait("macro")


def _note_people(file: olefile.OleFileIO, notes: Notes) -> None:
    meta = file.get_metadata()
    page = f"cp{meta.codepage}" if meta.codepage and meta.codepage > 0 else "gb18030"
    for value in (meta.author, meta.last_saved_by, meta.manager):
        if isinstance(value, bytes) and value:
            try:
                note_person(value.decode("utf-8" if page == "cp65001" else page, "replace"), notes)
            except LookupError:
                note_person(value.decode("gb18030", "replace"), notes)
