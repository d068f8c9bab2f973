"""Plain text and CSV: decoded as Chinese offices write it; and the words of a web page that stands within a Word file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from email import message_from_bytes
from html.parser import HTMLParser

from gongkai.attachments.reading import Notes, Refusal

_DDE = re.compile(r"\A[=+\-@]\s*[A-Za-z.]+\s*\|")
"""A cell that Excel hands to another program when the file is opened."""
_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")


def decoded(raw: bytes, *, whole: bool = True) -> str | None:
    """The bytes as text: UTF-8, UTF-16 with its mark, or GB 18030; None when they are none of these."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw[: len(raw) // 2 * 2].decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(1 if whole else 4):
            try:
                text = raw[: len(raw) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if _CONTROL.search(text) else text
    return None


def read_text(raw: bytes, suffix: str, notes: Notes) -> None:
    """Text by paragraphs (`line 3`), CSV and TSV by rows with their cells joined by tabs."""
    text = decoded(raw)
    if text is None:
        raise Refusal("damaged")
    if suffix in ("csv", "tsv"):
        _read_rows(text, "\t" if suffix == "tsv" else ",", notes)
        return
    for number, paragraph in _paragraphs(text):
        notes.part(f"line {number}", paragraph)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    first, lines = 1, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            first = first if lines else number
            lines.append(line)
        elif lines:
            yield first, "\n".join(lines)
            lines = []
    if lines:
        yield first, "\n".join(lines)


def _read_rows(text: str, delimiter: str, notes: Notes) -> None:
    csv.field_size_limit(len(text) + 1)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        for cells in rows:
            notes.part(f"line {rows.line_num}", "\t".join(cells))
            for cell in cells:
                if cell[:1] in "=+-@" and _DDE.match(cell):
                    notes.trait("dde", f"line {rows.line_num}")
    except csv.Error as error:
        raise Refusal("damaged", f"line {rows.line_num}", str(error)[:80]) from error


class _Words(HTMLParser):
    """The visible words of a web page, a piece for each block."""

    BLOCKS = frozenset(
        {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "br", "td", "th", "title"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        if tag in ("td", "th"):
            self.rows[-1] += "\t" if self.rows[-1] else ""
        elif tag in self.BLOCKS:
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.rows[-1] += data


def html_words(raw: bytes) -> list[str]:
    """The words of a web page or of the web page in an .mht file, piece by piece."""
    if re.search(rb"(?im)^MIME-Version:", raw[:2000]):
        raw = _page_of(raw)
    parser = _Words()
    parser.feed(decoded(raw) or raw.decode("utf-8", "replace"))
    parser.close()
    return [row for row in parser.rows if row.strip()]


def _page_of(raw: bytes) -> bytes:
    for part in message_from_bytes(raw).walk():
        if part.get_content_type() in ("text/html", "text/plain"):
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                return body
    return b""
