"""Six formats, each well-formed whatever an author wrote."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.model.finding import Finding, Place, Report, Severity
from gongkai.model.message import Message, english
from gongkai.report.formats import FORMATS
from gongkai.report.shown import Manual, Sheet

MANUAL = {"SCH101": Manual("missing-field", "says", "why")}


def _finding(line=3, text="::error::x\n%0A", path="content/a,b:c.md", severity=Severity.ERROR):
    return Finding(
        "SCH101", severity, Place(path, line, 2), "title", Message("{v}", {"v": text}), Message("hint")
    )


def _sheet(*findings):
    return Sheet(Report.of(findings, items=2), english, MANUAL)


def test_text_begins_with_path_line_column_so_that_an_editor_jumps_there():
    assert FORMATS["text"](_sheet(_finding())).startswith("content/a,b:c.md:3:2: SCH101 ")


def test_json_has_the_agreed_shape_and_the_same_bytes_for_any_order():
    one, two = _finding(3), _finding(9)
    assert FORMATS["json"](_sheet(one, two)) == FORMATS["json"](_sheet(two, one))
    data = json.loads(FORMATS["json"](_sheet(one)))
    assert list(data) == ["schema_version", "findings", "summary"]
    assert list(data["findings"][0]) == [
        "code",
        "severity",
        "path",
        "line",
        "column",
        "field",
        "message",
        "hint",
    ]
    assert data["summary"] == {"items": 2, "errors": 1, "warnings": 0, "unread": 0}


def test_github_cannot_be_given_a_command_by_an_author():
    out = FORMATS["github"](_sheet(_finding()))
    assert (
        out
        == "::error file=content/a%2Cb%3Ac.md,line=3,endLine=3,col=2,title=SCH101::::error::x %250A → hint\n"
    )


def test_github_shows_ten_and_says_how_many_more():
    out = FORMATS["github"](_sheet(*(_finding(n) for n in range(1, 14)), _finding(severity=Severity.WARNING)))
    assert out.count("::error ") == 10
    assert "3 more" in out
    assert out.count("::warning ") == 1


def test_gitlab_fingerprints_differ_for_equal_findings_and_do_not_move_with_the_line():
    two = json.loads(FORMATS["gitlab"](_sheet(_finding(3), _finding(9))))
    moved = json.loads(FORMATS["gitlab"](_sheet(_finding(4), _finding(10))))
    assert two[0]["fingerprint"] != two[1]["fingerprint"]
    assert [r["fingerprint"] for r in two] == [r["fingerprint"] for r in moved]
    assert set(two[0]) == {"description", "check_name", "fingerprint", "severity", "location"}


def test_sarif_names_rule_level_place_and_fingerprint():
    run = json.loads(FORMATS["sarif"](_sheet(_finding())))["runs"][0]
    result = run["results"][0]
    assert (result["ruleId"], result["level"]) == ("SCH101", "error")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "content/a%2Cb%3Ac.md"
    assert result["partialFingerprints"]["primaryLocationLineHash"]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["SCH101"]


def test_junit_counts_failures_and_lets_warnings_pass():
    out = FORMATS["junit"](_sheet(_finding(), _finding(severity=Severity.WARNING, path="b.md")))
    suite = ElementTree.fromstring(out.partition("\n")[2])
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert ElementTree.fromstring(FORMATS["junit"](_sheet()).partition("\n")[2]).get("tests") == "1"


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(text=st.text(max_size=80), path=st.text(max_size=20))
def test_any_text_stays_inside_its_format(name, text, path):
    out = FORMATS[name](_sheet(_finding(text=text, path=path)))
    assert not set(out) & {"\x1b", "\x07", "\u202e", "\r"}
    if name in ("json", "gitlab", "sarif"):
        json.loads(out)
    if name == "junit":
        ElementTree.fromstring(out.partition("\n")[2])
    if name in ("github", "text"):
        assert out.count("\n") <= 2
