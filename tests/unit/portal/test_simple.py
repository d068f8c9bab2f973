"""What is written down at once is what the last pass gives."""

from __future__ import annotations

import comrak
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.portal import feeds_entry, markdown
from gongkai.portal.markdown import TAGS, render
from gongkai.portal.rewrite import Rewriter
from gongkai.portal.sights import Led, addresses, loading
from gongkai.portal.simple import PLAIN, simply

PIECES = (
    "第一条 为了规范工作", "“重点”，**加粗**与*斜体*和***两者***", "# 一、总则", "## 二、（一）", "###### 末级", "标题\n=====",
    "标题\n接着\n-----", "- 一\n- 二\n  - 二之一\n    1. 深处\n", "1. 甲\n\n2. 乙", "3. 从三开始", "- [ ] 待办", "> 引用\n> > 再引",
    "| 甲 | 乙 |\n|---|---|\n| 1 | **二** |", "| 右 |\n|--:|\n| 1 |", "```\n代码\n```", "    缩进代码", "`码`", "[链接](doc:known)",
    "![图](a.jpg)", "https://x.example/", "a@x.example", "www.x.example", "~~删~~", "脚注[^1]\n\n[^1]: 注", "---", "行尾  \n换行",
    "行尾\\\n换行", "a < b > c", "&lt;b&gt;", "&amp;", '"引号"', "'单引号'", "<b>粗</b>", "\\<b>", "<", ">", "\u00a0", "\0", "\ufeff",
    "\u200b", "\u0085", "\u2028", "\x0c", "\x0b", "\x1b", "\ud7ff\ue000", "# __init__", "# gk-text", "# a'b", "# a b\tc", "#",
    "# **粗** 标题", "# 同名\n\n# 同名", "| 表 |\n|---|", "\t制表", "**", "****粗****", "*a **b** c*", "_a __b__ c_", "<!-- 注 -->",
    "&#60;b&#62;", "&nbsp;", '<h2 id="gk-a">甲</h2>', '<h2 id="甲">甲<a href="#甲" class="anchor"></a></h2>', '<li id="__a">一</li>',
    '<a id="a b" href="doc:known">甲</a>', "<h3 id=''>乙</h3>", '<p id="x">丙</p>', '&lt;h2 id="__a">',
    '<h2 id="__b">丁<a href="#__b" class="anchor"></a></h2>',
)  # fmt: skip
TEXT = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text("*_#>-1.`|~ \t\n一。\u3000aA'\"\\[]()!:", max_size=12)),
    max_size=8,
).map("\n\n".join)
JOINED = st.lists(st.sampled_from(PIECES), max_size=6).map("\n".join)


class Ways:
    """Links that lead where they say."""

    def link(self, url: str) -> str | None:
        return url

    def image(self, url: str) -> str | None:
        return url


def rendered(text: str) -> str:
    """What comrak makes of a text, and the sanitiser leaves."""
    return markdown._CLEANER.clean(comrak.render_markdown(text, markdown._EXTENSIONS, None, markdown._OUTPUT))


def both(text: str) -> None:
    """What is written down quickly is what the long way gives."""
    html = rendered(text)
    quickly, slowly = simply(html), Rewriter(Ways(), "↩").run(html)
    assert quickly is None or quickly == slowly
    found = render(text, Ways())
    assert found == slowly
    if type(found.html) is Led and found.html.ways is not None:
        data = found.html.encode("utf-8", "replace")
        assert not (found.html.ways or addresses(data) or loading(data))


@settings(max_examples=400, deadline=None)
@given(st.one_of(TEXT, JOINED))
def test_both_ways_give_the_same(text: str) -> None:
    both(text)


@settings(max_examples=400, deadline=None)
@given(st.one_of(TEXT, JOINED))
def test_as_data_a_text_has_no_ids_however_few_attributes_there_are(text: str) -> None:
    html, url = render(text, Ways()).html, "https://x.example/a/1.html"
    each = feeds_entry._WITH_ATTRIBUTES.sub(lambda tag: feeds_entry._tag(tag, url), html)
    assert feeds_entry.absolute(html, url) == each


