"""Dates as people spell them. An impossible date is a fault with a reason, never a guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from gongkai.model.message import Message, msg

_REPUBLIC = re.compile(r"(?:中華)?民國|中华民国|民国")
_WRITTEN = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?")
_PARTED = re.compile(r"(\d{4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})(?!\d)")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"(?:T|\s)*(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?\s*\Z")
_CHINESE = re.compile(
    r"([〇零○Ｏ一二三四五六七八九]{4})\s*年\s*([一二三四五六七八九十]{1,3})\s*月\s*([一二三四五六七八九十]{1,4})\s*日"
)
_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "O": "0",
}
_EPOCH_1900 = date(1899, 12, 30)
OLDEST = date(1900, 1, 1)


class NotADate(Exception):
    """Why a value is no date, for the reader."""

    def __init__(self, says: Message) -> None:
        super().__init__(says.text)
        self.says = says


def read_date(value: Any) -> date | None:
    """The day that a cell means; None when the cell is empty. Raises NotADate.

    Takes `2024年08月31日`, `2024-01-15 17:29:00`, `2024/1/5`, `20240105`, `二〇二四年三月五日`, full-width
    digits, spaces of every kind around it, and dates of Excel (also as serial numbers of the 1900 system).
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _sane(value.date(), str(value))
    if isinstance(value, date):
        return _sane(value, str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _serial(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return _spelt(text) if text else None


def find_dates(text: str) -> list[date]:
    """Every possible date written out in a running text (年月日, in digits or Chinese numerals), in order."""
    found = [(m.start(), _three(m)) for m in _WRITTEN.finditer(text)]
    found += [(m.start(), _numerals(m)) for m in _CHINESE.finditer(text)]
    return [day for _, parts in sorted(found) if (day := _possible(*parts)) is not None]


def _spelt(text: str) -> date:
    if _REPUBLIC.search(text):
        raise NotADate(
            msg("{value} is a year of the Republic (民国纪年); write the Christian year first", value=text)
        )
    numerals = _CHINESE.fullmatch(text)
    if numerals:
        return _checked(_numerals(numerals), text)
    for pattern, groups in ((_WRITTEN, (1, 2, 3)), (_PARTED, (1, 3, 4)), (_SOLID, (1, 2, 3))):
        match = pattern.match(text)
        if match and _CLOCK.match(text, match.end()):
            year, month, day = (int(match[g]) for g in groups)
            return _checked((year, month, day), text)
    raise NotADate(msg("{value} is not a date", value=text[:40]))


def _three(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match[1]), int(match[2]), int(match[3])


def _numerals(match: re.Match[str]) -> tuple[int, int, int]:
    year = int("".join(_DIGITS[c] for c in match[1]))
    return year, chinese_number(match[2]), chinese_number(match[3])


def chinese_number(text: str) -> int:
    """一 … 九十九 as a number; 0 when it makes no sense."""
    if "十" not in text:
        return int(_DIGITS.get(text, "0")) if len(text) == 1 else 0
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return int(_DIGITS.get(tens, "0") if tens else "1") * 10 + int(_DIGITS.get(ones, "0") if ones else "0")


def _serial(number: float) -> date:
    if not 1 <= number < 200_000:
        if float(number).is_integer() and len(str(int(number))) == 8:
            return _spelt(str(int(number)))
        raise NotADate(msg("{value} is not a date", value=str(number)))
    return _sane(_EPOCH_1900 + timedelta(days=int(number)), str(number))


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _checked(parts: tuple[int, int, int], text: str) -> date:
    day = _possible(*parts)
    if day is None:
        raise NotADate(msg("{value} is a date that does not exist", value=text[:40]))
    return _sane(day, text)


def _sane(day: date, text: str) -> date:
    if day < OLDEST:
        raise NotADate(msg("{value} lies before 1900", value=text[:40]))
    return day
