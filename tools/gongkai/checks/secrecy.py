"""Nothing secret goes out (SEC1xx): marks of papers that are not for the public, secrecy and openness decided.

What is to be made public passes a secrecy review, item by item, first review and then publication (保守国家秘密法 第35条;
保守国家秘密法实施条例 第42条). The gate asks for the step; these rules look at what the text says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gongkai.checks.glance import Glance, hit
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.scanned import scanned
from gongkai.checks.secrecy_marks import marks
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import Item
from gongkai.model.lazily import lazily
from gongkai.model.message import N_, Words

NEEDS_REVIEW = ("policy", "public_list", "personnel", "procurement")
"""Types whose papers most often hold what is not for the public: each needs a step of secrecy review."""
MOST = 50
"""So many findings of one text are enough to have it looked through."""
_CODE_OF_SECRETS = lazily(
    r"(?:.密|机密|绝密|秘密|内部明电|内明电|内部|内参)(?:发|函|办|电|字|传)?[〔\[［（(【]"
)
_PLACES = lazily("^(?:新密|高密|[^〔]*[市县区]密)")
_INNER_KIND = lazily(
    r"(?:请示|签报|专报|呈批件|讨论稿|送审稿|会议纪要|会议记录|内部通报|商洽函)[ 　]*(?:[（(][^（()）]{0,20}[）)])?\Z"
)
_LAW = lazily(r"第[〇零一二三四五六七八九十百\d]+条|[》法]|条例")


def _look(item: Item, portal: Portal) -> Iterator[tuple[str, Hit]]:
    yield from _of_fields(item)
    proactive = item.text("openness") in ("", "proactive")
    for text, scan in scanned(item, portal):
        seen: set[tuple[str, str]] = set()
        for mark in marks(text, sorted(scan.places.get("secrecy", ()))):
            shown = " ".join(text.text[mark.start : mark.end].split())
            fresh = (mark.code, shown) not in seen and len(seen) < MOST
            if fresh and (proactive or mark.code != "SEC103"):
                seen.add((mark.code, shown))
                yield mark.code, hit(text, mark.start, shown=shown)


def _of_fields(item: Item) -> Iterator[tuple[str, Hit]]:
    """What the fields say, each for itself."""
    number = item.text("document_number")
    if number and _CODE_OF_SECRETS.search(number) and not _PLACES.match(number):
        yield "SEC107", Hit(item.place("document_number"), {"value": number[:40]}, "document_number")
    kind = _INNER_KIND.search(item.title)
    if kind:
        yield "SEC108", Hit(item.place("title"), {"kind": kind[0]}, "title")
    if "secrecy" in item.fields and item.fields["secrecy"] != "public":
        yield "SEC109", Hit(item.place("secrecy"), {}, "secrecy")
    if _not_open(item):
        yield from _of_closed(item)


def _not_open(item: Item) -> bool:
    return item.text("openness") in ("on_request", "withheld")


def _of_closed(item: Item) -> Iterator[tuple[str, Hit]]:
    if item.body.strip() or item.attachments:
        yield "SEC110", Hit(item.place("openness"), {}, "openness")
    if not _LAW.search(item.text("openness_reason")):
        pointer = "openness_reason" if "openness_reason" in item.fields else "openness"
        yield "SEC111", Hit(item.place(pointer), {}, pointer)
    if item.text("publish_at"):
        yield "SEC112", Hit(item.place("publish_at"), {}, "publish_at")


_GLANCE = Glance(_look)


def _closed_later(item: Item, portal: Portal) -> Iterable[Hit]:
    """A published item that is turned to withheld would vanish without a word: taking down has its own ways."""
    if _not_open(item) and portal.facts_of(item).published and not item.group("withdrawal"):
        yield Hit(item.place("openness"), {}, "openness")


def _types_without_review(portal: Portal) -> Iterable[Hit]:
    file = portal.settings.files.get("review")
    if file is None or not isinstance(file.data, dict):
        return
    missing = [
        kind.title
        for name, kind in portal.types.items()
        if name in NEEDS_REVIEW and not _is_reviewed(file.data, name, kind.review)
    ]
    if missing:
        zh, en = "、".join(t.zh for t in missing), ", ".join(t.in_language("en") for t in missing)
        yield Hit(Place(file.path, *file.marks.get(("types",), (1, 1))), {"types": Words(zh, en)}, "types")


def _is_reviewed(review: Mapping[str, Any], name: str, level: str) -> bool:
    own = _row(_row(review, "types"), name)
    level = own["level"] if isinstance(own.get("level"), str) else level
    steps = _row(_row(review, "levels"), level).get("steps")
    also = own.get("also")
    codes = [*(steps if isinstance(steps, list) else ()), *(also if isinstance(also, list) else ())]
    known = _row(review, "steps")
    return any(isinstance(c, str) and _row(known, c).get("role") == "secrecy" for c in codes)


def _row(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    row = data.get(name)
    return row if isinstance(row, dict) else {}


_REVIEW_FIRST = N_(
    "What is to be made public passes a secrecy review first, item by item; marks stand on secret carriers only "
    "(保守国家秘密法 第20, 22, 35条; 实施条例 第42条)."
)
_TAKE_OUT = N_(
    "if it is secret, take the file out of this system and call the secrecy officer at once (report within 24 hours); "
    "if it was declassified, delete the mark"
)
_WORK = N_(
    "Internal papers and work secrets are protected too (保守国家秘密法实施条例 第73条; 信息管理制度 三（四）)."
)
_ATTRIBUTE = N_(
    "Whether a paper is open is decided when it is drafted, with the reason if it is not (国办发〔2016〕80号; "
    "政府信息公开条例 第14—16条)."
)


def _rule(
    code: str, name: str, says: str, hint: str, why: str = _WORK, *, warns: bool = False
) -> Rule:  # fmt: skip
    severity = Severity.WARNING if warns else Severity.ERROR
    return Rule(code, name, severity, says, hint, why, item=_GLANCE.rule(code), alone=True)


RULES = (
    _rule("SEC101", "secrecy-mark", N_("a secrecy mark stands here: {shown}{where}"), _TAKE_OUT, _REVIEW_FIRST),
    _rule("SEC102", "internal-mark", N_("the text is marked as internal: {shown}{where}"),
          N_("do not publish it; only what was cleared for the public, without the mark, may be submitted")),
    _rule("SEC103", "text-says-not-open", N_("the paper says of itself that it is not open: {shown}{where}"),
          N_("keep to what its issuer decided: set `openness` and its reason, or ask the issuer; never forward it as it is"),
          _ATTRIBUTE),
    _rule("SEC104", "internal-words", N_("the text speaks of internal material: {shown}{where}"),
          N_("make sure that nothing in it is meant for the staff only"), warns=True),
    _rule("SEC105", "copy-number", N_("a copy number (份号) stands here: {shown}{where}"),
          N_("papers with a copy number are usually secret: ask for the secrecy review, and publish the text without it"),
          _REVIEW_FIRST, warns=True),
    _rule("SEC106", "letterhead-of-a-closed-paper", N_("this is the letterhead of a paper that is not open: {shown}{where}"),
          N_("take the paper out; if its content may be public, publish it as a notice of your own")),
    _rule("SEC107", "number-of-a-closed-paper",
         N_("the document number {value} is that of a series that is not open"),
         N_("take the paper out of this system and call the secrecy officer"), _WORK),
    _rule("SEC108", "inner-kind-of-paper",
         N_("papers of this kind are usually not open: {kind}"),
         N_("publish the decision or the reply instead; if it is to be open, let the reviewer know why"),
         N_("Discussion records, drafts, requests for instructions and reports may be withheld (政府信息公开条例 第16条)."),
         warns=True),
    _rule("SEC109", "not-cleared-as-public",
         N_("the item is not marked as free of secrets (secrecy: public)"),
         N_("secret and work-secret papers must never enter this system: take the file out and call the secrecy officer; "
            "write `public` only after the secrecy review said so"), _REVIEW_FIRST),
    _rule("SEC110", "text-of-an-item-that-is-not-open",
         N_("the item is not open, so the portal does not show it; yet its text or attachments lie here"),
         N_("leave title, number and reason for the yearly review, and take text and attachments out"),
         _ATTRIBUTE, warns=True),
    _rule("SEC111", "not-open-without-the-article",
         N_("the reason why this is not open names no article of a law"),
         N_("write `openness_reason`, like 政府信息公开条例第十六条（内部事务信息）"),
         _ATTRIBUTE, warns=True),
    _rule("SEC112", "not-open-but-to-be-published",
         N_("the item is not open, yet a time of publication is set"),
         N_("delete `publish_at`, or decide that the item is open"), _ATTRIBUTE),
    Rule("SEC113", "closed-after-publication", Severity.ERROR,
         N_("the item is published; setting it to not open would take it away without a word"),
         N_("take it down with `gongkai withdraw`, which gives the reason on its page"),
         N_("Taking down is a state that readers see, with its reason; nothing vanishes silently."), item=_closed_later),
    Rule("SEC114", "type-without-secrecy-review", Severity.WARNING,
         N_("review.yml asks for no secrecy review of: {types}"),
         N_("add `also: [secrecy]` for the type, with a step whose role is secrecy"),
         _REVIEW_FIRST, portal=_types_without_review),
)  # fmt: skip
