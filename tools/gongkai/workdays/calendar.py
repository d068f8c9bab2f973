"""The calendar of a portal: which days are worked, and when a period ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property

from gongkai.model.deadline import Day, Due, Period, Unit
from gongkai.workdays.counting import days_of, hour_days, hours_from, inside, sane
from gongkai.workdays.standing import COUNTED, DAY_OFF, DAY_ZERO, NO_DAY_OFF, WEEKEND, WORKED, Standing
from gongkai.workdays.statutory import is_weekend, statutory_days
from gongkai.workdays.tables import YearTable

Counts = dict[tuple[date, Period], Due]
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Calendar:
    """Working days by the tables of `years`; a year without a table goes by the law alone and is 暂定.

    A table may name days of a neighbouring year; of two tables the later year's wins, for its notice is the
    newer one. Days begin in `zone`: a moment counts as the date it has there.
    """

    years: Mapping[int, YearTable]
    zone: tzinfo = BEIJING
    _counts: Counts = field(default_factory=dict, repr=False, compare=False)

    def is_working(self, day: date) -> bool:
        """Whether public bodies work that day. Refuses years outside 1949-2199."""
        return self.standing(day).works

    def provisional(self, day: date) -> bool:
        """Whether the day's standing may still change: its year's notice is not entered (暂定)."""
        return self.standing(day).provisional

    def standing(self, day: date) -> Standing:
        """Worked or off, and why."""
        return self._named.get(inside(day)) or self._by_law(day)

    def due(self, start: date | datetime, period: Period) -> Due:
        """When `period` ends that begins with the event at `start`, which is day 0, explained day by day.

        `hours` gives a moment: from a moment, that many hours later in its own zone (a moment without a zone
        is in the portal's). From a plain date hours count from the end of that day (24:00): the hour is not
        known, the day of the event is never counted, and a body must not be called late for an hour that
        nobody wrote down. The other units give a date. `roll` moves an end on a day off to the next working
        day and does not touch hours. Raises GongkaiError for over 100,000 units and for years outside
        1949-2199.
        """
        sane(period)
        if period.unit is Unit.HOURS:
            return self._due_hours(start, period.amount)
        counted = self._counted(self.day_of(start), period)
        return replace(counted, start=start) if isinstance(start, datetime) else counted

    def day_of(self, moment: date | datetime) -> date:
        """The date of a moment in the portal's zone."""
        if not isinstance(moment, datetime):
            return inside(moment)
        inside(moment.date())
        local = moment.astimezone(self.zone) if moment.tzinfo else moment
        return inside(local.date())

    def working_days_between(self, a: date, b: date) -> int:
        """The working days counted from day 0 `a` to `b`, `b` included; negative when `b` is earlier."""
        step = 1 if b >= a else -1
        span = range(1, abs((inside(b) - inside(a)).days) + 1)
        return step * sum(self.is_working(a + timedelta(step * n)) for n in span)

    def _counted(self, start: date, period: Period) -> Due:
        """Dates repeat over thousands of items, so each count is made once."""
        known = self._counts.get((start, period))
        if known is None:
            days = tuple(days_of(start, period, self.standing))
            known = Due(start, days[-1].date, self._touched(days, period), days)
            self._counts[start, period] = known
        return known

    def _touched(self, days: tuple[Day, ...], period: Period) -> bool:
        """Whether a day that is 暂定 bears on the answer: one walked over, or one where the period rolled."""
        first = 1 if period.unit is Unit.WORKING_DAYS else len(days)
        if period.roll:
            first = min(first, max((n for n, line in enumerate(days) if line.counted), default=0))
        return any(self.provisional(line.date) for line in days[first:])

    def _due_hours(self, start: date | datetime, amount: int) -> Due:
        if isinstance(start, datetime):
            inside(start.date())
            moment = start if start.tzinfo else start.replace(tzinfo=self.zone)
            end = hours_from(moment, amount)
            return Due(start, end, False, tuple(hour_days(moment.date(), end.date())))
        return self._due_hours_of_day(inside(start), amount)

    def _due_hours_of_day(self, day: date, amount: int) -> Due:
        """Hours from the end of a day, or back from its beginning; the day itself is day 0."""
        edge = day if amount < 0 else inside(day + timedelta(1))
        end = hours_from(datetime.combine(edge, time(), self.zone), amount)
        first = day - timedelta(1) if amount < 0 else edge
        return Due(day, end, False, (Day(day, False, DAY_ZERO), *hour_days(first, end.date())))

    @cached_property
    def _named(self) -> Mapping[date, Standing]:
        """Every day that a table names; later years over earlier ones, local days over all."""
        order = [self.years[year] for year in sorted(self.years)]
        notices = {day: s for table in order for day, s in _notice(table)}
        return {**notices, **{day: s for table in order for day, s in _local(table)}}

    def _by_law(self, day: date) -> Standing:
        table = self.years.get(day.year)
        guess = table is None or table.provisional
        festival = statutory_days(day.year).get(day) if table is None else None
        if festival:
            return Standing(False, DAY_OFF, festival, guess)
        return Standing(False, WEEKEND, "", guess) if is_weekend(day) else Standing(True, COUNTED, "", guess)


def _notice(table: YearTable) -> Iterator[tuple[date, Standing]]:
    yield from ((day, Standing(False, DAY_OFF, name, table.provisional)) for day, name in table.off.items())
    yield from ((day, Standing(True, WORKED, name, table.provisional)) for day, name in table.work.items())


def _local(table: YearTable) -> Iterator[tuple[date, Standing]]:
    yield from ((day, Standing(False, DAY_OFF, name)) for day, name in table.extra_off.items())
    yield from ((day, Standing(True, NO_DAY_OFF, name)) for day, name in table.extra_work.items())
