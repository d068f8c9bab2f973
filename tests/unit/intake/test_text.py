from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from gongkai.intake.characters import Cleaner
from gongkai.intake.links import as_markdown, read_links, repair, safe
from gongkai.intake.plain import paragraphs, to_markdown
from gongkai.model.message import english
from gongkai.portal.markdown import render

SIGNS = "#*_-+=>`~|[](){}<>!&\\:.1234567890 \t\u3000一二abc“”。，\"'@/^$"


class Anywhere:
    """Every link leads where it says."""

    def link(self, url: str) -> str | None:
        return url

    def image(self, url: str) -> str | None:
        return None


def shown(markdown: str) -> BeautifulSoup:
    return BeautifulSoup(render(markdown, Anywhere()).html, "html.parser")


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(
    "text",
    [
        "1. 第一条", "12) 甲", "# 一", "####### 七", "- 破折", "+ 加", "* 星", "> 引", "===", "---", "***", "| a | b |",
        "<b>粗</b> & &lt; &copy;", "[甲](http://x.cn)", "![图](a.png)", "*号* _线_ **粗** `码` ~~删~~", "a_b_c*d*e",
        "\\* 反斜线 \\", "[^1]: 注", "[x] 勾", "http://x.cn/a_b_c?x=1&copy=2 后面", "见 https://x.cn/（内）", "a|b",
        "&#65;", "    四格", "\t制表", "1986\\. 年", "$a$ $$b$$", ":smile:", "a@b.cn", "- - -", "&amp;",
    ],
)  # fmt: skip
def test_plain_text_is_shown_exactly_as_it_was(text: str) -> None:
    page = shown(to_markdown(text))
    assert bare(page.get_text()) == bare(text)
    assert {tag.name for tag in page.find_all(True)} <= {"p", "a"}


@given(st.lists(st.text(alphabet=SIGNS, max_size=40), max_size=4))
def test_any_plain_text_survives_markdown(lines: list[str]) -> None:
    text = "\n".join(lines)
    page = shown(to_markdown(text, one_run=False))
    assert bare(page.get_text()) == bare(text)
    assert {tag.name for tag in page.find_all(True)} <= {"p", "a"}


def test_full_width_indents_are_paragraphs_where_a_text_has_no_line_breaks() -> None:
    run = (
        "\n\u3000\u3000各渡口：\u3000\u3000按期检查。联系人：值班室\u30000000\u3000\u3000\u3000\u3000管理局\n"
    )
    assert paragraphs(run) == ["各渡口：", "按期检查。联系人：值班室\u30000000", "管理局"]


def test_full_width_spaces_inside_a_text_with_line_breaks_are_kept() -> None:
    assert paragraphs("\u3000\u3000第一段\n办公室\u3000\u3000法规科") == [
        "第一段",
        "办公室\u3000\u3000法规科",
    ]


def test_private_use_characters_leave_a_visible_mark_and_are_counted() -> None:
    cleaner = Cleaner()
    assert cleaner.clean("第\ue004章\x07\u200b\ufffd") == "第〔?〕章\ufffd"
    assert [english(note).split(" ", 1)[0] for note in cleaner.notes()] == ["1"] * 4


def test_a_map_may_say_what_a_character_stood_for() -> None:
    cleaner = Cleaner({"\ue004": "\n"})
    assert cleaner.clean("一\ue004二") == "一\n二"
    assert "as the map says" in english(cleaner.notes()[0])


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("https://a.cnhttps://www.b.cn/x.doc", "https://www.b.cn/x.doc"),
        ("https://a.cn/http://www.b.cn/x.doc", "http://www.b.cn/x.doc"),
        ("https://a.cnmailto:office@b.cn", "mailto:office@b.cn"),
    ],
)
def test_an_address_glued_to_another_is_cut_to_the_last_whole_one(broken: str, whole: str) -> None:
    fixed, note = repair(broken)
    assert fixed == whole
    assert note is not None


@pytest.mark.parametrize("url", ["https://a.cn/go?to=https://b.cn/x", "https://web.cn/save/https://b.cn/"])
def test_an_address_inside_another_is_left_alone(url: str) -> None:
    assert repair(url) == (url, None)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JAVASCRIPT:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "附件链接",
        "http://[",
        "",
    ],
)
def test_a_link_that_no_reader_may_follow_is_dropped(url: str) -> None:
    assert safe(url)[0] is None


def test_a_link_cannot_break_out_of_its_markdown() -> None:
    links, _ = read_links([{"url": "https://a.cn/x) [y](javascript:z) <b>.doc", "title": "表](x) *一*"}])
    page = shown(as_markdown(links, "附件"))
    assert [a["href"] for a in page.find_all("a")] == [
        "https://a.cn/x%29%20%5By%5D%28javascript:z%29%20%3Cb%3E.doc"
    ]
    assert page.find("a").get_text() == "表](x) *一*"


def test_links_of_a_cell_are_read_from_a_list_or_from_lines() -> None:
    assert [
        link.title for link in read_links("https://a.cn/1.doc\nhttps://a.cn/2.doc; https://a.cn/3.doc")[0]
    ] == [
        "1.doc",
        "2.doc",
        "3.doc",
    ]
    assert read_links([])[0] == []
    assert [link.url for link in read_links(["https://a.cn/1.doc", "https://a.cn/1.doc"])[0]] == [
        "https://a.cn/1.doc"
    ]
