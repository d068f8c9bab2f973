"""A page that is filled into a mould is the page that its template renders, wherever it stands and whatever stands on it."""

from __future__ import annotations

import pytest

from gongkai.evidence.chain import Record
from gongkai.portal.build import build
from gongkai.portal.item_page import ItemPage
from gongkai.portal.making import opened
from gongkai.portal.pages import list_pages
from gongkai.portal.plan import Plan
from gongkai.portal.reading import read
from gongkai.store import clock
from gongkai.store.tree import FolderTree

from .conftest import NOW, SAMPLE_NOW, item, sample_folder
from .test_same_bytes import by_mkdocs, same


def rendered(root, now, whole):
    """The pages of all items and lists by path; `whole`: each from its template, none from a mould."""
    plan = Plan(root, root, "", clock.parse(now), {}, Record())
    sheets, shell = opened(plan, read(plan, FolderTree(root)))
    filled, made = shell._moulds.filled, []

    def noted(template, given):
        made.append(None if whole else filled(template, given))
        return made[-1]

    shell._moulds.filled = noted
    pages = [*(ItemPage(sheets.site, one).page() for one in sheets.site.items), *list_pages(sheets.site)]
    found = {page.path: shell.page(page) for page in pages}
    assert len(made) == len(found) and any(made) is not whole
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_from_a_mould_is_the_page_that_its_template_renders(tmp_path, language):
    root = tmp_path / "portal"
    sample_folder(root, language)
    poured, whole = rendered(root, SAMPLE_NOW, whole=False), rendered(root, SAMPLE_NOW, whole=True)
    assert poured.keys() == whole.keys()
    assert [path for path in poured if poured[path] != whole[path]] == []


def test_what_is_typed_into_an_item_is_no_mark_of_a_mould(house_folder):
    lines = ('summary: "<i>\\0heading\\0</i>"', 'language: "x\\0heading\\0"')
    content = item("tide-2024-00077", "notice", "关于<b>&amp;{{ heading }}的通知", *lines)
    (house_folder / "content/tide/2024/tide-2024-00077.md").write_text(content, encoding="utf-8")
    path = "tide/2024/00077.html"
    poured = rendered(house_folder, NOW, whole=False)
    assert poured == rendered(house_folder, NOW, whole=True)
    assert "关于&lt;b&gt;&amp;amp;{{ heading }}的通知".encode() in poured[path]
    assert b"&lt;i&gt;\0heading\0&lt;/i&gt;" in poured[path]


def test_a_department_may_be_called_like_a_folder_of_the_portals_own(house_folder, tmp_path):
    for name in ("assets", "columns", "search"):
        folder = house_folder / "content" / name / "2024"
        folder.mkdir(parents=True)
        text = item(f"{name}-2024-00001", "notice", "与门户自身文件夹同名的科室")
        (folder / f"{name}-2024-00001.md").write_text(text, encoding="utf-8")
    built = build(house_folder, tmp_path / "ours", now=clock.parse(NOW), strict=False)
    same(built.site, by_mkdocs(house_folder, tmp_path / "theirs", NOW))
