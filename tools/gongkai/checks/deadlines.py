"""DUE: submission and publication on time, periods as long as the law asks, dates in their order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from gongkai.checks.due import is_judged, moment_of, period_faults
from gongkai.checks.lateness import (
    late_without_reason,
    provisional,
    publication_near,
    stale_news,
    submission_overdue,
)
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.deadline import Due
from gongkai.model.finding import Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Message, Words, msg
from gongkai.workdays.counting import unit_name

ORDER = (
    ("opens_on", "closes_on"),
    ("effective_from", "effective_to"),
    ("publish_at", "expires_at"),
    ("document_date", "effective_to"),
    ("document_date", "repealed_on"),
    ("decided_on", "revoked_on"),
)
"""Fields whose second date must not come before the first."""

PAST = ("document_date", "decided_on", "approved_on", "occurred_on", "occurred_at")
"""Fields that say what has happened, so that they cannot lie ahead (one day is left for time zones)."""


def _period_short(item: Item, portal: Portal) -> Iterator[Hit]:
    for short in period_faults(item, portal) if is_judged(item, portal) else ():
        yield Hit(
            item.place(short.end),
            {
                "start": _title(item, short.start, portal),
                "end": _title(item, short.end, portal),
                "amount": short.period.amount,
                "unit": unit_name(short.period.unit),
                "least": short.least.day,
            },
            short.end,
            _period_hint(item, short.unless, short.least, portal),
        )


def _period_hint(item: Item, unless: str, least: Due, portal: Portal) -> Message | None:
    if not unless:
        return None
    reason = _title(item, unless, portal)
    return msg("end it on {least} or later, or give the reason in “{reason}”", least=least.day, reason=reason)


def _dates_disordered(item: Item, portal: Portal) -> Iterator[Hit]:
    if is_judged(item, portal):
        yield from _wrong_order(item, portal)
        yield from _lying_ahead(item, portal)


def _wrong_order(item: Item, portal: Portal) -> Iterator[Hit]:
    for first, second in ORDER:
        earlier, later = moment_of(item, first), moment_of(item, second)
        if earlier is not None and later is not None and _before(later, earlier, portal):
            problem = msg(
                "“{second}” ({later}) is before “{first}” ({earlier})",
                second=_title(item, second, portal), later=item.text(second),
                first=_title(item, first, portal), earlier=item.text(first),
            )  # fmt: skip
            yield Hit(item.place(second), {"problem": problem}, second)


def _lying_ahead(item: Item, portal: Portal) -> Iterator[Hit]:
    for name in PAST:
        day = item.date(name)
        if day is not None and day > portal.calendar.day_of(portal.now) + timedelta(1):
            problem = msg("“{field}” ({date}) lies in the future", field=_title(item, name, portal), date=day)
            yield Hit(item.place(name), {"problem": problem}, name)


def _before(later: date | datetime, earlier: date | datetime, portal: Portal) -> bool:
    """Two moments are compared as moments, everything else as dates."""
    if isinstance(later, datetime) and isinstance(earlier, datetime) and later.tzinfo and earlier.tzinfo:
        return later < earlier
    return _local(later, portal) < _local(earlier, portal)


def _local(moment: date | datetime, portal: Portal) -> date:
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(portal.calendar.zone).date() if moment.tzinfo else moment.date()


def _title(item: Item, name: str, portal: Portal) -> Words:
    """The field's title in its type's schema; its name when it has none."""
    kind = portal.types.get(item.type)
    found = kind.fields.get(name) if kind else None
    return found.title if found else Words(name, name)


_NEVER_BLOCKS = N_(
    "Each kind of information has its time for submission; "
    "a late item is still published, but its lateness is kept."
)

RULES = (
    Rule(
        "DUE101",
        "submission-overdue",
        Severity.WARNING,
        N_("submitted {late} late: it was due on {due}"),
        N_("submit it now; see how the date came about with `gongkai deadline`"),
        _NEVER_BLOCKS,
        item=submission_overdue,
        fresh=True,
    ),
    Rule(
        "DUE102",
        "late-without-reason",
        Severity.WARNING,
        N_("the item is {late} late and gives no reason"),
        N_("write the reason in the field late_reason; the reviewer sees it"),
        N_("A reason that is written down at once can be weighed; one that is remembered later cannot."),
        item=late_without_reason,
        fresh=True,
    ),
    Rule(
        "DUE103",
        "publication-near-or-overdue",
        Severity.WARNING,
        N_("it must be published by {due}: {state}"),
        N_("hand it in for review today and tell the reviewer the date"),
        N_(
            "Information is published within 20 working days of its making, "
            "or sooner where a law says so (政府信息公开条例 第26条)."
        ),
        item=publication_near,
        fresh=True,
    ),
    Rule(
        "DUE104",
        "due-date-provisional",
        Severity.WARNING,
        N_("the due date for {stage}, {due}, is provisional: the holidays of {year} are not entered"),
        N_("when the State Council's notice is out, add site_config/holidays/{year}.yml"),
        N_(
            "Holidays are fixed by a yearly notice; "
            "until it is entered, only weekends and statutory days are known."
        ),
        item=provisional,
        fresh=True,
    ),
    Rule(
        "DUE105",
        "period-too-short",
        Severity.ERROR,
        N_("from “{start}” to “{end}” it must be at least {amount} {unit}: not to end before {least}"),
        N_("end it on {least} or later; the first day does not count"),
        N_(
            "The law sets the least time for the public to see and to answer; "
            "the day it begins is not counted (民法典 第201条)."
        ),
        item=_period_short,
        fresh=True,
    ),
    Rule(
        "DUE106",
        "dates-out-of-order",
        Severity.ERROR,
        N_("the dates do not fit together: {problem}"),
        N_("correct the date that is wrong"),
        N_(
            "Deadlines, validity and the catalogue are reckoned from these dates; "
            "forged or mistaken dates fail an inspection."
        ),
        item=_dates_disordered,
        fresh=True,
    ),
    Rule(
        "DUE107",
        "old-news-without-reason",
        Severity.WARNING,
        N_("the event was on {event}, more than {amount} {unit} ago, and no reason is given"),
        N_("write in the field late_reason why it is published only now, or leave it out"),
        N_("Old news posted as new is what inspections look for; it needs a reason that can be read."),
        item=stale_news,
        fresh=True,
    ),
)
