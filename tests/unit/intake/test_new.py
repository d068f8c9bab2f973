from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import Result
from PIL import Image

from gongkai.checks.portal import read_portal
from gongkai.intake.new import Wish, make_item
from gongkai.items.read import read_item
from gongkai.model.item import Item
from gongkai.model.message import english
from gongkai.schema.library import read_types
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree

TYPES = sorted(read_types(FolderTree(template_root())).types)
NOW = "2026-03-02T09:00:00+08:00"
Run = Callable[..., Result]


def read(path: Path) -> Item:
    found, faults = read_item("content/office/2026/" + path.name, path.read_bytes())
    assert found is not None
    assert not faults
    return found


@pytest.fixture
def new(run: Run) -> Callable[..., Path]:
    """Make an item and give its path."""

    def call(*args: object, lang: str = "en") -> Path:
        result = run("new", *args, "--now", NOW, lang=lang)
        assert result.exit_code == 0, result.stderr
        return Path(result.stdout.strip())

    return call


New = Callable[..., Path]


@pytest.mark.parametrize("form", ["md", "yml"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_new_item_of_every_type_reads_and_names_every_field(
    new: New, portal: Path, kind: str, form: str
) -> None:
    path = new(kind, "--department", "office", "--title", "关于潮汐的通知", "--form", form)
    item, text = read(path), path.read_text(encoding="utf-8")
    assert (item.id, item.type, item.title) == ("office-2026-00001", kind, "关于潮汐的通知")
    assert path == portal / f"content/office/2026/office-2026-00001.{form}"
    assert (
        f"yaml-language-server: $schema=../../../schemas/items/{kind}.schema.json"
        in text.split("---\n")[-2 if form == "md" else 0]
    )
    for name in read_types(FolderTree(portal)).types[kind].fields:
        assert name in ("legacy", "body") or f"\n{name}:" in text or f"\n# {name}:" in text, name


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_not_filled_is_found_by_check_field_by_field(
    new: New, portal: Path, errors: Callable[..., list[dict[str, Any]]], kind: str
) -> None:
    new(kind, "--department", "office")
    found = {f["field"].partition(".")[0].partition("[")[0] for f in errors()}
    fields = read_types(FolderTree(portal)).types[kind].fields
    required = {name for name, info in fields.items() if info.required}
    assert required - {"id", "type", "department"} <= found


@pytest.mark.parametrize("kind", TYPES)
def test_optional_fields_read_when_their_sign_is_deleted(new: New, kind: str) -> None:
    path = new(kind, "--department", "office", "--form", "yml")
    marked = path.read_text(encoding="utf-8").split("————")[-1].split("\n")[1:]
    opened = [line[2:] for line in marked if re.match(r"# ([a-z_]+:|  )", line)]
    item, _ = read_item("content/office/2026/x.yml", "\n".join(opened).encode())
    assert item is not None
    assert item.fields


def test_comments_are_in_the_language_of_the_reader(new: New) -> None:
    text = new("notice", "--department", "office", lang="en").read_text(encoding="utf-8")
    assert "# Addressees (required): Whom it is for." in text
    assert "Choose: proactive (Published proactively)" in text


def test_the_due_dates_are_told_before_and_after_their_start_is_known(new: New) -> None:
    text = new("notice", "--department", "office").read_text(encoding="utf-8")
    assert "2026-03-05, if “Document date” is 2026-03-02" in text


def test_topics_and_columns_are_listed_by_code(new: New) -> None:
    text = new("policy", "--department", "office").read_text(encoding="utf-8")
    assert "tide (Tides and observation)" in text
    assert "policies (" in text


def test_numbers_go_on_by_department_and_year(new: New, portal: Path) -> None:
    names = [new("news", "--department", d).stem for d in ("office", "office", "tide")]
    assert names == ["office-2026-00001", "office-2026-00002", "tide-2026-00001"]
    folder = portal / "content/office/2026/office-2026-00008"
    folder.mkdir()
    assert new("news", "--department", "office", "--form", "yml").name == "office-2026-00009.yml"


def test_the_year_is_that_of_the_portals_own_day(run: Run) -> None:
    result = run("new", "news", "--department", "office", "--now", "2025-12-31T17:00:00+00:00")
    assert "office-2026-00001" in result.stdout


def test_two_at_once_get_two_numbers_and_overwrite_nothing(portal: Path) -> None:
    seen = read_portal(FolderTree(portal), now=datetime(2026, 3, 2, tzinfo=UTC))
    made: list[str] = []

    def work(number: int) -> None:
        wish = Wish("news", "office", f"第{number}件", "md" if number % 2 else "yml")
        made.append(make_item(wish, seen, portal, english).path)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8
    titles = {read(portal / path).title for path in made}
    assert titles == {f"第{n}件" for n in range(8)}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["decree", "-d", "office"], "there is no type decree"),
        (["news", "-d", "palace"], "there is no department palace"),
        (["news", "-d", "../x"], "there is no department ../x"),
        (["news", "-d", "office", "--person", "nobody"], "there is no person nobody"),
        (["news", "-d", "office", "--from", "nowhere.docx"], "cannot be read"),
    ],
)
def test_what_the_portal_does_not_know_is_refused_and_nothing_is_made(
    run: Run, tree: Callable[[], dict[str, bytes]], args: list[str], words: str
) -> None:
    before = tree()
    result = run("new", *args)
    assert result.exit_code == 2
    assert words in result.stderr
    assert tree() == before


