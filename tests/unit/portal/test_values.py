"""A field's value as a reader sees it, and the ways from one item to another."""

import pytest

from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.message import Words
from gongkai.model.types import FieldInfo
from gongkai.portal.attachments import readable
from gongkai.portal.references import ItemLinks
from gongkai.portal.site import Site
from gongkai.portal.values import Values


@pytest.fixture
def values(new_item, portal_of):
    item = new_item("tide-2026-00001")
    site = Site(portal_of(item, new_item("tide-2026-00002")), lambda message: message.text)
    return Values(site, ItemLinks(site, item).titled)


@pytest.mark.parametrize(
    ("value", "schema", "html"),
    [
        (True, {}, "Yes"),
        (12, {}, "12"),
        (480000, {}, "480,000"),
        ("甲\n乙", {}, "甲<br>乙"),
        ("<b>甲</b>", {}, "&lt;b&gt;甲&lt;/b&gt;"),
        ("138****1234", {}, "138****1234"),
        ("valid", {"allOf": [{"x-labels": {"valid": {"zh": "现行有效", "en": "Valid"}}}]}, "现行有效"),
        ("2026-03-01T08:05:00Z", {}, "2026-03-01 16:05"),
        ("2026-03-01", {}, "2026-03-01"),
        ("tide-2026-00002", {}, '<a href="00002.html">tide-2026-00002</a>'),
        ("tide-2026-00009", {}, "tide-2026-00009"),
        (["甲", "乙"], {}, "甲、乙"),
        (
            ["第一步提交全部申请材料的原件", "第二步"],
            {},
            "<ul><li>第一步提交全部申请材料的原件</li><li>第二步</li></ul>",
        ),
    ],
)
def test_values_are_shown_as_words(values, value, schema, html):
    assert str(values.show(value, FieldInfo("x", Words("某项"), schema=schema))) == html


def test_a_list_of_groups_is_a_table_with_the_schemas_titles(values):
    schema = {"items": {"properties": {"name": {"title": "岗位"}}}}
    made = str(values.show([{"name": "局长", "x_note": "1"}], FieldInfo("x", Words("某项"), schema=schema)))
    assert '<th scope="col">岗位</th>' in made
    assert "<td>局长</td>" in made
    assert "x_note" not in made


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (5 * 1024**2, "5.0 MB")]
)
def test_sizes_are_readable(size, text):
    assert readable(size) == text


@pytest.fixture
def links(new_item, portal_of):
    """The links of one item that has a file, beside another item that has one, and a link out of the tree."""
    item, other = new_item("tide-2026-00001"), new_item("ferry-2025-00002")
    paths = (f"{item.folder}/表 1.pdf", f"{other.folder}/secret.pdf", "site_config/people.yml")
    files = {path: FileEntry(path) for path in paths} | {
        f"{item.folder}/link.pdf": FileEntry(f"{item.folder}/link.pdf", kind="symlink")
    }
    portal = portal_of(item, other)
    object.__setattr__(portal, "corpus", Corpus(portal.corpus.items, files=files))
    return ItemLinks(Site(portal, lambda message: message.text), item)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.gov.cn/x", "https://a.gov.cn/x"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("doc:ferry-2025-00002", "../../ferry/2025/00002.html"),
        ("doc:ferry-2025-00002#%E4%B8%80", "../../ferry/2025/00002.html#%E4%B8%80"),
        ("../../ferry/2025/ferry-2025-00002.md", "../../ferry/2025/00002.html"),
        ("/ferry/2025/00002.html", "../../ferry/2025/00002.html"),
        ("%E8%A1%A8%201.pdf", "00001/%E8%A1%A8%201.pdf"),
        ("tide-2026-00001/表 1.pdf", "00001/%E8%A1%A8%201.pdf"),
        ("doc:nobody-2025-00001", None),
        ("../../ferry/2025/ferry-2025-00002/secret.pdf", None),
        ("../../../site_config/people.yml", None),
        ("../../../../../etc/passwd", None),
        ("link.pdf", None),
        ("nothing.pdf", None),
    ],
)
def test_a_link_leads_to_an_item_an_own_file_or_nowhere(links, url, target):
    assert links.link(url) == target
    assert set(links.used) == ({"表 1.pdf"} if target and target.endswith(".pdf") else set())
