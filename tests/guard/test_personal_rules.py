"""Personal information in items and their attachments: what is said of it, where, and what a waiver can do."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.checks import personal_words
from gongkai.checks.personal_find import find
from gongkai.checks.personal_runs import _RUN, runs
from gongkai.checks.personal_text import GAP
from gongkai.checks.portal import read_portal
from gongkai.checks.run import run
from gongkai.checks.scanned import finder
from gongkai.store.kept import Kept
from gongkai.store.tree import FolderTree

GROUPS = (personal_words.WIDE, personal_words.HIDDEN, personal_words.PAPERS, personal_words.HOMES, personal_words.CARE,
          personal_words.YOUNG, ("岁",))  # fmt: skip
ID = "11010519491231002X"
HEAD = """\
---
id: office-2026-00001
type: notice
title: 关于渡口有关事项的通知
department: office
addressees: 各渡口
document_date: '2026-02-27'
contact: {name: 办公室值班室, telephone: "13800138000"}
openness: proactive
secrecy: public
"""
PATH = "content/office/2026/office-2026-00001.md"


PLAINLY = re.compile(rf"(?<![0-9])[0-9](?:[{GAP}]{{0,2}}[0-9]){{10,}}(?:[{GAP}]?[Xx×✕](?![A-Za-z]))?")
"""What a run of digits is, without what spares short numbers from being tried again."""


@given(st.text(st.sampled_from("0123456789012345 -.·\u2003\u2212\u3000Xx×A年、〇"), max_size=60))
def test_every_run_of_digits_is_found_and_nothing_else(text):
    spans = [(run.groups[0][0], run.groups[-1][1]) for run in runs(text)]
    told = [m for m in PLAINLY.finditer(text) if m[0].startswith("1") or sum(map(str.isdigit, m[0])) > 11]
    assert spans == [match.span() for match in told]


def test_a_run_of_a_million_digits_is_not_remembered_digit_by_digit():
    text = "1" * 1_000_000
    tracemalloc.start()
    try:
        found = _RUN.search(text)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None and found.span() == (0, len(text))
    assert most < len(text)


def put(portal, body, extra="personal_information: {present: false}\n"):
    portal.write(PATH, f"{HEAD}{extra}---\n\n{body}\n")


def found(portal, *args):
    done = portal.run("check", "--format", "json", "--now", "2026-03-02T09:00:00+08:00", *args)
    return [f for f in json.loads(done.stdout)["findings"] if f["code"].startswith("PRV")]


def test_a_finding_masks_what_it_found_in_both_languages_and_every_format(portal):
    put(
        portal,
        f"身份证号：{ID}，卡号6222021234567890128，手机13912345678，护照E12345678，住址：归帆镇双螺村3组12号",
    )
    for lang in ("zh", "en"):
        for form in ("text", "json", "github", "sarif", "junit", "gitlab"):
            done = portal.run("check", "--format", form, lang=lang)
            for secret in (ID, "6222021234567890128", "13912345678", "E12345678", "3组12号"):
                assert secret not in done.output, (lang, form)
            assert "PRV101" in done.output


def test_the_named_contact_is_fine_wherever_it_stands_and_another_mobile_is_not(portal):
    put(portal, "请拨打138-0013-8000，或找王师傅13912345678。")
    assert [(f["code"], f["line"]) for f in found(portal)] == [("PRV105", 14)]


def test_a_list_of_thousands_is_one_leak_with_ten_places_and_a_count(portal):
    rows = "\n".join(f"| 王\\* | 1380013{n:04d} |" for n in range(300))
    put(portal, f"| 姓名 | 手机 |\n| --- | --- |\n{rows}")
    places = [f for f in found(portal) if f["code"] == "PRV105"]
    assert len(places) == 10
    assert "290 more" in places[-1]["message"]


def test_an_attachment_is_read_and_the_row_is_named(portal):
    put(
        portal, "名单见附件。",
        "personal_information: {present: false}\nattachments:\n  - {file: list.csv, title: 名单}\n",
    )  # fmt: skip
    folder = PATH.removesuffix(".md")
    portal.write(f"{folder}/list.csv", f"姓名,身份证号\n王*,11*************02X\n李*,{ID}\n")
    (one,) = found(portal)
    assert one["code"] == "PRV101"
    assert one["path"] == PATH
    assert "line 3" in one["message"]
    assert ID not in one["message"]


def test_the_same_telephone_under_two_people_names_both_places(portal):
    put(
        portal,
        "| 姓名 | 电话 |\n| --- | --- |\n| 王* | 138****8000 |\n| 李* | 0591-8765432 |\n| 赵* | 138****8000 |",
    )
    (one,) = [f for f in found(portal) if f["code"] == "PRV113"]
    assert (one["line"], one["severity"]) == (18, "warning")
    assert f"{PATH}:16:" in one["message"]


def test_two_people_under_one_masked_telephone_are_seen_where_nothing_else_is_personal(portal):
    body = "| 姓名 | 电话 |\n| --- | --- |\n| 王* | 138****8000 |\n| 赵* | 138****8000 |"
    portal.write(PATH, f"{HEAD.replace('13800138000', '0591-8765432')}---\n\n{body}\n")
    tree, now = FolderTree(portal.root), datetime.fromisoformat("2026-03-02T09:00:00+08:00")
    for kept in (None, Kept(portal.root / "kept")):
        codes = [finding.code for finding in run(read_portal(tree, now=now, kept=kept)).findings]
        assert "PRV113" in codes


def waiver(rule="PRV105", place="body", until="2026-12-31", more=""):
    return (
        "personal_information:\n  present: true\n  basis: 当事人单独同意\n  waivers:\n"
        f'    - {{rule: {rule}, place: {place}, basis: 当事人书面同意, until: "{until}"{more}}}\n'
    )


def test_a_waiver_covers_its_rule_at_its_place_until_its_day_and_nothing_else(portal):
    text = "找王师傅13912345678。"
    put(portal, text, waiver())
    assert found(portal) == []
    put(portal, text, waiver(rule="PRV106"))
    assert {f["code"] for f in found(portal)} == {"PRV105", "PRV122"}
    put(portal, text, waiver(place="summary"))
    assert {f["code"] for f in found(portal)} == {"PRV105", "PRV122"}
    put(portal, text, waiver(until="2026-03-01"))
    assert {f["code"] for f in found(portal)} == {"PRV105", "PRV123"}
    put(portal, text, waiver(until="2026-03-02"))
    assert found(portal) == []


@pytest.mark.parametrize("missing", ["rule", "place", "basis", "until"])
def test_a_waiver_without_rule_place_reason_or_day_waives_nothing(portal, missing):
    lines = {"rule": "PRV105", "place": "body", "basis": "当事人书面同意", "until": '"2026-12-31"'}
    del lines[missing]
    rows = ", ".join(f"{k}: {v}" for k, v in lines.items())
    put(portal, "找王师傅13912345678。", f"personal_information: {{present: false, waivers: [{{{rows}}}]}}\n")
    done = portal.run("check", "--format", "json")
    codes = {f["code"] for f in json.loads(done.stdout)["findings"]}
    assert {"SCH101", "PRV105"} <= codes
    assert done.exit_code == 1


def test_a_waiver_of_a_file_covers_that_file_only(portal):
    files = "attachments:\n  - {file: a.csv, title: 甲}\n  - {file: b.csv, title: 乙}\n"
    put(portal, "见附件。", waiver(place="attachments/a.csv") + files)
    folder = PATH.removesuffix(".md")
    for name in "ab":
        portal.write(f"{folder}/{name}.csv", "姓名,手机\n王*,13912345678\n")
    assert [(f["code"], f["field"]) for f in found(portal)] == [("PRV105", "attachments.1.file")]


def test_no_waiver_lets_identity_numbers_out_in_attachments_or_lists_of_people(portal):
    files = "attachments:\n  - {file: a.csv, title: 甲}\n"
    put(portal, "见附件。", waiver(rule="PRV101", place="attachments/a.csv") + files)
    portal.write(PATH.removesuffix(".md") + "/a.csv", f"姓名,身份证号\n王*,{ID}\n")
    assert {f["code"] for f in found(portal)} == {"PRV101", "PRV124"}


def test_hardship_beside_full_names_needs_a_leader_that_is_known(portal):
    text = "| 姓名 | 困难原因 |\n| --- | --- |\n| 王小明 | 因病 |"
    put(portal, text, waiver(rule="PRV109"))
    assert {f["code"] for f in found(portal)} == {"PRV109", "PRV125"}
    put(portal, text, waiver(rule="PRV109", more=", decided_by: nobody-here"))
    assert {f["code"] for f in found(portal)} == {"PRV109", "PRV125"}
    put(portal, text, waiver(rule="PRV109", more=", decided_by: leader"))
    assert found(portal) == []


def test_checking_twice_says_the_same(portal):
    put(portal, f"身份证号：{ID}；13912345678", waiver(rule="PRV105"))
    first = found(portal)
    assert first == found(portal)
    assert [f["code"] for f in first] == ["PRV101"]


@given(
    st.lists(
        st.sampled_from(
            [
                *sorted(personal_words.WORDS),
                "张三",
                "，",
                "7",
                "住",
                "证",
                ID,
                "E12345678",
                "患者王五，5岁",
                "京A",
                "粤",
                "B",
                "12345",
                "Ａ",
                "１２３４５",
            ]
        ),
        max_size=9,
    ).map("".join)
)
def test_the_one_look_for_all_rules_tells_the_words_that_the_detector_would_find_itself(text):
    told = personal_words.ALL.intersection(finder(()).scan(text).places)
    itself = personal_words.seen(text)
    assert [told.isdisjoint(g) for g in GROUPS] == [itself.isdisjoint(g) for g in GROUPS]
    assert find(text, told) == find(text)
