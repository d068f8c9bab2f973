"""How a day stands: worked or off, and why; the reasons that an explanation of a due date gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gongkai.model.deadline import Day
from gongkai.model.message import N_, Message, Words, msg

DAY_ZERO = N_("the day of the event is day 0")
COUNTED = N_("counted")
DAY_OFF = N_("day off: {name}")
WEEKEND = N_("weekend")
WORKED = N_("weekend, but worked ({name})")
NO_DAY_OFF = N_("worked by a local rule ({name})")
ROLLED = N_("the period ended on a day off, so it moves to this working day")
CLOCK = N_("hours run by the clock, on days off too")
MONTH = N_("one month more")
FIXED = N_("a fixed day of the year")
NOT_AFTER = N_("not later than this date of the item")
NOT_BEFORE = N_("not earlier than this date of the item")

FESTIVALS = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a day is worked, the reason (one of the msgids above), the festival, and whether it is 暂定."""

    works: bool
    why: str
    name: str = ""
    provisional: bool = False


def festival(name: str) -> Words:
    """A festival's name in both languages; a name of the adopter's own stays as written."""
    parts = name.split("、")
    return Words(name, " / ".join(FESTIVALS.get(part, part) for part in parts))


def why(day: Day) -> Message:
    """The reason of one line of an explanation, ready to be said."""
    return msg(day.why, name=festival(day.name)) if day.name else msg(day.why)


def counted(day: date, standing: Standing) -> Day:
    """The line of a working-day count for this day: counted if worked, with a make-up day's reason."""
    return Day(day, standing.works, standing.why, standing.name)
