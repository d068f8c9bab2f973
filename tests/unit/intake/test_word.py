from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Cm
from PIL import Image

from gongkai.intake import ooxml
from gongkai.intake.propose import number_in
from gongkai.intake.word import Document, read_word
from gongkai.model.errors import GongkaiError
from gongkai.model.message import english

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
Author = Callable[[Any], None]


class Paper:
    """A Word file in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.doc: Any = docx.Document()

    def add(
        self, text: str, style: str | None = None, *, centred: bool = False, xml: str = "", own: str = ""
    ) -> Any:
        """A paragraph; `xml` goes into its properties, `own` behind its runs."""
        paragraph = self.doc.add_paragraph(text, style=style)
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if xml:
            paragraph._p.get_or_add_pPr().append(
                parse_xml(xml.replace(">", f" {W}>", 1) if "xmlns" not in xml else xml)
            )
        if own:
            paragraph._p.append(parse_xml(own))
        return paragraph

    def list_of(self, number: int, *levels: tuple[str, str], start: int = 1, extra: str = "") -> None:
        """A list definition: (form, text) of each level."""
        part = self.doc.part.numbering_part.element
        inner = "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="{start if n == 0 else 1}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for n, (form, text) in enumerate(levels)
        )
        part.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="{number}">{inner}</w:abstractNum>'))
        part.append(
            parse_xml(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{number}"/>{extra}</w:num>')
        )

    def numbered(self, text: str, number: int, level: int = 0, style: str | None = None) -> Any:
        """A paragraph of a list."""
        return self.add(
            text, style, xml=f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        )

    def picture(self, form: str, colour: str = "red") -> None:
        """A small picture in a form of Pillow's."""
        sink = io.BytesIO()
        Image.new("RGB", (4, 4), colour).save(sink, form)
        sink.seek(0)
        self.doc.add_picture(sink, width=Cm(1))

    def read(self) -> Document:
        """Save it and read it back as an item's body."""
        self.doc.save(self.path)
        return read_word(self.path)

    def body(self) -> str:
        """Its body as Markdown."""
        return self.read().body


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path / "来文.docx")


def said(document: Document) -> str:
    return "; ".join(english(note) for note in document.notes)


