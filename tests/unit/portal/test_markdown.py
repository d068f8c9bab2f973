"""Authored Markdown becomes HTML that may stand on a public page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.portal.markdown import TAGS, render


class Ways:
    """Links of a text: `doc:known` and `a.jpg` are there, `doc:` otherwise is not."""

    def link(self, url: str) -> str | None:
        if url.startswith("doc:"):
            return "known.html" if url == "doc:known" else None
        return url

    def image(self, url: str) -> str | None:
        return "files/a.jpg" if url == "a.jpg" else None


class Seen(HTMLParser):
    """The tags and attributes that a browser would meet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def html(text: str) -> str:
    return render(text, Ways()).html


def is_harmless(text: str) -> bool:
    seen = Seen(text)
    return (
        set(seen.tags) <= TAGS
        and not any(name.startswith("on") or name == "style" for _, name, _ in seen.attributes)
        and not any(
            value.strip().lower().startswith(("javascript:", "data:", "vbscript:", "file:"))
            for _, name, value in seen.attributes
            if name in ("href", "src")
        )
        and not any(tag == "img" and "//" in value for tag, name, value in seen.attributes if name == "src")
    )


HOSTILE = (
    "<script>alert(1)</script>正文",
    "<b onclick=alert(1)>粗</b>",
    "[点](javascript:alert(1))",
    "[点](JaVaScRiPt:alert(1))",
    '<a href="jav&#x09;ascript:alert(1)">点</a>',
    "<javascript:alert(1)>",
    "![图](data:image/svg+xml;base64,PHN2Zz4=)",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><circle/></svg>",
    "<iframe src=//evil.example></iframe>",
    '<p style="background:url(//evil.example/x.png)">字</p>',
    "<style>@import url(//evil.example/x.css)</style>",
    '<form action="//evil.example"><input name=a><button>发</button></form>',
    '<base href="//evil.example/"><meta http-equiv=refresh content="0;url=//evil.example">',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<details open ontoggle=alert(1)>更多</details>",
    "<object data=//evil.example></object><embed src=//evil.example>",
    '<a href="vbscript:x">a</a><a href="data:text/html,x">b</a>',
    "[a]: javascript:alert(1)\n\n[a]",
    "![x](//evil.example/a.png)",
    '`<img src=x onerror=alert(1)>`<div class="mermaid">x</div>',
    "| a |\n| - |\n| <img src=x onerror=alert(1)> |",
    '<h2 id="__drawer" onclick=x>题</h2>',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_passes(text: str) -> None:
    assert is_harmless(html(text))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<", ">", '"', "'", "&", "`", "\n", "  ", "](", "![", "<a href=", "正文"])
    )
)
def test_no_mixture_of_hostile_pieces_passes(pieces: list[str]) -> None:
    assert is_harmless(html("".join(pieces)))


def test_a_script_goes_with_its_content() -> None:
    assert "alert" not in html("<script>alert(1)</script>正文")


def test_ids_of_the_themes_controls_cannot_be_taken() -> None:
    assert "__drawer" not in html('<h2 id="__drawer">题</h2>')


def test_headings_stand_below_the_title_and_keep_chinese_anchors() -> None:
    made = render("# 一、总则\n\n### （一）目的\n\n# 一、总则\n", Ways())
    assert [(h.level, h.anchor, h.title) for h in made.headings] == [
        (2, "一总则", "一、总则"),
        (4, "一目的", "（一）目的"),
        (2, "一总则-1", "一、总则"),
    ]
    assert '<h2 id="一总则">一、总则</h2>' in made.html


def test_a_text_whose_headings_begin_low_is_lifted() -> None:
    assert [h.level for h in render("### 甲\n\n#### 乙\n", Ways()).headings] == [2, 3]


@pytest.mark.parametrize(
    ("text", "address", "after"),
    [
        ("见 http://a.gov.cn/x。后文", "http://a.gov.cn/x", "。后文"),
        ("（http://a.gov.cn/x）后文", "http://a.gov.cn/x", "）后文"),
        ("见http://a.gov.cn/x，另见", "http://a.gov.cn/x", "，另见"),
        ("see http://a.gov.cn/x.", "http://a.gov.cn/x", "."),
        ("see http://a.gov.cn/x?a=1&b=2 now", "http://a.gov.cn/x?a=1&amp;b=2", " now"),
        ("(http://a.gov.cn/x_(1))", "http://a.gov.cn/x_(1)", ")"),
        ("www.a.gov.cn、下文", "http://www.a.gov.cn", "、下文"),
        ("邮箱office@a.example。", "mailto:office@a.example", "。"),
    ],
)
def test_a_bare_address_ends_where_the_sentence_goes_on(text: str, address: str, after: str) -> None:
    made = html(text)
    assert f'<a href="{address}"' in made
    assert made.rstrip().removesuffix("</p>").endswith(f"</a>{after}")


def test_two_addresses_joined_by_a_chinese_comma_are_two_links() -> None:
    assert html("http://a.gov.cn/x、http://b.gov.cn/y").count("<a ") == 2


def test_addresses_in_code_stay_code() -> None:
    assert "<a" not in html("`http://a.gov.cn/x`\n\n```\nhttp://b.gov.cn\n```\n")


def test_a_remote_picture_becomes_a_link_with_its_words() -> None:
    made = html("![灯塔](https://other.example/a.png)")
    assert "<img" not in made
    assert '<a href="https://other.example/a.png" rel="external noopener noreferrer">灯塔</a>' in made


def test_a_remote_picture_in_a_link_stays_one_link() -> None:
    assert html("[![灯塔](https://other.example/a.png)](doc:known)").count("<a ") == 1


def test_a_link_to_an_unknown_item_stays_as_text_and_is_reported() -> None:
    made = render("见[办法](doc:unknown)和[指南](doc:known)。", Ways())
    assert made.html == '<p>见办法和<a href="known.html">指南</a>。</p>\n'
    assert made.broken == ("doc:unknown",)


def test_a_missing_picture_leaves_its_words_and_is_reported() -> None:
    made = render("![看不见的图](no.jpg)", Ways())
    assert (made.html, made.broken) == ("<p>看不见的图</p>\n", ("no.jpg",))


def test_tables_scroll_and_keep_their_alignment_without_old_attributes() -> None:
    made = html("| 项目 | 数量 |\n| --- | ---: |\n| 灯塔 | 3 |\n")
    assert '<div class="gk-scroll" tabindex="0"><table class="gk-table">' in made
    assert '<td class="gk-right">3</td>' in made
    assert "align=" not in made


def test_emphasis_beside_chinese_punctuation_is_emphasis() -> None:
    assert "<strong>“双人复核”</strong>" in html("异常数据**“双人复核”**后报送")


def test_lines_of_one_chinese_paragraph_join_without_a_space() -> None:
    assert html("第一行，\n第二行") == "<p>第一行，第二行</p>\n"
    assert html("first line\nsecond line") == "<p>first line\nsecond line</p>\n"


def test_words_in_a_tag_are_no_text() -> None:
    made = html('<time datetime="潮\n汐 www.tide.example">潮\n汐</time> <b>潮</b>\n汐')
    assert made == '<p><time datetime="潮\n汐 www.tide.example">潮汐</time> <b>潮</b>\n汐</p>\n'


def test_footnotes_lead_there_and_back_with_a_name_for_the_way_back() -> None:
    made = render("正文[^甲]。\n\n[^甲]: 说明", Ways(), back="返回正文").html
    target = next(v for t, n, v in Seen(made).attributes if t == "a" and n == "href")
    ids = [v for _, n, v in Seen(made).attributes if n == "id"]
    assert target.startswith("#")
    assert len(ids) == 2
    assert 'aria-label="返回正文"' in made


def test_task_lists_are_signs_not_controls() -> None:
    made = html("- [x] 已办\n- [ ] 未办\n")
    assert "<input" not in made
    assert "☑" in made
    assert "☐" in made


def test_private_and_quoted_characters_survive() -> None:
    assert html('甲 & 乙 < 丙 "丁"') == '<p>甲 &amp; 乙 &lt; 丙 "丁"</p>\n'
