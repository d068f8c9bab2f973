"""`gongkai clean`: the copy has none of the traits, keeps the words, and the file itself stays as it was."""

import io
import sys
import zipfile
from pathlib import Path

import docx as python_docx
import openpyxl
import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from files import CLEAN, WORDS, cell, core, docx, exif, paragraph, pdf, picture, xlsx
from make_hostile import HOSTILE, NAME

from gongkai.attachments.reader import read
from gongkai.cli.main import cli
from gongkai.intake.clean import clean
from gongkai.model.errors import GongkaiError
from gongkai.model.message import english

CLEANED = [
    name
    for name, (code, _) in HOSTILE.items()
    if code >= "ATT111"
    and code not in ("ATT116", "ATT129", "ATT131", "ATT132")
    and name.endswith((".docx", ".xlsx", ".pptx", ".pdf", ".jpg", ".webp"))
    and name != "embedded.docx"
]
PARTIAL = {"embedded.docx": "embedded", "layer.pdf": "layer"}


def _run(*words):
    return CliRunner().invoke(cli, ["--lang", "en", "clean", *map(str, words)])


def _unpacked(raw):
    """Every byte of a file, unpacked where it is a zip."""
    if raw[:2] != b"PK":
        return raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


def _opens(path):
    """Another program's reader opens it."""
    if path.suffix == ".docx":
        python_docx.Document(str(path))
    elif path.suffix == ".xlsx":
        openpyxl.load_workbook(path)
    elif path.suffix == ".pdf":
        with pikepdf.open(path) as made:
            assert len(made.pages) == 1
    elif path.suffix in (".jpg", ".webp", ".png"):
        Image.open(path).load()


@pytest.mark.parametrize("name", CLEANED)
def test_the_copy_has_none_of_the_traits_and_opens(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(raw := HOSTILE[name][1]())
    done = clean(file)
    assert done.removed and not done.left
    made = done.path.read_bytes()
    reading = read(made, name)
    assert ({t.code for t in reading.traits} - {"no-words"}, reading.fault) == (
        set(),
        "",
    )  # its one slide was hidden
    assert file.read_bytes() == raw
    assert NAME.encode() not in _unpacked(made)
    _opens(done.path)


@pytest.mark.parametrize("name", PARTIAL)
def test_what_cannot_be_taken_out_is_said(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(HOSTILE[name][1]())
    said = _run(file)
    assert said.exit_code == 1
    assert "still in it" in said.output and "by hand" in said.output
    assert read((tmp_path / f"{file.stem}-clean{file.suffix}").read_bytes(), name).has(PARTIAL[name])


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in CLEAN
        if n.endswith((".docx", ".xlsx", ".pptx", ".pdf", ".jpg", ".png", ".webp", ".gif", ".tif"))
    ],
)
def test_a_clean_file_keeps_every_word(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(raw := CLEAN[name]())
    done = clean(file)
    assert (done.removed, done.left) == ((), ())
    assert read(done.path.read_bytes(), name).parts == read(raw, name).parts


def test_changes_are_accepted_and_what_was_deleted_is_gone(tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(HOSTILE["tracked.docx"][1]())
    text = "\n".join(p.text for p in python_docx.Document(str(clean(file).path)).paragraphs)
    assert "停航三天" in text and WORDS in text
    assert "原定停航五天".encode() not in _unpacked((tmp_path / "a-clean.docx").read_bytes())


def test_a_deleted_paragraph_and_a_deleted_row_go_whole(tmp_path):
    who = 'w:id="1" w:author="a"'
    gone = f"<w:p><w:pPr><w:rPr><w:del {who}/></w:rPr></w:pPr><w:del {who}><w:r><w:delText>旧段</w:delText></w:r></w:del></w:p>"
    rows = f"<w:tr><w:trPr><w:del {who}/></w:trPr><w:tc>{paragraph('旧行')}</w:tc></w:tr><w:tr><w:tc>{paragraph('新行')}</w:tc></w:tr>"
    file = tmp_path / "a.docx"
    file.write_bytes(docx(f"{gone}{paragraph('新段')}<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>"))
    parts = [p.text for p in read(clean(file).path.read_bytes(), "a.docx").parts]
    assert parts == [WORDS, "新段", "新行"]


def test_hidden_text_goes_and_the_rest_of_its_paragraph_stays(tmp_path):
    run = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>底数</w:t></w:r>"
    file = tmp_path / "a.docx"
    file.write_bytes(docx(f"<w:p><w:r><w:t>前</w:t></w:r>{run}<w:r><w:t>后</w:t></w:r></w:p>"))
    assert [p.text for p in read(clean(file).path.read_bytes(), "a.docx").parts] == [WORDS, "前后"]


def _workbook(path):
    """As Excel makes it: shared strings, a hidden sheet, a hidden row, a hidden column, a formula, a comment."""
    book = openpyxl.Workbook()
    shown, hidden = book.active, book.create_sheet("底稿")
    shown.title = "渡口"
    for row in (["渡口", "班次", "底数列"], ["一号", 12, "藏列值"], ["藏行值", 9, "x"], ["合计", "=B2", "y"]):
        shown.append(row)
    hidden.append(["藏表值"])
    hidden.sheet_state = "hidden"
    shown.row_dimensions[3].hidden = True
    shown.column_dimensions["C"].hidden = True
    shown["A1"].comment = openpyxl.comments.Comment("藏批注", NAME)
    book.properties.creator = NAME
    book.save(path)


def test_nothing_of_hidden_cells_stays_anywhere_in_a_workbook(tmp_path):
    file = tmp_path / "表.xlsx"
    _workbook(file)
    before = {t.code for t in read(file.read_bytes(), file.name).traits}
    assert before == {"hidden-sheet", "hidden-row", "hidden-column", "comment", "author"}
    done = clean(file)
    everything = _unpacked(done.path.read_bytes()).decode("utf-8", "replace")
    assert [
        w for w in ("藏表值", "藏行值", "藏列值", "藏批注", "底稿", NAME, "底数列") if w in everything
    ] == []
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["渡口"]
    assert [[c.value for c in row][:2] for row in book["渡口"].iter_rows()][:2] == [
        ["渡口", "班次"],
        ["一号", 12],
    ]
    assert len(done.removed) == 5 and not done.left


def test_a_workbook_whose_only_sheet_is_hidden_keeps_it_and_says_so(tmp_path):
    file = tmp_path / "a.xlsx"
    inner = f'<sheetData><row r="1">{cell("A1", "渡口")}</row></sheetData>'
    file.write_bytes(xlsx({"渡口": inner}, states={"渡口": ' state="hidden"'}))
    assert [english(m) for m in clean(file).left] == ["a hidden sheet"]


def test_a_turned_photograph_keeps_which_way_is_up_and_its_dots(tmp_path):
    made = Image.Exif()
    made[0x0112] = 6
    made.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})
    file = tmp_path / "a.jpg"
    file.write_bytes(picture(exif=made.tobytes(), icc_profile=b"profile" * 20))
    done = clean(file)
    with Image.open(file) as old, Image.open(done.path) as new:
        assert new.getexif().get(0x0112) == 6 and not new.getexif().get_ifd(0x8825)
        assert new.info["icc_profile"] == old.info["icc_profile"]
        assert new.tobytes() == old.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
