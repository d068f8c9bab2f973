"""What the panel on top of a previewed page says: how the item stands, when it is due, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gongkai.checks.due import deadlines, is_judged, is_met
from gongkai.checks.portal import Portal
from gongkai.model.deadline import Due
from gongkai.model.finding import Finding, Report, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Hole, Message, msg
from gongkai.portal import standing
from gongkai.portal.preview_find import address_of
from gongkai.portal.preview_places import field_title, place
from gongkai.portal.preview_state import State
from gongkai.portal.site import Site
from gongkai.report.escape import visible
from gongkai.schema.deadlines import STAGES
from gongkai.store.watch import is_beside

WORDS = {
    "name": N_("Preview"),
    "here": N_("Only this computer shows this page"),
    "checking": N_("Checking …"),
    "clean": N_("Nothing to mend"),
    "found": N_("To be mended"),
    "errors": N_("{count} errors"),
    "warnings": N_("{count} warnings"),
    "is_draft": N_("Draft"),
    "is_embargo": N_("Embargo"),
    "error": N_("Error"),
    "warning": N_("Warning"),
    "mend": N_("How to mend it"),
    "show": N_("Show it on the page"),
    "absent": N_("The page does not show this field"),
    "back": N_("Back to the list"),
    "others": N_("Other files"),
    "due": N_("Due"),
    "less": N_("Fold up"),
    "more": N_("Unfold"),
    "lost": N_(
        "The preview has ended. What you see may be out of date; start it again with `gongkai preview`."
    ),
}
"""The panel's own words; the browser puts the counts in."""


def words(site: Site) -> Mapping[str, str]:
    """The panel's own words in the portal's language."""
    return {name: site.say(Message(text)) for name, text in WORDS.items()}


def wanted(state: State, item: str) -> Callable[[str], bool]:
    """Which paths' findings a panel shows: the item's own, the settings', those of what was saved lately or makes no sense."""
    own = frozenset((item, *state.saved, *(u.place.path for u in state.read.corpus.fatal())))
    folders = tuple(f"{path.rpartition('.')[0]}/" for path in own if path)

    def is_wanted(path: str) -> bool:
        if not path.startswith("content/"):
            return True
        return path in own or (path.startswith(folders) and not is_beside(path))

    return is_wanted


def panel(
    state: State, portal: Portal, report: Report, path: str, file: str, item: Item | None
) -> dict[str, Any]:
    """The panel of the page at `path`; `file` is the item's file (empty: no item's page), `item` what is shown of it.

    `portal` is the real one that was checked, with the changes against git.
    """
    site = state.site
    mine = [f for f in report.findings if _is_about(f, file)]
    rest = [f for f in report.findings if not _is_about(f, file)]
    return {
        "file": visible(file),
        "notes": [note(kind, site.say(says)) for kind, says in _notes(state, portal, path, file, item)],
        "due": [site.say(says) for says in (_dues(item, portal) if item else ())],
        "findings": [_shown(finding, item, site) for finding in mine],
        "others": list(_others(rest, state, file)),
    }


def unseen(state: State, says: Message) -> dict[str, Any]:
    """The panel when a file cannot be read, so that nothing was checked."""
    said = state.site.say(says)
    return {"file": "", "notes": [note("bad", said)], "due": [], "findings": [], "others": []}


def note(kind: str, text: str) -> dict[str, str]:
    """A line of the panel: "bad", "warn", "plain", "good", "draft" or "embargo", and its words."""
    return {"kind": kind, "text": visible(text)}


def _is_about(finding: Finding, file: str) -> bool:
    return bool(file) and (
        finding.place.path == file or finding.place.path.startswith(f"{file.rpartition('.')[0]}/")
    )


def _is_item_page(path: str) -> bool:
    parts = path.removesuffix(".html").split("/")
    return path.endswith(".html") and len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit()


def _notes(
    state: State, portal: Portal, path: str, file: str, item: Item | None
) -> Iterator[tuple[str, Message]]:
    for says in filter(None, (state.unseen, state.unframed)):
        yield "bad", says
    if any(not path.startswith("content/") for path in state.held):
        yield (
            "bad",
            msg(
                "The settings cannot be read at the moment; the page is shown with the settings from before."
            ),
        )
    for remark in state.shell.remarks:
        yield "warn", msg("A build would stop at this: {reason}", reason=remark)
    if file in state.held:
        yield (
            "bad",
            msg("The file cannot be read at the moment. What you see is the page from before the fault."),
        )
    elif file and item is None:
        yield "bad", msg("The file cannot be read, so there is no page yet.")
    elif not file and _is_item_page(path):
        yield "plain", msg("There is no item here: its file was deleted, renamed or not written yet.")
    if item is not None:
        yield from _standing(item, state.site.portal, portal)


