"""`gongkai mask`: a copy of a file in which the numbers of persons are starred out, everything else as it was.

Text, Markdown, CSV, TSV; DOCX and XLSX part by part, bytes that need no mask are carried over untouched. The shapes are
those of official lists: 138****1234, 350102********1234; with `names` also 张*.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gongkai.checks.personal_find import NUMBERS, find
from gongkai.checks.personal_kinds import Kind, masked, masked_name
from gongkai.checks.personal_names import is_name
from gongkai.checks.personal_people import NAME_HEADS
from gongkai.checks.personal_text import Reading
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg

PLAIN = frozenset({".txt", ".md", ".csv", ".tsv"})
MAX_TEXT = 50_000_000


@dataclass(frozen=True, slots=True)
class Mask:
    """Characters `start` to `end` of a text are to become `new`; `kind` says why."""

    start: int
    end: int
    new: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Masked:
    """What was masked: where, and how it reads now; `kind` is None for a name masked on request."""

    where: str
    kind: Kind | None
    shown: str


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy's bytes, what was masked in it, and what could not be looked at or kept."""

    data: bytes
    rows: tuple[Masked, ...]
    left: tuple[Message, ...] = ()


def masks(text: str, *, names: bool) -> list[Mask]:
    """What is to be masked in a text, in order: numbers and house numbers; full names of lists when `names`.

    A mask has as many characters as what it hides.
    """
    found = [
        Mask(s.start, s.end, masked(text[s.start : s.end], s.kind), s.kind)
        for s in find(text)
        if _wanted(s.kind, names)
    ]
    if names:
        found += _names(text)
    kept: list[Mask] = []
    for mask in sorted(found, key=lambda m: (m.start, -m.end)):
        if not kept or mask.start >= kept[-1].end:
            kept.append(mask)
    return kept


def _wanted(kind: Kind, names: bool) -> bool:
    return kind in NUMBERS or kind is Kind.HOME or names


def _names(text: str) -> Iterator[Mask]:
    for table in Reading(text).tables:
        column = table.column(NAME_HEADS)
        for row in table.rows:
            cell = table.cell(row, column)
            if cell is not None and is_name(cell.words):
                start = text.index(cell.words, cell.start)
                yield Mask(start, start + len(cell.words), masked_name(cell.words), None)


def mask_plain(path: Path, *, names: bool) -> Copy:
    """The masked copy of a text file, in the encoding it has (UTF-8, or GB 18030 as old programs write it)."""
    raw = _read(path)
    encoding = _encoding(raw)
    text = raw.decode(encoding)
    suffix = path.suffix.lower()
    view = _as_rows(text, suffix) if suffix in (".csv", ".tsv") else text
    found = masks(view, names=names)
    rows = tuple(Masked(f"{path.name}:{text.count(chr(10), 0, m.start) + 1}", m.kind, m.new) for m in found)
    return Copy(replaced(text, found, escape=suffix == ".md").encode(encoding), rows)


def replaced(text: str, found: list[Mask], *, escape: bool = False) -> str:
    """The text with its masks; `escape`: as Markdown, where stars must not become bold type."""
    parts, at = [], 0
    for mask in found:
        parts += [text[at : mask.start], mask.new.replace("*", "\\*") if escape else mask.new]
        at = mask.end
    return "".join([*parts, text[at:]])


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_TEXT:
        raise GongkaiError(
            msg("{path} is larger than {limit} MB", path=str(path), limit=MAX_TEXT // 1_000_000),
            msg("split the file"),
        )
    return path.read_bytes()


def _encoding(raw: bytes) -> str:
    for name in ("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8", "gb18030"):
        try:
            raw.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    raise GongkaiError(
        msg("the file is neither UTF-8 nor GBK text"),
        msg("open it in the program that made it and save it as UTF-8"),
    )


def _as_rows(text: str, suffix: str) -> str:
    """The CSV as lines of cells with tabs between, character for character, so that places stay where they are."""
    between = "\t" if suffix == ".tsv" else _delimiter(text)
    quoted, out = False, []
    for sign in text:
        if sign == '"':
            quoted = not quoted
            out.append(" ")
        elif quoted:
            out.append(" " if sign in "\r\n\t" else sign)
        else:
            out.append("\t" if sign == between else " " if sign == "\r" else sign)
    return "".join(out)


def _delimiter(text: str) -> str:
    try:
        return csv.Sniffer().sniff(text[:4096].partition("\n")[0], ",;\t|").delimiter
    except csv.Error:
        return ","
