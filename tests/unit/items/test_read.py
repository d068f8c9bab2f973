"""From files to items; what cannot be read is a value, and the others go on."""

import pytest

from gongkai.items.read import MAX_BYTES, read_corpus, read_item
from gongkai.model.corpus import FileEntry
from gongkai.store.tree import FolderTree

GOOD = "---\nid: office-2026-00001\ntype: notice\ntitle: 标题\n---\n\n正文\n第二行\n"


def _fault(raw, path="content/office/2026/office-2026-00001.md"):
    item, unread = read_item(path, raw)
    assert item is None
    return unread[0].fault, unread[0].place.line


def test_both_forms_give_the_same_item():
    md, _ = read_item("content/o/2026/a.md", GOOD.encode())
    text = "id: office-2026-00001\ntype: notice\ntitle: 标题\nbody: |\n  正文\n  第二行\n"
    yml, _ = read_item("content/o/2026/a.yml", text.encode())
    assert (md.fields, md.body) == (yml.fields, yml.body)


def test_body_and_fields_know_their_lines():
    item, _ = read_item("content/o/2026/a.md", GOOD.encode())
    assert (item.body_line, item.place("title").line, item.place("body").line) == (7, 4, 7)


def test_windows_line_ends_change_nothing():
    mac, _ = read_item("a.md", GOOD.replace("\n", "\r\n").encode())
    unix, _ = read_item("a.md", GOOD.encode())
    assert (mac.fields, mac.body, mac.marks) == (unix.fields, unix.body, unix.marks)


@pytest.mark.parametrize(
    ("raw", "fault", "line"),
    [
        (b"", "empty", 1),
        (b"  \n\n", "empty", 1),
        (GOOD.encode("gbk"), "gbk", 4),
        (GOOD.encode("utf-16"), "utf16", 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "binary", 1),
        ("---\na: caf\xe9\n---\n".encode("latin-1"), "encoding", 2),
        (b"title: x\n", "no_front_matter", 1),
        (b"---\ntitle: x\n", "open_front_matter", 1),
        (b"---\n- x\n---\n", "shape", 2),
        (b"---\ntitle: a: b\n---\n", "syntax", 2),
        (b"x" * (MAX_BYTES + 1), "size", 1),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(raw, fault, line):
    assert _fault(raw) == (fault, line)


def test_a_byte_order_mark_is_read_past_with_a_warning():
    item, unread = read_item("a.md", b"\xef\xbb\xbf" + GOOD.encode())
    assert item.title == "标题"
    assert [(u.fault, u.fatal) for u in unread] == [("bom", False)]


def test_a_link_out_of_the_tree_is_not_followed(portal, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text(GOOD)
    folder = portal.root / "content/office/2026"
    folder.mkdir(parents=True)
    (folder / "office-2026-00001.md").symlink_to(secret)
    (portal.root / "content" / "out").symlink_to(tmp_path)
    corpus = read_corpus(FolderTree(portal.root))
    assert corpus.items == ()
    assert [u.fault for u in corpus.unread] == ["symlink"]
    assert corpus.files["content/out"].kind == "symlink"


class _LockedTree:
    """A tree whose only file the system will not let us read (root reads everything, so the disk cannot show it)."""

    def entries(self, under=""):
        return [FileEntry("content/office/2026/office-2026-00001.md", 10)]

    def read(self, path):
        raise PermissionError(13, "Permission denied")


def test_a_file_that_the_system_refuses_is_a_finding():
    corpus = read_corpus(_LockedTree())
    assert [(u.fault, u.holes["reason"]) for u in corpus.unread] == [("unreadable", "Permission denied")]


def test_a_file_of_a_hundred_megabytes_is_refused_unread(portal):
    path = portal.write("content/office/2026/office-2026-00001.md", b"")
    with path.open("wb") as sink:
        sink.truncate(100_000_000)
    corpus = read_corpus(FolderTree(portal.root))
    assert [u.fault for u in corpus.unread] == ["size"]


@pytest.mark.corpora
def test_three_hundred_foreign_posts_are_read_or_refused_with_a_line(corpora):
    faults, read = [], 0
    for entry in FolderTree(corpora / "digitalgov").entries("news"):
        item, unread = read_item(entry.path, FolderTree(corpora / "digitalgov").read(entry.path))
        read += item is not None
        faults += [(u.fault, u.place.line) for u in unread]
    assert read + sum(1 for f, _ in faults if f not in ("repeated", "bom")) == 300
    assert read > 250
    assert all(line >= 1 for _, line in faults)
    assert "repeated" in {f for f, _ in faults}