def test_titles_with_every_sign_of_yaml_stay_titles(new: New) -> None:
    title = "“a”: {b} [c] # 'd' \"e\" \\ & * ! | > % @ `\t - ？"
    assert read(new("news", "--department", "office", "--title", title)).title == title


@pytest.fixture
def word_file(tmp_path: Path) -> Path:
    """A small official document with a picture."""
    made: Any = docx.Document()
    made.add_paragraph("关于渡口安全的通知", style="Title")
    made.add_paragraph("云潮发〔2026〕5号")
    made.add_paragraph("各渡口：按期检查。")
    Image.new("RGB", (4, 4)).save(tmp_path / "p.png")
    made.add_picture(str(tmp_path / "p.png"))
    made.add_paragraph("2026年3月1日")
    made.save(tmp_path / "来文.docx")
    return tmp_path / "来文.docx"


@pytest.mark.parametrize("form", ["md", "yml"])
def test_a_word_file_fills_what_it_says_and_its_pictures_stand_beside(
    new: New, word_file: Path, errors: Callable[..., list[dict[str, Any]]], form: str
) -> None:
    path = new("policy", "--department", "office", "--from", word_file, "--form", form)
    item = read(path)
    assert item.title == "关于渡口安全的通知"
    assert item.fields["document_number"] == "云潮发〔2026〕5号"
    assert item.fields["document_date"] == "2026-03-01"
    assert item.fields["attachments"] == [{"file": "picture-1.png", "title": "图1"}]
    assert (path.with_suffix("") / "picture-1.png").is_file()
    assert "![](picture-1.png)" in item.body
    assert "按期检查" in item.body
    assert {f["field"] for f in errors()} & {
        "title",
        "document_number",
        "document_date",
        "attachments",
        "body",
    } == set()


def test_guesses_are_marked_in_the_file_and_on_the_screen(run: Run, word_file: Path) -> None:
    result = run("new", "policy", "-d", "office", "--from", word_file, "--now", NOW)
    assert "read out of the text, please compare: document_date, document_number, title" in result.stderr
    assert Path(result.stdout.strip()).read_text(encoding="utf-8").count("please compare") == 3


def test_a_title_on_the_command_line_wins_over_the_file(new: New, word_file: Path) -> None:
    item = read(new("policy", "-d", "office", "--from", word_file, "--title", "另一个标题"))
    assert item.title == "另一个标题"
    assert "关于渡口安全的通知" in item.body


def test_the_officer_is_named_when_asked(new: New, portal: Path) -> None:
    seen = read_portal(FolderTree(portal), now=datetime(2026, 3, 2, tzinfo=UTC))
    person = next(iter(seen.settings.people))
    assert read(new("news", "-d", "office", "--person", person)).fields["officer"] == person
