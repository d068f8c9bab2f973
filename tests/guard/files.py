"""Office files, PDFs, pictures and containers written byte by byte: the clean ones and the ground of the hostile ones.

All names and sentences are made up.
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

WORDS = "云渡市潮汐管理局关于二号渡口检修期间停航安排的公告"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
W = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{OFFICE}"'
S = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}"'
P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{OFFICE}"'
)
KINDS = {
    "docx": ("word/document.xml", "wordprocessingml.document.main"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main"),
}
WHEN = (2026, 1, 5, 8, 0, 0)


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    """A zip file with these parts, the same bytes every time."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in parts.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            archive.writestr(info, data)
    return sink.getvalue()


def relations(*rows):
    """A .rels part: (id, kind, target) or (id, kind, target, "External")."""
    made = "".join(
        f'<Relationship Id="{row[0]}" Type="{OFFICE}/{row[1]}" Target="{row[2]}"'
        + (f' TargetMode="{row[3]}"' if len(row) > 3 else "")
        + "/>"
        for row in rows
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{made}</Relationships>'


def office(kind, parts, core=""):
    """An office file's bytes: the parts every one has, and these."""
    main, content = KINDS[kind]
    types = (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/octet-stream"/>'
        f'<Default Extension="html" ContentType="text/html"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{main}" ContentType="application/vnd.openxmlformats-officedocument.{content}+xml"/></Types>'
    )
    first = {"[Content_Types].xml": types, "_rels/.rels": relations(("rId1", "officeDocument", main))}
    if core:
        first["docProps/core.xml"] = core
    return zipped({**first, **parts})


def paragraph(text, run="", mark="w:t"):
    """A paragraph of a .docx."""
    return f'<w:p><w:r>{f"<w:rPr>{run}</w:rPr>" if run else ""}<{mark} xml:space="preserve">{text}</{mark}></w:r></w:p>'


def docx(body="", parts=None, rows=(), core=""):
    """A .docx whose document holds a sentence and `body`."""
    document = f"{XML}<w:document {W}><w:body>{paragraph(WORDS)}{body}<w:sectPr/></w:body></w:document>"
    more = {"word/_rels/document.xml.rels": relations(*rows)} if rows else {}
    return office("docx", {"word/document.xml": document, **more, **(parts or {})}, core)


def core(name):
    """Properties that name an author."""
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{name}</dc:creator><cp:lastModifiedBy>{name}</cp:lastModifiedBy></cp:coreProperties>"
    )


def cell(ref, text, formula=""):
    """A cell with its text in it."""
    if formula:
        return f'<c r="{ref}" t="str"><f>{formula}</f><v>{text}</v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def xlsx(sheets=None, parts=None, rows=(), states=None, sheet_rows=None):
    """An .xlsx: name → XML within `worksheet`; `states` by name; `rows` are relationships of the workbook."""
    sheets = sheets or {
        "渡口": f'<sheetData><row r="1">{cell("A1", "渡口")}{cell("B1", "班次")}</row></sheetData>'
    }
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"{(states or {}).get(name, "")}/>'
        for n, name in enumerate(sheets, 1)
    )
    made = {
        "xl/workbook.xml": f"{XML}<workbook {S}><sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            *((f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)), *rows
        ),
    }
    for number, inner in enumerate(sheets.values(), 1):
        made[f"xl/worksheets/sheet{number}.xml"] = f"{XML}<worksheet {S}>{inner}</worksheet>"
    if sheet_rows:
        made["xl/worksheets/_rels/sheet1.xml.rels"] = relations(*sheet_rows)
    return office("xlsx", {**made, **(parts or {})})


def pptx(show="1", notes=""):
    """A .pptx of one slide."""
    words = f"<p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>{WORDS}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>"
    parts = {
        "ppt/presentation.xml": f'{XML}<p:presentation {P}><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(("rId1", "slide", "slides/slide1.xml")),
        "ppt/slides/slide1.xml": f'{XML}<p:sld {P} show="{show}">{words}</p:sld>',
    }
    if notes:
        spoken = f"<a:p><a:r><a:t>{notes}</a:t></a:r></a:p>"
        parts["ppt/notesSlides/notesSlide1.xml"] = f"{XML}<p:notes {P}>{spoken}</p:notes>"
        parts["ppt/slides/_rels/slide1.xml.rels"] = relations(
            ("rId1", "notesSlide", "../notesSlides/notesSlide1.xml")
        )
    return office("pptx", parts)


def odt(body="", parts=None):
    """An .odt of one paragraph."""
    ns = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{XML}<office:document-content xmlns:office="{ns}:office:1.0" xmlns:text="{ns}:text:1.0" xmlns:table="{ns}:table:1.0" '
        f'xmlns:style="{ns}:style:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><office:text>'
        f"<text:p>{WORDS}</text:p>{body}</office:text></office:body></office:document-content>"
    )
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **(parts or {})}
    )


def ofd(author=""):
    """An .ofd of one page."""
    ns = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    info = f"<ofd:DocInfo><ofd:Author>{author}</ofd:Author></ofd:DocInfo>"
    page = f"<ofd:Content><ofd:Layer><ofd:TextObject><ofd:TextCode>{WORDS}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content>"
    return zipped(
        {
            "OFD.xml": f"{XML}<ofd:OFD {ns}><ofd:DocBody>{info}<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"{XML}<ofd:Document {ns}/>",
            "Doc_0/Pages/Page_0/Content.xml": f"{XML}<ofd:Page {ns}>{page}</ofd:Page>",
        }
    )


