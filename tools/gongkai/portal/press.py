"""Writes the sheets of a portal into a folder, by all processors, and looks at every page while it is still at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from posixpath import dirname

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.portal.glance import Glance, Seen
from gongkai.portal.mkdocs_build import Shell
from gongkai.portal.past import Done, Past, Row
from gongkai.portal.sheets import Files, Sheet, Sheets
from gongkai.store.crew import Fallen, share_out

FEW = 3
"""So few sheets are made by one process: starting others would take longer."""


@dataclass
class Printed:
    """What was made by one process, or by all: the sheets, and what was seen on their pages.

    `doubtful`: a link leads nowhere, or a page asks another host for something; which ones tells a closer look only.
    """

    sheets: dict[str, Done] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    doubtful: bool = False
    reused: int = 0
    """How many sheets are as they were in the build before."""

    @cached_property
    def paths(self) -> set[str]:
        """All files, by their paths on the portal."""
        return {path for done in self.sheets.values() for path, _, _ in done.rows}


def press(sheets: Sheets, shell: Shell, site: Path, past: Past | None = None) -> Printed:
    """Write the whole portal into the folder `site`, which is not there yet. GongkaiError when a sheet cannot be made.

    What is as in the `past` is taken over from there.
    """
    printer = Printer(sheets, shell, site)
    found = printer.take_over(past)
    here, todo = [s for s in found if s.here], [s for s in found if not s.here]
    count = 0 if len(found) > FEW else 1

    def make(number: int) -> None:
        printer.make(todo[number])

    def meanwhile() -> None:
        printer.frame()
        for sheet in here:
            printer.make(sheet)

    try:
        reports = share_out(
            len(todo), make, printer.report, meanwhile=meanwhile, begin=printer.forked, count=count
        )
    except Fallen as fallen:
        raise failed(todo[fallen.part].name if fallen.part >= 0 else str(site), str(fallen)) from fallen
    return together(reports, site, past)


def together(reports: Iterable[Printed], site: Path, past: Past | None = None) -> Printed:
    """All that several processes printed into the folder `site`, where everything must be by now."""
    found, seen = Printed(), [past.seen] if past else []
    for report in reports:
        found.sheets.update(report.sheets)
        found.reused += report.reused
        seen.append(report.seen)
    found.seen = Seen.together(seen)
    found.doubtful = found.seen.doubtful(found.paths, site)
    return found


class Printer:
    """Writes sheets into the folder `site`: one process' part of it."""

    def __init__(self, sheets: Sheets, shell: Shell, site: Path) -> None:
        self._all, self._shell, self._site = sheets, shell, str(site)
        self._made: dict[str, Done] = {}
        self._reused = 0
        self._folders: set[str] = set()
        self._glance = Glance(shell.site_path)

    def take_over(self, past: Past | None) -> list[Sheet]:
        """Link what is as it was in the past; the rest, which is still to be made."""
        sheets = self._all
        todo: list[Sheet] = []
        for sheet in (*sheets.of_the_whole(), *sheets.of_items(), *sheets.of_lists()):
            old = self._as_it_was(sheet, past) if past else None
            if old is None:
                todo.append(sheet)
            else:
                self._made[sheet.name] = old
                self._reused += 1
        return todo

    def _as_it_was(self, sheet: Sheet, past: Past) -> Done | None:
        """The sheet as it was made before, its files linked; None when it is to be made."""
        old = past.sheets.get(sheet.name) if sheet.key else None
        if old is None or sheet.key is None or sheet.key(old.asked) != old.key:
            return None
        if not past.taken_over(old, self._site, self._folders):
            return None
        if old.line is not None:
            self._all.catalogue.known[sheet.name] = old.line
        return old

    def make(self, sheet: Sheet) -> None:
        """Write one sheet."""
        sheets = self._all
        before = sheets.pages, sheets.attachments, len(sheets.broken)
        sheets.site.noted.clear()
        sheets.line = None
        rows = self._print(sheet.name, sheet.make)
        asked = frozenset(sheets.site.noted)
        key = sheet.key(asked) if sheet.key else b""
        broken = tuple((link.source, link.url) for link in sheets.broken[before[2] :])
        self._made[sheet.name] = Done(
            key, asked, rows, sheets.pages - before[0], sheets.attachments - before[1], broken, sheets.line
        )

    def frame(self) -> None:
        """What MkDocs brings."""
        self._made["frame"] = Done(b"", frozenset(), self._print("mkdocs.yml", self._shell.frame))

    def forked(self) -> None:
        """Begin in a child: what the parent did until now is the parent's to report."""
        self._made, self._reused = {}, 0

    def report(self) -> Printed:
        """What this process has done."""
        return Printed(self._made, self._glance.seen, reused=self._reused)

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
