"""Attachments: each hostile file gets its finding in time and in bounds; clean files get none."""

import shutil
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from files import CLEAN, WORDS, XML, W, cell, docx, office, pdf, relations, xlsx, zipped  # noqa: E402
from make_hostile import HOSTILE, ITEM, NAME, READ  # noqa: E402

from gongkai.attachments.desk import Readings  # noqa: E402
from gongkai.attachments.reading import Part, Reading, Trait  # noqa: E402
from gongkai.checks.attached import RULES  # noqa: E402
from gongkai.checks.attached_words import WHAT  # noqa: E402
from gongkai.checks.portal import read_portal  # noqa: E402
from gongkai.checks.run import run  # noqa: E402
from gongkai.model.message import english  # noqa: E402
from gongkai.store.files import blob_id  # noqa: E402
from gongkai.store.kept import Kept  # noqa: E402
from gongkai.store.tree import CommitTree, FolderTree  # noqa: E402

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
SECONDS, MEMORY = 10, 500_000_000
PICTURES = (".jpg", ".png", ".webp", ".gif", ".tif")


@pytest.fixture(scope="module")
def readings():
    made = Readings()
    yield made
    made.close()


def _read(readings, name, raw):
    return readings.reading(blob_id(raw), len(raw), lambda: raw, name)


def _portal(folder, files, extra=""):
    """A portal whose items have one of these files each."""
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, folder / part)
    year = folder / "content/office/2026"
    for number, (name, raw) in enumerate(files.items(), 1):
        item = year / f"office-2026-{number:05}"
        item.mkdir(parents=True)
        (item / name).write_bytes(raw)
        words = ITEM.format(file=name).replace("office-2026-00001", item.name)
        item.with_suffix(".yml").write_text(words + extra, encoding="utf-8")
    return folder


def _findings(tree, kept=None):
    portal = read_portal(tree, now=NOW, kept=kept)
    found = {}
    for finding in run(portal, RULES).findings:
        found.setdefault(str(finding.message.holes["file"]), []).append(finding)
    return found, portal


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return {name: make() for name, (_, make) in HOSTILE.items()}


