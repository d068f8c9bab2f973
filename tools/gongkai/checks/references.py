"""What an item points to must be there, and what is there must belong to somebody (REF)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from gongkai.checks.brief import files_named
from gongkai.checks.links_found import links
from gongkai.checks.old_addresses import taken
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import ID_PATTERN, Item, Pointer
from gongkai.model.lazily import lazily
from gongkai.model.message import N_

REFERENCES = ("interprets", "replaces")
_NAMING = frozenset({*REFERENCES, "withdrawal"})
"""The fields in which an item names others (`references`)."""
_FILES = frozenset({"attachments", "images"})
_NUMBER = lazily(r"^[^〔〕\[\]()（）\s]{1,30}〔(?:19|20)\d{2}〕\d{1,5}号$")


def _department(item: Item, portal: Portal) -> Iterable[Hit]:
    code = item.text("department")
    if code and code not in portal.settings.departments:
        yield Hit(
            item.place("department"),
            {"value": code, "choices": _codes(portal.settings.departments)},
            "department",
        )


def _column(item: Item, portal: Portal) -> Iterable[Hit]:
    code = portal.column_of(item)
    if code and code not in portal.settings.columns:
        pointer = "column" if item.text("column") else "type"
        yield Hit(item.place(pointer), {"value": code, "choices": _codes(portal.settings.columns)}, "column")


def _topics(item: Item, portal: Portal) -> Iterable[Hit]:
    for index, code in enumerate(item.texts("topics")):
        if code not in portal.settings.topics:
            yield Hit(
                item.place("topics", index),
                {"value": code, "choices": _codes(portal.settings.topics)},
                "topics",
            )


def _obligations(item: Item, portal: Portal) -> Iterable[Hit]:
    named = item.texts("fulfils")
    if not named:
        return
    file = portal.settings.files.get("obligations")
    rows = file.data.get("obligations") if file and isinstance(file.data, dict) else None
    known = [row.get("code") for row in rows or () if isinstance(row, dict)] if isinstance(rows, list) else []
    for code in named:
        if code not in known:
            yield Hit(
                item.place("fulfils"), {"value": code, "choices": _codes(str(k) for k in known)}, "fulfils"
            )


def _codes(known: Iterable[str]) -> str:
    return ", ".join(known)


def _officer(item: Item, portal: Portal) -> Iterable[Hit]:
    code = item.text("officer")
    if code and code not in portal.settings.people:
        yield Hit(item.place("officer"), {"value": code}, "officer")


def _file_name(item: Item, _portal: Portal) -> Iterable[Hit]:
    name = item.path.rpartition("/")[2].rpartition(".")[0]
    if item.text("id") and item.id != name:
        yield Hit(item.place("id"), {"value": item.id, "name": name}, "id")


def _folder(item: Item, _portal: Portal) -> Iterable[Hit]:
    _, department, year, _ = item.path.split("/")
    if len(year) == 4 and item.id[:-5] == f"{department}-{year}-":
        return
    match = ID_PATTERN.match(item.id)
    if match and (match["department"], match["year"]) != (department, year):
        wanted = f"content/{match['department']}/{match['year']}/"
        yield Hit(item.place("id"), {"value": item.id, "folder": wanted}, "id")


def _repeated_ids(portal: Portal) -> Iterable[Hit]:
    first: dict[str, str] = {}
    for item in portal.briefs:
        other = first.setdefault(item.id, item.path)
        if other != item.path:
            place = portal.corpus.by_path[item.path].place("id")
            yield Hit(place, {"value": item.id, "other": other}, "id")


def _extensions(portal: Portal) -> Iterable[Hit]:
    for item in portal.briefs:
        ending = item.path.rpartition(".")[2]
        if ending not in ("md", "yml"):
            yield Hit(Place(item.path), {"ending": ending, "wanted": item.form})


def references(item: Item) -> Iterator[tuple[Pointer, str]]:
    """Every id of another item that this item names, and where."""
    for name in REFERENCES:
        value = item.fields.get(name)
        if isinstance(value, str):
            yield (name,), value
        elif isinstance(value, list):
            yield from (((name, i), v) for i, v in enumerate(value) if isinstance(v, str))
    by = item.group("withdrawal").get("replaced_by")
    if isinstance(by, str):
        yield ("withdrawal", "replaced_by"), by


def _targets(item: Item, portal: Portal) -> Iterable[Hit]:
    for pointer, target in references(item):
        if target not in portal.corpus.by_id:
            yield Hit(item.place(*pointer), {"value": target}, str(pointer[0]))


def _gone_targets(item: Item, portal: Portal) -> Iterable[Hit]:
    """References and links to what was removed: they lead to a notice, and the words around may say what it was."""
    known = portal.corpus.by_id
    for pointer, target in references(item):
        if target in known and known[target].removed:
            yield Hit(item.place(*pointer), {"value": target}, str(pointer[0]))
    for place, target in _links_of(item):
        if target in known and known[target].removed:
            yield Hit(place, {"value": target}, "body")


def _itself(item: Item, _portal: Portal) -> Iterable[Hit]:
    for pointer, target in references(item):
        if target == item.id:
            yield Hit(item.place(*pointer), {"value": target}, str(pointer[0]))


def _links(item: Item, portal: Portal) -> Iterable[Hit]:
    for place, target in _links_of(item):
        if target not in portal.corpus.by_id:
            yield Hit(place, {"value": target}, "body")


def _names_none(item: Item, _portal: Portal) -> bool:
    """Whether neither the text nor a field names another item."""
    return "doc:" not in item.body and _NAMING.isdisjoint(item.fields)


def _links_of(item: Item) -> Iterator[tuple[Place, str]]:
    """Every `doc:` link of the text: where it stands, and the id it names."""
    if "doc:" in item.body:
        for link in links(item):
            if link.url.startswith("doc:"):
                yield link.place, unquote(link.url.removeprefix("doc:").partition("#")[0])


def _missing_files(item: Item, portal: Portal) -> Iterable[Hit]:
    for index, attachment in enumerate(item.attachments):
        entry = portal.corpus.attachment(item, attachment.file)
        if entry is None or entry.kind != "file":
            holes = {"file": attachment.file, "folder": f"{item.folder}/"}
            yield Hit(item.place("attachments", index, "file"), holes, "attachments")


_JUNK = lazily(r"(^|/)(\.gitkeep|\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*)\Z")
"""Files that systems and Word leave beside the real ones; they are never published."""


def _orphans(portal: Portal) -> Iterable[Hit]:
    owned = {f"{i.folder}/{name}" for i in portal.briefs for name in i.files}
    unread = {u.place.path.rpartition(".")[0] for u in portal.corpus.fatal()}
    for path, entry in portal.corpus.files.items():
        if (
            path not in owned
            and _folder_of(path) not in unread
            and entry.kind == "file"
            and not _JUNK.search(path)
        ):
            yield Hit(Place(path), {"folder": _folder_of(path).rpartition("/")[2]})


def _folder_of(path: str) -> str:
    return "/".join(path.split("/")[:4])


def _missing_images(item: Item, portal: Portal) -> Iterable[Hit]:
    listed = {a.file for a in item.attachments}
    for name in files_named(item):
        if name not in listed and portal.corpus.attachment(item, name) is None:
            yield Hit(item.place("images"), {"file": name, "folder": f"{item.folder}/"}, "images")


def _links_on_disk(portal: Portal) -> Iterable[Hit]:
    for path, entry in portal.corpus.files.items():
        if entry.kind != "file":
            yield Hit(Place(path))


def _number_shape(item: Item, _portal: Portal) -> Iterable[Hit]:
    number = item.text("document_number")
    if number and not _NUMBER.match(number):
        yield Hit(item.place("document_number"), {"value": number[:40]}, "document_number")


def _equal_numbers(portal: Portal) -> Iterable[Hit]:
    first: dict[str, str] = {}
    for item in portal.briefs:
        other = first.setdefault(item.number, item.path) if item.number else item.path
        if other != item.path:
            place = Place(item.path, item.line, item.mark)
            yield Hit(place, {"value": item.number, "other": other}, "document_number")


_EXISTS = N_("A reader who follows a reference must arrive; a dead end counts as a fault at inspection.")
_PERMANENT = N_("An id is the item's address and its key in the ledger: one item, one id, never changed.")
_OWNED = N_(
    "Every file that goes out answers to an item that was reviewed; a file without an item was reviewed by nobody."
)
_NUMBERS = N_(
    "In official papers the year stands in full inside 〔 〕 (GB/T 9704); old portals do repeat numbers, so this is a warning."
)
_OFFICER = N_(
    "Every item answers to a department and stands in a column that somebody keeps (信息管理制度 二(三))."
)

RULES = (
    Rule("REF101", "unknown-department", Severity.ERROR,
         N_("there is no department “{value}”"), N_("choose one of: {choices}"), _OFFICER, item=_department, alone=True),
    Rule("REF102", "unknown-column", Severity.ERROR,
         N_("there is no column “{value}”"), N_("choose one of: {choices}; or delete the line, then the type decides"),
         _OFFICER, item=_column, alone=True),
    Rule("REF103", "unknown-topic", Severity.ERROR,
         N_("there is no topic “{value}”"), N_("choose one of: {choices}; free words belong in `keywords`"),
         _EXISTS, item=_topics, alone=True, of=frozenset({"topics"})),
    Rule("REF104", "unknown-officer", Severity.ERROR,
         N_("there is no person “{value}” in people.yml"), N_("correct the code, or add the person"),
         N_("Who publishes answers for it (谁发布，谁负责): every duty has a person who exists."), item=_officer, alone=True,
         of=frozenset({"officer"})),
    Rule("REF105", "id-differs-from-file-name", Severity.ERROR,
         N_("the id is {value}, but the file is called {name}"), N_("make both the same; an id given once stays"),
         _PERMANENT, item=_file_name, alone=True),
    Rule("REF106", "repeated-id", Severity.ERROR,
         N_("the id {value} is already that of {other}"), N_("give the newer item the next free number"),
         _PERMANENT, portal=_repeated_ids),
    Rule("REF107", "item-in-wrong-folder", Severity.ERROR,
         N_("the item {value} does not stand in its folder"), N_("move it to {folder}"),
         _PERMANENT, item=_folder, alone=True),
    Rule("REF108", "wrong-file-ending", Severity.ERROR,
         N_("an item's file ends in .md or .yml, not in .{ending}"), N_("rename the file to .{wanted}"),
         _PERMANENT, portal=_extensions),
    Rule("REF109", "unknown-item", Severity.ERROR,
         N_("there is no item {value}"), N_("check the number; the other item may have to be added first"),
         _EXISTS, item=_targets, of=_NAMING),
    Rule("REF110", "refers-to-itself", Severity.ERROR,
         N_("the item refers to itself"), N_("name the other item, or delete the line"),
         _EXISTS, item=_itself, alone=True, of=_NAMING),
    Rule("REF111", "missing-attachment", Severity.ERROR,
         N_("the attachment {file} is not there"), N_("put the file into {folder}, or correct its name"),
         _EXISTS, item=_missing_files, of=_FILES),
    Rule("REF112", "file-without-item", Severity.ERROR,
         N_("this file belongs to no item"),
         N_("name it under `attachments` of {folder}, or take it out of content/"), _OWNED, portal=_orphans),
    Rule("REF113", "address-taken", Severity.ERROR,
         N_("the old address {value} is already that of {other}"), N_("delete the line, or give it to one item only"),
         _PERMANENT, portal=taken),
    Rule("REF114", "odd-document-number", Severity.WARNING,
         N_("the document number {value} does not have the usual shape"),
         N_("write it like 云潮发〔2026〕3号: brackets 〔 〕, the year in full, no zero before the number"),
         _NUMBERS, item=_number_shape, alone=True),
    Rule("REF115", "equal-document-numbers", Severity.WARNING,
         N_("the document number {value} is also that of {other}"), N_("check which of the two is right"),
         _NUMBERS, portal=_equal_numbers),
    Rule("REF116", "dead-link-in-text", Severity.ERROR,
         N_("the text links to an item that is not there: {value}"), N_("correct the id after doc:, or delete the link"),
         _EXISTS, item=_links, idle=_names_none),
    Rule("REF117", "missing-picture", Severity.ERROR,
         N_("the picture {file} is not there"), N_("put the file into {folder}, or correct its name"),
         _EXISTS, item=_missing_images, of=_FILES),
    Rule("REF119", "unknown-obligation", Severity.ERROR,
         N_("there is no obligation “{value}” in obligations.yml"), N_("choose one of: {choices}"),
         N_("A duty counts as met only when the item names it (政府信息公开条例 第49条: 年度报告)."), item=_obligations, alone=True,
         of=frozenset({"fulfils"})),
    Rule("REF120", "refers-to-removed-item", Severity.WARNING,
         N_("{value} was removed; whoever follows this arrives at a notice"),
         N_("take the reference out, and look whether the words around it repeat what was removed"),
         N_("What was removed because it should never have been public must not live on in what quotes it (design §4)."),
         item=_gone_targets, idle=_names_none),
    Rule("REF118", "link-among-attachments", Severity.ERROR,
         N_("this is a link or a special file, not a file of its own"), N_("put a copy of the file here instead of a link to it"),
         _OWNED, portal=_links_on_disk),
)  # fmt: skip
