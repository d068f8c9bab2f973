"""Personal information that must not go out (PRV1xx): in the item's own text and in its attachments.

居民身份证法 第19条; 个人信息保护法 第6, 25, 28, 31, 51条; 政府信息公开条例 第15条; the shapes of masks are those of official lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from gongkai.checks.glance import hit
from gongkai.checks.passages import Text
from gongkai.checks.personal_find import find
from gongkai.checks.personal_kinds import Kind, Span, masked
from gongkai.checks.personal_lists import same_number
from gongkai.checks.personal_runs import may_hold
from gongkai.checks.personal_words import ALL, FOLDED
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.scanned import Scanned, scanned
from gongkai.checks.wording_list import Scan
from gongkai.model.finding import Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_

MOST = 10
"""So many places of one kind are named in one field or file; a list of 15,000 people is one leak, not 15,000."""
CHILD = 14
_TELEPHONES = frozenset({"telephone", "phone", "mobile", "tel", "supervision_telephone"})

Found = tuple[tuple[Text, tuple[Span, ...]], ...]
_NO_WORDS: frozenset[str] = frozenset()


class _Latest:
    """What was found in the item that is being looked at: every rule asks, one looks."""

    def __init__(self) -> None:
        self.scanned: Scanned = ()
        self.found: Found = ()

    def of(self, item: Item, portal: Portal) -> Found:
        rows = scanned(item, portal)
        if rows is not self.scanned:
            self.found = tuple((text, spans) for text, scan in rows if (spans := found_in(text, scan)))
            self.scanned = rows
        return self.found


def found_in(text: Text, scan: Scan) -> tuple[Span, ...]:
    """Every detector begins with one of its words or with a long number; full-width digits are told by their words."""
    words = ALL.intersection(scan.places) if scan.places else _NO_WORDS
    numbers = may_hold(scan.raw) or not words.isdisjoint(FOLDED)
    return find(text.text, words, numbers=numbers) if words or numbers else ()


_LATEST = _Latest()


def _look(kinds: tuple[Kind, ...], item: Item, portal: Portal) -> Iterable[Hit]:
    """The hits of one rule: the spans of its kinds, at most `MOST` in one field."""
    found = _LATEST.of(item, portal)
    if not found:
        return ()
    return chain.from_iterable(_hits(text, [s for s in spans if s.kind in kinds]) for text, spans in found)


def _hits(text: Text, spans: list[Span]) -> Iterator[Hit]:
    fields: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        fields[text.passage(span.start).field].append(span)
    for rows in fields.values():
        for number, span in enumerate(rows[:MOST], 1):
            left = len(rows) - MOST if number == MOST else 0
            words = " ".join(text.text[span.start : span.end].split())[:60]
            yield hit(text, span.start, left + 1, masked=masked(words, span.kind, strict=True))


def _finds_nothing(item: Item, portal: Portal) -> bool:
    """Whether there is nothing that any of these rules could name: all begin with what was found (`_LATEST`)."""
    return not _LATEST.of(item, portal)


def _mobiles(contact: bool, item: Item, portal: Portal) -> Iterable[Hit]:
    """Mobile numbers but for the item's own named contact, wherever that number stands."""
    found = _LATEST.of(item, portal)
    return (
        chain.from_iterable(_mobiles_in(text, spans, contact, item) for text, spans in found) if found else ()
    )


def _mobiles_in(text: Text, spans: tuple[Span, ...], contact: bool, item: Item) -> Iterator[Hit]:
    rows = [s for s in spans if s.kind is Kind.MOBILE and s.is_contact is contact]
    if rows:
        own = _own_numbers(item)
        yield from _hits(text, [s for s in rows if not _is_own(text, s, own)])


def _is_own(text: Text, span: Span, own: frozenset[str]) -> bool:
    field = text.passage(span.start).field.rpartition(".")[2]
    return field in _TELEPHONES or _digits(text.text[span.start : span.end]) in own


def _own_numbers(item: Item) -> frozenset[str]:
    contact = str(item.group("contact").get("telephone") or "")
    told = f"{contact} {item.text('supervision_telephone')}"
    return frozenset(_digits(told[s.start : s.end]) for s in find(told) if s.kind is Kind.MOBILE)


def _digits(words: str) -> str:
    return "".join(str(int(c)) for c in words if c.isdecimal())[-11:]


def _children(item: Item, portal: Portal) -> Iterable[Hit]:
    """Children under 14, counted by the year in the item's id when only the year of birth is known."""
    found = _LATEST.of(item, portal)
    if not found:
        return ()
    return chain.from_iterable(
        _hits(text, [s for s in spans if s.kind is Kind.CHILD and _is_young(item, s)])
        for text, spans in found
    )


