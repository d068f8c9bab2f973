"""Words, characters, marks and dates (WRD1xx): what is found, what is left alone, and at what cost."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.checks import wording_characters, wording_dates, wording_marks
from gongkai.checks.passages import Passage, Text
from gongkai.checks.scanned import LITERALS
from gongkai.checks.wording_list import Finder, Word, words_of
from gongkai.model.finding import Place
from gongkai.model.settings import ConfigFile

ANY = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from("月日年号二三十〔〕[](（）2019，。、??报导致秘密★机内部资料份\u200b\u202e\ufffd\n"),
    ),
    max_size=300,
)


def text_of(body: str, field: str = "body") -> Text:
    return Text.of(iter([Passage(body, Place("a.md", 10), field, exact=True)]))


def found(body: str) -> list[str]:
    text = text_of(body)
    looks = (
        wording_characters.look(text, "zh"),
        wording_marks.look(text, Finder((), LITERALS).scan(body).places),
        wording_dates.look(text),
    )
    return [code for look in looks for code, _ in look]


def uses(words, body):
    return [(u.word.word, u.start) for u in Finder(tuple(words)).scan(body).uses]


def test_a_phrase_that_excuses_a_word_does_not_excuse_the_next_one():
    word = Word("wrong", "报导", "报道", unless=("报导致",))
    assert uses([word], "据报导致人受伤，据报导。") == [("报导", 9)]


def test_of_two_entries_that_lie_within_each_other_the_longer_one_is_reported():
    assert uses([Word("wrong", "公开法"), Word("wrong", "信息公开法")], "信息公开法") == [("信息公开法", 0)]


def test_the_right_form_excuses_a_wrong_one_that_is_a_part_of_it():
    word = Word("fixed_name", "信息公开条例", "政府信息公开条例")
    assert uses([word], "政府信息公开条例，信息公开条例") == [("信息公开条例", 9)]


def test_a_latin_word_is_found_as_a_word_only():
    assert uses([Word("wrong", "app", "应用")], "app、apps、本app") == [("app", 0), ("app", 10)]


def test_a_word_alone_between_quotation_marks_is_spoken_of_and_not_used():
    assert uses([Word("wrong", "布署", "部署")], "“布署”应为“部署”；布署") == [("布署", 11)]


def test_entries_of_a_list_file_that_make_no_sense_are_passed_over():
    data = {"words": [{"kind": "wrong"}, "x", {"word": 3}], "lists": [{"words": {"a": 1}}, {"words": []}, 7]}
    assert words_of(ConfigFile("w.yml", data)) == ()


def test_the_shipped_list_has_hundreds_of_entries_each_with_its_source_and_none_twice(portal):
    data = yaml.safe_load((portal.root / "site_config/wording.yml").read_text(encoding="utf-8"))
    rows = [row["word"] for row in data["words"]] + [w for group in data["lists"] for w in group["words"]]
    assert len(rows) > 700
    assert [w for w, n in Counter(rows).items() if n > 1] == []
    assert all(row["source"] for row in (*data["words"], *data["lists"]))


def test_no_right_form_of_the_shipped_list_is_itself_found_wrong(portal):
    data = yaml.safe_load((portal.root / "site_config/wording.yml").read_text(encoding="utf-8"))
    finder = Finder(words_of(ConfigFile("w.yml", data)))
    rights = [row["right"] for row in data["words"] if "right" in row]
    rights += [right for group in data["lists"] for right in group["words"].values()]
    assert [(r, u.word.word) for r in rights for u in finder.scan(r).uses] == []


def test_every_entry_of_the_shipped_list_is_found_in_a_sentence_and_in_none_of_its_excuses(portal):
    data = yaml.safe_load((portal.root / "site_config/wording.yml").read_text(encoding="utf-8"))
    finder = Finder(words_of(ConfigFile("w.yml", data)))
    words = [row["word"] for row in data["words"]] + [w for group in data["lists"] for w in group["words"]]
    assert [w for w in words if w not in {u.word.word for u in finder.scan(f"，{w}。").uses}] == []
    excuses = [(row["word"], phrase) for row in data["words"] for phrase in row.get("unless", ())]
    assert [e for e in excuses if e[0] in {u.word.word for u in finder.scan(f"，{e[1]}。").uses}] == []


@pytest.mark.parametrize(
    "body",
    [
        "13月5日",
        "2023年13月",
        "2026年2月29日",
        "4月31日",
        "2月30日",
        "1月32日",
        "二〇二三年十三月",
        "六月三十一日",
        "见2026-02-30。",
    ],
)
def test_a_date_that_no_calendar_has_is_found(body):
    assert found(body) == ["WRD122"]


@pytest.mark.parametrize(
    "body",
    [
        "2024年2月29日",
        "12月31日",
        "农历二月三十日",
        "36月龄",
        "每满12月",
        "十二月三十一日",
        "版本2026.2.28",
        "电话2026-02-3000",
        "1—3月",
    ],
)
def test_a_date_or_number_that_can_be_is_left_alone(body):
    assert found(body) == []


@pytest.mark.parametrize("body", ["912月", "1012月", "13月份", "3月1520日", "20242025年"])
def test_a_range_that_lost_its_dash_is_found(body):
    assert found(body) == ["WRD120"]


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_any_text_is_looked_through_without_an_exception(body):
    finder = Finder((Word("wrong", "报导", "报道", unless=("报导致",)), Word("wrong", "19", "20")))
    finder.scan(body)
    found(body)
