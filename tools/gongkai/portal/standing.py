"""How an item stands at this moment: shown or not, published when, withdrawn, replaced, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time

from gongkai.checks.portal import Portal
from gongkai.model.item import ID_PATTERN, Item
from gongkai.model.message import Message, msg

_STAGES = frozenset({"publicity", "single_source", "candidates"})
"""Stages of personnel items and purchases that are a 公示."""


@dataclass(frozen=True, slots=True)
class State:
    """One thing a reader must know before the text: its kind (a CSS class), the short tag, the sentence."""

    kind: str
    tag: Message
    says: Message


def is_shown(item: Item, portal: Portal) -> bool:
    """Whether the public may see the item now: well named, public, disclosed proactively, not embargoed, not removed.

    An embargo that cannot be read as a time holds: no typing mistake lets out early what must wait.
    """
    return (
        ID_PATTERN.match(item.id) is not None
        and not item.removed
        and item.fields.get("secrecy", "public") == "public"
        and item.fields.get("openness", "proactive") == "proactive"
        and not _embargoed(item, portal)
    )


def is_notice(item: Item) -> bool:
    """Whether a notice stands in the item's place: what was there was removed."""
    return item.removed and ID_PATTERN.match(item.id) is not None


def _embargoed(item: Item, portal: Portal) -> bool:
    if not item.fields.get("publish_at"):
        return False
    start = moment(item.text("publish_at"), portal)
    return start is None or start > portal.now


def moment(text: str, portal: Portal) -> datetime | None:
    """A time or a date (its first second) in the portal's zone; None when it is neither, and in the last year that there is,
    which stands for "never". A time in the first year is one in the second: in another zone it might have no year at all.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year == MAXYEAR:
        return None
    found = found.replace(year=max(found.year, MINYEAR + 1))
    return found if found.tzinfo else found.replace(tzinfo=portal.settings.timezone)


def published(item: Item, portal: Portal) -> datetime | date | None:
    """When it was first published: the ledger's fact, else what an old portal recorded; nothing else. Looked up once."""
    known = portal.published
    if item.path not in known:
        known[item.path] = _published(item, portal)
    return known[item.path]


def _published(item: Item, portal: Portal) -> datetime | date | None:
    fact = portal.facts_of(item).published
    if isinstance(fact, datetime):
        return fact.astimezone(portal.settings.timezone)
    return fact or _legacy_day(item)


def _legacy_day(item: Item) -> date | None:
    try:
        return date.fromisoformat(str(item.group("legacy").get("first_published_on"))[:10])
    except ValueError:
        return None


def index_number(item: Item, portal: Portal) -> str:
    """索引号: the ledger's, else the old portal's, else empty."""
    return portal.facts_of(item).index_number or str(item.group("legacy").get("index_number") or "")


def sort_key(item: Item, portal: Portal) -> tuple[int, datetime, str]:
    """Items in the order of their publication, then of their ids; what is not published comes last."""
    when = published(item, portal)
    zone = portal.settings.timezone
    if when is None:
        return (1, datetime.max.replace(tzinfo=zone), item.id)
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(), zone)
    return (0, when, item.id)


def has_ended(item: Item, portal: Portal) -> bool:
    """Whether it is a 公示 whose time is over: its page stays, its names go (个人信息保护法 第19条)."""
    kind = item.type
    if kind != "public_list" and not (kind == "personnel" and item.text("stage") == "publicity"):
        return False
    closes = item.date("closes_on")
    return closes is not None and closes < portal.today.date()


def is_current(item: Item, portal: Portal) -> bool:
    """Whether it holds today: not withdrawn or replaced, in force, not expired."""
    expires = moment(item.text("expires_at"), portal)
    return (
        not item.group("withdrawal")
        and validity_of(item, portal) not in ("expired", "repealed")
        and (expires is None or expires > portal.now)
    )


def is_in_force(item: Item, portal: Portal) -> bool:
    """Whether it is a policy document that binds today."""
    if item.type != "policy" or item.group("withdrawal"):
        return False
    return validity_of(item, portal) in ("", "valid", "amended")


def is_round(item: Item) -> bool:
    """Whether the public may answer or object to it for a time."""
    return item.type in ("consultation", "public_list") or item.text("stage") in _STAGES


def states(item: Item, portal: Portal) -> tuple[State, ...]:
    """Everything a reader must know before the text, the gravest first."""
    found = (
        _withdrawn(item),
        _validity(item, portal),
        _ended(item, portal),
        _round(item, portal),
        _preview(item, portal),
    )
    return tuple(filter(None, found))


def _withdrawn(item: Item) -> State | None:
    withdrawal = item.group("withdrawal")
    if not withdrawal:
        return None
    if withdrawal.get("replaced_by"):
        return State("replaced", msg("Replaced"), msg("This information has been replaced by a newer one."))
    return State(
        "withdrawn", msg("Withdrawn"), msg("This information has been withdrawn. It is kept for the record.")
    )


def _validity(item: Item, portal: Portal) -> State | None:
    validity = validity_of(item, portal)
    if validity == "expired":
        return State("expired", msg("No longer in force"), msg("This document is no longer in force."))
    if validity == "repealed":
        return State("repealed", msg("Repealed"), _repealed(item.date("repealed_on")))
    if validity == "amended":
        return State("amended", msg("Amended"), msg("This document has been amended."))
    return None


def _repealed(day: date | None) -> Message:
    if day is None:
        return msg("This document has been repealed.")
    return msg("This document was repealed on {date}.", date=day)


def validity_of(item: Item, portal: Portal) -> str:
    """有效性 today: what the item says, and expired once its last day has passed; empty when it has none."""
    said = item.text("validity")
    if said not in ("", "valid") or "effective_to" not in item.fields:
        return said
    last = item.date("effective_to")
    return "expired" if last is not None and last < portal.today.date() else said


def _ended(item: Item, portal: Portal) -> State | None:
    if has_ended(item, portal):
        says = msg("The period of this public notice ended on {date}.", date=item.date("closes_on") or "")
        return State("ended", msg("Ended"), says)
    expires = moment(item.text("expires_at"), portal)
    if expires is not None and expires <= portal.now:
        return State(
            "expired", msg("Expired"), msg("This information has expired. It is kept for the record.")
        )
    return None


def _round(item: Item, portal: Portal) -> State | None:
    """Where a 征求意见 stands: the reader must know at once whether there is still time to answer."""
    closes = item.date("closes_on") if item.type == "consultation" else None
    if closes is None:
        return None
    opens, today = item.date("opens_on"), portal.today.date()
    if closes < today:
        says = msg("This consultation ended on {date}.", date=closes)
        return State("closed", msg("Consultation closed"), says)
    if opens is None or opens <= today:
        return State("open", msg("Open for comment"), msg("Comments are welcome until {date}.", date=closes))
    return None


def _preview(item: Item, portal: Portal) -> State | None:
    if published(item, portal) is not None:
        return None
    if portal.facts_of(item).accepted is not None:
        says = msg("This information has been approved and accepted. It has not been published yet.")
        return State("preview", msg("Accepted, not published yet"), says)
    says = msg("This is a preview. The information has not been published yet.")
    return State("preview", msg("Not published (preview)"), says)
