"""When the lunar festivals fall: 春节 from 1950, 端午 and 中秋 from 2008 (days off since then), up to 2050.

Source: GB/T 33661-2017 《农历的编算和颁行》 sets the rules (a month begins on the Beijing day of the new
moon). The dates below are those of the package `holidays` 0.109; each new moon was computed again with
Meeus, Astronomical Algorithms, chapter 49, and the tests do both once more. Beware of other tables: 2027
(new moon at 23:56) and 2030 (at 00:07) are a day off in ICU's Chinese calendar and in some folk calendars.
"""

from __future__ import annotations

from datetime import date

FIRST_SPRING, FIRST_FESTIVALS, LAST = 1950, 2008, 2050

# One MMDD a year.
_SPRING_1950_2007 = """
0217 0206 0127 0214 0203 0124 0212 0131 0218 0208
0128 0215 0205 0125 0213 0202 0121 0209 0130 0217
0206 0127 0215 0203 0123 0211 0131 0218 0207 0128
0216 0205 0125 0213 0202 0220 0209 0129 0217 0206
0127 0215 0204 0123 0210 0131 0219 0207 0128 0216
0205 0124 0212 0201 0122 0209 0129 0218
"""
# Three MMDD a year, four years a line: 春节 (first day of the first month), 端午, 中秋.
_FESTIVALS_2008_2050 = """
0207 0608 0914   0126 0528 1003   0214 0616 0922   0203 0606 0912
0123 0623 0930   0210 0612 0919   0131 0602 0908   0219 0620 0927
0208 0609 0915   0128 0530 1004   0216 0618 0924   0205 0607 0913
0125 0625 1001   0212 0614 0921   0201 0603 0910   0122 0622 0929
0210 0610 0917   0129 0531 1006   0217 0619 0925   0206 0609 0915
0126 0528 1003   0213 0616 0922   0203 0605 0912   0123 0624 1001
0211 0612 0919   0131 0601 0908   0219 0620 0927   0208 0610 0916
0128 0530 1004   0215 0618 0924   0204 0607 0913   0124 0527 1002
0212 0614 0920   0201 0603 0910   0122 0622 0928   0210 0611 0917
0130 0531 1005   0217 0619 0925   0206 0608 0915   0126 0529 1004
0214 0615 0922   0202 0604 0911   0123 0623 0930
"""

_SPRING = _SPRING_1950_2007.split()
_FESTIVALS = _FESTIVALS_2008_2050.split()


def spring_festival(year: int) -> date | None:
    """正月初一 of the year; None outside the table."""
    if FIRST_SPRING <= year < FIRST_FESTIVALS:
        return _on(year, _SPRING[year - FIRST_SPRING])
    return _festival(year, 0)


def dragon_boat(year: int) -> date | None:
    """端午, 五月初五; None outside the table."""
    return _festival(year, 1)


def mid_autumn(year: int) -> date | None:
    """中秋, 八月十五; None outside the table."""
    return _festival(year, 2)


def tomb_sweeping(year: int) -> date | None:
    """清明, the solar term, by the rule of thumb [Y × 0.2422 + 4.81] - [Y ÷ 4]; it holds 2000-2099."""
    if not 2000 <= year <= 2099:
        return None
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)


def _festival(year: int, which: int) -> date | None:
    if not FIRST_FESTIVALS <= year <= LAST:
        return None
    return _on(year, _FESTIVALS[(year - FIRST_FESTIVALS) * 3 + which])


def _on(year: int, month_day: str) -> date:
    return date(year, int(month_day[:2]), int(month_day[2:]))
