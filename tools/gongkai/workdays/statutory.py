"""Days off by law alone, for years whose notice is not entered: weekends and the fixed statutory days.

全国年节及纪念日放假办法: 1949-12-23, revised 1999-09-18, 2007-12-14, 2013-12-11 and 2024-11-10, each in
force for the holidays that follow. What the yearly notice adds (调休, days given for a holiday that falls on
a weekend, 第六条) cannot be known before it, so every date of such a year is provisional (暂定). Half-day
holidays (第三条) stay working days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from gongkai.workdays.lunar import dragon_boat, mid_autumn, spring_festival, tomb_sweeping

TWO_DAY_WEEKEND = date(1995, 5, 1)
"""Saturdays are off since then (国务院关于职工工作时间的规定, 1995 修订, 第三条、第七条)."""


def is_weekend(day: date) -> bool:
    """Saturday or Sunday; only Sunday before 1995-05-01."""
    return day.weekday() == 6 or (day.weekday() == 5 and day >= TWO_DAY_WEEKEND)


@lru_cache(maxsize=256)
def statutory_days(year: int) -> Mapping[date, str]:
    """The days off for everybody in that year by the law as it stood then, with the festival's name.

    Lunar festivals are known up to 2050 (春节 from 1950, 清明, 端午, 中秋 from 2008, when they became days
    off).
    """
    fixed = {date(year, month, day): name for month, day, name in _solar(year)}
    return {**fixed, **dict(_spring(year)), **dict(_since_2008(year))}


def _solar(year: int) -> Iterator[tuple[int, int, str]]:
    yield 1, 1, "元旦"
    for day in range(1, _labour_days(year) + 1):
        yield 5, day, "劳动节"
    for day in range(1, 4 if year >= 1999 else 3):
        yield 10, day, "国庆节"


def _labour_days(year: int) -> int:
    """One day; three days from 2000 to 2007 (1999 revision); two since 2025 (2024 revision)."""
    if 2000 <= year <= 2007:
        return 3
    return 2 if year >= 2025 else 1


def _spring(year: int) -> Iterator[tuple[date, str]]:
    """初一 to 初三; 除夕 to 初二 from 2008 to 2013; 除夕 to 初三 since 2025."""
    first = spring_festival(year)
    if first is None:
        return
    eve = -1 if 2008 <= year <= 2013 or year >= 2025 else 0
    end = 2 if 2008 <= year <= 2013 else 3
    for offset in range(eve, end):
        yield first + timedelta(offset), "春节"


def _since_2008(year: int) -> Iterator[tuple[date, str]]:
    if year < 2008:
        return
    found = (tomb_sweeping(year), "清明节"), (dragon_boat(year), "端午节"), (mid_autumn(year), "中秋节")
    yield from ((day, name) for day, name in found if day is not None)
