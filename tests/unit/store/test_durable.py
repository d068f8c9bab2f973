"""Folders that are taken away while something else is done."""

import pytest

from gongkai.store.durable import clearing


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "旧 的"
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/page.html").write_text("x", encoding="utf-8")
    return folder


def test_in_the_end_nothing_of_the_folders_is_left(old, tmp_path):
    (tmp_path / "-rf").mkdir()
    with clearing(old, tmp_path / "-rf", tmp_path / "never there"):
        (tmp_path / "other").mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_also_where_no_other_program_can_be_had(old, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with clearing(old):
        assert old.exists()
    assert not old.exists()


def test_also_when_what_is_done_meanwhile_fails(old):
    with pytest.raises(OSError, match="full"), clearing(old):
        raise OSError("full")
    assert not old.exists()


def test_what_another_folder_is_linked_to_stays(old, tmp_path):
    new = tmp_path / "new.html"
    new.hardlink_to(old / "a/b/page.html")
    (old / "link").symlink_to(tmp_path)
    with clearing(old):
        pass
    assert new.read_text(encoding="utf-8") == "x"
