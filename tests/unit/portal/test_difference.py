"""Two texts compared for readers: by paragraphs, then by words, and nothing is lost on the way."""

from __future__ import annotations

import random

from gongkai.portal.difference import compared, paragraphs, within


def rebuilt(changes, signs):
    """The paragraphs of one side; "left" stands for those that are not shown."""
    return [
        "".join(p.text for p in change.pieces if p.sign in signs)
        for change in changes
        if change.kind != "left" and any(p.sign in signs for p in change.pieces)
    ]


def test_equal_texts_have_no_difference():
    assert compared(["一", "二"], ["一", "二"]) == ()


def test_both_sides_can_be_read_from_the_difference():
    made = random.Random(5)
    words = [
        "办理时限",
        "十个工作日",
        "五个工作日",
        "望潮路",
        "2026-03-01",
        "资料查阅",
        "网上预约",
        "，",
        "。",
    ]
    for _ in range(200):
        old, new = (
            ["".join(made.choices(words, k=made.randint(1, 8))) for _ in range(made.randint(0, 6))]
            for _ in range(2)
        )
        changes = compared(old, new)
        hidden = sum(change.count for change in changes)
        if old != new:
            assert len(rebuilt(changes, "=-")) + hidden == len(old)
            assert len(rebuilt(changes, "=+")) + hidden == len(new)
        if old != new and not hidden:
            assert (rebuilt(changes, "=-"), rebuilt(changes, "=+")) == (old, new)


def test_a_number_is_never_cut():
    pieces = within("截止日期为2026-03-01，共12.5万元。", "截止日期为2026-03-11，共13.5万元。")
    assert [(p.sign, p.text) for p in pieces if p.sign != "="] == [
        ("-", "2026-03-01"), ("+", "2026-03-11"), ("-", "12.5"), ("+", "13.5"),
    ]  # fmt: skip


def test_unlike_paragraphs_are_shown_whole():
    assert [c.kind for c in compared(["甲乙丙丁戊"], ["子丑寅卯辰"])] == ["deleted", "added"]


def test_only_what_stands_beside_a_change_is_kept():
    old = [f"第{n}条，保持不变。" for n in range(1, 12)]
    changes = compared(old, [*old[:5], "新的一条内容。", *old[5:]])
    assert [c.kind for c in changes] == ["left", "same", "added", "same", "left"]
    assert [c.count for c in changes if c.kind == "left"] == [4, 5]


def test_a_text_is_taken_as_its_readers_see_it():
    text = "# 办理\n\n见[网站](https://a.example/x)。\n\n- 甲\n- 乙<b>丙</b>\n\n| 站 | 数 |\n| --- | --- |\n| 一 | 2 |\n\n<!-- 底稿 -->"
    assert paragraphs(text) == ["办理", "见网站 (https://a.example/x)。", "甲", "乙丙", "站 | 数", "一 | 2"]
