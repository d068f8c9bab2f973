"""What is as it was in the build before is the very same file afterwards; only what differs is written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest import mock

import pytest

from gongkai.portal.build import build
from gongkai.portal.past import Done, Past
from gongkai.portal.placing import Placing
from gongkai.portal.search_index import Search
from gongkai.store.durable import paths_of

from .test_same_bytes import START, held, linked_ahead, same

ITEM = "content/personnel/2025/personnel-2025-00020.md"
ATTACHMENT = "content/tide/2024/tide-2024-00001/潮汐 表.pdf"


class Twice:
    """A portal built, changed and built upon itself; what the first build made stays beside it, as an earlier release does."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.site, self.earlier = root, folder / "site", folder / "earlier"
        self.first = build(root, self.site, now=START)
        shutil.copytree(self.site, self.earlier, copy_function=os.link)
        self.bytes = held(self.earlier)

    def again(self) -> set[str]:
        """Built again: the paths of all files that are not the very ones of the first build."""
        build(self.root, self.site, now=START, past=self.first.past)
        build(self.root, self.site.with_name("anew"), now=START)
        same(self.site, self.site.with_name("anew"))
        assert held(self.earlier) == self.bytes, "an earlier release is never written into"
        return {p for p in paths_of(self.site) if not self._is_of_both(p)}

    def _is_of_both(self, path: str) -> bool:
        there = self.earlier / path
        return there.exists() and there.samefile(self.site / path)


@pytest.mark.parametrize("ahead", [True, False])
def test_after_a_change_only_files_that_differ_are_written(house_folder, tmp_path, ahead):
    with linked_ahead(ahead):
        built = Twice(house_folder, tmp_path)
        file = house_folder / ITEM
        file.write_text(file.read_text("utf-8").replace("正文", "㐀㐁"), encoding="utf-8")
        written = built.again()
    assert all((built.site / path).read_bytes() != built.bytes.get(path) for path in written)
    postings = {path for path in built.bytes if path.startswith("search/t/")}
    assert postings & written and postings - written, (
        "some postings of its volume differ, the others are left alone"
    )


@pytest.mark.parametrize("ahead", [True, False])
def test_of_a_volume_of_the_search_in_which_little_changed_nothing_else_is_made(
    house_folder, tmp_path, ahead
):
    with linked_ahead(ahead):
        built = Twice(house_folder, tmp_path)
        file = house_folder / ITEM
        file.write_text(file.read_text("utf-8").replace("正文", "㐀㐁"), encoding="utf-8")
        with mock.patch.object(Search, "postings", side_effect=AssertionError("the whole volume is made")):
            build(house_folder, built.site, now=START, past=built.first.past)
        assert built.again()


@pytest.mark.parametrize("ahead", [True, False])
def test_a_file_that_its_sheet_no_longer_makes_is_gone(house_folder, tmp_path, ahead):
    file = house_folder / ATTACHMENT
    with linked_ahead(ahead):
        built = Twice(house_folder, tmp_path)
        assert any(path.endswith(".pdf") for path in built.bytes), "it was published"
        file.unlink()
        built.again()
    assert not [path for path in paths_of(built.site) if path.endswith(".pdf")]


@pytest.mark.parametrize("ahead", [True, False])
def test_postings_that_somebody_wrote_into_are_made_anew(house_folder, tmp_path, ahead):
    with linked_ahead(ahead):
        built = Twice(house_folder, tmp_path)
        spoilt = built.site / "search/t/0/0.bin"
        spoilt.unlink()
        spoilt.write_bytes(b"somebody was here")
        file = house_folder / ITEM
        file.write_text(file.read_text("utf-8").replace("正文", "㐀㐁"), encoding="utf-8")
        assert "search/t/0/0.bin" in built.again()


def placed(folder: Path, data: bytes) -> tuple[Placing, Done]:
    """What puts files into a folder, and the sheet of a build before with one file of these bytes."""
    old, new = folder / "old", folder / "new"
    old.mkdir()
    new.mkdir()
    (old / "a.txt").write_bytes(data)
    at = (old / "a.txt").stat()
    return Placing(new, Past(old)), Done(b"", (), (("a.txt", at.st_size, at.st_mtime_ns),))


def test_a_file_is_written_when_the_one_before_has_other_bytes_or_another_time(tmp_path):
    place, done = placed(tmp_path, b"one")
    row, old, new = done.rows[0], tmp_path / "old/a.txt", tmp_path / "new/a.txt"
    assert place.put("a.txt", b"one", row) == row and new.samefile(old)
    assert place.put("a.txt", b"two", row) != row and not new.samefile(old)
    assert (old.read_bytes(), new.read_bytes()) == (b"one", b"two")
    os.utime(old, ns=(0, 0))
    assert place.put("a.txt", b"one", row)[2] != row[2] and not new.samefile(old)
    old.unlink()
    old.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"one")
    assert place.put("a.txt", b"one", row) and not new.is_symlink()


def test_what_lies_in_the_folder_is_taken_away_and_not_written_through(tmp_path):
    place, _ = placed(tmp_path, b"one")
    new, outside = tmp_path / "new/a.txt", tmp_path / "outside"
    outside.write_bytes(b"kept")
    new.symlink_to(outside)
    place.put("a.txt", b"two")
    assert outside.read_bytes() == b"kept" and not new.is_symlink() and new.read_bytes() == b"two"


def test_a_sheet_of_which_one_file_was_changed_leaves_nothing_behind(tmp_path):
    place, done = placed(tmp_path, b"one")
    gone = done._replace(rows=(*done.rows, ("b.txt", 3, 0)))
    assert not place.stand("sheet", gone) and not (tmp_path / "new/a.txt").exists()
    assert place.stand("sheet", done) and place.read("a.txt") == b"one"