def pdf(change=None, pages=1, text="Ferry timetable of the second landing", **save):
    """A PDF with a line of text on each page; `change` works on the open document before it is saved."""
    with pikepdf.new() as made:
        font = made.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        for number in range(pages):
            made.add_blank_page(page_size=(595, 842))
            words = f"BT /F1 12 Tf 72 700 Td ({text} {number + 1}) Tj ET" if text else ""
            page = made.pages[-1].obj
            page.Contents = made.make_stream(words.encode())
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        if change:
            change(made)
        sink = io.BytesIO()
        made.save(sink, **({"static_id": True} if "encryption" not in save else {}), **save)
        return sink.getvalue()


def scanned():
    """A PDF whose page is a picture."""

    def change(made):
        picture = made.make_stream(zlib.compress(bytes(64 * 64)))
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width = picture.Height = 64
        picture.ColorSpace, picture.BitsPerComponent, picture.Filter = (
            pikepdf.Name.DeviceGray,
            8,
            pikepdf.Name.FlateDecode,
        )
        page = made.pages[0].obj
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.Contents = made.make_stream(b"q 500 0 0 700 40 60 cm /I Do Q")

    return pdf(change)


def picture(kind="JPEG", size=(320, 240), **save):
    """A drawn picture."""
    image = Image.new("RGB", size, (190, 215, 230))
    ImageDraw.Draw(image).rectangle((20, 120, 300, 230), fill=(40, 90, 130))
    sink = io.BytesIO()
    image.save(sink, kind, **save)
    return sink.getvalue()


def exif(gps=False, artist=""):
    """What a camera writes: coordinates (of nowhere in particular), a name."""
    made = Image.Exif()
    if gps:
        made.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})
    if artist:
        made[0x013B] = artist
    return made.tobytes()


def ole(streams):
    """An OLE container (MS-CFB): path → bytes; every stream is padded to 4,096 bytes."""
    tree = {"": {}}
    for path, data in streams.items():
        *folders, name = path.split("/")
        node = tree[""]
        for folder in folders:
            node = node.setdefault(folder, {})
        node[name] = data + bytes(max(0, 4096 - len(data)))
    entries, bodies = [], []
    _enter("Root Entry", 5, tree[""], entries, bodies)
    sectors, chain = [], []

    def put(data):
        first = len(sectors)
        for at in range(0, len(data), 512):
            sectors.append(data[at : at + 512].ljust(512, b"\0"))
            chain.append(len(sectors))
        chain[-1] = 0xFFFFFFFE
        return first

    for entry, data in bodies:
        entry[4], entry[5] = put(data), len(data)
    raw = b"".join(_entry(*e) for e in entries)
    directory = put(raw + bytes(-len(raw) % 512))
    count = 1
    while (len(sectors) + count + 127) // 128 > count:
        count += 1
    fat_at = len(sectors)
    table = chain + [0xFFFFFFFD] * count
    table += [0xFFFFFFFF] * (count * 128 - len(table))
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        count,
        directory,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
    )
    difat = [fat_at + n for n in range(count)] + [0xFFFFFFFF] * (109 - count)
    return head + struct.pack("<109I", *difat) + b"".join(sectors) + struct.pack(f"<{count * 128}I", *table)


def _enter(name, kind, node, entries, bodies):
    """Add an entry and all below it; brothers hang on each other to the right."""
    entry = [name, kind, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE if kind == 5 else 0, 0]
    entries.append(entry)
    if kind == 2:
        bodies.append((entry, node))
        return entry
    last = None
    for inner, value in node.items():
        at = len(entries)
        child = _enter(inner, 1 if isinstance(value, dict) else 2, value, entries, bodies)
        if last is None:
            entry[3] = at
        else:
            last[2] = at
        last = child
    return entry


def _entry(name, kind, right, child, start, size):
    words = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIII", words, len(words), kind, 1, 0xFFFFFFFF, right, child, 0, start, size, 0
    )


CLEAN = {
    "notice.docx": docx,
    "table.docx": lambda: docx(
        f"<w:tbl><w:tr><w:tc>{paragraph('渡口')}</w:tc><w:tc>{paragraph('班次')}</w:tc></w:tr></w:tbl>"
    ),
    "office-author.docx": lambda: docx(core=core("Administrator")),
    "ferries.xlsx": xlsx,
    "talk.pptx": pptx,
    "letter.odt": odt,
    "paper.ofd": ofd,
    "timetable.pdf": pdf,
    "table-of-contents.pdf": lambda: pdf(
        lambda made: made.Root.__setattr__("OpenAction", pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit]))
    ),
    "landing.jpg": picture,
    "landing.png": lambda: picture("PNG"),
    "landing.webp": lambda: picture("WEBP"),
    "landing.gif": lambda: picture("GIF"),
    "landing.tif": lambda: picture("TIFF"),
    "notes.txt": f"{WORDS}\n\n二号渡口停航三天。\n".encode,
    "gbk.txt": lambda: f"{WORDS}\r\n".encode("gb18030"),
    "ferries.csv": lambda: "渡口,班次,变化\n二号,12,-3\n一号,+8,=\n".encode("utf-8-sig"),
    "all.zip": lambda: zipped({"notice.docx": docx(), "ferries.csv": "渡口,班次\n"}),
}
"""Files that nobody should complain about."""


def write(folder, made):
    """Write the files of a table of makers."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, make in made.items():
        (Path(folder) / name).write_bytes(make())
