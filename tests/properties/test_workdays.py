"""Laws of the calendar that hold for every date and every amount."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.items.config import read_settings
from gongkai.model.deadline import Period, Unit
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables

CALENDAR = Calendar(tables(read_settings(FolderTree(template_root()))[0].files))
DATES = st.dates(date(2019, 1, 1), date(2032, 12, 31))
AMOUNTS = st.integers(-300, 300)
ROLLING = st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS])


def working(start: date, amount: int) -> date:
    return CALENDAR.due(start, Period(Unit.WORKING_DAYS, amount)).day


@given(DATES, AMOUNTS)
def test_a_longer_period_ends_later(start: date, amount: int):
    assert working(start, amount) < working(start, amount + 1) or amount in (-1, 0)


@given(DATES, st.integers(0, 60), AMOUNTS)
def test_a_later_start_never_ends_earlier(start: date, later: int, amount: int):
    if amount:
        assert working(start, amount) <= working(start + timedelta(later), amount)


@given(DATES, AMOUNTS)
def test_counting_and_measuring_are_inverse(start: date, amount: int):
    assert CALENDAR.working_days_between(start, working(start, amount)) == amount


@given(DATES, AMOUNTS.filter(bool))
def test_a_period_of_working_days_ends_on_a_working_day(start: date, amount: int):
    assert CALENDAR.is_working(working(start, amount))


@given(DATES, st.integers(1, 200), st.integers(1, 200))
def test_two_periods_one_after_the_other_are_one(start: date, first: int, second: int):
    assert working(working(start, first), second) == working(start, first + second)


@given(DATES, AMOUNTS, ROLLING)
def test_a_rolled_period_never_ends_on_a_day_off(start: date, amount: int, unit: Unit):
    amount = amount // 10 if unit is Unit.MONTHS else amount
    assert CALENDAR.is_working(CALENDAR.due(start, Period(unit, amount, roll=True)).day)


@given(DATES, AMOUNTS, ROLLING, st.booleans())
def test_the_explanation_counts_exactly_the_period(start: date, amount: int, unit: Unit, roll: bool):
    amount = amount // 10 if unit is Unit.MONTHS else amount
    due = CALENDAR.due(start, Period(unit, amount, roll))
    assert sum(line.counted for line in due.days) == abs(amount)
    assert due.days[0].date == start
    assert due.days[-1].date == due.due


@given(DATES, AMOUNTS)
@settings(max_examples=50)
def test_the_same_question_has_the_same_answer_in_a_fresh_calendar(start: date, amount: int):
    period = Period(Unit.WORKING_DAYS, amount)
    assert CALENDAR.due(start, period) == Calendar(CALENDAR.years).due(start, period)
