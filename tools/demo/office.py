"""Word and Excel files with the same bytes every time: fixed times, nothing compressed, no author."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from demo.pdf import Block

Rows = Sequence[Sequence[str | float]]
WHEN = "2022-01-01T00:00:00Z"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(title: str, sheets: Mapping[str, Rows]) -> bytes:
    """A workbook: each sheet's first row is its head. Numbers stay numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell in sheet[1]:
            cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
        for number, column in enumerate(zip(*rows, strict=True), 1):
            sheet.column_dimensions[get_column_letter(number)].width = 4 + 2 * max(
                len(str(v)) for v in column
            )
        sheet.freeze_panes = "A2"
    book.properties.title, book.properties.creator = title, ""
    made = io.BytesIO()
    book.save(made)
    return _same_every_time(made.getvalue())


def _same_every_time(made: bytes) -> bytes:
    """openpyxl writes the present time; put a fixed one, and store the parts plainly."""
    with zipfile.ZipFile(io.BytesIO(made)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", WHEN.encode(), core)
    return _zip(parts)


def docx(title: str, blocks: Iterable[Block]) -> bytes:
    """A document of headings, paragraphs and tables; rows that follow each other make one table."""
    body = [_paragraph(title, "Title")]
    rows: list[Block] = []
    for block in (*blocks, Block("text", ())):
        if block.kind == "row":
            rows.append(block)
            continue
        if rows:
            body.append(_table(rows))
            rows = []
        if block.cells:
            body.append(_paragraph(block.cells[0], "Heading1" if block.kind == "heading" else ""))
    return _zip({name: (XML + text).encode() for name, text in _parts(title, "".join(body)).items()})


def _parts(title: str, body: str) -> dict[str, str]:
    """The six parts that a plain document needs."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{WHEN}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{word}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{word}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:language>zh-CN</dc:language>{dates}</cp:coreProperties>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "word/styles.xml": f"<w:styles {W}>{_DEFAULTS}{_STYLES}</w:styles>",
        "word/document.xml": f"<w:document {W}><w:body>{body}{_PAGE}</w:body></w:document>",
    }


_PAGE = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" w:footer="720" '
    'w:gutter="0"/>'
    "</w:sectPr>"
)
_DEFAULTS = (
    "<w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/><w:sz w:val="24"/>'
    '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
)
_STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="120" w:line="360" w:lineRule="auto"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>'
)


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _table(rows: Sequence[Block]) -> str:
    width = 9000 // len(rows[0].cells)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = f'<w:gridCol w:w="{width}"/>' * len(rows[0].cells)
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
    lines = "".join(
        "<w:tr>" + "".join(f"{cell}{_paragraph(text)}</w:tc>" for text in row.cells) + "</w:tr>"
        for row in rows
    )
    look = f'<w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>{_paragraph('')}"


def _zip(parts: Mapping[str, bytes]) -> bytes:
    """A package whose entries carry no time of making and are not compressed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0
            package.writestr(entry, data)
    return made.getvalue()
