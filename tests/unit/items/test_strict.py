"""One strict loader: the same meaning for everybody, and a place for everything."""

import pytest

from gongkai.items.strict import YamlFault, load


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "no", "on", "012", "12:30", "0x1F", "1_000", ".inf", "1e999", "2026-03-01T09:00:00Z"],
)
def test_what_other_loaders_convert_stays_a_text(text):
    assert load(f"a: {text}").data == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("~", None), ("", None), ("-3", -3), ("1.50", 1.5), ("0", 0)]
)
def test_json_words_and_numbers_are_themselves(text, value):
    assert load(f"a: {text}").data == {"a": value}


def test_a_quoted_number_is_a_text():
    assert load("a: '5'").data == {"a": "5"}


def test_every_value_and_key_knows_its_place():
    loaded = load("标题: 甲\nlist:\n  - x\n  - y: 2\n", first_line=2)
    assert loaded.marks[("标题",)] == (2, 5)
    assert loaded.keys[("list",)] == (3, 1)
    assert loaded.marks[("list", 1, "y")] == (5, 8)


def test_a_repeated_field_is_a_fault_and_the_first_counts():
    loaded = load("a: 1\nb: 2\na: {c: 3}\n")
    assert loaded.data == {"a": 1, "b": 2}
    assert [(f.fault, f.line, f.holes["first"]) for f in loaded.faults] == [("repeated", 3, 1)]
    assert loaded.marks[("a",)] == (1, 4)


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("a: &x 1\n", "alias", 1),
        ("a: 1\nb: *x\n", "alias", 2),
        ("<<: {a: 1}\n", "alias", 1),
        ("a: !!python/object:os.system 1\n", "tag", 1),
        ("%YAML 1.1\n---\na: 1\n", "directive", 1),
        ("a: 1\n---\nb: 2\n", "documents", 2),
        ("a: 1\n? [b]\n: 2\n", "key", 2),
        ("a: 1\nb: x\ty: [\n", "syntax", None),
        ("a: 1\nb: \x07\n", "character", 2),
        ("[" * 10_000, None, 1),
        ("a:\n" + "".join(" " * i + "- \n" for i in range(1, 40)), None, None),
    ],
)
def test_what_the_profile_refuses_is_named_with_its_line(text, fault, line):
    with pytest.raises(YamlFault) as caught:
        load(text)
    assert fault is None or caught.value.fault == fault
    assert line is None or caught.value.line == line


def test_ten_thousand_levels_are_refused_quickly_whatever_their_form():
    for text in (
        "[" * 10_000 + "]" * 10_000,
        "{a: " * 10_000,
        "- " * 10_000 + "x",
        "\n".join(" " * i + "a:" for i in range(10_000)),
    ):
        with pytest.raises(YamlFault):
            load(text)


def test_an_alias_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(YamlFault) as caught:
        load(bomb)
    assert (caught.value.fault, caught.value.line) == ("alias", 1)
