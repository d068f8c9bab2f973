"""Marks of papers that are not for the public (SEC1xx), and the many harmless words around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.checks import secrecy
from gongkai.checks.passages import Passage, Text
from gongkai.checks.portal import read_portal
from gongkai.checks.secrecy_marks import LITERALS, Mark, marks
from gongkai.checks.wording_list import Finder
from gongkai.model.facts import ItemFacts
from gongkai.model.finding import Place
from gongkai.store.tree import FolderTree

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")

ITEM = """id: office-2026-00001
type: notice
title: 关于渡口开放时间的通知
department: office
openness: {openness}
openness_reason: 政府信息公开条例第十六条
secrecy: public
body: 正文
"""


def marked(text: Text) -> list[Mark]:
    return list(marks(text, sorted(Finder((), LITERALS).scan(text.text).places.get("secrecy", ()))))


def codes(body: str, spot: str = "") -> list[str]:
    return [m.code for m in marked(Text.of(iter([Passage(body, Place("a.md"), "body", spot)])))]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("秘密★10年", "SEC101"), ("机密★", "SEC101"), ("绝密★长期", "SEC101"), ("机 密 ☆ 二十年", "SEC101"),
        ("秘密*5年", "SEC101"), ("绝密★启用前", "SEC101"), ("密级：机密", "SEC101"), ("密级和保密期限：秘密", "SEC101"),
        ("机　密", "SEC101"), ("**秘密**\n\n正文", "SEC101"), ("（秘密）关于防汛的通知", "SEC101"), ("秘密10年", "SEC101"),
        ("内部资料，注意保存", "SEC102"), ("内部文件 不得外传", "SEC102"), ("【内部资料】", "SEC102"),
        ("（不得公开）", "SEC102"), ("注意保存", "SEC102"), ("阅后收回", "SEC102"), ("本文件严禁翻印", "SEC102"),
        ("（此件不公开）", "SEC103"), ("（此件发至县团级）", "SEC103"), ("公开方式：不予公开", "SEC103"),
        ("仅供内部使用的手册", "SEC104"), ("份号：000123", "SEC105"), ("000001\n\n云渡市文件", "SEC105"),
        ("云渡市人民政府内部明电", "SEC106"), ("内 部 明 电", "SEC106"), ("密码电报", "SEC106"), ("信访专报", "SEC106"),
    ],
)  # fmt: skip
def test_a_mark_is_found_however_it_is_dressed(body, code):
    assert codes(body) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "不得泄露国家秘密、商业秘密和个人隐私。",
        "依照《中华人民共和国保守国家秘密法》和保密法实施条例办理。",
        "国家秘密的密级分为绝密、机密、秘密三级。",
        "绝密级国家秘密的保密期限不超过三十年。",
        "对商业秘密和机密性信息负有保密义务。",
        "行政机关对涉及个人隐私的信息不得公开。",
        "（此件公开发布）",
        "公开方式：主动公开",
        "依据国办发明电〔2023〕7号，放假安排如下。",
        "公文标注“秘密★10年”的不得上网。",
        "内部资料性出版物管理办法。",
        "邮编 000012，电话 0000-5550100。",
        "加★的为必填项；机密箱★不在此列。",
        "内部机构、内部流程、内部审计。",
        "涉密公文应当标注份号、密级和保密期限。",
        "向国务院请示报告。",
    ],
)
def test_words_for_secrets_in_a_sentence_are_no_marks(body):
    assert codes(body) == []


def test_a_mark_in_an_attachment_is_found_on_every_page():
    pages = [Passage("机密★20年\n正文", Place("a.md", 3), "attachments.0.file", f"page {n}") for n in (1, 2)]
    assert [m.code for m in marked(Text.of(iter(pages)))] == ["SEC101", "SEC101"]


def test_a_cell_of_a_glossary_is_no_mark():
    assert codes("秘密", spot="Sheet1!B7") == []


def test_an_item_that_is_published_cannot_be_turned_to_not_open(portal):
    portal.write("content/office/2026/office-2026-00001.yml", ITEM.format(openness="withheld"))
    seen = read_portal(FolderTree(portal.root), now=NOW)
    rule = next(r for r in secrecy.RULES if r.code == "SEC113")
    item = seen.corpus.items[0]
    assert list(rule.item(item, seen)) == []
    known = replace(seen, facts={item.id: ItemFacts(published=NOW)})
    assert [hit.place.line for hit in rule.item(item, known)] == [5]


def test_the_hint_to_a_secrecy_field_never_invites_to_write_public(portal):
    text = ITEM.format(openness="proactive").replace("secrecy: public", "secrecy: 机密")
    portal.write("content/office/2026/office-2026-00001.yml", text)
    out = portal.run("check", "--format", "json").stdout
    assert '"SEC109"' in out
    assert "secrecy officer" in out


def test_the_shipped_review_asks_for_a_secrecy_review_where_it_is_needed(portal):
    assert list(secrecy._types_without_review(read_portal(FolderTree(portal.root), now=NOW))) == []


@given(
    st.text(
        st.sampled_from("绝机秘密★ \u3000*级：（）【】内部资料注意保存此件不公开份号0123456\n\x1e。年"),
        max_size=200,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_looked_through_without_an_exception_and_marks_never_overlap(body):
    places = [
        (m.start, m.end)
        for m in marked(Text.of(iter([Passage(body, Place("a.md"), "body")])))
        if m.code != "SEC105"
    ]
    assert all(a[1] <= b[0] for a, b in pairwise(places))
