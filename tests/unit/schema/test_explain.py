"""One fault for one cause, in keys and holes that a message can be made of."""

import re

import pytest
from schema_examples import CASES, document, read

from gongkai.model.item import Item
from gongkai.model.message import Words, english, plain

GOOD = {
    "id": "tide-2024-00001", "type": "news", "title": "检修验潮仪", "department": "tide",
    "occurred_on": "2024-04-18",
    "category": "measures", "source": "潮汐观测科", "openness": "proactive", "secrecy": "public",
}  # fmt: skip


def faults(library, kind="news", **changes):
    fields = {k: v for k, v in (GOOD | changes).items() if v != "absent"}
    item = Item("content/tide/2024/tide-2024-00001.md", "md", fields | {"type": kind}, "正文")
    return library.judge(item)


def only(library, **changes):
    found = faults(library, **changes)
    assert len(found) == 1, found
    return found[0]


def test_a_good_item_has_no_fault(library):
    assert faults(library) == ()


def test_a_missing_field_is_named_by_its_title_in_both_languages(library):
    fault = only(library, source="absent")
    assert (fault.keyword, fault.pointer) == ("required", ("source",))
    assert fault.holes["field"] == Words("信息来源", "Source")
    assert fault.holes["name"] == "source"
    assert fault.holes["example"] == "潮汐观测科"


def test_an_unknown_field_is_told_at_its_key_with_the_name_that_was_meant(library):
    fault = only(library, sumary="x")
    assert (fault.keyword, fault.at_key, fault.holes["nearest"]) == ("unknown", True, "summary")
    assert fault.holes["nearest_title"] == Words("内容概述", "Summary")


def test_a_chinese_title_as_a_key_finds_the_field_it_is_the_title_of(library):
    assert only(library, 关键词=["潮汐"]).holes["nearest"] == "keywords"


def test_a_misspelt_required_field_is_one_fault_not_two(library):
    assert only(library, source="absent", sorce="潮汐观测科").keyword == "unknown"


def test_a_misspelt_date_is_not_also_a_missing_deadline(library):
    assert only(library, occurred_on="absent", occured_on="2024-04-18").keyword == "unknown"


def test_a_name_like_nothing_has_no_proposal(library):
    assert only(library, zzzzqq="1").holes["nearest"] == ""


def test_own_fields_of_the_portal_pass(library):
    assert faults(library, x_number=3) == ()


def test_a_wrong_kind_says_what_is_expected_and_what_is_there(library):
    fault = only(library, title=3)
    assert english(fault.holes["expected"]) == "text"
    assert english(fault.holes["found"]) == "a whole number"


def test_a_place_left_empty_is_not_filled_in_whatever_belongs_there(library):
    assert [only(library, occurred_on=value).keyword for value in (None, "", " ")] == ["empty"] * 3
    assert only(library, openness="").holes["choices"].zh.startswith("proactive（主动公开）")


def test_a_date_of_the_wrong_form_is_one_fault_of_a_date(library):
    for value in ("2024年4月18日", "2024-13-01", "2024-1-5", "2024-04-18 09:00"):
        assert only(library, occurred_on=value).keyword == "date"


def test_a_choice_lists_what_may_be_written_with_labels(library):
    fault = only(library, openness="主动公开")
    assert fault.holes["choices"].zh.startswith("proactive（主动公开）、on_request（依申请公开）")
    assert fault.holes["choices"].en.startswith("proactive (Published proactively), ")
    assert fault.holes["nearest"] == "proactive"


def test_a_misspelt_choice_gets_a_proposal(library):
    assert only(library, category="mesures").holes["nearest"] == "measures"


def test_blanks_are_not_filled_in_rather_than_of_a_wrong_form(library):
    assert [only(library, title=value).keyword for value in ("", "  ", "　")] == ["empty"] * 3


def test_a_long_value_is_shortened(library):
    fault = only(library, title="潮" * 2000 + "\n")
    assert len(fault.holes["value"]) == 40


def test_length_counts_characters_not_bytes(library):
    assert faults(library, summary="潮" * 500) == ()
    fault = only(library, summary="潮" * 501)
    assert (fault.keyword, fault.holes["limit"], fault.holes["actual"]) == ("length_long", 500, 501)


def test_entries_are_counted_from_one(library):
    fault = only(library, attachments=[{"file": "a.pdf", "title": "甲"}, {"file": "b.pdf"}])
    assert (fault.keyword, fault.holes["name"]) == ("required", "attachments[2].title")
    assert fault.holes["field"] == Words("附件标题", "Title of the attachment")


def test_a_repeated_entry_is_told_at_its_second_place(library):
    assert only(library, keywords=["潮汐", "渡船", "潮汐"]).pointer == ("keywords", 2)


def test_of_alternatives_the_one_of_the_same_kind_is_explained(library):
    assert only(library, replaces="tide-2024-1").keyword == "pattern"
    fault = only(library, replaces=["tide-2024-1"])
    assert (fault.keyword, fault.pointer) == ("pattern", ("replaces", 0))
    fault = only(library, replaces={"id": "x"})
    assert english(fault.holes["expected"]) == "text or a list"


def test_a_field_that_another_field_asks_for_is_simply_missing(library):
    assert only(library, openness="withheld").pointer == ("openness_reason",)
    fault = only(library, personal_information={"present": True})
    assert (fault.keyword, fault.pointer) == ("required", ("personal_information", "basis"))


def test_an_old_item_may_lack_type_fields_but_not_hold_wrong_ones(library):
    legacy = {"url": "http://old.example/a.htm"}
    assert only(library, source="absent", legacy=legacy).keyword == "legacy_required"
    assert only(library, title="absent", legacy=legacy).keyword == "required"
    found = faults(library, source="absent", category="x", legacy=legacy)
    assert sorted(f.keyword for f in found) == ["choice", "legacy_required"]


def test_a_retention_shorter_than_the_type_s_names_the_least(library):
    item = Item("x", "yml", {**document(_case("policy", "good-in-force.md")), "retention": "10y"})
    (fault,) = library.judge(item)
    assert (fault.keyword, fault.holes["least"]) == ("retention", Words("永久", "permanent"))


def test_no_date_to_count_from_names_the_fields_by_title(library):
    fields = document(_case("personnel", "good-recruitment.md"))
    (fault,) = library.judge(Item("x", "yml", {k: v for k, v in fields.items() if k != "document_date"}))
    assert fault.holes["fields"] == Words("成文日期、开始日期", "Document date, Opens on")


def test_a_missing_or_odd_type_is_one_fault(library):
    assert [f.pointer for f in library.judge(Item("x", "yml", {"title": "x"}))] == [("type",)]
    assert [f.keyword for f in library.judge(Item("x", "yml", {"type": ["news"]}))] == ["type"]


def test_what_json_cannot_hold_is_still_judged(library):
    assert only(library, title=3, keywords=["\ud800"]).pointer == ("title",)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.name.startswith("bad-")], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_no_hole_carries_the_raw_text_of_a_validator(case, library):
    file = read(case)
    name = case.parent.name
    found = (
        library.judge(file)
        if isinstance(file, Item)
        else library.judge_config(name.removeprefix("config-"), file.data)
    )
    for fault in found:
        said = " ".join(plain(hole, english, "en") for hole in fault.holes.values())
        assert not re.search(r"is not |does not |was expected|valid under|non-unique|\$ref|\$defs", said), (
            said
        )
        assert fault.holes["field"]


def _case(kind, name):
    return next(c for c in CASES if c.parent.name == kind and c.name == name)