def test_other_pictures_lose_their_notes_and_keep_their_dots(kind, tmp_path):
    file = tmp_path / f"a.{kind.lower()}"
    file.write_bytes(picture(kind, **({} if kind == "GIF" else {"exif": exif(gps=True, artist="A. Keeper")})))
    done = clean(file)
    assert b"A. Keeper" not in done.path.read_bytes()
    with Image.open(file) as old, Image.open(done.path) as new:
        assert new.convert("RGB").tobytes() == old.convert("RGB").tobytes()
        assert not new.getexif().get_ifd(0x8825)


def test_pictures_inside_a_document_are_cleaned_too(tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(HOSTILE["coordinates.docx"][1]().replace(b"", b""))
    linked = docx(
        parts={"word/media/image1.jpeg": picture(exif=exif(gps=True))},
        rows=[("p", "image", "media/image1.jpeg")],
    )
    file.write_bytes(linked)
    done = clean(file)
    assert not read(done.path.read_bytes(), "a.docx").traits
    with zipfile.ZipFile(done.path) as archive:
        Image.open(io.BytesIO(archive.read("word/media/image1.jpeg"))).load()


def test_a_pdf_keeps_its_text_and_links_and_loses_scripts_author_and_files(tmp_path):
    def change(made):
        made.docinfo["/Author"] = NAME
        made.attachments["a.csv"] = b"inside the pdf"
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1+1")
        link = pikepdf.Dictionary(
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.invalid/"),
        )
        note = pikepdf.Dictionary(Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="check again")
        made.pages[0].obj.Annots = pikepdf.Array([link, note])

    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(change))
    done = clean(file)
    with pikepdf.open(done.path) as made:
        assert [str(a.Subtype) for a in made.pages[0].Annots] == ["/Link"]
        assert str(made.pages[0].Annots[0].A.URI) == "https://example.invalid/"
        assert "/OpenAction" not in made.Root and "/Info" not in made.trailer and not list(made.attachments)
    assert b"inside the pdf" not in done.path.read_bytes()
    assert read(done.path.read_bytes(), "a.pdf").parts == read(CLEAN["timetable.pdf"](), "a.pdf").parts


def test_nothing_is_ever_overwritten(tmp_path):
    file, taken = tmp_path / "a.docx", tmp_path / "a-clean.docx"
    file.write_bytes(docx(core=core(NAME)))
    taken.write_text("mine")
    said = _run(file)
    assert said.exit_code == 2 and "is there already" in said.output
    assert taken.read_text() == "mine"
    assert _run(file, "--output", file).exit_code == 2


def test_the_command_says_what_it_took_out_and_prints_the_copys_path(tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(HOSTILE["comment.docx"][1]())
    said = _run(file, "--output", tmp_path / "out.docx")
    assert said.exit_code == 0, said.output
    assert said.stdout == f"{tmp_path / 'out.docx'}\n"
    assert "taken out: comments" in said.stderr and NAME not in said.stderr


@pytest.mark.parametrize(
    "name",
    [
        "small-bomb.docx",
        "billion-laughs.docx",
        "truncated.pdf",
        "locked.pdf",
        "old.doc",
        "dde.csv",
        "exe-as.pdf",
    ],
)
def test_a_file_that_cannot_be_cleaned_is_refused_with_the_reason(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(HOSTILE[name][1]())
    with pytest.raises(GongkaiError) as refused:
        clean(file)
    assert "cannot be cleaned" in english(refused.value.says)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_file_that_is_not_there_is_wrong_use(tmp_path):
    assert _run(tmp_path / "nothing.docx").exit_code == 2
