from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from gongkai.intake.html import convert
from gongkai.model.message import english
from gongkai.portal.markdown import render


class Anywhere:
    """Every link leads where it says."""

    def link(self, url: str) -> str | None:
        return url

    def image(self, url: str) -> str | None:
        return url


def shown(html: str, **options: str) -> BeautifulSoup:
    return BeautifulSoup(render(convert(html, **options).markdown, Anywhere()).html, "html.parser")


def said(html: str) -> str:
    return "; ".join(english(note) for note in convert(html).notes)


def cells(html: str) -> list[list[str]]:
    page = shown(html)
    return [[c.get_text("/") for c in row.find_all(["td", "th"])] for row in page.find_all("tr")]


def test_a_table_keeps_every_row_and_number() -> None:
    html = "<table><tr><th>渡口</th><th>班次</th></tr><tr><td>东渡</td><td>12</td></tr><tr><td>西渡</td><td>8</td></tr></table>"
    assert cells(html) == [["渡口", "班次"], ["东渡", "12"], ["西渡", "8"]]


def test_merged_cells_are_spread_out_and_their_text_stands_once() -> None:
    html = (
        "<table><tr><td rowspan=2>项目</td><td colspan=2>金额</td></tr><tr><td>预算</td><td>决算</td></tr>"
        "<tr><td>航标</td><td>10</td><td>9</td></tr></table>"
    )
    assert cells(html) == [["项目", "金额", ""], ["", "预算", "决算"], ["航标", "10", "9"]]


def test_a_row_of_one_cell_above_a_table_is_its_title() -> None:
    page = shown(
        "<table><tr><td colspan=2>附表1</td></tr><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    assert page.find("p").get_text() == "附表1"
    assert len(page.find_all("tr")) == 2


def test_a_ragged_table_with_absurd_spans_loses_nothing() -> None:
    html = "<table><tr><td rowspan=999999999999>1</td><td>2</td></tr><tr><td colspan=0>3</td></tr><tr><td>4<td>5<td>6</tr></table>"
    assert sorted(c for row in cells(html) for c in row if c) == list("123456")


def test_lines_and_lists_in_a_cell_stay_in_the_cell() -> None:
    html = "<table><tr><th>a</th><th>b</th></tr><tr><td>甲<br>乙<p>丙|丁</p></td><td><ul><li>一</li><li>二</li></ul></td></tr></table>"
    assert cells(html)[1] == ["甲/乙/丙|丁", "- 一/- 二"]


def test_a_table_in_a_cell_keeps_its_rows_as_lines() -> None:
    inner = "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>"
    html = f"<table><tr><td>表</td><td>{inner}</td></tr><tr><td>甲</td><td>乙</td></tr></table>"
    assert cells(html)[0] == ["表", "1；2/3；4"]
    assert "1 tables inside" in said(html)


def test_a_table_that_only_places_text_is_unwrapped() -> None:
    html = '<tbody><tr><td class="b12c"><p>第一段</p><p>第二段</p></td></tr><tr><td></td></tr></tbody>'
    assert convert(html).markdown == "第一段\n\n第二段"


def test_scripts_styles_and_hidden_text_are_dropped_and_reported() -> None:
    html = "<style>p{}</style><p>文</p><script>alert(1)</script><div style='display: none'>暗</div><input value=1>"
    assert convert(html).markdown == "文"
    for name in ("script", "style", "display:none", "input"):
        assert f"<{name}>" in said(html)


def test_what_is_text_in_html_never_becomes_markup() -> None:
    html = "<p># 一 *二* _三_ &lt;script&gt; [x](y)</p><p>1<span>. 条</span></p><p>- 杠</p>"
    page = shown(html)
    assert [p.get_text() for p in page.find_all("p")] == ["# 一 *二* _三_ <script> [x](y)", "1. 条", "- 杠"]


def test_bold_beside_chinese_punctuation_is_bold_and_shows_no_asterisks() -> None:
    page = shown("<p><b>一、总体要求。</b>各单位<strong>“先审查，后发布”</strong>执行<b>甲</b><b>乙</b></p>")
    assert "*" not in page.get_text()
    assert [b.get_text() for b in page.find_all("strong")] == ["一、总体要求", "先审查，后发布", "甲乙"]


def test_raised_and_lowered_figures_keep_their_meaning() -> None:
    page = shown("<p>10<sup>4</sup>立方米，CO<sub>2</sub>，m<sup>甲</sup></p>")
    assert "10⁴立方米，CO₂" in page.get_text()
    assert page.find("sup").get_text() == "甲"


def test_line_breaks_and_indents_are_not_left_as_spaces() -> None:
    made = convert("<p>　　第一行<br>\n　　第二行<br><br></p><p>&nbsp;&nbsp;管理局 &nbsp; &nbsp;</p>")
    assert made.markdown == "第一行\\\n第二行\n\n管理局"


def test_headings_lists_and_links_are_kept() -> None:
    page = shown(
        "<h1>一</h1><h2>二</h2><ol start=3><li>丙<ul><li>子</li></ul></li></ol><a href='../x y.doc'>附件</a>",
        base="https://a.cn/b/c/",
    )
    assert [h.name for h in page.find_all(re.compile("h[1-6]"))] == ["h2", "h3"]
    assert page.find("ol")["start"] == "3"
    assert page.find("ul").get_text(strip=True) == "子"
    assert page.find("a")["href"] == "https://a.cn/b/x%20y.doc"


def test_pictures_and_frames_elsewhere_become_links() -> None:
    page = shown("<p><img src='/a.png' alt='渡船'></p><iframe src='//v.cn/1'></iframe>", base="https://a.cn/")
    assert page.find("img") is None
    assert [a["href"] for a in page.find_all("a")] == ["https://a.cn/a.png", "https://v.cn/1"]


@pytest.mark.parametrize("src", ["data:image/png;base64,AAAA", "javascript:x", ""])
def test_pictures_that_lead_nowhere_are_dropped_and_reported(src: str) -> None:
    assert convert(f"<p>文<img src='{src}'></p>").markdown == "文"
    assert "<img>" in said(f"<p>文<img src='{src}'></p>")


def test_a_dangerous_link_is_its_text_and_reported() -> None:
    html = "<p><a href='javascript:alert(1)'>点</a></p>"
    assert convert(html).markdown == "点"
    assert "javascript:alert(1)" in said(html)


def test_html_nested_ten_thousand_deep_keeps_its_text() -> None:
    html = "<div>" * 10_000 + "文" + "</div>" * 10_000
    assert convert(html).markdown == "文"
    assert "too deeply" in said(html)


def test_odd_characters_in_html_are_marked_and_counted() -> None:
    assert convert("<p>甲&#xE004;乙\u200b</p>").markdown == "甲〔?〕乙"
    assert "private-use" in said("<p>甲&#xE004;乙</p>")


def test_tags_that_were_left_open_end_where_the_next_begins() -> None:
    html = "<ul><li>甲<li>乙<ul><li>子</ul><li>丙</ul><p>一<p>二<div>三</div>四"
    page = shown(html)
    assert [li.find(string=True).strip() for li in page.find_all("li")] == ["甲", "乙", "子", "丙"]
    assert page.get_text("|", strip=True) == "甲|乙|子|丙|一|二|三|四"
    assert cells("<table><tr><td>1<td>2<tr><td>3<td>4</table>") == [["1", "2"], ["3", "4"]]