def _is_young(item: Item, span: Span) -> bool:
    if span.birth is None:
        return span.age is None or span.age < CHILD
    year = item.id.rsplit("-", 2)[-2:][0]
    return year.isdecimal() and 0 <= int(year) - span.birth < CHILD


def _numbers(*kinds: Kind) -> Callable[[Item, Portal], Iterable[Hit]]:
    return partial(_look, kinds)


_MASK = N_("mask it like {masked}, or leave it out; `gongkai mask FILE` makes a masked copy of a list")
_LEAST = N_(
    "Only the least that the purpose needs may be public; lists of names are masked (个人信息保护法 第6, 25条; 居民身份证法 第19条)."
)
_PHONE = N_(
    "A person's telephone number is personal information; lists show it as 138****1234 (个人信息保护法 第6, 25条)."
)
_SENSITIVE = N_(
    "Health, hardship and the data of children under 14 are sensitive: a person's own consent, a reason and a record of the "
    "weighing come before publication (个人信息保护法 第28, 29, 31, 55条)."
)
_LIVES = N_("Lists name the township or street and nothing below it (个人信息保护法 第6条).")
_TRUE = N_(
    "The same telephone or account under two people is suspect: one of the two is wrong (客户信息资料真实性管理实施细则 第7条)."
)


def _rule(
    code: str, name: str, says: str, look: Callable[[Item, Portal], Iterable[Hit]],
    *, hint: str = _MASK, why: str = _LEAST, severity: Severity = Severity.ERROR,
    idle: Callable[[Item, Portal], bool] | None = _finds_nothing,
) -> Rule:  # fmt: skip
    return Rule(code, name, severity, says, hint, why, item=look, alone=True, idle=idle)


RULES = (
    _rule("PRV101", "identity-number", N_("an identity number stands here: {masked}{where}{more}"), _numbers(Kind.IDENTITY)),
    _rule("PRV102", "residence-permit-number",
          N_("the number of a residence or travel permit stands here: {masked}{where}{more}"), _numbers(Kind.PERMIT)),
    _rule("PRV103", "passport-number", N_("a passport number stands here: {masked}{where}{more}"), _numbers(Kind.PASSPORT)),
    _rule("PRV104", "bank-account", N_("a person's bank card or account stands here: {masked}{where}{more}"),
          _numbers(Kind.BANK)),
    _rule("PRV105", "mobile-number", N_("a mobile number stands here: {masked}{where}{more}"),
          partial(_mobiles, False), why=_PHONE),
    _rule("PRV106", "mobile-number-of-a-contact", N_("a mobile number is given as a contact: {masked}{where}{more}"),
          partial(_mobiles, True), why=_PHONE, severity=Severity.WARNING,
          hint=N_("give an office telephone, or name this number as `contact` if the person agreed to it")),
    _rule("PRV107", "number-plate", N_("a vehicle's number plate stands here: {masked}{where}{more}"),
          _numbers(Kind.PLATE), severity=Severity.WARNING),
    _rule("PRV108", "home-address", N_("an address tells more than the township or street: {masked}{where}{more}"),
          _numbers(Kind.HOME), why=_LIVES, severity=Severity.WARNING,
          hint=N_("end the address after the township or street")),
    _rule("PRV109", "hardship-list-with-full-names",
          N_("a list names a person in full beside illness or hardship: {masked}{where}{more}"),
          _numbers(Kind.HARDSHIP_LIST), why=_SENSITIVE,
          hint=N_("mask the names like {masked}, or leave the reason out")),
    _rule("PRV110", "hardship-beside-a-name", N_("illness or hardship is told of a named person: {masked}{where}{more}"),
          _numbers(Kind.HARDSHIP), why=_SENSITIVE, severity=Severity.WARNING,
          hint=N_("mask the name like {masked}, or leave the reason out")),
    _rule("PRV111", "child-under-fourteen", N_("a child under 14 is named: {masked}{where}{more}"), _children,
          why=_SENSITIVE, severity=Severity.WARNING,
          hint=N_("mask the name like {masked}, or state the guardian's consent as the basis")),
    _rule("PRV112", "mistyped-identity-number",
          N_("this is called an identity number, though its digits do not add up: {masked}{where}{more}"),
          _numbers(Kind.MISTYPED), severity=Severity.WARNING,
          hint=N_("look it up in the source: with one digit mended it is somebody's number; mask it like {masked}")),
    _rule("PRV113", "same-number-under-two-people",
          N_("{masked} stands here under {name}, and under {other} at {place}{more}"), same_number,
          why=_TRUE, severity=Severity.WARNING, hint=N_("find out which of the two is right, and correct the other"),
          idle=None),  # it also compares masked numbers, which are nothing to find
)  # fmt: skip