@pytest.fixture(scope="module")
def judged(hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    found, portal = _findings(FolderTree(_portal(folder / "portal", hostile)))
    portal.readings.close()
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_its_finding(name, judged):
    codes = [finding.code for finding in judged.get(name, ())]
    assert any(code.startswith(HOSTILE[name][0]) for code in codes), codes


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_in_time_and_in_bounds(name, hostile, readings):
    started = time.monotonic()
    reading = _read(readings, name, hostile[name])
    assert time.monotonic() - started < SECONDS
    assert readings.sandbox.peak * 1024 < MEMORY
    assert {t.code for t in reading.traits} <= set(WHAT)


def test_no_child_ever_held_more_memory_than_allowed(hostile, tmp_path):
    """Those that were killed included: the system's own count, in a process that holds little itself."""
    names = [
        name
        for name in hostile
        if "bomb" in name or name in ("long-line.csv", "10000-pages.pdf", "deep.docx")
    ]
    for name in names:
        (tmp_path / name).write_bytes(hostile[name])
    code = """
import resource, sys
from pathlib import Path
from gongkai.attachments.desk import Readings
readings = Readings()
for path in map(Path, sys.argv[1:]):
    readings.reading(path.name, path.stat().st_size, path.read_bytes, path.name)
readings.close()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    args = [sys.executable, "-c", code, *(tmp_path / name for name in names)]
    done = subprocess.run(args, capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) * 1024 < MEMORY


def test_every_finding_of_a_hostile_file_says_where_the_item_names_it(judged):
    for name, findings in judged.items():
        for finding in findings:
            assert (finding.place.line, finding.field) == (12, "attachments.0.file"), name
            assert name in english(finding.message)


def test_no_finding_repeats_the_name_it_found(judged):
    assert not any(NAME in english(f.message) for rows in judged.values() for f in rows)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_file_has_no_trait_and_its_text_is_read(name, readings):
    reading = _read(readings, name, CLEAN[name]())
    assert (reading.traits, reading.fault) == ((), "")
    assert bool(reading.parts) != name.endswith(PICTURES)


def test_clean_files_and_the_sample_portals_attachments_get_no_finding(tmp_path):
    found, portal = _findings(
        FolderTree(_portal(tmp_path / "p", {name: make() for name, make in CLEAN.items()}))
    )
    portal.readings.close()
    assert found == {}
    found, portal = _findings(FolderTree(ROOT))
    portal.readings.close()
    assert found == {}


@pytest.mark.parametrize("name", READ)
def test_text_that_is_hidden_or_elsewhere_in_the_file_is_read(name, readings):
    make, words = READ[name]
    assert any(words in part.text for part in _read(readings, name, make()).parts)


def test_spots_name_cells_rows_and_pages(readings):
    sheet = _read(readings, "a.xlsx", xlsx())
    assert sheet.parts == (Part("渡口!A1:B1", "渡口\t班次"),)
    assert _read(readings, "a.docx", docx()).parts == (Part("paragraph 1", WORDS),)
    assert _read(readings, "a.pdf", CLEAN["timetable.pdf"]()).parts[0].spot == "page 1"
    assert [p.spot for p in _read(readings, "a.csv", CLEAN["ferries.csv"]()).parts] == [
        "line 1",
        "line 2",
        "line 3",
    ]


def test_an_identity_number_kept_as_a_number_is_read_in_full(readings):
    rows = '<sheetData><row r="1"><c r="A1"><v>1.2345678901234568E17</v></c><c r="B1"><v>3.50</v></c></row></sheetData>'
    assert _read(readings, "a.xlsx", xlsx({"表": rows})).parts[0].text == "123456789012345680\t3.5"


def test_one_child_serves_many_clean_files_and_a_suspicious_one_ends_it(hostile):
    readings = Readings()
    for name, make in CLEAN.items():
        _read(readings, name, make())
    assert readings.sandbox.started == 1
    _read(readings, "bomb.docx", hostile["small-bomb.docx"])
    _read(readings, "page.html", hostile["page.html"])
    _read(readings, "notice.docx", docx(WORDS))
    assert readings.sandbox.started == 3
    readings.close()


def test_items_without_attachments_start_no_child(tmp_path):
    folder = _portal(tmp_path / "p", {"a.txt": b"x"})
    item = folder / "content/office/2026/office-2026-00001.yml"
    item.write_text(item.read_text("utf-8").partition("attachments:")[0], "utf-8")
    (folder / "content/office/2026/office-2026-00001/a.txt").unlink()
    found, portal = _findings(FolderTree(folder))
    assert (found, portal.readings.sandbox.started) == ({}, 0)


def test_a_file_read_before_is_not_read_again(tmp_path):
    folder = _portal(
        tmp_path / "p", {"notice.docx": docx(), "hidden.xlsx": HOSTILE["hidden-sheet.xlsx"][1]()}
    )
    first, portal = _findings(FolderTree(folder), Kept(tmp_path / "kept"))
    assert portal.readings.sandbox.started == 1
    portal.readings.close()
    again, portal = _findings(FolderTree(folder), Kept(tmp_path / "kept"))
    assert [f.code for f in again["hidden.xlsx"]] == [f.code for f in first["hidden.xlsx"]] == ["ATT121"]
    assert portal.readings.sandbox.started == 0


def test_an_items_texts_hold_those_of_its_attachments(tmp_path):
    _, portal = _findings(FolderTree(_portal(tmp_path / "p", {"ferries.xlsx": xlsx()})))
    own, attached = portal.texts(portal.corpus.items[0])
    assert "二号渡口" in own.text
    assert attached.text == "渡口\t班次"
    passage = attached.passage(3)
    assert (passage.field, passage.spot, attached.place(3).line) == ("attachments.0.file", "渡口!A1:B1", 12)
    portal.readings.close()


@pytest.mark.parametrize(
    "name, make",
    [
        (
            "hidden.xlsx",
            lambda n: xlsx({"表": _row("渡口"), "底稿": _row(n)}, states={"底稿": ' state="veryHidden"'}),
        ),
        (
            "deleted.docx",
            lambda n: docx(
                f'<w:p><w:del w:id="1"><w:r><w:delText>身份证号 {n}</w:delText></w:r></w:del></w:p>'
            ),
        ),
        ("list.csv", lambda n: f"姓名,身份证号\n丁某,{n}\n".encode("gb18030")),
        ("paper.pdf", lambda n: pdf(text=f"No. {n} ")),
        ("all.zip", lambda n: zipped({"list.csv": f"姓名,身份证号\n丁某,{n}\n"})),
    ],
)
def test_an_identity_number_anywhere_in_an_attachment_is_found_and_not_repeated(name, make, tmp_path):
    number = "11010120000101123"
    number += ric.calc_check_digit(number + "0")  # it leaves the last place out
    portal = read_portal(FolderTree(_portal(tmp_path / "p", {name: make(number)})), now=NOW)
    findings = [f for f in run(portal).findings if f.code == "PRV101"]
    portal.readings.close()
    assert [(f.place.line, f.field) for f in findings] == [(12, "attachments.0.file")]
    assert number not in english(findings[0].message)


def _row(text):
    return f'<sheetData><row r="1">{cell("A1", text)}</row></sheetData>'


def test_attachments_of_a_bare_repository_are_read(tmp_path):
    folder = _portal(tmp_path / "p", {"hidden.xlsx": HOSTILE["hidden-sheet.xlsx"][1]()})
    git = ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "a"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    subprocess.run(
        ["git", "clone", "-q", "--bare", folder, tmp_path / "bare.git"], check=True, capture_output=True
    )
    found, portal = _findings(CommitTree(tmp_path / "bare.git", "HEAD"))
    portal.readings.close()
    assert [f.code for f in found["hidden.xlsx"]] == ["ATT121"]


def test_pictures_named_only_in_the_field_images_are_looked_into(tmp_path):
    folder = _portal(tmp_path / "p", {"landing.jpg": HOSTILE["coordinates.jpg"][1]()})
    item = folder / "content/office/2026/office-2026-00001.yml"
    words = item.read_text("utf-8").partition("attachments:")[0]
    item.write_text(f"{words}images:\n  - {{file: landing.jpg, caption: 渡口}}\n", "utf-8")
    found, portal = _findings(FolderTree(folder))
    portal.readings.close()
    assert [(f.code, f.field) for f in found["landing.jpg"]] == [("ATT128", "images.0.file")]


def test_an_old_format_of_an_item_from_an_old_portal_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    legacy = "legacy: {url: 'https://old.invalid/1.html', first_published_on: '2020-01-02'}\n"
    found, portal = _findings(
        FolderTree(_portal(tmp_path / "p", {"old.doc": HOSTILE["old.doc"][1]()}, legacy))
    )
    portal.readings.close()
    assert [f.code for f in found["old.doc"]] == ["ATT110"]


@given(
    st.lists(st.tuples(st.text(), st.text())),
    st.lists(st.tuples(st.text(), st.text(), st.integers())),
    st.text(),
)
def test_a_reading_comes_back_from_its_bytes(parts, traits, fault):
    clean = lambda s: s.encode("utf-8", "replace").decode()  # noqa: E731
    reading = Reading(
        "docx",
        tuple(Part(clean(a), clean(b)) for a, b in parts),
        tuple(Trait(clean(a), clean(b), {"count": n, "what": clean(a)}) for a, b, n in traits),
        clean(fault),
    )
    assert Reading.from_bytes(reading.to_bytes()) == reading


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b'{"kind":1}', b"\xff", b'{"kind":"a","parts":[1],"traits":[],"fault":""}']
)
def test_bytes_that_are_no_reading_are_refused(raw):
    with pytest.raises(ValueError):
        Reading.from_bytes(raw)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_reading_and_never_an_exception(readings_of_noise, raw):
    for head in (
        b"",
        b"PK\x03\x04",
        b"%PDF-1.7\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x89PNG\r\n\x1a\n",
    ):
        reading = _read(readings_of_noise, "a.docx", head + raw)
        assert reading.fault not in ("crash", "time", "memory")


@pytest.fixture(scope="module")
def readings_of_noise():
    made = Readings()
    yield made
    made.close()


def test_nothing_is_fetched_from_a_listening_neighbour(readings):
    """Files that name an address are read beside a server that counts who calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        entity = f'<!DOCTYPE a SYSTEM "{url}a.dtd"><w:document {W}/>'
        files = {
            "template.docx": docx(
                parts={"word/_rels/settings.xml.rels": relations(("a", "attachedTemplate", url, "External"))}
            ),
            "picture.docx": docx(rows=[("a", "image", url, "External")]),
            "entity.docx": office("docx", {"word/document.xml": entity}),
            "page.docx": office(
                "docx",
                {
                    "word/document.xml": f'{XML}<w:document {W}><w:body><w:altChunk r:id="c"/></w:body></w:document>',
                    "word/_rels/document.xml.rels": relations(("c", "aFChunk", "c.html")),
                    "word/c.html": f'<html><img src="{url}"/><script src="{url}"></script><p>x</p></html>',
                },
            ),
            "service.xlsx": xlsx(
                {
                    "a": f'<sheetData><row r="1"><c r="A1"><f>WEBSERVICE("{url}")</f><v>1</v></c></row></sheetData>'
                }
            ),
            "link.pdf": CLEAN["timetable.pdf"]().replace(b"Ferry timetable", url.encode()[:15]),
        }
        for name, raw in files.items():
            _read(readings, name, raw)
        with pytest.raises(TimeoutError):
            server.accept()
