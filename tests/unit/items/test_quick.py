"""The quick reader of plain front matter: where it says something, it is what libyaml's events say, to the last place."""

import tracemalloc
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.items import events
from gongkai.items.quick import SHORT, plain
from gongkai.items.read import split
from gongkai.items.strict import YamlFault, load

ROOT = Path(__file__).parents[3]
NAMES = st.sampled_from(["a", "b", "title", "x_1", "no", "null", "Null", "true", "y-z", "标题", "<<", "- a"])
VALUES = st.one_of(
    st.sampled_from(
        [
            "", "x", "1", "0.5", "-1", "true", "null", "~", "x: y", "x:", "x #y", "x#y", "x ", " x", "'x'", "'x''y'", "'x",
            '"x"', '"x\\n"', '"x" # y', "[x]", "[]", "{}", "{a: b}", "|", ">-", "&a", "*a", "!t", "%x", "@x", "`x`", "- x", "-",
            "? x", "：全角", "《办法》", "2026-01-01", "12:30", "http://a/b#c", "x\ty", "😀", "a, b", "x]", "---", "...", ": x", "0E0",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=6),
)  # fmt: skip
LINES = st.tuples(
    st.sampled_from(["", "", "", " ", "  ", "  ", "    ", "      ", "\t"]),
    st.sampled_from(["", "", "", "- ", "- - ", "-  "]),
    st.one_of(st.just(""), NAMES.map(lambda n: f"{n}:"), NAMES.map(lambda n: f"{n}: "), NAMES.map("'{}': ".format)),
    VALUES,
).map("".join)  # fmt: skip
DOCUMENTS = st.lists(st.one_of(LINES, st.sampled_from(["", "  ", "# note", "  # note"])), max_size=7)


def agrees(text, first_line=2):
    """Whether the quick reader says something of the text; what it says is the strict reader's word."""
    said = plain(text, first_line)
    if said is None:
        return False
    loaded = events.read(text, first_line)
    assert loaded.faults == ()
    # Written out, so that order, kinds of numbers and the lack of anything else count too.
    assert repr(said) == repr((loaded.data, dict(loaded.marks), dict(loaded.keys)))
    return True


@given(DOCUMENTS.map("\n".join))
@example("a:\n- b\n- c: d\n  e:\n  - f\n  g:\nh: i")
@example("a: b\n  c: d")
@example("a: b\n\n  c")
@example("l:\n- text\n  - more")
@example("a:\n    b: c\n  d: e")
@example("a: x\u2028b: y")
@example("a: 'x'\n  'y'")
@settings(max_examples=400, deadline=None)
def test_of_lines_that_may_be_anything_it_says_what_the_strict_reader_says_or_nothing(text):
    agrees(text)


@given(st.lists(LINES, max_size=5), st.lists(VALUES, min_size=2, max_size=2))
@settings(max_examples=200, deadline=None)
def test_two_texts_of_one_shape_have_each_its_own_values(lines, values):
    rows = ["\n".join([*lines, f"z: {value}", "y:", f"  - {value}"]) for value in values]
    said = [plain(row, 2) for row in rows]
    for row, one in zip(rows, said, strict=True):
        if one is not None:
            one[0]["y"].append("changed by whoever read it")
            assert agrees(row)


def test_a_front_matter_too_long_to_be_remembered_is_read_alike():
    assert agrees("\n".join(f"a{n}:\n  - b: {n}\n    c: x" for n in range(SHORT)))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2", "null: 1", "a: [x]", "a: {b: c}", "a: |\n  x", "a: &x y", "a: *x", "a: !t x", "a: x # y", "- a", "a", "", "# x",
        " a: b", "a: 'x''y'", 'a: "x\\n"', "---\na: b", "a: b\n...", "a:\tb", "a: \x07", "a: \ufeff", "%YAML 1.2\n---\na: b",
        "a:\n" + "\n".join("  " * n + "b:" for n in range(1, 20)), "\n".join(f"a{n}: b" for n in range(3000)),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_strict_reader(text):
    assert plain(text, 1) is None


def test_the_fields_of_an_item_as_officers_write_it_are_read_quickly():
    front = (
        "# a note\nid: tide-2026-00001\ntitle: 关于潮汐表的通知：附表 2#\n\ncontact:\n  name: 值班室\n  telephone: '0000-5550100'\n"
        'topics:\n  - tide\n  - "law"\nattachments:\n- file: a.pdf\n  title: 甲\n- file: b.pdf\ncount: 3\nempty:\n'
    )
    assert agrees(front)
    assert load(front).data["attachments"] == [{"file": "a.pdf", "title": "甲"}, {"file": "b.pdf"}]


def peak_of(work):
    """The most bytes that Python holds at once for a piece of work, and what comes of it."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_text_with_a_hundred_colons_is_left_to_the_strict_reader():
    assert agrees("a: x" + ":x" * 99)
    assert plain("a: x" + ":x" * 100, 2) is None


def test_a_text_of_nothing_but_colons_takes_no_memory():
    text = "a: x" + ":x" * 1_000_000
    found, most = peak_of(lambda: plain(text, 2))
    assert found is None and most < 4 * len(text)


def test_every_item_and_example_of_the_house_is_read_alike():
    fronts = []
    for path in (
        *ROOT.glob("content/*/*/*.*"),
        *ROOT.glob("tests/examples/**/*.*"),
        *ROOT.glob("site_config/**/*.yml"),
    ):
        if path.suffix in (".md", ".yml"):
            text = path.read_text(encoding="utf-8", errors="replace")
            try:
                fronts.append(split(text)[0] if path.suffix == ".md" else text)
            except YamlFault:
                continue
    assert sum(map(agrees, fronts)) > 20


@pytest.mark.corpora
def test_the_whole_yaml_test_suite_is_read_alike(corpora):
    for path in (corpora / "suites" / "yaml-test-suite" / "src").glob("*.yaml"):
        for part in yaml.safe_load(path.read_text(encoding="utf-8")):
            agrees(
                part.get("yaml", "").replace("␣", " ").replace("∎", "").replace("—", "\t").replace("»", "\t")
            )
