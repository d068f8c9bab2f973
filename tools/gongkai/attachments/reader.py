"""Read one file: find out what it is, and let the reader of its kind take it apart. Runs in the sandbox only."""

from __future__ import annotations

from gongkai.attachments.archive import Archive, odd_names
from gongkai.attachments.kinds import MAX_FILE, suffix
from gongkai.attachments.reading import Notes, Part, Reading, Refusal, failed
from gongkai.attachments.sniff import OLE, sniff, two_kinds

MAX_DEPTH = 1
"""A file within a file is read; what is in that is only named."""
MAX_INNER = 300
_REFUSED = {
    "empty": "empty-file", "html": "active", "svg": "active", "program": "program", "other": "unsupported",
    "unknown": "unsupported", "rtf": "unsupported", "xlsb": "unsupported", "media": "media",
}  # fmt: skip
_PICTURES = ("jpeg", "png", "gif", "webp", "tiff", "bmp")


def read(raw: bytes, name: str) -> Reading:
    """Read a file's bytes; `name` only says how text is to be taken. Whatever is wrong with the file is in the reading."""
    if len(raw) > MAX_FILE:
        return failed("size", what=str(len(raw) // 1_000_000))
    return _read(raw, name, Notes())


def _read(raw: bytes, name: str, notes: Notes) -> Reading:
    kind, word = sniff(raw)
    fault = ""
    try:
        other = two_kinds(raw, kind)
        if other:
            notes.trait("polyglot", "", other)
        kind = _read_kind(raw, kind, word, name, notes)
        if not notes.parts and kind in ("docx", "xlsx", "pptx", "odt", "ods", "odp", "text"):
            notes.trait("no-words")
    except Refusal as refusal:
        fault = refusal.code
        notes.trait(fault, refusal.spot, refusal.what)
    except MemoryError:
        fault = "memory"
        notes.trait(fault)
    except RecursionError:
        fault = "bomb-depth"
        notes.trait(fault)
    return notes.reading(kind, fault)


def _read_kind(raw: bytes, kind: str, word: str, name: str, notes: Notes) -> str:
    """Readers are imported when they are needed: a plain .docx does not wait for the PDF library."""
    if kind in _REFUSED:
        raise Refusal(_REFUSED[kind], "", word)
    if kind == "ole":
        from gongkai.attachments.ole import read_ole

        return read_ole(raw, notes)
    if kind == "pdf":
        from gongkai.attachments.pdf import read_pdf

        read_pdf(raw, notes)
    elif kind in _PICTURES:
        from gongkai.attachments.pictures import read_picture

        read_picture(raw, kind, notes)
    elif kind == "text":
        from gongkai.attachments.plain import read_text

        read_text(raw, suffix(name), notes)
    else:
        _read_zipped(Archive(raw, notes.budget), kind, notes)
    return kind


def _read_zipped(archive: Archive, kind: str, notes: Notes) -> None:
    from gongkai.attachments.office import Package, note_common

    package = Package(archive)
    if kind == "zip":
        _read_zip(archive, notes)
        return
    if kind in ("odt", "ods", "odp", "ofd"):
        from gongkai.attachments.opendocument import read_ofd, read_open

        (read_ofd if kind == "ofd" else read_open)(package, notes)
        archive.verify()
        return
    note_common(package, notes)
    if kind == "docx":
        from gongkai.attachments.word import read_word

        read_word(package, notes, _read_inner)
    elif kind == "xlsx":
        from gongkai.attachments.sheet import read_sheets

        read_sheets(package, notes)
    else:
        from gongkai.attachments.slides import read_slides

        read_slides(package, notes)
    _read_embedded(package.under(r".*/embeddings/[^/]+"), archive, notes)
    archive.verify()


def _read_embedded(names: list[str], archive: Archive, notes: Notes) -> None:
    """Files within an office file: a chart's table, an object. Their text is read; programs among them are named."""
    for name in names[:MAX_INNER]:
        raw, short = archive.read(name), name.rpartition("/")[2]
        if raw.startswith(OLE) and "\x01Ole10Native".encode("utf-16-le") in raw:
            notes.trait("package", short)
            continue
        notes.trait("embedded", short)
        if raw.startswith(b"PK"):
            _read_inner(raw, short, notes)
        elif sniff(raw)[0] == "program":
            notes.trait("package", short)


def _read_zip(archive: Archive, notes: Notes) -> None:
    """List a zip file, and read what is in it, one level deep."""
    odd_names(archive.infos, notes)
    names = archive.names
    notes.parts.append(Part("names", "\n".join(names)[:100_000]))
    if not names:
        raise Refusal("empty-file")
    if len(names) > MAX_INNER:
        raise Refusal("bomb-parts", "", str(len(names)))
    for name in names:
        _read_inner(archive.read(name), name, notes)


def _read_inner(raw: bytes, name: str, notes: Notes) -> None:
    """A file within a file. What cannot be read of it is a trait of the whole."""
    if notes.depth >= MAX_DEPTH:
        notes.trait("unread-part", name)
        return
    reading = _read(raw, name, notes.inner(name))
    notes.take(reading)
    if reading.kind == "zip":
        notes.trait("nested-archive", name)
    elif "old" in {trait.code for trait in reading.traits}:
        notes.trait("unread-part", name)
    if reading.fault in ("memory", "bomb-text"):
        raise Refusal(reading.fault, name)
