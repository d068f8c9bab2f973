"""Writes the sheets of a portal into a folder, by all processors, and looks at every page while it is still at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from posixpath import dirname

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.portal.glance import Glance, Seen
from gongkai.portal.linking import Linked
from gongkai.portal.mkdocs_build import Shell
from gongkai.portal.page import Line
from gongkai.portal.past import Done, Lined, Past, Row
from gongkai.portal.sheets import Files, Sheet, Sheets
from gongkai.store.crew import Fallen, share_out

FEW, MANY = 3, 1000
"""So few sheets are made, and so many taken over, by one process: starting others would take longer."""


@dataclass
class Printed:
    """What was made by one process, or by all: the sheets, and what was seen on their pages.

    `doubtful`: a link leads nowhere, or a page asks another host for something; which ones tells a closer look only.
    """

    sheets: dict[str, Done] = field(default_factory=dict)
    lines: Mapping[str, Lined] | None = None
    """The lines of all items, when the catalogue was made."""
    seen: Seen = field(default_factory=Seen)
    doubtful: bool = False
    taken: list[str] = field(default_factory=list)
    """The names of the sheets that are as they were in the build before."""

    @property
    def reused(self) -> int:
        """How many sheets are as they were in the build before."""
        return len(self.taken)

    @cached_property
    def paths(self) -> set[str]:
        """All files, by their paths on the portal."""
        return {path for done in self.sheets.values() for path, _, _ in done.rows}


def press(
    sheets: Sheets, shell: Shell, site: Path, past: Past | None = None, linked: Linked | None = None
) -> Printed:
    """Write the whole portal into the folder `site`. GongkaiError when a sheet cannot be made.

    What is as in the `past` is taken over from there: nothing else lies in the folder than what is `linked` already.
    """
    printer = Printer(sheets, shell, site, past)
    todo, old = printer.divided()
    if linked is not None:
        todo, old = todo + printer.missing(old, linked), []
    here, parts = [s for s in (*todo, *old) if s.here], [s for s in (*todo, *old) if not s.here]

    def put(number: int) -> None:
        printer.put(parts[number])

    def meanwhile() -> None:
        printer.frame()
        for sheet in here:
            printer.put(sheet)

    count = 0 if len(todo) > FEW or len(old) > MANY else 1
    try:
        reports = share_out(
            len(parts), put, printer.report, meanwhile=meanwhile, begin=printer.forked, count=count
        )
    except Fallen as fallen:
        raise failed(parts[fallen.part].name if fallen.part >= 0 else str(site), str(fallen)) from fallen
    return together(reports, site, past)


def together(reports: Iterable[Printed], site: Path, past: Past | None = None) -> Printed:
    """All that several processes printed into the folder `site`, where everything must be by now."""
    found, seen = Printed(), [past.seen] if past else []
    for report in reports:
        found.sheets.update(report.sheets)
        found.lines = found.lines if report.lines is None else report.lines
        found.taken += report.taken
        seen.append(report.seen)
    if past and found.taken:
        found.sheets.update((name, past.sheets[name]) for name in found.taken)
    found.seen = Seen.together(seen)
    found.doubtful = found.seen.doubtful(found.paths, site)
    return found


class Printer:
    """Writes sheets into the folder `site`: one process' part of it."""

    def __init__(self, sheets: Sheets, shell: Shell, site: Path, past: Past | None = None) -> None:
        self._all, self._shell, self._site, self._past = sheets, shell, str(site), past
        self._made: dict[str, Done] = {}
        self._taken: list[str] = []
        self._old: dict[str, Done] = {}
        self._folders: set[str] = set()
        self._glance = Glance(shell.site_path)

    def divided(self) -> tuple[list[Sheet], list[Sheet]]:
        """The sheets to be made, and those that are as they were: their files are still to be linked."""
        sheets = self._all
        todo: list[Sheet] = []
        same: list[Sheet] = []
        known = self._past.sheets if self._past else {}
        for sheet in (*sheets.of_the_whole(), *sheets.of_items(), *sheets.of_lists()):
            old = known.get(sheet.name) if sheet.key else None
            if old is None or sheet.key is None or sheet.key(old.asked) != old.key:
                todo.append(sheet)
                continue
            same.append(sheet)
            self._old[sheet.name] = old
        if todo and self._past:
            lines = self._past.lines
            there = self._old.keys() & lines.keys()
            sheets.catalogue.known.update((name, Line._make(lines[name])) for name in there)
        return todo, same

    def take_over(self) -> list[Sheet]:
        """Link what is as it was in the past; the rest, which is still to be made."""
        todo, same = self.divided()
        return todo + [sheet for sheet in same if not self._linked(sheet)]

    def missing(self, same: list[Sheet], linked: Linked) -> list[Sheet]:
        """With the past's files linked already: of the sheets that are as they were, those to be made all the same."""
        spoilt = linked.only(self._old)
        self._taken = [name for name in self._old if name not in spoilt]
        self._old = {}
        return [sheet for sheet in same if sheet.name in spoilt]

    def put(self, sheet: Sheet) -> None:
        """Link one sheet's files, or write them when they are new or not as they were left."""
        if not self._linked(sheet):
            self.make(sheet)

    def _linked(self, sheet: Sheet) -> bool:
        old = self._old.get(sheet.name)
        if old is None or self._past is None or not self._past.taken_over(old, self._site, self._folders):
            return False
        self._taken.append(sheet.name)
        return True

    def make(self, sheet: Sheet) -> None:
        """Write one sheet."""
        sheets = self._all
        before = sheets.pages, sheets.attachments, len(sheets.broken)
        sheets.site.noted.clear()
        rows = self._print(sheet.name, sheet.make)
        asked = tuple(sorted(sheets.site.noted))
        key = sheet.key(asked) if sheet.key else b""
        broken = tuple((link.source, link.url) for link in sheets.broken[before[2] :])
        self._made[sheet.name] = Done(
            key, asked, rows, sheets.pages - before[0], sheets.attachments - before[1], broken
        )

    def frame(self) -> None:
        """What MkDocs brings."""
        self._made["frame"] = Done(b"", (), self._print("mkdocs.yml", self._shell.frame))

    def forked(self) -> None:
        """Begin in a child: what the parent did until now is the parent's to report."""
        self._made, self._taken, self._all.lines = {}, [], None

    def report(self) -> Printed:
        """What this process has done."""
        lines = self._all.lines
        known = None if lines is None else {name: (*line,) for name, line in lines.items()}
        return Printed(self._made, known, self._glance.seen, taken=self._taken)

    def _print(self, name: str, make: Callable[[], Files]) -> tuple[Row, ...]:
        try:
            return tuple(self._put(path, data) for path, data in make())
        except (GongkaiError, OSError):
            raise
        except Exception as error:
            raise failed(name, f"{type(error).__name__}: {error}") from error

    def _put(self, path: str, data: bytes) -> Row:
        folder = dirname(path)
        full = f"{self._site}/{path}"
        if folder not in self._folders:
            os.makedirs(f"{self._site}/{folder}", exist_ok=True)  # noqa: PTH103 - called for each of many files
            self._folders.add(folder)
        # Never through a link: what an earlier release holds is not ours to change.
        with suppress(FileNotFoundError):
            os.unlink(full)  # noqa: PTH108
        with open(full, "xb") as file:  # noqa: PTH123
            file.write(data)
            file.flush()
            at = os.fstat(file.fileno())
        self._glance.at(path, data)
        return path, at.st_size, at.st_mtime_ns


def failed(name: str, reason: str) -> GongkaiError:
    """The error that says which sheet could not be made, and why."""
    return GongkaiError(
        msg("{path}: what the public would see of it could not be made: {reason}", path=name, reason=reason),
        msg(
            "look at this file; if it is in order, tell whoever maintains Gongkai. What was built before is still there"
        ),
        Exit.BROKEN,
    )
