"""DOCX and XLSX masked part by part: the package keeps every part, and of a part only characters that are hidden change."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from gongkai.attachments.archive import BROKEN
from gongkai.intake.mask import Copy, Mask, Masked, masks
from gongkai.intake.mask_sheet import Book
from gongkai.intake.mask_xml import Gathered, exchanged, tokens
from gongkai.intake.zips import damaged, refuse_bomb
from gongkai.model.message import Message, msg

MAX_UNPACKED = 200_000_000
_TEXTS = frozenset({"t", "delText", "instrText"})
_BESIDE = frozenset(
    {"f", *(f"{page}{end}" for page in ("odd", "even", "first") for end in ("Header", "Footer"))}
)
"""Of a sheet's part these are texts beside the cells."""
_UNSEEN = re.compile(r"(^|/)(embeddings|media|activeX|ink)/|\.bin$|^_xmlsignatures/[^_]", re.IGNORECASE)
_TAG_VALUE = re.compile(r"<[^<>]*>")


def mask_office(path: Path, *, names: bool) -> Copy:
    """The masked copy of a .docx or .xlsx. GongkaiError for what cannot be opened."""
    refuse_bomb(path, MAX_UNPACKED)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            parts = {info.filename: archive.read(info) for info in infos}
    except BROKEN as error:
        raise damaged(path, error) from error
    texts, left = _texts(parts)
    rows: list[Masked] = []
    hidden: dict[str, str] = {}
    book = Book(texts)
    if book.sheets:
        rows += book.mask(names=names, hidden=hidden)
    for name in texts:
        rows += _mask_part(texts, name, is_sheet=name in book.own, names=names, hidden=hidden)
    _mask_values(texts, hidden)
    left += [msg("{part} was not looked at", part=name) for name in parts if _UNSEEN.search(name)]
    return Copy(_packed(infos, parts, texts), tuple(rows), tuple(left))


def _texts(parts: dict[str, bytes]) -> tuple[dict[str, str], list[Message]]:
    texts, left = {}, []
    for name, data in parts.items():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            try:
                texts[name] = data.decode("utf-8")
            except UnicodeDecodeError:
                left.append(msg("{part} was not looked at", part=name))
    return texts, left


def _mask_part(
    texts: dict[str, str], name: str, *, is_sheet: bool, names: bool, hidden: dict[str, str]
) -> list[Masked]:
    source = texts[name]
    gathered = (
        _words(source) if name.startswith("word/") else _anything(source, _BESIDE if is_sheet else None)
    )
    found = masks(str(gathered), names=names)
    if not found:
        return []
    texts[name] = exchanged(source, edits(gathered, found, hidden))
    whole = str(gathered)
    return [Masked(f"{name} ¶{whole.count(chr(10), 0, m.start) + 1}", m.kind, m.new) for m in found]


def edits(gathered: Gathered, found: list[Mask], hidden: dict[str, str]) -> dict[tuple[int, int], str]:
    """The masks as places of the source; what they hide is noted, so that it is hidden in attributes as well."""
    done: dict[tuple[int, int], str] = {}
    for mask in found:
        old = "".join(gathered.text[mask.start : mask.end])
        if sum(c.isdigit() for c in old) > 7:
            hidden[old] = mask.new
        for offset, sign in enumerate(mask.new):
            span = gathered.spans[mask.start + offset]
            if span is not None and gathered.text[mask.start + offset] != sign:
                done[span] = sign
    return done


def _words(source: str) -> Gathered:
    """The text of a Word part: a line for each paragraph, for each row of a table one with tabs between the cells."""
    gathered, reading, cells = Gathered(source), False, 0
    for token in tokens(source):
        if not token.name:
            if reading:
                gathered.take(token.start, token.end)
        elif token.name in _TEXTS:
            reading = token.opens and not token.closes
        elif token.name == "tc":
            cells += token.opens - token.closes
            if token.closes:
                gathered.part("\t")
        elif token.closes and token.name in ("p", "tr"):
            gathered.part(" " if cells and token.name == "p" else "\n")
        elif token.closes and token.name in ("tab", "br"):
            gathered.part(" ")
    return gathered


def _anything(source: str, only: frozenset[str] | None) -> Gathered:
    """The text of any other part, a line for each piece; `only` within these elements."""
    gathered, name = Gathered(source), ""
    for token in tokens(source):
        if token.name:
            name = token.name if token.opens else ""
        elif (only is None or name in only) and source[token.start : token.end].strip():
            gathered.take(token.start, token.end)
            gathered.part("\n")
    return gathered


def _mask_values(texts: dict[str, str], hidden: dict[str, str]) -> None:
    """Hide in attributes (pivot caches, link targets) what was hidden in texts."""
    if not hidden:
        return
    known = re.compile("|".join(map(re.escape, sorted(hidden, key=len, reverse=True))))

    def starred(tag: re.Match[str]) -> str:
        return known.sub(lambda m: hidden[m[0]], tag[0])

    for name, source in texts.items():
        if known.search(source):
            texts[name] = _TAG_VALUE.sub(starred, source)


def _packed(infos: list[zipfile.ZipInfo], parts: dict[str, bytes], texts: dict[str, str]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in infos:
            text = texts.get(info.filename)
            archive.writestr(info, parts[info.filename] if text is None else text.encode("utf-8"))
    return sink.getvalue()
