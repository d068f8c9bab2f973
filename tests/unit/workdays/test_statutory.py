"""Years without a notice: what the law alone says, and where the moon puts the festivals."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import holidays
import pytest

from gongkai.workdays import lunar
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.statutory import is_weekend, statutory_days

GIVEN_ONCE = {date(2015, 9, 3), date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2)}
"""The parade of 2015, and the longer Spring Festival of 2020."""


def law_of(package_year: int) -> set[date]:
    """The statutory days of the package, without those that a notice moved or gave once."""
    china = holidays.China(years=package_year, observed=False)
    return {day for day, name in china.items() if "substituted" not in name} - GIVEN_ONCE


@pytest.mark.parametrize("year", range(2027, 2051))
def test_the_statutory_days_to_come_agree_with_the_package_holidays(year: int):
    assert set(statutory_days(year)) == law_of(year)


@pytest.mark.parametrize("year", range(2000, 2027))
def test_the_statutory_days_of_the_past_agree_with_the_package_holidays(year: int):
    assert set(statutory_days(year)) == law_of(year)


@pytest.mark.parametrize("year", range(1950, 1999))
def test_the_seven_days_of_the_law_of_1949_agree_with_the_package_holidays(year: int):
    assert set(statutory_days(year)) == law_of(year)


def test_a_year_beyond_the_table_of_the_moon_keeps_the_days_of_the_sun():
    days = [f"{d:%m-%d}" for d in statutory_days(2150)]
    assert days == ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"]


def test_the_saturday_was_worked_before_may_1995():
    assert not is_weekend(date(1995, 4, 29))
    assert is_weekend(date(1995, 5, 6))
    assert is_weekend(date(1995, 4, 30))


@pytest.mark.parametrize("year", range(1950, 2051))
def test_the_spring_festival_is_the_beijing_day_of_a_new_moon(year: int):
    assert lunar.spring_festival(year) in beijing_new_moons()


@pytest.mark.parametrize("year", range(2008, 2051))
def test_dragon_boat_and_mid_autumn_are_the_fifth_and_fifteenth_of_a_moon(year: int):
    fifth, fifteenth = lunar.dragon_boat(year), lunar.mid_autumn(year)
    assert fifth is not None
    assert fifteenth is not None
    assert fifth - timedelta(4) in beijing_new_moons()
    assert fifteenth - timedelta(14) in beijing_new_moons()


def test_2027_is_reckoned_by_law_and_says_so():
    calendar = Calendar({})
    assert not calendar.is_working(date(2027, 2, 5))
    assert calendar.standing(date(2027, 2, 5)).name == "春节"
    assert calendar.is_working(date(2027, 2, 10))
    assert calendar.provisional(date(2027, 2, 10))


_MOONS: set[date] = set()


def beijing_new_moons() -> set[date]:
    if not _MOONS:
        _MOONS.update(beijing(new_moon(k)).date() for k in range(-640, 640))
    return _MOONS


def beijing(jde: float) -> datetime:
    """Dynamical time to Beijing time; 70 s of ΔT are near enough, no new moon here is closer to midnight."""
    return datetime(2000, 1, 1, 12) + timedelta(days=jde - 2451545.0, hours=8, seconds=-70)


def new_moon(k: int) -> float:
    """Meeus, Astronomical Algorithms, chapter 49: the k-th new moon since 2000-01-06, accurate to seconds."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k - 0.0000014 * t**2)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2 + 0.00001238 * t**3)
    lat = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2 - 0.00000227 * t**3)
    node = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t**2)
    mean = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2 - 0.00000015 * t**3 + 0.00000000073 * t**4
    terms = (
        (-0.40720, moon), (0.17241 * e, sun), (0.01608, 2 * moon), (0.01039, 2 * lat),
        (0.00739 * e, moon - sun),
        (-0.00514 * e, moon + sun), (0.00208 * e * e, 2 * sun), (-0.00111, moon - 2 * lat),
        (-0.00057, moon + 2 * lat), (0.00056 * e, 2 * moon + sun), (-0.00042, 3 * moon),
        (0.00042 * e, sun + 2 * lat), (0.00038 * e, sun - 2 * lat), (-0.00024 * e, 2 * moon - sun),
        (-0.00017, node), (-0.00007, moon + 2 * sun), (0.00004, 2 * moon - 2 * lat), (0.00004, 3 * sun),
        (0.00003, moon + sun - 2 * lat), (0.00003, 2 * moon + 2 * lat), (-0.00003, moon + sun + 2 * lat),
        (0.00003, moon - sun + 2 * lat), (-0.00002, moon - sun - 2 * lat), (-0.00002, 3 * moon + sun),
        (0.00002, 4 * moon),
    )  # fmt: skip
    planets = (
        (299.77 + 0.107408 * k - 0.009173 * t * t, 325), (251.88 + 0.016321 * k, 165),
        (251.83 + 26.651886 * k, 164), (349.42 + 36.412478 * k, 126), (84.66 + 18.206239 * k, 110),
        (141.74 + 53.303771 * k, 62), (207.14 + 2.453732 * k, 60), (154.84 + 7.306860 * k, 56),
        (34.52 + 27.261239 * k, 47), (207.19 + 0.121824 * k, 42), (291.34 + 1.844379 * k, 40),
        (161.72 + 24.198154 * k, 37), (239.56 + 25.513099 * k, 35), (331.55 + 3.592518 * k, 23),
    )  # fmt: skip
    periodic = sum(size * math.sin(angle) for size, angle in terms)
    return mean + periodic + sum(size * math.sin(math.radians(angle)) for angle, size in planets) / 1e6
