"""Counting a period from a day, line by line. The starting day is day 0 and is not counted (民法典
第200、201条).

Every count yields its lines in the order of counting; the last one is the day on which the period ends.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from gongkai.model.deadline import Day, Period, Unit
from gongkai.model.errors import GongkaiError
from gongkai.model.message import N_, Message, msg
from gongkai.workdays.standing import CLOCK, COUNTED, DAY_ZERO, MONTH, ROLLED, Standing, counted

Look = Callable[[date], Standing]
FIRST, LAST = date(1949, 1, 1), date(2199, 12, 31)
LONGEST = 100_000
_ONE = timedelta(1)
_UNITS = {
    Unit.HOURS: N_("hours"),
    Unit.DAYS: N_("days"),
    Unit.WORKING_DAYS: N_("working days"),
    Unit.MONTHS: N_("months"),
}


def unit_name(unit: Unit) -> Message:
    """The unit in words."""
    return msg(_UNITS[unit])


def sane(period: Period) -> None:
    """Refuse an amount over 100,000: nobody means it, and counting it would take for ever."""
    if abs(period.amount) > LONGEST:
        raise GongkaiError(
            msg("a period of {amount} {unit} is too long", amount=period.amount, unit=unit_name(period.unit)),
            msg("give at most {limit}", limit=LONGEST),
        )


def inside(day: date) -> date:
    """The day itself; a day outside 1949-2199 is refused, for there is no calendar for it."""
    if not FIRST <= day <= LAST:
        raise _outside(day.year)
    return day


def days_of(start: date, period: Period, look: Look) -> Iterator[Day]:
    """The lines of a period of days, working days or months from `start`, the rolling at its end included."""
    yield Day(start, False, DAY_ZERO)
    end = start
    for line in _COUNTS[period.unit](start, period.amount, look):
        yield line
        end = line.date
    if period.roll:
        yield from _rolled(end, -1 if period.amount < 0 else 1, look)


def _calendar_days(start: date, amount: int, look: Look) -> Iterator[Day]:
    step = -1 if amount < 0 else 1
    for number in range(1, abs(amount) + 1):
        yield Day(inside(start + timedelta(step * number)), True, COUNTED)


def _working_days(start: date, amount: int, look: Look) -> Iterator[Day]:
    step, left, day = (-_ONE if amount < 0 else _ONE), abs(amount), start
    while left:
        day = inside(day + step)
        line = counted(day, look(day))
        left -= line.counted
        yield line


def _months(start: date, amount: int, look: Look) -> Iterator[Day]:
    """The day of the same number; the last of the month where there is none (民法典 第202条)."""
    step = -1 if amount < 0 else 1
    for number in range(1, abs(amount) + 1):
        yield Day(_month_later(start, step * number), True, MONTH)


_COUNTS = {Unit.DAYS: _calendar_days, Unit.WORKING_DAYS: _working_days, Unit.MONTHS: _months}


def _month_later(start: date, months: int) -> date:
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not FIRST.year <= years <= LAST.year:
        raise _outside(years)
    return date(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))


def _rolled(end: date, step: int, look: Look) -> Iterator[Day]:
    """From a day off to the next working day (民法典 第203条); counted backwards, to the one before it.

    Backwards the law says nothing; the earlier day is taken, so that at least the full period is kept.
    """
    day, standing = end, look(end)
    while not standing.works:
        if day != end:
            yield counted(day, standing)
        day = inside(day + timedelta(step))
        standing = look(day)
    if day != end:
        yield Day(day, False, ROLLED)


def hours_from(start: datetime, amount: int) -> datetime:
    """That many hours by the clock (民法典 第201条), in the zone of `start`; summer time adds none."""
    utc = (start - (start.utcoffset() or timedelta())).replace(tzinfo=None)
    there = utc + timedelta(hours=amount)
    inside(there.date())
    zone = start.tzinfo
    return zone.fromutc(there.replace(tzinfo=zone)) if zone else there


def hour_days(first: date, end: date) -> Iterator[Day]:
    """One line for each date that a period of hours touches."""
    step = _ONE if end >= first else -_ONE
    for number in range(abs((end - first).days) + 1):
        yield Day(first + number * step, True, CLOCK)


def _outside(year: int) -> GongkaiError:
    return GongkaiError(
        msg("the year {year} is outside the calendar", year=year),
        msg("dates from {first} to {last} can be reckoned with", first=FIRST.year, last=LAST.year),
    )
