"""Writes the sheets of a portal into a folder, by all processors, and looks at every page while it is still at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.portal.glance import Glance, Seen
from gongkai.portal.lines import JSON, Lines
from gongkai.portal.linking import Linked
from gongkai.portal.mkdocs_build import Shell
from gongkai.portal.past import Done, Past, Row, paths_of
from gongkai.portal.placing import Placing
from gongkai.portal.sheets import Files, Sheet, Sheets
from gongkai.store.crew import Fallen, share_out

Made = TypeVar("Made")
Value = TypeVar("Value")
FRAME = "frame"
"""The name of the sheet that holds what MkDocs brings."""
FEW, MANY = 24, 1000
"""So few sheets are made, and so many taken over, by one process: starting others would take longer."""


@dataclass
class Printed:
    """What was made by one process, or by all: the sheets, and what was seen on their pages.

    `doubtful`: a link leads nowhere, or a page asks another host for something; which ones tells a closer look only.
    """

    sheets: dict[str, Done] = field(default_factory=dict)
    lines: Lines | None = None
    """Where the items' lines stand, when the catalogue was made."""
    seen: Seen = field(default_factory=Seen)
    doubtful: bool = False
    taken: list[str] = field(default_factory=list)
    """The names of the sheets that are as they were in the build before."""
    paths: set[str] = field(default_factory=set)
    """All files, by their paths on the portal, once everything is together."""

    @property
    def reused(self) -> int:
        """How many sheets are as they were in the build before."""
        return len(self.taken)


def press(
    sheets: Sheets, shell: Shell, site: Path, past: Past | None = None, linked: Linked | None = None
) -> Printed:
    """Write the whole portal into the folder `site`. GongkaiError when a sheet cannot be made.

    What is as in the `past` is taken over from there: nothing else lies in the folder than what is `linked` already.
    """
    printer = Printer(sheets, shell, site, past)
    if linked is None:
        todo, old = printer.divided()
    else:
        untouched = sheets.untouched(past)
        todo, old = printer.divided(untouched)
        todo, old = todo + printer.missing(todo, old, linked), []
    here = [s for s in (*todo, *old) if s.here]
    # Lists come first, and this process begins with them: an item stands in several, and its line is made once.
    parts = sorted((s for s in (*todo, *old) if not s.here), key=lambda s: not s.is_list)

    def put(number: int) -> None:
        printer.put(parts[number])

    def meanwhile() -> None:
        printer.frame()
        for sheet in here:
            printer.put(sheet)

    count = 0 if len(todo) > FEW or len(old) > MANY else 1
    lists = sum(sheet.is_list for sheet in parts)
    try:
        reports = share_out(
            len(parts),
            put,
            printer.report,
            meanwhile=meanwhile,
            begin=printer.forked,
            count=count,
            own=lists,
        )
    except Fallen as fallen:
        raise failed(parts[fallen.part].name if fallen.part >= 0 else str(site), str(fallen)) from fallen
    return together(reports, site, past)


def together(reports: Iterable[Printed], site: Path, past: Past | None = None) -> Printed:
    """All that several processes printed into the folder `site`, where everything must be by now."""
    found, seen = Printed(), [past.seen] if past else []
    for report in reports:
        found.sheets.update(report.sheets)
        found.lines = report.lines or found.lines
        found.taken += report.taken
        seen.append(report.seen)
    fresh = paths_of(found.sheets.values())
    if past and found.taken:
        taken = _only(past.sheets, set(found.taken))
        found.paths = (
            past.paths - paths_of(past.sheets[n] for n in past.sheets.keys() - taken.keys())
        ) | fresh
        found.sheets = taken | found.sheets
    else:
        found.paths = fresh
    found.seen = Seen.together(seen)
    found.doubtful = found.seen.doubtful(found.paths, site)
    return found


