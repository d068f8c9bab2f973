"""site_config/ as it is read: whatever stands in it, reading ends with settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.items.config import FOLDER, read_settings
from gongkai.model.corpus import FileEntry
from gongkai.store.files import blob_id
from gongkai.store.kept import Kept
from gongkai.store.tree import FolderTree

LISTS = ("departments", "columns", "topics", "people")


@pytest.mark.parametrize("value", ["5", "yes", "text", "{a: b}", "[1, [x], {code: 2}]", "null"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_none_is_empty(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "site_config").mkdir()
    (tmp_path / f"site_config/{name}.yml").write_text(f"{name}: {value}\nplatform: {value}\n")
    settings, unread = read_settings(FolderTree(tmp_path))
    assert unread == ()
    assert not getattr(settings, name)
    assert not settings.platform


def test_rows_and_their_places_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "site_config").mkdir()
    (tmp_path / "site_config/topics.yml").write_text(
        "# first\ntopics:\n  - 5\n  - code: tide\n    title: Tide\n"
    )
    file = read_settings(FolderTree(tmp_path))[0].files["topics"]
    assert [(index, row["code"]) for index, row in file.rows("topics")] == [(1, "tide")]
    places = [file.place("topics", 1, "title"), file.place("topics", 1, "missing"), file.place("other")]
    assert [(p.line, p.column) for p in places] == [(5, 12), (4, 5), (2, 1)]


def test_what_somebody_writes_while_settings_are_read_is_not_taken_for_what_git_holds(tmp_path: Path):
    file = tmp_path / FOLDER / "portal.yml"
    file.parent.mkdir()
    file.write_text("title: good\n", encoding="utf-8")
    blob = blob_id(file.read_bytes())

    class Tree(FolderTree):
        """Git looked before somebody wrote into the file."""

        def entries(self, under: str = "") -> list[FileEntry]:
            return [FileEntry(f"{FOLDER}/portal.yml", blob=blob)]

    kept = Kept(tmp_path / "kept")
    for title in ("draft", "good"):
        file.write_text(f"title: {title}\n", encoding="utf-8")
        assert read_settings.__wrapped__(Tree(tmp_path, kept))[0].portal == {"title": title}