def repack(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Change the parts of a saved file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_numbers_that_word_computes_become_text(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.list_of(
        90, ("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3.")
    )
    for text, level in (("总则", 0), ("甲", 1), ("乙", 1), ("子", 2), ("丑", 2), ("分则", 0), ("丙", 1)):
        paper.numbered(text, 90, level)
    lines = paper.body().split("\n\n")[1:]
    assert [line.strip() for line in lines] == [
        "一、总则",
        "（一）甲",
        "（二）乙",
        "1\\. 子",
        "2\\. 丑",
        "二、分则",
        "（一）丙",
    ]


def test_a_plain_numbered_list_is_a_list_that_goes_on_after_a_paragraph(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.list_of(91, ("decimal", "%1."))
    paper.numbered("一件", 91)
    paper.numbered("二件", 91)
    paper.add("中间。")
    paper.numbered("三件", 91)
    assert paper.body() == "开头一段，这里不是标题。\n\n1. 一件\n2. 二件\n\n中间。\n\n3. 三件\n"


def test_a_list_may_start_where_it_likes_and_start_anew(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.list_of(92, ("decimal", "第%1条"), start=5)
    override = f'<w:lvlOverride {W} w:ilvl="0"><w:startOverride w:val="2"/></w:lvlOverride>'
    part = paper.doc.part.numbering_part.element
    part.append(parse_xml(f'<w:num {W} w:numId="93"><w:abstractNumId w:val="92"/>{override}</w:num>'))
    for number in (92, 92, 93, 93):
        paper.numbered("文", number)
    assert paper.body().split("\n\n")[1:] == ["第5条 文", "第6条 文", "第2条 文", "第3条 文\n"]


def test_numbers_given_by_a_heading_style_are_kept(paper: Paper) -> None:
    paper.list_of(94, ("chineseCounting", "第%1章"))
    style = paper.doc.styles["Heading 1"].element
    style.get_or_add_pPr().append(parse_xml(f'<w:numPr {W}><w:numId w:val="94"/></w:numPr>'))
    paper.add("这一段话是开头。")
    paper.add("总则", "Heading 1")
    paper.add("罚则", "Heading 1")
    assert "## 第一章 总则\n\n## 第二章 罚则" in paper.body()


def test_bullets_stay_bullets(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.add("甲", "List Bullet")
    paper.add("乙", "List Bullet")
    assert paper.body().endswith("- 甲\n- 乙\n")


@pytest.mark.parametrize("name", ["标题 2", "heading 2", "Heading 2"])
def test_headings_are_known_by_their_style(paper: Paper, name: str) -> None:
    style = paper.doc.styles.add_style("S1", 1)
    style.element.find(f"{ooxml.W}name").set(f"{ooxml.W}val", name)
    paper.add("这一段话是开头。")
    paper.add("范围", style=None)._p.get_or_add_pPr().append(parse_xml(f'<w:pStyle {W} w:val="S1"/>'))
    assert "## 范围" in paper.body()


def test_headings_are_known_by_their_outline_level(paper: Paper) -> None:
    paper.add("这一段话是开头。")
    paper.add("范围", xml=f'<w:outlineLvl {W} w:val="1"/>')
    paper.add("不是标题。", xml=f'<w:outlineLvl {W} w:val="9"/>')
    assert paper.body() == "这一段话是开头。\n\n## 范围\n\n不是标题。\n"


def test_tables_keep_merged_cells_and_numbers(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    table = paper.doc.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "渡口"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "班次"
    for column, text in enumerate(("", "夏季", "冬季")):
        table.cell(1, column).text = text or "渡口"
    for column, text in enumerate(("东渡", "12", "8")):
        table.cell(2, column).text = text
    rows = [line for line in paper.body().split("\n") if line.startswith("|")]
    assert rows == ["| 渡口 | 班次 |  |", "| --- | --- | --- |", "|  | 夏季 | 冬季 |", "| 东渡 | 12 | 8 |"]


def test_pictures_become_attachments_and_other_forms_png(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    for form, colour in (("PNG", "red"), ("JPEG", "green"), ("GIF", "blue"), ("PNG", "red")):
        paper.picture(form, colour)
    document = paper.read()
    assert [p.file for p in document.pictures] == ["picture-1.png", "picture-2.jpg", "picture-3.png"]
    assert all(f"]({p.file})" in document.body for p in document.pictures)
    assert Image.open(io.BytesIO(document.pictures[2].data)).format == "PNG"
    assert "picture 3 was redrawn" in said(document)


def test_a_picture_that_no_browser_shows_is_dropped_and_reported(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.picture("PNG")
    paper.doc.save(paper.path)

    def spoil(parts: dict[str, bytes]) -> None:
        name = next(n for n in parts if n.startswith("word/media/"))
        parts[name] = b"\x01\x00\x00\x00EMF"

    document = read_word(repack(paper.path, spoil))
    assert document.pictures == ()
    assert "a picture was dropped" in said(document)


def test_footnotes_stand_at_the_end(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.add("见注", own=f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>')
    paper.doc.save(paper.path)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"

    def annotate(parts: dict[str, bytes]) -> None:
        note = '<w:footnote w:id="2"><w:p><w:r><w:t>潮位基准*</w:t></w:r></w:p></w:footnote>'
        parts["word/footnotes.xml"] = f"<w:footnotes {W}>{note}</w:footnotes>".encode()
        _relate(parts, "f1", kind, "footnotes.xml")

    body = read_word(repack(paper.path, annotate)).body
    assert body.endswith("见注[^1]\n\n[^1]: 潮位基准\\*\n")


def _relate(parts: dict[str, bytes], key: str, kind: str, target: str) -> None:
    name = "word/_rels/document.xml.rels"
    extra = f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/></Relationships>'
    parts[name] = parts[name].replace(b"</Relationships>", extra.encode())


MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
TEXT = "<w:r><w:t>%s</w:t></w:r>"
BOX = (
    f'<w:r {W} xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><w:drawing><wps:txbx>'
    "<w:txbxContent><w:p><w:r><w:t>框中的话</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></w:r>"
)


@pytest.mark.parametrize(
    ("own", "kept", "lost", "note"),
    [
        (f'<w:del {W} w:id="1"><w:r><w:delText>删去</w:delText></w:r></w:del>', "", "删去", "1 tracked deletions"),
        (f'<w:ins {W} w:id="1"><w:r><w:t>添上</w:t></w:r></w:ins>', "添上", "", "1 tracked insertions"),
        (f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>", "", "隐藏", "1 pieces of hidden text"),
        (f'<m:oMath xmlns:m="{MATH}"><m:r><m:t>h=2t</m:t></m:r></m:oMath>', "h=2t", "", "1 formulas"),
        (BOX, "框中的话", "", "1 text boxes"),
        (f'<w:fldSimple {W} w:instr="REF x"><w:r><w:t>域值</w:t></w:r></w:fldSimple>', "域值", "", ""),
(f"<w:ruby {W}><w:rt>{TEXT % 'chao'}</w:rt><w:rubyBase>{TEXT % '潮'}</w:rubyBase></w:ruby>", "潮", "chao", ""),
    ],
)  # fmt: skip
def test_what_the_converter_would_lose_is_kept_or_reported(
    paper: Paper, own: str, kept: str, lost: str, note: str
) -> None:
    paper.add("开头一段，这里不是标题。", own=own)
    document = paper.read()
    assert kept in document.body
    assert not lost or lost not in document.body
    assert note in said(document)


def test_comments_and_page_headers_are_reported(paper: Paper) -> None:
    paragraph = paper.add("开头一段，这里不是标题。")
    paper.doc.add_comment(paragraph.runs[0], text="请核对")
    paper.doc.sections[0].header.paragraphs[0].text = "内部资料"
    paper.doc.sections[0].footer.paragraphs[0].text = "第 1 页 共 2 页"
    document = paper.read()
    assert "1 comments were left out" in said(document)
    assert "page header" in said(document)
    assert "page footer" not in said(document)
    assert "核对" not in document.body
    assert "内部" not in document.body


def test_title_number_and_date_are_proposed_from_an_official_document(paper: Paper) -> None:
    paper.add("云渡市潮汐管理局文件", centred=True)
    paper.add("云潮发〔2024〕05号　　　签发人：局领导", centred=True)
    paper.add("")
    paper.add("云渡市潮汐管理局关于印发", centred=True)
    paper.add("《渡口安全管理办法》的通知", centred=True)
    paper.add("")
    paper.add("各渡口：根据《办法》（2020年1月1日起施行）的要求，通知如下。")
    paper.add("云渡市潮汐管理局")
    paper.add("二〇二四年三月五日")
    paper.add("2024年4月1日")
    found = paper.read()
    assert found.proposal.title == "云渡市潮汐管理局关于印发《渡口安全管理办法》的通知"
    assert found.proposal.number == "云潮发〔2024〕5号"
    assert found.proposal.day == date(2024, 3, 5)
    assert "关于印发" not in found.body
    assert "05号" in found.body


def test_a_title_given_by_the_officer_leaves_the_text_whole(paper: Paper) -> None:
    paper.add("关于潮汐的通知", "Title")
    paper.add("正文。")
    paper.doc.save(paper.path)
    assert "关于潮汐的通知" in read_word(paper.path, keep_title=True).body
    assert read_word(paper.path).body == "正文。\n"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("云潮发〔2024〕5号", "云潮发〔2024〕5号"),
        ("云潮发[2024]5号", "云潮发〔2024〕5号"),
        ("云潮办函（２０２４）第００５号", "云潮办函〔2024〕5号"),
        ("根据云潮发〔2024〕5号文件", ""),
        ("云潮发〔24〕5号", ""),
    ],
)
def test_a_document_number_is_a_line_of_its_own(line: str, number: str) -> None:
    assert number_in(line) == number


def _chunked(paper: Paper, name: str, data: bytes) -> Path:
    paper.add("前文在此，这里不是标题。")
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    paper.doc.element.body.insert(1, parse_xml(f'<w:altChunk {W} xmlns:r="{r}" r:id="chunk1"/>'))
    paper.doc.save(paper.path)

    def put(parts: dict[str, bytes]) -> None:
        parts[f"word/{name}"] = data
        _relate(parts, "chunk1", f"{r}/aFChunk", name)

    return repack(paper.path, put)


def test_a_chunk_of_html_is_read(paper: Paper) -> None:
    html = "<html><head><title>x</title></head><body><h1>块</h1><p>块中<b>正文</b></p><script>x</script></body></html>"
    assert (
        read_word(_chunked(paper, "chunk.htm", html.encode())).body
        == "前文在此，这里不是标题。\n\n## 块\n\n块中**正文**\n"
    )


def test_a_chunk_that_is_a_word_file_is_read(paper: Paper, tmp_path: Path) -> None:
    inner = Paper(tmp_path / "inner.docx")
    inner.list_of(95, ("chineseCounting", "%1、"))
    inner.numbered("块中正文", 95)
    inner.doc.save(inner.path)
    assert "一、块中正文" in read_word(_chunked(paper, "chunk.docx", inner.path.read_bytes())).body


@pytest.mark.parametrize("name", ["chunk.mht", "chunk.rtf", "chunk.xml"])
def test_a_chunk_that_cannot_be_read_refuses_the_file(paper: Paper, name: str) -> None:
    with pytest.raises(GongkaiError, match="in a part that cannot be read"):
        read_word(_chunked(paper, name, b"<x>MIME-Version: 1.0</x>"[3 * (name != "chunk.xml") :]))


def test_a_file_without_any_text_is_refused(paper: Paper) -> None:
    with pytest.raises(GongkaiError, match="holds no text"):
        paper.read()


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "not a Word file"), (b"hello", "not a Word file"), (b"PK\x03\x04xx", "damaged")],
)
def test_what_is_no_word_file_is_refused(tmp_path: Path, data: bytes, word: str) -> None:
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(GongkaiError, match=word):
        read_word(tmp_path / "a.docx")


def test_a_word_file_with_a_spoilt_part_is_refused(spoilt_word: Path) -> None:
    with pytest.raises(GongkaiError, match="cannot be read as a Word file: Error -3 while decompressing"):
        read_word(spoilt_word)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    with pytest.raises(GongkaiError, match="unpack to more than 50 MB"):
        read_word(tmp_path / "a.docx")


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "DOCTYPE"),
        ("<x>" * 500 + "</x>" * 500, "depth"),
        ("<x>", "no element found"),
    ],
)
def test_xml_that_no_word_file_needs_is_refused(paper: Paper, xml: str, word: str) -> None:
    paper.add("文")
    paper.doc.save(paper.path)

    def spoil(parts: dict[str, bytes]) -> None:
        parts["word/styles.xml"] = xml.encode()

    with pytest.raises(GongkaiError, match=word):
        read_word(repack(paper.path, spoil))


def test_a_picture_linked_from_outside_is_never_fetched(paper: Paper) -> None:
    paper.add("开头一段，这里不是标题。")
    paper.picture("PNG")
    paper.doc.save(paper.path)

    def link(parts: dict[str, bytes]) -> None:
        parts["word/document.xml"] = parts["word/document.xml"].replace(b"r:embed=", b"r:link=")

    document = read_word(repack(paper.path, link))
    assert document.pictures == ()
    assert "not inside the file" in said(document)


def test_an_old_doc_file_is_refused_without_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0old")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GongkaiError, match=r"old Word file"):
        read_word(tmp_path / "a.doc")


def test_an_old_doc_file_goes_through_the_office_program_of_the_machine(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.add("旧文件的正文。")
    paper.doc.save(paper.path)
    programs = tmp_path / "bin"
    programs.mkdir()
    script = f'#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\ncp "{paper.path}" "$1/a.docx"\n'
    (programs / "soffice").write_text(script, encoding="utf-8")
    (programs / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0old")
    assert read_word(tmp_path / "a.doc").body == "旧文件的正文。\n"


def test_a_heading_or_short_line_is_proposed_as_title_and_stays_in_the_text(paper: Paper) -> None:
    paper.add("渡口安全管理办法", "Heading 1")
    paper.add("正文。")
    document = paper.read()
    assert document.proposal.title == "渡口安全管理办法"
    assert document.body == "## 渡口安全管理办法\n\n正文。\n"


def test_a_title_line_with_a_text_box_stays_in_the_text(paper: Paper) -> None:
    paper.add("关于潮汐的通知", centred=True, own=BOX)
    paper.add("正文。")
    body = paper.body()
    assert "关于潮汐的通知" in body
    assert "框中的话" in body


def test_a_text_that_no_item_may_hold_is_refused(paper: Paper) -> None:
    paper.add("潮" * 1_400_000)
    with pytest.raises(GongkaiError, match="too long for one item"):
        paper.read()
