"""The shipped tables against two packages that know the notices, and against the notices' own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from gongkai.workdays.calendar import Calendar

CHINA = holidays.China(years=range(2021, 2028))


def days_of(*years: int) -> Iterator[date]:
    day = date(years[0], 1, 1)
    while day.year <= years[-1]:
        yield day
        day += timedelta(1)


def test_every_day_of_2022_to_2026_agrees_with_chinesecalendar(calendar: Calendar):
    wrong = [d for d in days_of(2022, 2026) if calendar.is_working(d) != chinese_calendar.is_workday(d)]
    assert wrong == []


def test_every_day_of_2022_to_2026_agrees_with_holidays(calendar: Calendar):
    wrong = [d for d in days_of(2022, 2026) if calendar.is_working(d) != CHINA.is_working_day(d)]
    assert wrong == []


WORKING_DAYS = {2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}


@pytest.mark.parametrize(("year", "working"), WORKING_DAYS.items())
def test_a_year_has_as_many_working_days_as_its_notice_leaves(calendar: Calendar, year: int, working: int):
    assert sum(map(calendar.is_working, days_of(year))) == working


@pytest.mark.parametrize("year", range(2022, 2027))
def test_no_day_of_an_announced_year_is_provisional(calendar: Calendar, year: int):
    assert not any(map(calendar.provisional, days_of(year)))


def test_every_day_of_2027_is_provisional(calendar: Calendar):
    assert all(map(calendar.provisional, days_of(2027)))


WORKED_WEEKENDS = {
    2024: ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}


@pytest.mark.parametrize("year", WORKED_WEEKENDS)
def test_the_worked_weekends_are_those_of_the_notice(calendar: Calendar, year: int):
    found = [d for d in days_of(year) if d.weekday() >= 5 and calendar.is_working(d)]
    assert tuple(f"{d:%m-%d}" for d in found) == WORKED_WEEKENDS[year]


def test_new_years_eve_of_2024_was_a_working_day_and_that_of_2025_was_not(calendar: Calendar):
    assert calendar.is_working(date(2024, 2, 9))
    assert not calendar.is_working(date(2025, 1, 28))


def test_half_day_holidays_are_working_days(calendar: Calendar):
    assert all(calendar.is_working(d) for d in (date(2023, 3, 8), date(2023, 5, 4), date(2026, 6, 1)))


def test_each_table_names_its_notice_and_the_year_before_it():
    from gongkai.items.config import read_settings
    from gongkai.store.resources import template_root
    from gongkai.store.tree import FolderTree

    files = read_settings(FolderTree(template_root()))[0].files
    for year in range(2022, 2027):
        table = files[f"holidays/{year}"].data
        assert str(table["year"]) == str(year)
        assert table["notice"].startswith(f"国办发明电〔{year - 1}〕")
        assert table["notice_date"].startswith(f"{year - 1}-1")
        assert table["source"].startswith("https://www.gov.cn/zhengce/")