def test_as_data_a_heading_keeps_nothing_but_its_words() -> None:
    html = render('# 一 id="二"\n\n## 三\n\n[四](doc:known)\n', Ways()).html
    assert ' id="' in html
    assert feeds_entry.absolute(html, "https://x.example/a/1.html").startswith(
        '<h2>一 id="二"</h2>\n<h3>三</h3>'
    )


@pytest.mark.parametrize("text", PIECES)
def test_both_ways_give_the_same_of_each_piece_alone(text: str) -> None:
    both(text)


def test_a_sign_of_any_kind_is_written_in_the_same_way() -> None:
    signs = [chr(n) for n in (*range(0xD800), *range(0xE000, 0x3000 + 0xE000)) if chr(n) not in "<\n"]
    for at in range(0, len(signs), 64):
        both(f"一{'一'.join(signs[at : at + 64])}一")
    for sign in signs[:0x300]:
        both(f"# 一{sign}一\n\n{sign}一")


def test_only_tags_that_authors_may_use_are_plain() -> None:
    assert {tag.strip("</>") for tag in PLAIN} <= TAGS


@pytest.mark.parametrize(
    "text", ["a < b", "# 一 <i>二</i>", "1 & 2", "[a](b)", "`a`", "a@b.cn", "| 一 |\n|:-:|\n| 1 |"]
)
def test_what_is_not_plain_is_left_to_the_last_pass(text: str) -> None:
    assert simply(rendered(text)) is None


@pytest.mark.parametrize(
    "name", ["__top", "gk-text", "a b", "a&b", "a<b", "a>b", "a`b", "a'b", "a&quot;b", "a&nbsp;b", ""]
)
def test_an_id_that_no_author_may_give_is_taken_out_of_any_text(name: str) -> None:
    for text in (
        f'<h2 id="{name}">一</h2>',
        f'<h2 id="{name}">一<a href="#{name}" class="anchor"></a></h2>\n\n[二](doc:known)',
    ):
        assert " id=" not in render(text, Ways()).html
        both(text)


def test_what_no_sanitiser_leaves_is_not_plain() -> None:
    assert simply("<p>一</p>\n<script>x</script>") is None
    assert simply("<p>一</p>\n<script") is None
    assert simply('<p class="x">一</p>\n') is None


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "<p onclick='x'>一</p>", "<b>一</b>", "一\n\n<style>x</style>"]
)
def test_every_text_in_which_a_tag_may_stand_passes_the_sanitiser(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []

    class Watched:
        def clean(self, html: str) -> str:
            passed.append(html)
            return "<p>clean</p>"

    monkeypatch.setattr(markdown, "_CLEANER", Watched())
    monkeypatch.setattr(markdown, "_QUICK", Watched())
    assert render(text, Ways()).html == "<p>clean</p>"
    assert len(passed) == 1


USUAL = '# 一、总则\n\n为了*规范*“工作”。\n\n- 甲\n- 乙\n\n| 项 | 数 |\n|---|---|\n| 一 | 1 |\n\n## （一）"分则"\n\n第二条。\n'


def test_the_usual_text_need_not_be_sanitised(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comrak writes of it is what the sanitiser would leave, and nobody asks it."""
    slowly = Rewriter(Ways(), "↩").run(rendered(USUAL))
    monkeypatch.delattr(markdown, "_CLEANER")
    monkeypatch.delattr(markdown, "_QUICK")
    assert render(USUAL, Ways()) == slowly


@pytest.mark.parametrize(
    "text", ["[a](javascript:x)", "`a`", "- [ ] 一", "一[^1]\n\n[^1]: 二", "| 一 |\n|:-:|\n| 1 |"]
)
def test_a_tag_that_is_not_plain_passes_the_sanitiser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_QUICK", None)
    with pytest.raises(AttributeError):
        render(text, Ways())


@pytest.mark.corpora
def test_real_texts_are_the_same_either_way(corpora) -> None:
    texts = [p.read_text("utf-8", "replace") for p in sorted(corpora.rglob("*.md"))]
    assert texts
    for text in texts:
        both(text)
        both(text.replace("<", ""))


def test_the_usual_text_is_plain() -> None:
    found = simply(rendered(USUAL))
    assert found is not None
    assert type(found.html) is Led and found.html.ways == ()
    assert [(h.level, h.title) for h in found.headings] == [(2, "一、总则"), (3, '（一）"分则"')]
    assert '<h3 id="一分则">（一）"分则"</h3>' in found.html
