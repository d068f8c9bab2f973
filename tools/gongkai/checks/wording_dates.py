"""Dates that no calendar has, and ranges whose dash a conversion lost (3月1520日, 20242025年)."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator

from gongkai.checks.glance import hit
from gongkai.checks.passages import Text
from gongkai.model.finding import Hit
from gongkai.model.lazily import lazily

_MONTH = lazily(
    r"月(?:(?<=1[3-9]月)|(?<=[2-9]\d月)|(?<=\d1[0-2]月)|(?<=0月)|(?<=十[三四五六七八九]月)"
    r"|(?=(?:29|3\d|[4-9]\d|00?|\d{3,4})[日号])|(?=(?:二十九|三十[一二三四五六七八九]?|[四五六七八九]十)[日号]))"
)
"""A month or a day that could be impossible; everything else is passed over at one look."""
_YEARS = lazily(r"年(?<=\d{8}年)")
_DOTTED = lazily(r"20\d\d([-./])(\d{1,2})\1(29|3\d)(?![\d./-])")
_BEFORE = lazily(r"(?:(\d{4}|[〇○零一二三四五六七八九]{4}) ?年 ?)?(\d+|[一二三四五六七八九十]{1,3}) ?\Z")
_AFTER = lazily(r"月 ?(\d{1,4}|[一二三四五六七八九十]{1,3}) ?[日号]")
_LUNAR = lazily(r"[农阴夏旧]历|闰|正月|腊月|冬月")
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_REACH = 16
MOST = 50
"""So many findings of one text are enough to have it looked through."""
IMPOSSIBLE, DASH = "WRD122", "WRD120"


def look(text: Text) -> Iterator[tuple[str, Hit]]:
    """Impossible dates and lost dashes in a text, each once for what is written."""
    seen: set[str] = set()
    for code, start, end in sorted(
        {*_months(text.text), *_years(text.text), *_dotted(text)}, key=lambda f: f[1]
    ):
        shown = text.text[start:end]
        if shown not in seen and len(seen) < MOST:
            seen.add(shown)
            yield code, hit(text, start, shown=shown)


def _months(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _MONTH.finditer(text):
        at = match.start()
        before = _BEFORE.search(text, max(0, at - _REACH), at)
        if before is None:
            continue
        after = _AFTER.match(text, at, at + 9)
        code = _verdict(text, before, after)
        if code and not _LUNAR.search(text, max(0, before.start() - 6), at):
            yield code, before.start(), after.end() if after else at + 1


def _verdict(text: str, before: re.Match[str], after: re.Match[str] | None) -> str:
    year, month = _number(before[1] or ""), before[2]
    if not month.isdigit() or len(month) <= 2:
        number = _number(month)
        if number is not None and 1 <= number <= 12:
            return _day(year, number, after[1]) if after else ""
        if before[1] or after:
            return IMPOSSIBLE
        return DASH if _range(month, 12) and text.startswith("月份", before.end()) else ""
    if len(month) <= 4 and _range(month, 12):
        return DASH
    return IMPOSSIBLE if before[1] else ""


def _day(year: int | None, month: int, day: str) -> str:
    if day.isdigit() and len(day) > 2:
        return DASH if _range(day, 31) else ""
    number = _number(day)
    most = _DAYS[month - 1]
    if month == 2 and year and not isleap(year):
        most = 28
    return "" if number is not None and 1 <= number <= most else IMPOSSIBLE


def _range(digits: str, most: int) -> bool:
    """Whether digits are two growing numbers up to `most`, written without the dash between them."""
    for cut in range(1, len(digits)):
        first, last = digits[:cut], digits[cut:]
        if first[0] != "0" and last[0] != "0" and int(first) < int(last) <= most:
            return True
    return False


def _number(written: str) -> int | None:
    """A number in digits, in Chinese numerals (十三, 三十一) or as a year's digits (二〇二三)."""
    if not written:
        return None
    if written.isdigit() and written.isascii():
        return int(written)
    if "十" not in written:
        digits = [_DIGITS.get(c) for c in written]
        return None if None in digits else int("".join(map(str, digits)))
    tens, _, ones = written.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return _DIGITS.get(tens or "一", 0) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _years(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _YEARS.finditer(text):
        start = match.start() - 8
        first, last = text[start : start + 4], text[start + 4 : match.start()]
        alone = not text[start - 1 : start].isdigit()
        if alone and first.isascii() and 1900 <= int(first) < int(last) <= 2100:
            yield DASH, start, match.end()


def _dotted(text: Text) -> Iterator[tuple[str, int, int]]:
    """2024-02-30 and its like in running text; a field that is nothing but a date is judged by its schema."""
    for match in _DOTTED.finditer(text.text):
        before = text.text[match.start() - 1 : match.start()]
        if before and before.isascii() and (before.isalnum() or before in "./-_=?&"):
            continue
        year, month, day = int(match[0][:4]), int(match[2]), int(match[3])
        whole = text.passage(match.start()).text.strip() == match[0]
        if not whole and 1 <= month <= 12 and _day(year, month, str(day)):
            yield IMPOSSIBLE, match.start(), match.end()
