"""Periods: the vectors of domain E, all units, the edges of years, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gongkai.model.deadline import Period, Unit
from gongkai.model.errors import Exit, GongkaiError
from gongkai.workdays.calendar import BEIJING, Calendar
from gongkai.workdays.standing import COUNTED, DAY_OFF, DAY_ZERO, ROLLED, WEEKEND, WORKED
from gongkai.workdays.tables import YearTable

D = date.fromisoformat


def working(n: int) -> Period:
    return Period(Unit.WORKING_DAYS, n)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 20, "2026-03-19"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2025-09-30", 20, "2025-11-04"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2024-09-13", 1, "2024-09-14"),
    ],
)
def test_working_days_end_where_the_notices_put_them(calendar: Calendar, start: str, amount: int, due: str):
    answer = calendar.due(D(start), working(amount))
    assert answer.due == D(due)
    assert not answer.provisional


def test_no_working_days_at_all_end_on_the_day_itself(calendar: Calendar):
    assert calendar.due(D("2026-02-16"), working(0)).due == D("2026-02-16")


def test_working_days_before_the_event_are_counted_backwards(calendar: Calendar):
    assert calendar.due(D("2026-02-25"), working(-3)).due == D("2026-02-13")


def test_calendar_days_count_days_off_too(calendar: Calendar):
    assert calendar.due(D("2026-02-13"), Period(Unit.DAYS, 5)).due == D("2026-02-18")


def test_a_period_that_ends_on_a_day_off_rolls_to_the_next_working_day(calendar: Calendar):
    answer = calendar.due(D("2026-02-13"), Period(Unit.DAYS, 5, roll=True))
    assert answer.due == D("2026-02-24")
    assert answer.days[-1].why == ROLLED
    assert sum(d.counted for d in answer.days) == 5


def test_a_period_before_the_event_rolls_back_so_that_it_is_kept_in_full(calendar: Calendar):
    assert calendar.due(D("2026-02-26"), Period(Unit.DAYS, -5, roll=True)).due == D("2026-02-14")


def test_a_month_ends_on_the_day_of_the_same_number_or_the_last_of_the_month(calendar: Calendar):
    assert calendar.due(D("2026-01-31"), Period(Unit.MONTHS, 1)).due == D("2026-02-28")
    assert calendar.due(D("2024-01-31"), Period(Unit.MONTHS, 1)).due == D("2024-02-29")
    assert calendar.due(D("2026-11-15"), Period(Unit.MONTHS, 3)).due == D("2027-02-15")
    assert calendar.due(D("2026-03-31"), Period(Unit.MONTHS, -1)).due == D("2026-02-28")


def test_hours_run_by_the_clock_in_the_zone_of_the_moment(calendar: Calendar):
    start = datetime(2026, 2, 14, 22, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    answer = calendar.due(start, Period(Unit.HOURS, 10))
    assert answer.due == datetime(2026, 2, 15, 8, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert isinstance(answer.due, datetime)
    assert answer.due.tzinfo is start.tzinfo


def test_hours_over_the_change_to_summer_time_are_real_hours(calendar: Calendar):
    berlin = ZoneInfo("Europe/Berlin")
    due = calendar.due(datetime(2026, 3, 28, 22, tzinfo=berlin), Period(Unit.HOURS, 10)).due
    assert due == datetime(2026, 3, 29, 9, tzinfo=berlin)


def test_hours_after_a_plain_date_begin_when_that_day_is_over(calendar: Calendar):
    due = calendar.due(D("2026-02-13"), Period(Unit.HOURS, 10)).due
    assert due == datetime(2026, 2, 14, 10, tzinfo=BEIJING)


def test_hours_before_a_plain_date_end_when_that_day_begins(calendar: Calendar):
    due = calendar.due(D("2026-02-13"), Period(Unit.HOURS, -10)).due
    assert due == datetime(2026, 2, 12, 14, tzinfo=BEIJING)


def test_a_moment_counts_as_the_day_it_has_in_the_portals_zone(calendar: Calendar):
    late_evening_in_utc = datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert calendar.due(late_evening_in_utc, working(1)).due == D("2026-03-03")


def test_a_moment_without_a_zone_is_in_the_portals(calendar: Calendar):
    due = calendar.due(datetime(2026, 3, 1, 17), Period(Unit.HOURS, 5)).due
    assert due == datetime(2026, 3, 1, 22, tzinfo=BEIJING)


def test_the_explanation_names_every_day_and_why(calendar: Calendar):
    lines = calendar.due(D("2026-02-13"), working(2)).days
    assert [d.date for d in lines] == [D("2026-02-13") + timedelta(n) for n in range(12)]
    assert (lines[0].counted, lines[0].why) == (False, DAY_ZERO)
    assert (lines[1].counted, lines[1].why, lines[1].name) == (True, WORKED, "春节")
    assert {(d.counted, d.why, d.name) for d in lines[2:11]} == {(False, DAY_OFF, "春节")}
    assert (lines[11].counted, lines[11].why) == (True, COUNTED)


def test_a_plain_weekend_is_called_a_weekend(calendar: Calendar):
    assert calendar.due(D("2026-03-06"), working(1)).days[1].why == WEEKEND


def test_a_count_that_reaches_a_year_without_a_table_is_provisional(calendar: Calendar):
    assert not calendar.due(D("2026-12-30"), working(1)).provisional
    assert calendar.due(D("2026-12-31"), working(1)).provisional
    assert calendar.due(D("2026-12-30"), Period(Unit.DAYS, 3, roll=True)).provisional


def test_calendar_days_need_no_table_and_are_never_provisional(calendar: Calendar):
    assert not calendar.due(D("2027-02-01"), Period(Unit.DAYS, 3)).provisional
    assert not calendar.due(D("2027-02-01"), Period(Unit.HOURS, 3)).provisional


def test_a_table_of_next_year_may_change_december():
    monday = D("2018-12-31")
    alone = Calendar({2018: YearTable(2018, off={D("2018-10-01"): "国庆节"})})
    newer = YearTable(2019, off={monday: "元旦"}, work={D("2018-12-29"): "元旦"})
    both = Calendar({**alone.years, 2019: newer})
    assert alone.is_working(monday)
    assert not both.is_working(monday)
    assert both.is_working(D("2018-12-29"))
    assert both.due(D("2018-12-28"), working(1)).due == D("2018-12-29")


def test_a_december_day_named_by_the_next_table_is_settled_though_its_own_year_has_none():
    calendar = Calendar({2023: YearTable(2023, off={D("2022-12-31"): "元旦"})})
    assert not calendar.provisional(D("2022-12-31"))
    assert calendar.provisional(D("2022-12-30"))


def test_a_local_day_beats_every_notice():
    typhoon, worked = D("2026-09-22"), D("2026-10-05")
    table = YearTable(
        2026, off={worked: "国庆节"}, extra_off={typhoon: "台风停工"}, extra_work={worked: "抢险"}
    )
    calendar = Calendar({2026: table})
    assert not calendar.is_working(typhoon)
    assert calendar.is_working(worked)


def test_a_table_that_is_a_guess_stays_provisional():
    calendar = Calendar({2027: YearTable(2027, off={D("2027-02-08"): "春节"}, provisional=True)})
    assert not calendar.is_working(D("2027-02-08"))
    assert calendar.provisional(D("2027-02-08"))
    assert calendar.provisional(D("2027-03-01"))


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("amount", [100_001, -100_001, 10**30])
def test_an_absurd_amount_is_refused_at_once(calendar: Calendar, unit: Unit, amount: int):
    with pytest.raises(GongkaiError) as error:
        calendar.due(D("2026-02-13"), Period(unit, amount))
    assert error.value.code == Exit.WRONG_USE


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("amount", [100_000, -100_000])
def test_the_longest_period_ends_or_is_refused_for_its_year(calendar: Calendar, unit: Unit, amount: int):
    try:
        due = calendar.due(D("2026-02-13"), Period(unit, amount))
    except GongkaiError as error:
        assert "outside the calendar" in str(error)
    else:
        assert 1949 <= due.day.year <= 2199


@pytest.mark.parametrize("year", [1, 1948, 2200, 9999])
def test_a_year_outside_the_calendar_is_refused(calendar: Calendar, year: int):
    for period in (working(1), Period(Unit.DAYS, 1), Period(Unit.HOURS, 1), Period(Unit.MONTHS, 1)):
        with pytest.raises(GongkaiError):
            calendar.due(date(year, 1, 1), period)
        with pytest.raises(GongkaiError):
            calendar.due(datetime(year, 1, 1, tzinfo=BEIJING), period)


@pytest.mark.parametrize("unit", Unit)
def test_a_period_that_leaves_the_calendar_is_refused(calendar: Calendar, unit: Unit):
    with pytest.raises(GongkaiError):
        calendar.due(D("2199-12-31"), Period(unit, 24))
    with pytest.raises(GongkaiError):
        calendar.due(D("1949-01-01"), Period(unit, -24))


def test_working_days_between_two_days_leave_out_the_first(calendar: Calendar):
    assert calendar.working_days_between(D("2026-02-13"), D("2026-02-25")) == 3
    assert calendar.working_days_between(D("2026-02-25"), D("2026-02-13")) == -3
    assert calendar.working_days_between(D("2026-02-13"), D("2026-02-13")) == 0
