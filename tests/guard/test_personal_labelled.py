"""The detector on labelled sentences, on the public suite of identifiers, and on documents that nobody here wrote."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from gongkai.checks.personal_find import find
from gongkai.checks.personal_kinds import Kind

SET = Path(__file__).parents[1] / "bench" / "personal_set.py"
CERTAIN = {"identity", "mobile"}


@pytest.fixture(scope="module")
def made():
    """The generator of labelled sentences."""
    spec = importlib.util.spec_from_file_location("personal_set", SET)
    module = importlib.util.module_from_spec(spec)
    sys.modules["personal_set"] = module
    spec.loader.exec_module(module)
    return module


def test_every_valid_identity_number_and_mobile_of_the_labelled_set_is_found_and_no_kind_cries_wolf(made):
    rows = made.sentences()
    score, wrong = made.measure(rows)
    print("\n".join(made.lines(score)))
    assert len(rows) >= 2_000
    assert sum(not row.labels for row in rows) >= 1_000
    for kind in CERTAIN:
        assert score[kind]["right"] >= 700
        assert score[kind]["missed"] == 0, wrong
    for kind, n in score.items():
        assert n["right"] / (n["right"] + n["false"]) >= 0.99, (kind, wrong)
        assert n["right"] / (n["right"] + n["missed"]) >= 0.97, (kind, wrong)


@pytest.mark.parametrize("seed", [1, 2])
def test_another_seed_makes_other_numbers_and_the_same_recall(made, seed):
    rows = made.sentences(seed)
    assert rows[:50] != made.sentences()[:50]
    score, wrong = made.measure(rows)
    assert {score[kind]["missed"] for kind in CERTAIN} == {0}, wrong


@pytest.mark.corpora
def test_the_public_suite_of_identifiers_is_told_apart(corpora):
    path = corpora / "suites" / "cn-identifiers" / "identifiers.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert len(rows) > 100
    for frame in ("{}", "号码{}。", "| 名称 | 号码 |\n| --- | --- |\n| 甲 | {} |"):
        for row in rows:
            kinds = {s.kind for s in find(frame.format(row["value"]))}
            wanted = {Kind.IDENTITY} if (row["kind"], row["label"]) == ("ric", "valid") else set()
            assert kinds == wanted, (frame, row)


@pytest.mark.corpora
@pytest.mark.parametrize("name", ["hebei-keji", "state-council-2019"])
def test_real_documents_hold_no_identity_number_and_no_bank_card(corpora, name):
    found = []
    for line in (corpora / name / "items.jsonl").open(encoding="utf-8"):
        for text in _texts(json.loads(line)):
            found += [(s.kind, text[max(0, s.start - 20) : s.end + 10]) for s in find(text)]
    certain = {Kind.IDENTITY, Kind.MISTYPED, Kind.PERMIT, Kind.PASSPORT, Kind.BANK, Kind.MOBILE}
    assert [f for f in found if f[0] in certain] == []
    assert len(found) <= 3, found


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X13800138000",
        "身份证11010519491231002X138001380001",
        "张三11010519491231002X，李四",
    ],
)
def test_a_number_to_which_another_was_pasted_is_still_found(text):
    spans = find(text)
    assert [text[s.start : s.end] for s in spans if s.kind is Kind.IDENTITY] == ["11010519491231002X"]


@pytest.mark.parametrize(
    "sign", ["1 ", "1", "13812345678 ", "11010519491231002X", "6222 ", "|", "王小明患", "a1b2"]
)
def test_hostile_repetition_takes_time_in_proportion(sign):
    """No quadratic search: four times the text never takes more than about four times the steps (counted, not timed)."""

    def steps(count):
        calls = 0

        def tracer(_frame, event, _arg):
            nonlocal calls
            calls += event == "call"

        text = sign * count
        sys.setprofile(tracer)
        try:
            find(text)
        finally:
            sys.setprofile(None)
        return calls

    find(sign * 10)
    assert steps(2_000) < 5 * steps(500) + 2_000


def test_the_same_text_gives_the_same_answer():
    text = "身份证号11010519491231002X，手机13800138000，车牌云A·B1234"
    assert find(text) == find(text)
    assert [s.kind for s in find(text)] == [Kind.IDENTITY, Kind.MOBILE, Kind.PLATE]
