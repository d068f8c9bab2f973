"""Writing keeps what the officer wrote."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.items.read import read_item
from gongkai.items.strict import load
from gongkai.items.write import dump, remove_field, render, set_field
from gongkai.model.errors import GongkaiError

TEXT = (
    "---\n# 说明\nid: a\ntitle: 旧标题  # 尾注\n\n# 关键词说明\n"
    "keywords:\n  - 甲  # 第一\n  - 乙\nx_note: 保留\n---\n\n正文 # 不是注释\n"
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_字", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def test_one_field_changes_and_everything_else_stays():
    changed = set_field(TEXT, "md", "title", "新标题：“甲”")
    assert changed == TEXT.replace("title: 旧标题  # 尾注", "title: 新标题：“甲”")


def test_a_list_is_replaced_whole_and_the_next_comment_stays():
    changed = set_field(TEXT, "md", "title", "x")
    assert "# 关键词说明\nkeywords:" in changed
    assert set_field(TEXT, "md", "keywords", ["丙"]).count("- ") == 1


def test_a_new_field_comes_last_in_the_front_matter():
    changed = set_field(TEXT, "md", "late_reason", "停电")
    assert "x_note: 保留\nlate_reason: 停电\n---\n" in changed


def test_a_field_is_removed_with_nothing_else():
    assert remove_field(TEXT, "md", "x_note") == TEXT.replace("x_note: 保留\n", "")


def test_windows_line_ends_and_mark_stay():
    windows = "\ufeff" + TEXT.replace("\n", "\r\n")
    assert set_field(windows, "md", "id", "b") == windows.replace("id: a", "id: b")


def test_a_field_inside_braces_is_refused_rather_than_broken():
    with pytest.raises(GongkaiError):
        set_field("{id: a, title: b}\n", "yml", "title", "c")


@given(values)
@example("0E0")
def test_any_value_reads_back_as_it_was_written(value):
    try:
        text = dump({"v": value})
        back = load(text).data["v"]
    except Exception as error:  # a control character cannot stand in YAML: refused, not changed
        assert type(error).__name__ in {"YamlFault"}, error
        return
    assert json.dumps(back) == json.dumps(value)


@given(
    st.dictionaries(st.sampled_from(["title", "summary", "x_a", "keywords"]), values, min_size=1),
    texts,
    st.sampled_from(["md", "yml"]),
)
def test_read_write_read_is_the_same_item(fields, body, form):
    text = render({"id": "a", **fields}, body, form=form)
    item, unread = read_item(f"a.{form}", text.encode())
    if item is None:
        assert unread[0].fault in {"character", "binary"}
        return
    assert json.dumps(item.fields) == json.dumps({"id": "a", **fields})
    changed, _ = read_item(f"a.{form}", set_field(text, form, "x_new", "新").encode())
    assert json.dumps(changed.fields) == json.dumps({"id": "a", **fields, "x_new": "新"})
    assert changed.body == item.body
