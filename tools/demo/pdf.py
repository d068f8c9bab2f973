"""A tiny PDF writer: Chinese text and plain tables on A4, searchable, the same bytes every time.

The font is Adobe's built-in STSong-Light, named and not embedded, so a page of text stays small. Streams
are not compressed, since two versions of zlib give two results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 595, 842, 64
LINE = WIDTH - 2 * MARGIN
NEVER_FIRST = set("，。；：、！？）〕》”’％,.;:)]")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `kind` is "title", "heading", "text" or "row"; a row has several cells."""

    kind: str
    cells: tuple[str, ...]


SIZES = {"title": 18, "heading": 14, "text": 11, "row": 9}


def pdf(title: str, blocks: Iterable[Block]) -> bytes:
    """The document as bytes. `title` goes into its properties; no author, no date."""
    everything = (Block("title", (title,)), *blocks)
    pages = list(_pages(everything))
    used = sorted({char for block in everything for cell in block.cells for char in cell})
    return _file(_objects(title, pages, used))


def wrap(text: str, size: int, width: float) -> list[str]:
    """Break text into lines no wider than `width` points; closing punctuation never begins a line."""
    lines, line, used = [], "", 0.0
    for char in text:
        wide = size * (0.5 if char < "\x7f" else 1)
        if used + wide > width and char not in NEVER_FIRST:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + char, used + wide
    return [*lines, line] if line else lines or [""]


def _pages(blocks: Iterable[Block]) -> Iterator[str]:
    """The drawing commands of each page."""
    drawn: list[str] = []
    y = float(HEIGHT - MARGIN)
    for block in blocks:
        size = SIZES[block.kind]
        columns = _widths(len(block.cells))
        cells = [wrap(cell, size, width - 8) for cell, width in zip(block.cells, columns, strict=True)]
        for start in range(0, max(map(len, cells)), 40):
            part = [lines[start : start + 40] for lines in cells]
            tall = max(map(len, part)) * size * 1.6 + (4 if block.kind == "row" else 8)
            if y - tall < MARGIN:
                yield "\n".join(drawn)
                drawn, y = [], float(HEIGHT - MARGIN)
            drawn.extend(_draw(block.kind, part, columns, y, tall))
            y -= tall
    yield "\n".join(drawn)


def _widths(columns: int) -> list[float]:
    """How wide each column is, in points; the first of many holds the names and gets four shares."""
    shares = [4 if columns > 5 and not number else 1 for number in range(columns)]
    return [LINE * share / sum(shares) for share in shares]


def _draw(
    kind: str, cells: Sequence[Sequence[str]], columns: Sequence[float], top: float, tall: float
) -> Iterator[str]:
    size, left = SIZES[kind], float(MARGIN)
    for width, lines in zip(columns, cells, strict=True):
        if kind == "row":
            yield f"0.6 G 0.5 w {left:.1f} {top - tall:.1f} {width:.1f} {tall:.1f} re S"
        for row, line in enumerate(lines):
            down = top - size * 1.4 - row * size * 1.6
            yield f"BT /F1 {size} Tf {left + 4:.1f} {down:.1f} Td <{_hex(line)}> Tj ET"
        left += width


def _hex(text: str) -> str:
    return "".join(f"{ord(char) if ord(char) < 0x10000 else 0x3F:04X}" for char in text)


FONT = (
    (
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        "/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"
    ),
    (
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000 "
        "/W [1 95 500] /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
    ),
    (
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
        "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
    ),
)


def _objects(title: str, pages: Sequence[str], used: Sequence[str]) -> list[bytes]:
    """The objects in the order of their numbers, the first being 1."""
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    fixed = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) /ViewerPreferences << /DisplayDocTitle true >> >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        *FONT,
        _stream(_to_unicode(used)),
        f"<< /Title <FEFF{_hex(title)}> >>",
    ]
    return [text.encode("ascii") for text in (*fixed, *_page_objects(pages))]


def _page_objects(pages: Sequence[str]) -> Iterator[str]:
    for number, drawn in enumerate(pages):
        yield (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {9 + 2 * number} 0 R >>"
        )
        yield _stream(drawn)


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _to_unicode(used: Sequence[str]) -> str:
    """The map that lets readers copy and search: each code stands for itself."""
    codes = [_hex(char) for char in used]
    parts = [codes[start : start + 100] for start in range(0, len(codes), 100)]
    body = "\n".join(_same(part) for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Same def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{body}\nendcmap end end"
    )


def _same(codes: Sequence[str]) -> str:
    pairs = "\n".join(f"<{code}> <{code}>" for code in codes)
    return f"{len(codes)} beginbfchar\n{pairs}\nendbfchar"


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    same = hashlib.sha256(out).hexdigest()[:32].upper()
    count = len(objects) + 1
    tail = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R /Info 7 0 R "
        f"/ID [<{same}> <{same}>] >>\nstartxref\n{len(out)}\n%%EOF\n"
    )
    return bytes(out) + tail.encode("ascii")
