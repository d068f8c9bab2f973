"""The prescribed platform of 政府信息公开 is whole, and no column stands empty (CFG211–213, CFG219)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.checks.addresses import AUTHORED, PAGES, authored_pages
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import Pointer
from gongkai.model.message import N_, Hole, Message
from gongkai.model.settings import PARTS, Column, Part

FILE = "columns"
NAMES = {
    "guide": N_("Guide to public information"),
    "rules": N_("Rules of public information"),
    "content": N_("What the law wants public"),
    "reports": N_("Annual reports on public information"),
    "requests": N_("Information on request"),
}
"""The prescribed names of the five parts."""


def _missing_parts(portal: Portal) -> Iterable[Hit]:
    if FILE not in portal.settings.files:
        return
    for part in PARTS:
        found = portal.settings.platform.get(part)
        if found is None or not found.filled:
            at = _row(portal, part) if found else ("platform",)
            yield Hit(_place(portal, *at), {"part": Message(NAMES[part]), "code": part}, "platform")


def _dead_parts(portal: Portal) -> Iterable[Hit]:
    pages = PAGES | frozenset(authored_pages(e.path for e in portal.tree.entries(AUTHORED)))
    for part in portal.settings.platform.values():
        for pointer, name in _names(part):
            known = name in (pages if pointer == ("page",) else portal.settings.columns)
            if not known:
                at = _place(portal, *_row(portal, part.part), *pointer)
                yield Hit(at, {"part": Message(NAMES[part.part]), "value": name}, "platform")


def _names(part: Part) -> Iterator[tuple[Pointer, str]]:
    """What a part names, and where in its row."""
    if part.column:
        yield ("column",), part.column
    if part.page:
        yield ("page",), part.page
    for index, group in enumerate(part.groups):
        yield from ((("groups", index, "columns", n), code) for n, code in enumerate(group.columns))


def _empty(portal: Portal) -> Iterable[Hit]:
    """Each empty column of a portal that is in use."""
    found = _empty_columns(portal)
    if not _is_beginning(portal, found):
        for index, column in found:
            at = _place(portal, FILE, index, "code")
            yield Hit(at, {"column": column.title, "value": column.code}, FILE)


def _mostly_empty(portal: Portal) -> Iterable[Hit]:
    """One line for a portal that is being set up: a list of every column would hide what else there is to mend."""
    found = _empty_columns(portal)
    if _is_beginning(portal, found):
        names = ", ".join(column.code for _, column in found)
        holes: dict[str, Hole] = {
            "count": len(found),
            "all": len(portal.settings.columns),
            "value": names,
        }
        yield Hit(_place(portal, FILE), holes, FILE)


def _is_beginning(portal: Portal, empty: list[tuple[int, Column]]) -> bool:
    return len(empty) > 1 and 2 * len(empty) > len(portal.settings.columns)


def _empty_columns(portal: Portal) -> list[tuple[int, Column]]:
    """The columns without a public item, each with the number of its row."""
    file = portal.settings.files.get(FILE)
    rows = (
        [(i, row["code"]) for i, row in file.rows(FILE) if isinstance(row.get("code"), str)] if file else []
    )
    empty = {code for _, code in rows}
    empty -= {item.column for item in portal.briefs if item.shown}
    return [(index, portal.settings.columns[code]) for index, code in rows if code in empty]


def _row(portal: Portal, part: str) -> Pointer:
    """The row that says what fills a part: of two the later one counts."""
    rows = portal.settings.files[FILE].rows("platform")
    return ("platform", max(index for index, row in rows if row.get("part") == part))


def _place(portal: Portal, *pointer: str | int) -> Place:
    return portal.settings.files[FILE].place(*pointer)


_PRESCRIBED = N_(
    "The column 政府信息公开 has one form everywhere: guide, rules, what the law wants public, annual reports and information "
    "on request (国办公开办函〔2019〕61号；政府信息公开条例 第12、20、29、49条)."
)
_FORGOTTEN = N_(
    "Columns that were set up and forgotten count as faults at inspection, five of them fail the site (国办秘函〔2019〕19号 "
    "检查指标)."
)

RULES = (
    Rule("CFG211", "platform-part-missing", Severity.WARNING,
         N_("the disclosure platform lacks its part “{part}”"),
         N_("under `platform` in site_config/columns.yml say which column or page fills `{code}`; a body that the law does not "
            "ask for it writes `not_required` and the reason"),
         _PRESCRIBED, portal=_missing_parts),
    Rule("CFG212", "platform-names-what-is-not-there", Severity.ERROR,
         N_("“{part}” names {value}, which this portal does not have"),
         N_("correct the code of the column, or put the page into site_config/pages/"), _PRESCRIBED, portal=_dead_parts),
    Rule("CFG213", "empty-column", Severity.WARNING,
         N_("the column “{column}” ({value}) holds no public item"),
         N_("publish its first item, or take the column out of columns.yml until somebody can keep it"),
         _FORGOTTEN, portal=_empty),
    Rule("CFG219", "most-columns-empty", Severity.WARNING,
         N_("{count} of {all} columns hold no public item: {value}"),
         N_("fill them before the portal opens, guide and organisation first; take out of columns.yml what nobody can keep"),
         _FORGOTTEN, portal=_mostly_empty),
)  # fmt: skip