def _standing(item: Item, shown: Portal, portal: Portal) -> Iterator[tuple[str, Message]]:
    """Whether the public sees the item: hidden for now, hidden for good, published, a draft."""
    hidden = tuple(_hidden(item, shown))
    yield from hidden
    when = standing.published(item, shown)
    if when is not None and not hidden:
        yield "good", msg("Published on {date}.", date=f"{when:%Y-%m-%d}")
    elif when is None and portal.changed is not None and item.path not in portal.changed:
        yield (
            "plain",
            msg(
                "The same as the last version in the repository. Whether it is published, the ledger knows: `gongkai status`."
            ),
        )
    elif when is None:
        yield "draft", msg("Draft: not published. The public sees it only after review and publication.")


def _hidden(item: Item, portal: Portal) -> Iterator[tuple[str, Message]]:
    if item.removed or standing.is_shown(item, portal):
        return
    starts = standing.moment(item.text("publish_at"), portal)
    if (
        item.fields.get("openness", "proactive") != "proactive"
        or item.fields.get("secrecy", "public") != "public"
    ):
        yield "bad", msg("This item is not to be disclosed: the portal will have no such page.")
    elif item.fields.get("publish_at") and starts is None:
        yield (
            "bad",
            msg("The time of publication (publish_at) makes no sense, so the public will not see this page."),
        )
    elif starts is not None and starts > portal.now:
        local = starts.astimezone(portal.settings.timezone)
        yield (
            "embargo",
            msg(
                "Embargo: to be published at {moment}. Until then the public sees nothing of it.",
                moment=f"{local:%Y-%m-%d %H:%M}",
            ),
        )
    else:
        yield "bad", msg("The item's id is not a proper one, so the portal will have no such page.")


def _dues(item: Item, portal: Portal) -> Iterator[Message]:
    """The open due dates of a new or changed item, with the days that are left or lost."""
    if not is_judged(item, portal):
        return
    for found in deadlines(item, portal):
        if not is_met(found.stage, item, portal):
            yield _due(found.stage, found.due, (found.due.day - portal.calendar.day_of(portal.now)).days)


def _due(stage: str, due: Due, days: int) -> Message:
    mark = msg(" (provisional)") if due.provisional else ""
    holes: dict[str, Hole] = {"stage": STAGES[stage], "due": due.day, "mark": mark, "days": abs(days)}
    if days < 0:
        return Message(N_("{stage} was due on {due}{mark}, {days} days ago"), holes)
    if days == 0:
        return Message(N_("{stage} is due today, {due}{mark}"), holes)
    return Message(N_("{stage} is due on {due}{mark}, {days} days left"), holes)


def _shown(finding: Finding, item: Item | None, site: Site) -> dict[str, Any]:
    at = finding.place
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "message": visible(site.say(finding.message)),
        "hint": visible(site.say(finding.hint)).strip(),
        "where": visible(site.say(msg("line {line}, column {column}", line=at.line, column=at.column))),
        "spot": visible(f"{at.path}:{at.line}:{at.column}"),
        "field": field_title(finding.field, item, site) if item else "",
        "place": place(finding, item, site) if item else {},
    }


def _others(findings: list[Finding], state: State, file: str) -> Iterator[dict[str, Any]]:
    """Each other file with findings, and the items saved lately: what it is, how many, where its page stands."""
    site = state.site
    counted: dict[str, list[Finding]] = {path: [] for path in state.saved if path != file}
    for finding in findings:
        counted.setdefault(_owner(finding.place.path, state), []).append(finding)
    for path, found in counted.items():
        item = site.portal.corpus.by_path.get(path)
        first = min(found, key=lambda f: f.severity is not Severity.ERROR, default=None)
        yield {
            "file": visible(path),
            "title": visible(item.title if item else path),
            "href": f"/{(item.address if item else address_of(path))}" if path.startswith("content/") else "",
            "errors": sum(f.severity is Severity.ERROR for f in found),
            "warnings": sum(f.severity is Severity.WARNING for f in found),
            "first": visible(
                f"{first.place.path}:{first.place.line}:{first.place.column} {site.say(first.message)}"
            )
            if first
            else "",
        }


def _owner(path: str, state: State) -> str:
    """The saved item that a file belongs to; the file itself otherwise."""
    owners = (saved for saved in state.saved if path.startswith(f"{saved.rpartition('.')[0]}/"))
    return next(owners, path)
