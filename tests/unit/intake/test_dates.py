from __future__ import annotations

from datetime import date, datetime

import pytest

from gongkai.intake.dates import NotADate, chinese_number, find_dates, read_date

AUGUST = date(2024, 8, 31)


@pytest.mark.parametrize(
    "spelt",
    [
        "2024年08月31日",
        "2024年8月31日",
        " 2024 年 8 月 31 日 ",
        "2024-08-31",
        "2024-08-31 17:29:00",
        "2024-08-31T17:29:00+08:00",
        "2024/8/31",
        "2024.8.31",
        "20240831",
        "\u3000２０２４－０８－３１\u3000",
        "２０２４年８月３１日",
        "二〇二四年八月三十一日",
        "二○二四年八月三十一日",
        datetime(2024, 8, 31, 17, 29),
        date(2024, 8, 31),
        45535,
        45535.7,
        20240831,
    ],
)
def test_a_date_is_read_in_every_usual_spelling(spelt: object) -> None:
    assert read_date(spelt) == AUGUST


@pytest.mark.parametrize("empty", [None, "", "  ", "\u3000"])
def test_an_empty_cell_is_no_date_and_no_fault(empty: object) -> None:
    assert read_date(empty) is None


@pytest.mark.parametrize("spelt", ["民國113年8月31日", "中華民國一一三年八月", "民国113年8月31日"])
def test_years_of_the_republic_are_refused_with_a_message(spelt: str) -> None:
    with pytest.raises(NotADate) as caught:
        read_date(spelt)
    assert "民国纪年" in caught.value.says.text


@pytest.mark.parametrize(
    "spelt", ["2024-02-30", "2023年2月29日", "2024/13/1", "20241301", "二〇二四年十三月一日"]
)
def test_a_date_that_does_not_exist_says_so(spelt: str) -> None:
    with pytest.raises(NotADate) as caught:
        read_date(spelt)
    assert "does not exist" in caught.value.says.text


@pytest.mark.parametrize(
    "spelt",
    ["时间", "2024", "2024年8月", "08/31/2024", "2024-08-31 关于", "2024-8/31", 0, 10**7, "1024-01-01"],
)
def test_what_is_no_date_is_never_guessed(spelt: object) -> None:
    with pytest.raises(NotADate):
        read_date(spelt)


def test_dates_in_a_text_are_found_in_digits_and_in_numerals() -> None:
    text = "2024年2月30日不算，二〇二四年三月五日算，2024年12月10日也算。"
    assert find_dates(text) == [date(2024, 3, 5), date(2024, 12, 10)]


@pytest.mark.parametrize(
    ("text", "number"),
    [("五", 5), ("十", 10), ("十二", 12), ("二十", 20), ("三十一", 31), ("一二", 0), ("十十", 0)],
)
def test_chinese_numbers_up_to_ninety_nine(text: str, number: int) -> None:
    assert chinese_number(text) == number
