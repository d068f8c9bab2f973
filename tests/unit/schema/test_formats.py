import re

import pytest

from gongkai.schema.formats import is_date, is_email, is_time, is_uri, python_pattern


@pytest.mark.parametrize("text", ["2024-02-29", "1949-10-01", "2024-12-31"])
def test_a_day_that_exists_is_a_date(text):
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "2024-1-5",
        "20240105",
        "2024-W01-1",
        "2024-01-05\n",
        "２０２４-01-05",
        "2024/01/05",
        "0000-01-01",
        "",
    ],
)
def test_anything_else_is_no_date(text):
    assert not is_date(text)


@pytest.mark.parametrize(
    "text", ["2024-08-31T09:30:00+08:00", "2024-08-31T09:30:00Z", "2024-08-31T09:30:00.250-05:30"]
)
def test_a_time_has_seconds_and_an_offset(text):
    assert is_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-08-31T09:30:00", "2024-08-31T09:30+08:00", "2024-08-31 09:30:00+08:00", "2024-02-30T09:30:00Z",
        "2024-08-31T24:00:00Z", "2024-08-31T09:30:60Z", "2024-08-31T09:30:00+24:00", "2024-08-31",
        "2024-08-31T09:30:00Z\n",
    ],
)  # fmt: skip
def test_anything_else_is_no_time(text):
    assert not is_time(text)


@pytest.mark.parametrize("text", ["office@tide.yundu.example", "a.b+c@x-y.example", "0@1.cn"])
def test_an_address_with_a_host_is_an_email_address(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "office",
        "office@tide",
        "a@@b.cn",
        ".a@b.cn",
        "a..b@c.cn",
        "甲@b.cn",
        "a@-b.cn",
        "a@b.cn\n",
        "a b@c.cn",
    ],
)
def test_anything_else_is_no_email_address(text):
    assert not is_email(text)


def test_a_uri_has_a_scheme_and_ascii_only():
    assert is_uri("https://a.example/x?y=%E6%BD%AE#z") and is_uri("urn:isbn:123")
    assert not is_uri("/x") and not is_uri("https://a.example/潮") and not is_uri("https://a.example/%zz")


def test_a_value_that_is_no_text_is_not_a_format_s_business():
    assert is_date(3) and is_time(None) and is_email([]) and is_uri({})


def test_a_pattern_ends_where_its_text_ends():
    assert re.search(python_pattern("^a$"), "a") and not re.search(python_pattern("^a$"), "a\n")


def test_a_dollar_in_a_set_or_escaped_is_a_dollar():
    assert re.search(python_pattern(r"^[$]\$$"), "$$")


def test_digits_are_ascii_digits_as_in_ecma():
    assert re.search(python_pattern(r"^\d[\d]$"), "12") and not re.search(python_pattern(r"^\d"), "٣")


def test_spaces_are_those_of_ecma():
    for blank in " \t\n\u3000\u00a0\ufeff":
        assert re.search(python_pattern(r"^\s$"), blank) and not re.search(python_pattern(r"\S"), blank)
    assert re.search(python_pattern(r"^\S$"), "\x1c") and re.search(python_pattern(r"^[^\s]$"), "\x1c")
