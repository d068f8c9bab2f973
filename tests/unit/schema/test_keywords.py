"""The data of tests/keywords, in the shape of the JSON-Schema-Test-Suite, and how values are read."""

import json

import pytest
from schema_examples import ROOT

from gongkai.model.deadline import Anchor, DeadlineRule, Period, Unit, YearDay
from gongkai.schema.keywords import KEYWORDS
from gongkai.schema.sound import value_fault

FOLDER = ROOT / "tests" / "keywords"
VALUE = "gongkai:keyword/"


def _cases():
    for path in sorted(FOLDER.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            for test in group["tests"]:
                name = f"{path.stem}: {group['description']}: {test['description']}"
                yield pytest.param(group["schema"], test["data"], test["valid"], id=name)


def _judge(schema, data):
    """A schema of own keywords judges a document; a reference to `gongkai:keyword/<name>` judges a value."""
    if "$ref" in schema:
        return value_fault(schema["$ref"].removeprefix(VALUE), data) is None
    return not [fault for name, value in schema.items() for fault in KEYWORDS[name].judge(data, value)]


@pytest.mark.parametrize(("schema", "data", "valid"), _cases())
def test_a_keyword_judges_as_its_data_says(schema, data, valid):
    assert _judge(schema, data) is valid


def test_every_keyword_has_data_for_its_value():
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json"))
    assert [name for name in KEYWORDS if VALUE + name + '"' not in text] == []


def test_a_deadline_is_read_into_a_rule_with_its_anchors_and_period():
    rule = {"from": ["received", {"item": "interprets", "date": "published"}], "within": {"working_days": 3}}
    read = KEYWORDS["x-deadline"].read(
        {"publish": {**rule, "not_after": "deadline_on", "$comment": "第26条"}}
    )
    anchors = (Anchor("received"), Anchor("published", "interprets"))
    assert read == {"publish": DeadlineRule(anchors, Period(Unit.WORKING_DAYS, 3), "deadline_on")}


def test_a_deadline_with_cases_is_read_case_by_case():
    day = {"from": "occurred_on", "within": {"days": 20, "roll": True}}
    year = {"by": {"year": "year", "plus": 1, "month": 1, "day": 31}}
    read = KEYWORDS["x-deadline"].read(
        {"publish": {"cases": {"field": "kind", "of": {"a": day}, "else": year}}}
    )
    rule = read["publish"]
    assert rule.case_field == "kind"
    assert rule.cases["a"].within == Period(Unit.DAYS, 20, roll=True)
    assert rule.otherwise == DeadlineRule(by=YearDay("year", 1, 1, 31))


def test_the_sixteen_types_say_their_deadlines_as_the_rules_of_the_field_do(library):
    publish = {
        name: rule.within
        for name, kind in library.types.items()
        if (rule := kind.deadlines.get("publish")) and rule.within
    }
    assert publish["policy"] == Period(Unit.WORKING_DAYS, 20)
    assert publish["budget"] == Period(Unit.DAYS, 20, roll=True)
    assert library.types["news"].deadlines["submit"].within == Period(Unit.DAYS, 1)
    decision = library.types["decision"].deadlines["publish"]
    assert decision.cases["penalty"].within == Period(Unit.WORKING_DAYS, 7)
    assert library.types["decision"].deadlines["withdraw"].within == Period(Unit.WORKING_DAYS, 3)
    report = library.types["column_document"].deadlines["publish"].cases["annual_report"]
    assert report.by == YearDay("year", 1, 1, 31)
    assert library.types["procurement"].deadlines["publish"].cases["intention"].within == Period(
        Unit.DAYS, -30
    )
    assert library.types["emergency"].deadlines["submit"].cases["first"].within == Period(Unit.HOURS, 5)
    assert library.types["organisation"].deadlines["confirm"].within == Period(Unit.MONTHS, 1)


def test_a_column_may_hang_on_a_field(library):
    kind = library.types["column_document"]
    assert kind.column_of({"kind": "annual_report"}) == "annual_reports"
    assert kind.column_of({"kind": "guide"}) == "guide"
    assert library.types["news"].column_of({}) == "dynamics"
