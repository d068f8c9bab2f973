"""What the files beside an item carry along unseen, and files that nobody should open (ATT). Domain: B.8, B.12, D.5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from gongkai.attachments.kinds import CLEANED, SUFFIXES, suffix
from gongkai.attachments.reading import Trait
from gongkai.checks.attached_words import KINDS, WHAT
from gongkai.checks.enclosed import Enclosed
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.spots import spoken
from gongkai.model.finding import Hit, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Hole, Message

_NAMED = frozenset({"damaged", "unsupported", "size"})
"""Traits whose rules say what was found, not what it is called."""
_BY_HAND = N_("take it out in the program the file was made with, and save it again")
_TAKEN_OUT = frozenset(
    {
        "macro", "script", "launch", "dde", "template", "outside", "workbook-link", "hidden-sheet", "hidden-slide", "hidden-row",
        "hidden-column", "pivot-cache", "comment", "speaker-notes", "tracked", "hidden-text", "white-text", "author", "camera", "gps",
    }
)  # fmt: skip
"""Traits whose hint is `gongkai clean`, where the kind of file can be cleaned."""
_UNREAD = frozenset({"unread-part", "nested-archive"})


def _look(codes: frozenset[str], item: Item, portal: Portal) -> Iterable[Hit]:
    for file in portal.enclosed(item):
        wanted = [trait for trait in file.reading.traits if trait.code in codes]
        if wanted:
            yield _hit(file, wanted)


def _has_no_file(item: Item, _portal: Portal) -> bool:
    return "attachments" not in item.fields and "images" not in item.fields


def _hit(file: Enclosed, traits: list[Trait]) -> Hit:
    """One finding for each file and rule: what was found, how often, and where first."""
    counts = [trait.holes.get("count", 1) for trait in traits]
    spots = "; ".join(dict.fromkeys(t.spot for t in traits if t.spot))
    what = _joined([_what(trait) for trait in traits])
    holes: dict[str, Hole] = {
        "file": file.name,
        "path": file.path,
        "count": sum(count for count in counts if isinstance(count, int)),
        "what": what,
        "why": Message(" ({reason})", {"reason": what}) if what else "",
        "where": Message(" ({spots})", {"spots": spoken(spots[:160])}) if spots else "",
    }
    by_hand = file.reading.kind not in CLEANED and any(trait.code in _TAKEN_OUT for trait in traits)
    return Hit(file.place, holes, file.field, Message(_BY_HAND) if by_hand else None)


def _what(trait: Trait) -> Hole:
    what = trait.holes.get("what", "")
    if trait.code == "polyglot":
        return (
            Message(KINDS[str(what)]) if str(what) in KINDS else Message(N_("something before its beginning"))
        )
    return what if trait.code in _NAMED else Message(WHAT[trait.code], {"what": what})


def _joined(words: list[Hole]) -> Hole:
    """Several things in one hole, each once."""
    once = list({str(word): word for word in words if word}.values())[:3]
    if len(once) < 2:
        return once[0] if once else ""
    holes = {f"w{number}": word for number, word in enumerate(once)}
    return Message(", ".join(f"{{{name}}}" for name in holes), holes)


def _wrong_ending(item: Item, portal: Portal) -> Iterable[Hit]:
    for file in portal.enclosed(item):
        kind, ending = file.reading.kind, suffix(file.name)
        right = SUFFIXES.get(kind)
        if right and ending not in right and file.reading.fault != "damaged":
            holes: dict[str, Hole] = {
                "file": file.name,
                "ending": ending,
                "kind": Message(KINDS[kind]),
                "wanted": right[0],
            }
            yield Hit(file.place, holes, file.field)


def _unread(item: Item, portal: Portal) -> Iterable[Hit]:
    return _look(_UNREAD if item.group("legacy") else _UNREAD | {"old"}, item, portal)


def _not_looked_into(item: Item, portal: Portal) -> Iterable[Hit]:
    return _look(frozenset({"media", "old"} if item.group("legacy") else {"media"}), item, portal)


def _any(*codes: str) -> partial[Iterable[Hit]]:
    return partial(_look, frozenset(codes))


_OPEN = N_(
    "An attachment that cannot be opened must not go out (D.5); every self-check of portals tries them."
)
_LIMIT = N_("Limits keep one file from stopping the work of everybody; real attachments stay far below them.")
_READ = N_(
    "Most leaks of personal numbers stood in attachments; what cannot be read cannot be checked, and is not published unseen."
)
_HARM = N_(
    "A public body's file is opened with trust: it must not start programs or fetch from elsewhere (网络安全法)."
)
_TRACES = N_(
    "Office files keep what nobody sees on the page: earlier wording, remarks, names, hidden data. All of it goes out."
)
_PLACE = N_(
    "A photograph's coordinates lead to somebody's door: whereabouts are sensitive personal data (个人信息保护法 第28条)."
)
_SEEN = N_(
    "A page that is a picture can be neither searched nor read aloud (GB/T 37668), nor checked for what must not go out."
)

_CLEAN = N_("`gongkai clean {path}` makes a copy without it; put the copy in the file's place")
_SAVE = N_("save it anew as .docx, .xlsx or .pdf and put that in its place")
_WARN, _ERROR = Severity.WARNING, Severity.ERROR

_RULES = (
    Rule("ATT101", "attachment-ending-differs", _ERROR,
         N_("the attachment {file} is called .{ending}, but it is {kind}"),
         N_("give the file its right ending (.{wanted}), or save it again in the format meant"),
         _OPEN, item=_wrong_ending, alone=True),
    Rule("ATT102", "attachment-damaged", _ERROR,
         N_("the attachment {file} cannot be opened: it is damaged{why}{where}"),
         N_("open the original, save it again, and put that in its place"),
         _OPEN, item=_any("damaged", "crash"), alone=True),
    Rule("ATT103", "attachment-exhausts-reader", _ERROR,
         N_("the attachment {file} is made so that opening it exhausts the computer: {what}{where}"),
         N_("if you did not make the file, do not open it; otherwise make it smaller or split it"),
         _LIMIT, item=_any("bomb-size", "bomb-overlap", "bomb-parts", "bomb-depth", "bomb-pixels", "bomb-pages",
                           "bomb-text", "time", "memory"), alone=True),
    Rule("ATT104", "attachment-too-large", _ERROR,
         N_("the attachment {file} is larger than 50 MB ({what} MB)"),
         N_("make its pictures smaller, or split it into several files"), _LIMIT, item=_any("size"), alone=True),
    Rule("ATT105", "attachment-empty-file", _ERROR,
         N_("the attachment {file} is empty"), N_("put the right file in its place"), _OPEN, item=_any("empty-file"), alone=True),
    Rule("ATT106", "attachment-encrypted", _ERROR,
         N_("the attachment {file} is protected by a password{where}"),
         N_("remove the password and put the open file in its place"), _OPEN, item=_any("encrypted"), alone=True),
    Rule("ATT107", "attachment-of-unknown-kind", _ERROR,
         N_("the attachment {file} is of a kind that is not published ({what})"),
         N_("publish .docx, .xlsx, .pptx, .pdf, .ofd, .odt, .ods, .txt, .csv, .zip or a picture"),
         _OPEN, item=_any("unsupported"), alone=True),
    Rule("ATT108", "attachment-that-runs", _ERROR,
         N_("the attachment {file} is or holds {what}{where}"),
         N_("take it out; publish text as .docx or .pdf, pictures as .png or .jpg"),
         _HARM, item=_any("active", "program", "package"), alone=True),
    Rule("ATT109", "attachment-could-not-be-read", _ERROR,
         N_("the attachment {file} could not be read, so nobody checked what is in it: {what}{where}"),
         _SAVE, _READ, item=_unread, alone=True),
    Rule("ATT110", "attachment-not-looked-into", _WARN,
         N_("the attachment {file} was not looked into: {what}"),
         N_("somebody must look through it from beginning to end before it goes out"), _READ, item=_not_looked_into, alone=True),
    Rule("ATT111", "attachment-with-macro", _ERROR,
         N_("the attachment {file} holds macros: programs that run on the reader's computer{where}"),
         N_("save it as .docx, .xlsx or .pptx without macros; `gongkai clean {path}` does so too"),
         _HARM, item=_any("macro"), alone=True),
    Rule("ATT112", "attachment-with-script", _ERROR,
         N_("the attachment {file} holds {what}{where}"), _CLEAN, _HARM, item=_any("script", "launch", "dde"), alone=True),
    Rule("ATT113", "attachment-with-embedded-file", _WARN,
         N_("the attachment {file} holds {count} other files inside{where}"),
         N_("make sure that the reader may have all of each file, not only what is shown of it; or paste them as pictures"),
         _TRACES, item=_any("embedded"), alone=True),
    Rule("ATT114", "attachment-fetches-from-outside", _ERROR,
         N_("the attachment {file} fetches something when it is opened: {what}{where}"),
         N_("put the picture or data into the file itself; `gongkai clean {path}` cuts the links"),
         _HARM, item=_any("template", "outside"), alone=True),
    Rule("ATT115", "attachment-linked-to-workbook", _WARN,
         N_("the attachment {file} is linked to other workbooks or databases{where}"),
         N_("in Excel, choose Data, Edit Links, Break Link; or `gongkai clean {path}`"),
         _TRACES, item=_any("workbook-link"), alone=True),
    Rule("ATT116", "attachment-with-entities", _ERROR,
         N_("the attachment {file} declares XML entities, which no office program does{where}"),
         N_("do not open it; make the file anew"), _HARM, item=_any("entity"), alone=True),
    Rule("ATT117", "attachment-with-odd-parts", _ERROR,
         N_("the attachment {file} holds {what}{where}"),
         N_("pack it anew from plain files; if you did not make it, do not unpack it"),
         _HARM, item=_any("odd-path", "link-entry", "repeated-entry"), alone=True),
    Rule("ATT118", "attachment-of-two-kinds", _ERROR,
         N_("the attachment {file} is two kinds of file at once ({what})"),
         N_("do not open it; make the file anew"), _HARM, item=_any("polyglot"), alone=True),
    Rule("ATT121", "attachment-with-hidden-sheets", _WARN,
         N_("the attachment {file} holds {what}{where}"), _CLEAN, _TRACES, item=_any("hidden-sheet", "hidden-slide"), alone=True),
    Rule("ATT122", "attachment-with-hidden-rows", _WARN,
         N_("the attachment {file} holds {what}{where}"), _CLEAN, _TRACES, item=_any("hidden-row", "hidden-column"), alone=True),
    Rule("ATT123", "attachment-with-pivot-data", _WARN,
         N_("the attachment {file} holds the whole data behind a pivot table"),
         N_("paste the pivot table as values; or `gongkai clean {path}`"), _TRACES, item=_any("pivot-cache"), alone=True),
    Rule("ATT124", "attachment-with-comments", _WARN,
         N_("the attachment {file} holds {what}: {count}{where}"), _CLEAN, _TRACES, item=_any("comment", "speaker-notes"), alone=True),
    Rule("ATT125", "attachment-with-tracked-changes", _WARN,
         N_("the attachment {file} holds {count} tracked changes: the earlier wording can be read{where}"),
         N_("accept or reject all changes in Word; or `gongkai clean {path}` accepts them"),
         _TRACES, item=_any("tracked"), alone=True),
    Rule("ATT126", "attachment-with-hidden-text", _WARN,
         N_("the attachment {file} holds {what}{where}"), _CLEAN, _TRACES, item=_any("hidden-text", "white-text"), alone=True),
    Rule("ATT127", "attachment-names-its-author", _WARN,
         N_("the attachment {file} carries {what} in its properties"), _CLEAN, _TRACES, item=_any("author", "camera"), alone=True),
    Rule("ATT128", "attachment-with-coordinates", _ERROR,
         N_("the attachment {file} carries the coordinates of the place where a picture was taken{where}"),
         _CLEAN, _PLACE, item=_any("gps"), alone=True),
    Rule("ATT129", "attachment-with-hidden-layers", _WARN,
         N_("the attachment {file} holds layers that are switched off, and that anybody can switch on{where}"),
         N_("print it to a new PDF with only the layers meant"), _TRACES, item=_any("layer"), alone=True),
    Rule("ATT131", "attachment-without-text-layer", _WARN,
         N_("pages of the attachment {file} are pictures without text{where}"),
         N_("make the PDF from the original instead of a scan, or run text recognition (OCR) over it; check the pages by eye"),
         _SEEN, item=_any("no-text"), alone=True),
    Rule("ATT132", "attachment-without-words", _WARN,
         N_("the attachment {file} is not empty, but not a word can be read in it"),
         N_("open it and see whether the text is there; text inside pictures must be checked by eye"),
         _SEEN, item=_any("no-words"), alone=True),
)  # fmt: skip

RULES = tuple(replace(rule, idle=_has_no_file) for rule in _RULES)
