"""Waivers: a finding of the PRV family stands aside where the item says why, by whose decision, and until when.

    personal_information:
      waivers:
        - {rule: PRV106, place: body, basis: 当事人单独同意公开值班手机, until: "2026-12-31"}

Law may allow or even ask for a name (个人信息保护法 第13条第3项, 政府信息公开条例 第15条); it never asks for a whole identity or
account number in a list, since a mask serves the same purpose (第6, 51条): there no waiver helps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongkai.checks import personal
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Finding, Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Hole

GROUP = "personal_information"
_WAIVED = frozenset({GROUP})
NUMBERS = frozenset({"PRV101", "PRV102", "PRV103", "PRV104"})
"""Numbers of papers and accounts: in lists and in attachments nothing can waive them."""
LISTS = frozenset({"public_list", "personnel"})
DECIDED = frozenset({"PRV109"})
"""Rules that a leader waives, not the officer alone (domain D.5: override only with basis and leader)."""
WAIVABLE = {rule.code: rule for rule in personal.RULES}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver as the item says it; `index` is its number in the item's list, from 0."""

    index: int
    rule: str
    place: str
    basis: str
    until: date
    decided_by: str = ""

    def covers(self, finding_code: str, place: str) -> bool:
        """Whether it is about this rule and this place, or one within it (`contact` holds `contact.telephone`)."""
        return finding_code == self.rule and (place == self.place or place.startswith(f"{self.place}."))


def waivers_of(item: Item) -> tuple[Waiver, ...]:
    """The well-formed waivers of an item; malformed ones are the schema's business."""
    if GROUP not in item.fields:
        return ()
    rows = item.group(GROUP).get("waivers")
    if not isinstance(rows, list):
        return ()
    return tuple(w for n, row in enumerate(rows) if isinstance(row, dict) and (w := _waiver(n, row)))


def _waiver(index: int, row: dict[str, Any]) -> Waiver | None:
    rule, place, basis, until = (str(row.get(name) or "") for name in ("rule", "place", "basis", "until"))
    try:
        day = date.fromisoformat(until)
    except ValueError:
        return None
    if not (rule and place and basis.strip()):
        return None
    return Waiver(index, rule, place, basis, day, str(row.get("decided_by") or ""))


def apply(findings: Iterable[Finding], item: Item, portal: Portal) -> Iterable[Finding]:
    """The findings that no waiver of the item covers today."""
    waivers = waivers_of(item)
    if not waivers:
        return findings
    good = [w for w in waivers if _is_good(w, item, portal)]
    return [f for f in findings if not any(w.covers(f.code, place_of(item, f.field)) for w in good)]


def _is_good(waiver: Waiver, item: Item, portal: Portal) -> bool:
    return (
        waiver.rule in WAIVABLE
        and not portal.is_over(waiver.until)
        and not is_forbidden(waiver, item)
        and (waiver.rule not in DECIDED or waiver.decided_by in portal.settings.people)
    )


def is_forbidden(waiver: Waiver, item: Item) -> bool:
    """Whether law leaves no room: numbers of papers and accounts in lists of people and in attachments."""
    return waiver.rule in NUMBERS and (item.type in LISTS or waiver.place.startswith("attachments"))


def place_of(item: Item, field: str) -> str:
    """The place of a finding as a waiver names it: the field, or `attachments/FILE` for what stands in a file."""
    parts = field.split(".")
    if len(parts) == 3 and parts[0] in ("attachments", "images") and parts[2] == "file":
        rows = item.fields.get(parts[0])
        row = (
            rows[int(parts[1])]
            if isinstance(rows, list) and parts[1].isdigit() and int(parts[1]) < len(rows)
            else None
        )
        if isinstance(row, dict):
            return f"attachments/{row.get('file')}"
    return field


def _hit(item: Item, waiver: Waiver, name: str) -> Hit:
    place = item.place(GROUP, "waivers", waiver.index, name)
    holes: dict[str, Hole] = {
        "rule": waiver.rule,
        "place": waiver.place,
        "until": waiver.until,
        "person": waiver.decided_by or "-",
    }
    return Hit(place, holes, f"{GROUP}.waivers.{waiver.index}.{name}")


def _unknown(item: Item, _portal: Portal) -> Iterable[Hit]:
    return [_hit(item, w, "rule") for w in waivers_of(item) if w.rule not in WAIVABLE]


def _idle(item: Item, portal: Portal) -> Iterable[Hit]:
    """Waivers that cover nothing: the rules that they name are asked once more, which is rare and remembered."""
    for waiver in waivers_of(item):
        rule = WAIVABLE.get(waiver.rule)
        if rule is not None and rule.item is not None and not is_forbidden(waiver, item):
            hits = rule.item(item, portal)
            if not any(waiver.covers(rule.code, place_of(item, hit.field)) for hit in hits):
                yield _hit(item, waiver, "place")


def _expired(item: Item, portal: Portal) -> Iterable[Hit]:
    waivers = waivers_of(item)
    return [_hit(item, w, "until") for w in waivers if portal.is_over(w.until)]


def _forbidden(item: Item, _portal: Portal) -> Iterable[Hit]:
    return [_hit(item, w, "rule") for w in waivers_of(item) if is_forbidden(w, item)]


def _undecided(item: Item, portal: Portal) -> Iterable[Hit]:
    known = portal.settings.people
    for waiver in waivers_of(item):
        needs = waiver.rule in DECIDED or waiver.decided_by
        if needs and waiver.decided_by not in known:
            yield _hit(item, waiver, "decided_by")


_OPEN = N_(
    "An exception is made in the open: dated, with its reason, for one rule and one place, seen by every reviewer "
    "(个人信息保护法 第13, 25, 55条)."
)
_NEVER = N_(
    "A list serves its purpose with masked numbers, so the law leaves no room for whole ones (个人信息保护法 第6, 28, 51条)."
)

RULES = (
    Rule("PRV121", "waiver-of-unknown-rule", Severity.ERROR,
         N_("a waiver names {rule}, which is no rule that can be waived"),
         N_("write the code that `gongkai check` showed, such as PRV106; only PRV rules can be waived"),
         _OPEN, item=_unknown, alone=True, of=_WAIVED),
    Rule("PRV122", "waiver-of-nothing", Severity.WARNING,
         N_("the waiver of {rule} at {place} covers no finding"),
         N_("delete it; or name the place as `check` shows it: body, contact.telephone, attachments/FILE"),
         _OPEN, item=_idle, alone=True, of=_WAIVED),
    Rule("PRV123", "waiver-expired", Severity.WARNING,
         N_("the waiver of {rule} at {place} ended on {until}; what it covered is a finding again"),
         N_("mask the information, or have the exception decided anew with a later date"), _OPEN, item=_expired,
         of=_WAIVED),
    Rule("PRV124", "waiver-not-allowed", Severity.ERROR,
         N_("{rule} cannot be waived here: whole numbers of papers and accounts never stand in lists or attachments"),
         N_("mask the numbers (`gongkai mask FILE`) and delete the waiver"), _NEVER, item=_forbidden, alone=True, of=_WAIVED),
    Rule("PRV125", "waiver-without-leader", Severity.ERROR,
         N_("the waiver of {rule} names no person who decided it (decided_by: {person})"),
         N_("write as decided_by the code of the leader who decided, from people.yml"),
         _OPEN, item=_undecided, alone=True, of=_WAIVED),
)  # fmt: skip
