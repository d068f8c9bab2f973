"""Each place a text goes out to has one function, and the format's own reader gets the text back."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import icalendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gongkai.report import escape

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SHELL = "=cmd|' /C calc'!A0"


@given(ANY)
def test_a_terminal_gets_one_line_without_anything_to_obey(text):
    line = escape.terminal(text)
    assert not CONTROL.search(line)
    assert "\n" not in line
    line.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;标题\x07", "<U+001B>]0;标题<U+0007>"),
        ("\x9b31m红", "<U+009B>31m红"),
        ("甲\r乙", "甲<U+000D>乙"),
        ("文件\u202egnp.exe", "文件<U+202E>gnp.exe"),
        ("a\u2028b", "a<U+2028>b"),
        ("[red]不是标记[/red]", "[red]不是标记[/red]"),
        ("::error file=x::假", "<U+003A>:error file=x::假"),
        ("  ::add-mask::x", "  <U+003A>:add-mask::x"),
        ("标题 ##[add-mask]x", "标题 #<U+0023>[add-mask]x"),
        ("##vso[task.setvariable]x", "#<U+0023>vso[task.setvariable]x"),
        ("## 二级标题", "## 二级标题"),
        ("时刻 12::30", "时刻 12::30"),
    ],
)
def test_what_a_terminal_or_a_runner_would_obey_is_shown(text, shown):
    assert escape.terminal(text) == shown


@given(ANY)
def test_json_is_the_same_data_and_harmless_to_look_at(text):
    written = escape.json_text({"a": text})
    assert json.loads(written)["a"] == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert not CONTROL.search(written.replace("\n", ""))
    assert "##[" not in written
    written.encode("utf-8")


@given(ANY)
def test_json_in_a_script_neither_ends_it_nor_opens_a_comment(text):
    written = escape.json_script(escape.json_plain({"a": text + "</script><!--"}))
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written)["a"].endswith("</script><!--")


FORMULAS = [
    SHELL, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\u200b=1", "\ufeff=1",
    "＝1+1", "＋1", "＠A1", "-1+cmd|' /C calc'!A0", '=HYPERLINK("http://x.example","点")', "+86 0000-5550100",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text):
    assert escape.csv_cell(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["-3.5", "+8%", "0", "12", "云潮发〔2024〕3号", "", "a=b", "见 https://a.example/?x=1"]
)
def test_numbers_and_plain_words_stay_as_they_are(text):
    assert escape.csv_cell(text) == text


@given(st.lists(st.lists(ANY, min_size=1, max_size=3), max_size=4))
def test_csv_reads_back_cell_by_cell_and_no_cell_begins_a_formula(rows):
    written = escape.csv_text(rows)
    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert read == [[escape.csv_cell(c) for c in row] for row in rows]
    for cell in (c for row in read for c in row):
        assert cell[:1] not in "=+-@\t\r" or not cell or re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?%?", cell)
    written.encode("utf-8")


@given(ANY)
def test_xml_holds_the_text_but_for_what_xml_cannot_write(text):
    document = f'<a b="{escape.xml_text(text)}">{escape.xml_text(text)}</a>'
    node = ElementTree.fromstring(document.encode("utf-8"))
    assert node.text == (escape.xml_chars(text) or None)
    assert node.get("b") == escape.xml_chars(text)


def test_a_printed_xml_document_carries_no_runners_command():
    printed = escape.xml_log("<a>##[error]x</a>")
    assert "##[" not in printed
    assert ElementTree.fromstring(printed).text == "##[error]x"


def _unfold(line):
    assert all(len(part.encode()) <= 75 for part in line.split("\r\n"))
    return line.removesuffix("\r\n").replace("\r\n ", "")


def _ics_value(text):
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


@given(ANY)
def test_an_ics_line_unfolds_to_the_text(text):
    whole = _unfold(escape.ics_line("SUMMARY", escape.ics_text(text)))
    assert whole.startswith("SUMMARY:")
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f]", whole)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", plain)
    assert _ics_value(whole.removeprefix("SUMMARY:")) == plain


@given(st.text(st.one_of(st.characters(exclude_categories=("C", "Zl", "Zp")), st.sampled_from("\\;,^\n潮"))))
def test_a_calendars_text_is_written_as_a_library_writes_it(text):
    assume("\\N" not in text)  # which the library takes for the end of a line that somebody wrote
    event = icalendar.Event(SUMMARY=icalendar.vText(text))
    written = escape.ics_line("SUMMARY", escape.ics_text(text)).encode()
    assert event.to_ical() == b"BEGIN:VEVENT\r\n" + written + b"END:VEVENT\r\n"


def test_a_title_begins_no_line_of_a_calendar():
    line = escape.ics_line("SUMMARY", escape.ics_text("会议\r\nEND:VEVENT\r\nATTACH:https://x.example/"))
    assert line.count("\r\n") == 1
    assert escape.ics_parameter('"\n;CN=x') == '"^\'^n;CN=x"'


def _runner_data(text):
    """As GitHub's runner takes a message apart (src/Runner.Common/ActionCommand.cs)."""
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@given(ANY, ANY)
def test_a_github_annotation_is_one_line_and_comes_back_whole(file, words):
    line = f"::error file={escape.github_property(file)},line=1::{escape.github_message(words)}"
    assert not set(line) & set("\r\n")
    head, message = line.removeprefix("::").split("::", 1)
    assert _runner_data(message) == words
    properties = dict(p.split("=", 1) for p in head.partition(" ")[2].split(","))
    assert set(properties) == {"file", "line"}
    assert _runner_data(properties["file"].replace("%3A", ":").replace("%2C", ",")) == file


@given(ANY)
def test_a_sarif_message_holds_no_placeholder_and_no_link(text):
    written = escape.sarif_text(text)
    assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)\d", written)
    assert not re.search(r"(?<!\\)\](?=\()", written)
    back = re.sub(r"\\([\\\[\]])", r"\1", written) if "](" in text else written
    assert back.replace("{{", "{").replace("}}", "}") == text


@given(ANY)
def test_a_header_is_one_line(text):
    assert not CONTROL.search(escape.header(text + "\r\nBcc: all@x.example"))
    assert "\n" not in escape.header(text)
