"""Wrong words, spoilt characters and marks, impossible dates (WRD1xx).

One wrong word of the grave kind fails a whole site at inspection (国办秘函〔2019〕19号 单项否决); the rest are what
inspections list most often, and what conversions between programs leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from gongkai.checks import wording_characters, wording_dates, wording_marks
from gongkai.checks.glance import Glance, hit
from gongkai.checks.passages import Text
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.scanned import is_plain, scanned
from gongkai.checks.wording_list import Use
from gongkai.model.finding import Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Hole

KINDS = {"wrong": "WRD101", "forbidden": "WRD102", "fixed_name": "WRD103"}
GRAVE = "WRD104"


def _look(item: Item, portal: Portal) -> Iterator[tuple[str, Hit]]:
    language = item.text("language") or portal.settings.language
    for text, scan in scanned(item, portal):
        if scan.uses:
            yield from _words(scan.uses, text)
        if text.own:
            if not is_plain(text, scan):
                yield from wording_characters.look(text, language)
            yield from wording_marks.look(text, scan.places)
            yield from wording_dates.look(text)


def _words(found: Iterable[Use], text: Text) -> Iterator[tuple[str, Hit]]:
    """Each entry once a text, with the number of its uses."""
    uses: dict[str, list[Use]] = {}
    for use in found:
        uses.setdefault(use.word.word, []).append(use)
    for same in uses.values():
        word = same[0].word
        code = GRAVE if word.grave else KINDS.get(word.kind)
        if code:
            holes: dict[str, Hole] = {"word": word.word, "right": word.right, "source": word.source}
            yield code, hit(text, same[0].start, len(same), **holes)


_GLANCE = Glance(_look)


def _dated_later(item: Item, portal: Portal) -> Iterable[Hit]:
    """The date of a paper is never later than its publication; before that, than the moment itself."""
    written = item.date("document_date")
    known = _published(item, portal) if written else None
    late = written is not None and (written > known if known else portal.is_to_come(written))
    if written and late:
        holes: dict[str, Hole] = {"value": written, "published": known or portal.today.date()}
        yield Hit(item.place("document_date"), holes, "document_date")


def _published(item: Item, portal: Portal) -> date | None:
    """The day of its publication as far as it is known, else of its receipt; None is today."""
    facts = portal.facts_of(item)
    when = (
        facts.published
        or _day(item.group("legacy").get("first_published_on"))
        or item.date("publish_at")
        or facts.received
    )
    return when.astimezone(portal.settings.timezone).date() if isinstance(when, datetime) else when


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


_CAREFUL = N_(
    "Wording must be accurate, strict and fitting; inspections count wrong words (信息管理制度 三（三）)."
)
_ONE_FAILS = N_(
    "One grave wrong wording alone fails the whole site at inspection (国办秘函〔2019〕19号 单项否决)."
)
_HARMFUL = N_("Nothing harmful may stand on the portal (信息管理制度 三（四）: 严禁涉密信息、有害信息上网).")
_NAMES = N_(
    "Offices and laws are called by their full, official names (国办秘函〔2009〕6号; 党政机关公文处理工作条例)."
)
_DAMAGED = N_("Such damage comes from conversions between programs; the public then reads what nobody wrote.")
_UNSEEN = N_("What a reviewer cannot see must not decide what the public reads, finds or copies.")
_FORM = N_("The year stands in full inside 〔 〕 (GB/T 9704—2012 党政机关公文格式 7.2.5).")
_DATES = N_("A date that no calendar has misleads everybody who must act by it.")
_ORDER = N_(
    "A paper is dated before it is published; forged dates fail a site at inspection (国办秘函〔2019〕19号)."
)


def _rule(
    code: str, name: str, says: str, hint: str, why: str = _DAMAGED, *, error: bool = False
) -> Rule:  # fmt: skip
    severity = Severity.ERROR if error else Severity.WARNING
    return Rule(code, name, severity, says, hint, why, item=_GLANCE.rule(code), alone=True)


RULES = (
    _rule("WRD101", "wrong-word", N_("“{word}” should be “{right}”{where}{more}"),
          N_("write “{right}” ({source}); where the word is right as it is, add an `unless` in wording.yml"), _CAREFUL),
    _rule("WRD102", "forbidden-word", N_("“{word}” must not stand on the portal{where}{more}"),
          N_("delete it, and ask how it came into the text ({source})"), _HARMFUL, error=True),
    _rule("WRD103", "unofficial-name", N_("the official name is “{right}”, not “{word}”{where}{more}"),
          N_("write “{right}” ({source})"), _NAMES),
    _rule("WRD104", "grave-wording", N_("a grave wrong wording: “{word}” must be “{right}”{where}{more}"),
          N_("write “{right}”, and read the whole text once more ({source})"), _ONE_FAILS, error=True),
    _rule("WRD110", "doubled-punctuation", N_("punctuation stands twice: {shown}{more}"),
          N_("leave one mark; where a word is missing between two, put it back")),
    _rule("WRD111", "half-width-punctuation", N_("half-width punctuation between Chinese characters: {shown}{more}"),
          N_("write the full-width mark: ， ； ： ！ ？ 。"), _CAREFUL),
    _rule("WRD112", "stray-pinyin", N_("pinyin stands in brackets behind a character: {shown}{more}"),
          N_("delete it, unless the reader needs it for a rare character")),
    _rule("WRD113", "lost-characters", N_("characters seem to be lost here: {shown}{more}"),
          N_("look the place up in the source and write it out")),
    _rule("WRD114", "replacement-character", N_("a character was lost here (U+FFFD){more}"),
          N_("look the place up in the source and write it out"), error=True),
    _rule("WRD115", "reordering-character", N_("an invisible character turns the order of the text around here ({code}){more}"),
          N_("delete it and write the place anew: what is shown is not what is written"), _UNSEEN, error=True),
    _rule("WRD116", "invisible-character", N_("an invisible character stands inside the text ({code}){more}"),
          N_("delete it: search does not find words that it splits"), _UNSEEN),
    _rule("WRD117", "private-use-character", N_("a character that only one program can show stands here ({code}){more}"),
          N_("look up what it is and write the character or a description; elsewhere it is an empty box")),
    _rule("WRD118", "look-alike-character", N_("a character only looks like the usual one: {shown} ({code}){more}"),
          N_("type the word anew: search does not find it, and addresses with it lead elsewhere"), _UNSEEN),
    _rule("WRD119", "traditional-characters", N_("traditional characters stand in simplified text: {shown}{more}"),
          N_("write the simplified ones; for a text in traditional characters set `language: zh-Hant`"), _CAREFUL),
    _rule("WRD120", "lost-range-dash", N_("a dash seems to be lost: {shown}"), N_("write the range out, like 9—12月")),
    _rule("WRD121", "brackets-of-document-number", N_("a document number has other brackets than 〔 〕: {shown}{more}"),
          N_("write {right}"), _FORM),
    _rule("WRD122", "impossible-date", N_("there is no such date: {shown}"),
          N_("look the date up; if it is a range, write the dash, like 1—3月"), _DATES, error=True),
    Rule("WRD123", "document-date-after-publication", Severity.WARNING,
         N_("the paper is dated {value}, but it was there on {published} already"),
         N_("correct the document's date, or say why it is later"), _ORDER, item=_dated_later),
)  # fmt: skip
