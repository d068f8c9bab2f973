from __future__ import annotations

import pytest

from gongkai.intake.numerals import FORMS, spell


@pytest.mark.parametrize(
    ("form", "number", "spelt"),
    [
        ("chineseCounting", 1, "一"),
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 11, "十一"),
        ("chineseCountingThousand", 20, "二十"),
        ("chineseCountingThousand", 101, "一百零一"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("chineseCountingThousand", 1010, "一千零一十"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographDigital", 2024, "二〇二四"),
        ("ideographTraditional", 3, "丙"),
        ("ideographZodiac", 12, "亥"),
        ("decimalEnclosedCircleChinese", 20, "⑳"),
        ("decimalEnclosedCircle", 51, "51"),
        ("decimalFullWidth", 12, "１２"),
        ("decimalZero", 7, "07"),
        ("lowerLetter", 28, "bb"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("none", 3, ""),
        ("unheardOf", 3, "3"),
    ],
)
def test_a_number_is_spelt_as_word_spells_it(form: str, number: int, spelt: str) -> None:
    assert spell(number, form) == spelt


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("number", [0, 1, 99_999])
def test_no_number_is_beyond_a_form(form: str, number: int) -> None:
    assert isinstance(spell(number, form), str)