class Printer:
    """Writes sheets into the folder `site`: one process' part of it."""

    def __init__(self, sheets: Sheets, shell: Shell, site: Path, past: Past | None = None) -> None:
        self._all, self._shell, self._past = sheets, shell, past
        self._place = Placing(site, past)
        self._made: dict[str, Done] = {}
        self._taken: list[str] = []
        self._old: dict[str, Done] = {}
        self._glance = Glance(shell.site_path)
        self._is_child = self._at_lists = False

    def divided(self, untouched: Set[str] = frozenset()) -> tuple[list[Sheet], list[Sheet]]:
        """The sheets to be made, and those that are as they were: their files are still to be linked.

        Sheets that are `untouched` are as they were, and neither made nor among the others.
        """
        sheets = self._all
        todo: list[Sheet] = []
        same: list[Sheet] = []
        known = self._past.sheets if self._past else {}
        self._old = _only(known, untouched)
        for sheet in (*sheets.of_the_whole(), *sheets.of_items(untouched), *sheets.of_lists(untouched)):
            old = known.get(sheet.name) if sheet.key else None
            if old is None or sheet.key_of(old.asked) != old.key:
                todo.append(sheet)
                continue
            same.append(sheet)
            self._old[sheet.name] = old
        if self._past and any(sheet.name == JSON for sheet in todo):
            sheets.catalogue.begin_with(self._past.catalogue(), self._old.keys())
        return todo, same

    def take_over(self) -> list[Sheet]:
        """Link what is as it was in the past; the rest, which is still to be made."""
        todo, same = self.divided()
        return todo + [sheet for sheet in same if not self._linked(sheet)]

    def missing(self, todo: list[Sheet], same: list[Sheet], linked: Linked) -> list[Sheet]:
        """With the past's files linked already: of the sheets that are as they were, those to be made all the same."""
        mended = {sheet.name for sheet in todo if sheet.mend is not None}
        spoilt = linked.only(self._old, mended)
        self._place.linked = mended - spoilt
        self._taken = [name for name in self._old if name not in spoilt]
        self._old = {}
        lost = spoilt - {sheet.name for sheet in same}
        # Sheets that nobody asked for their keys, for they are untouched, and whose files are spoilt.
        again = [*self._all.of_items(self._all.site.paths - lost), *self._all.of_lists()] if lost else []
        return [*(s for s in same if s.name in spoilt), *(s for s in again if s.name in lost)]

    def put(self, sheet: Sheet) -> None:
        """Link one sheet's files, or write them when they are new or not as they were left."""
        if self._at_lists and not sheet.is_list:
            # The lines of all items are a tenth of what is held; few of them are made again.
            self._all.site.entries.clear()
            self._shell.forget_lines()
        self._at_lists = sheet.is_list
        if not self._linked(sheet):
            self.make(sheet)

    def _linked(self, sheet: Sheet) -> bool:
        old = self._old.get(sheet.name)
        if old is None or not self._place.taken_over(old):
            return False
        self._taken.append(sheet.name)
        return True

    def make(self, sheet: Sheet) -> None:
        """Write one sheet."""
        sheets = self._all
        before = sheets.pages, sheets.attachments, len(sheets.broken)
        sheets.site.noted.clear()
        rows = self._mended(sheet) or self._print(sheet.name, sheet.files)
        asked = tuple(sorted(sheets.site.noted))
        key = sheet.key_of(asked)
        broken = tuple((link.source, link.url) for link in sheets.broken[before[2] :])
        self._made[sheet.name] = Done(
            key, asked, rows, sheets.pages - before[0], sheets.attachments - before[1], broken
        )

    def _mended(self, sheet: Sheet) -> tuple[Row, ...]:
        """The files of a sheet when few of them are not as they were; none when all are to be made."""
        old = self._past.sheets.get(sheet.name) if self._past else None
        if sheet.mend is None or old is None or not self._place.stand(sheet.name, old):
            return ()
        changed = _blaming(sheet.name, lambda: sheet.mended(old.key, self._place.read))
        if changed is None:
            self._place.clear(old)
            return ()
        return tuple(self._put(row[0], changed[row[0]]) if row[0] in changed else row for row in old.rows)

    def frame(self) -> None:
        """What MkDocs brings."""
        self._made[FRAME] = Done(b"", (), self._print(FRAME, self._shell.frame, "mkdocs.yml"))

    def forked(self) -> None:
        """Begin in a child: what the parent did until now is the parent's to report."""
        self._made, self._taken, self._all.lines, self._is_child = {}, [], None, True

    def report(self) -> Printed:
        """What this process has done; a child does nothing more after that."""
        return Printed(self._made, self._all.lines, self._glance.seen, taken=self._taken)

    def _print(self, name: str, make: Callable[[], Files], blamed: str = "") -> tuple[Row, ...]:
        old = self._past.sheets.get(name) if self._past else None
        before = {row[0]: row for row in old.rows} if old else {}
        return _blaming(
            blamed or name,
            lambda: tuple(self._put(path, data, before.get(path)) for path, data in make()),
        )

    def _put(self, path: str, data: bytes, before: Row | None = None) -> Row:
        self._glance.at(path, data)
        return self._place.put(path, data, before)


def _only(rows: Mapping[str, Value], names: Set[str]) -> dict[str, Value]:
    """The rows of some names: most often nearly all, so the others are taken away."""
    if not names:
        return {}
    found = {**rows}
    for name in found.keys() - names:
        del found[name]
    return found


def _blaming(name: str, make: Callable[[], Made]) -> Made:
    """What `make` makes; when it fails, the error says this name."""
    try:
        return make()
    except (GongkaiError, OSError):
        raise
    except Exception as error:
        raise failed(name, f"{type(error).__name__}: {error}") from error


def failed(name: str, reason: str) -> GongkaiError:
    """The error that says which sheet could not be made, and why."""
    return GongkaiError(
        msg("{path}: what the public would see of it could not be made: {reason}", path=name, reason=reason),
        msg(
            "look at this file; if it is in order, tell whoever maintains Gongkai. What was built before is still there"
        ),
        Exit.BROKEN,
    )
