"""`gongkai mask`: a copy with stars, the original untouched, the form kept, and nothing hidden left behind."""

from __future__ import annotations

import re
import zipfile

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.comments import Comment

from gongkai.checks.personal_find import NUMBERS, find
from gongkai.cli.main import cli

ID, CARD, PHONE = "11010519491231002X", "6222021234567890128", "13912345678"


def run(*args):
    return CliRunner().invoke(cli, ["--lang", "en", "mask", *map(str, args)])


def masked(path, *args):
    before = path.read_bytes()
    done = run(path, *args)
    assert done.exit_code == 0, done.output
    assert path.read_bytes() == before
    for secret in (ID, CARD, PHONE):
        assert secret not in done.output
    return path.with_name(f"{path.stem}-masked{path.suffix}")


def test_markdown_keeps_everything_else_and_its_stars_are_not_bold(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(f"# 名单\n\n- 王小明，{ID}\n- 李强，{PHONE}、138-0013-8000\n", encoding="utf-8")
    copy = masked(path).read_text(encoding="utf-8")
    stars = r"\*" * 4
    assert copy == f"# 名单\n\n- 王小明，110105{stars * 2}002X\n- 李强，139{stars}5678、138-{stars}-8000\n"


def test_a_gbk_csv_stays_one_with_its_quotes_and_line_ends(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(
        f'姓名,卡号,备注\r\n"王小明",{CARD},"甲,乙"\r\n李*,6222****0128,""\r\n'.encode("gb18030")
    )
    copy = masked(path, "--names").read_bytes().decode("gb18030")
    assert copy == '姓名,卡号,备注\r\n"王**",6222***********0128,"甲,乙"\r\n李*,6222****0128,""\r\n'


def test_a_workbook_is_masked_in_cells_comments_formulas_and_page_heads(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2026年名单"],
        ["姓名", "身份证号", "手机", "卡号"],
        ["王小明", ID, int(PHONE), CARD],
        ["李强", ID, "139 1234 5678", CARD],
    ):
        sheet.append(row)
    sheet["E3"] = f'="{PHONE}"&"x"'
    sheet["A3"].comment = Comment(f"电话{PHONE}", "office")
    sheet.oddHeader.center.text = f"手机{PHONE}"
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    book.save(path)
    copy = masked(path, "--names")
    sheet = openpyxl.load_workbook(copy).active
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=3)]
    assert rows == [
        ["王**", "110105********002X", "139****5678", "6222***********0128", '="139****5678"&"x"'],
        ["李*", "110105********002X", "139 **** 5678", "6222***********0128", None],
    ]
    assert sheet["A1"].font.bold
    assert sheet["A1"].value == "2026年名单"
    assert sheet["A3"].comment.text == "电话139****5678"
    assert nothing_left(copy)


def test_a_word_file_is_masked_across_runs_in_tables_headers_and_link_targets(tmp_path):
    path = tmp_path / "a.docx"
    document = docx.Document()
    paragraph = document.add_paragraph("身份证号")
    for part in (ID[:6], ID[6:14], ID[14:]):
        paragraph.add_run(part).bold = part == ID[:6]
    table = document.add_table(2, 3)
    for r, row in enumerate((("姓名", "手机", "卡号"), ("王小明", PHONE, CARD))):
        for c, words in enumerate(row):
            table.cell(r, c).text = words
    document.sections[0].header.paragraphs[0].text = f"联系{PHONE}"
    document.part.relate_to(
        f"tel:{PHONE}",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    document.save(path)
    copy = masked(path)
    document = docx.Document(copy)
    runs = document.paragraphs[0].runs
    assert [(r.text, r.bold) for r in runs[1:]] == [("110105", True), ("********", False), ("002X", False)]
    assert [c.text for c in document.tables[0].rows[1].cells] == [
        "王小明",
        "139****5678",
        "6222***********0128",
    ]
    assert document.sections[0].header.paragraphs[0].text == "联系139****5678"
    assert nothing_left(copy)


def nothing_left(path):
    """No number of a person in any part of the package, tags taken away or not."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            bare = re.sub(r"<[^>]*>", "", text)
            assert not any(secret in text or secret in bare for secret in (ID, CARD, PHONE)), name
    return True


def test_what_could_not_be_looked_at_is_said(tmp_path):
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_paragraph(f"手机{PHONE}")
    document.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/media/scan.png", b"\x89PNG")
        archive.writestr("word/embeddings/list.xlsx", b"PK")
    done = run(path)
    assert "word/media/scan.png was not looked at" in done.output
    assert "word/embeddings/list.xlsx was not looked at" in done.output


def test_nothing_is_overwritten_and_nothing_to_mask_makes_no_copy(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"手机{PHONE}", encoding="utf-8")
    assert run(path, "--output", path).exit_code == 2
    assert path.read_text(encoding="utf-8") == f"手机{PHONE}"
    masked(path)
    assert run(path).exit_code == 2
    clean = tmp_path / "b.txt"
    clean.write_text("没有", encoding="utf-8")
    assert "no copy was made" in run(clean).output
    assert not (tmp_path / "b-masked.txt").exists()


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "gone.txt"])
def test_what_cannot_be_masked_is_refused_in_words(tmp_path, name):
    if not name.startswith("gone"):
        (tmp_path / name).write_bytes(b"%PDF-1.7 not a zip")
    done = run(tmp_path / name)
    assert (done.exit_code, "error:" in done.output) == (2, True)


def test_a_file_with_a_spoilt_part_is_refused_in_words(spoilt_word):
    done = run(spoilt_word)
    assert done.exit_code == 2
    assert "is damaged: Error -3 while decompressing" in done.output
    assert [p.name for p in spoilt_word.parent.iterdir()] == ["a.docx"]


def test_a_masked_copy_passes_the_guard(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"王小明 {ID} {PHONE}\n卡号{CARD}\n护照E12345678\n", encoding="utf-8")
    text = masked(path).read_text(encoding="utf-8")
    assert [s for s in find(text) if s.kind in NUMBERS] == []
