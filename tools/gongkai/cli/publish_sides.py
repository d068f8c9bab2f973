"""Each item's side of the line between what is public and what is not, kept by the publisher from one look to the next.

A line says, by the portal's own rules, how an item stands at a moment. It holds until the item's file or the ledger's facts
of it change, or one of its own moments comes: only such lines are drawn again. On another day, with other settings or
schemas, after a step back of the clock, and where two items have one id, all are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from gongkai.checks.portal import Portal
from gongkai.gate.publication import is_due
from gongkai.model.facts import Facts
from gongkai.model.item import Item
from gongkai.portal import standing
from gongkai.portal.moments import moment_after, of_item

_TIME = itemgetter(0)


class Line(NamedTuple):
    """How an item stands: what follows from its file, its facts and the moment.

    `mark` says how it was taken from the public, empty when it was not; `due` that a publication must record it. A `second`
    item has the id of another one before it.
    """

    id: str
    address: str
    title: str
    shown: bool
    removed: bool
    notice: bool
    ended: bool
    mark: str
    due: bool
    order: tuple[Any, ...]
    moments: tuple[datetime, ...]
    second: bool = False


@dataclass(frozen=True)
class Sides:
    """The lines of all items by path, and tables of those on each side; `newest` and `moments` are in order."""

    portal: Portal
    lines: dict[str, Line] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    """The first path of each id."""
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Page and title."""
    notices: dict[str, tuple[str, str]] = field(default_factory=dict)
    taken: dict[str, tuple[str, tuple[str, str]]] = field(default_factory=dict)
    """The id, with its mark and its page."""
    hidden: dict[str, None] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    ended: dict[str, None] = field(default_factory=dict)
    due: dict[str, None] = field(default_factory=dict)
    newest: list[tuple[tuple[Any, ...], str]] = field(default_factory=list)
    moments: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def until(self) -> datetime:
        """When the public view changes next: at an item's own moment, or when the day ends."""
        after = self.moments[bisect_right(self.moments, self.portal.now, key=_TIME) :][:1]
        return moment_after(self.portal, (time for time, _ in after))

    def items(self, paths: Iterator[str] | dict[str, None]) -> list[Item]:
        """The items at these paths, in the order of the paths."""
        known = self.portal.corpus.by_path
        return [known[path] for path in sorted(paths)]

    def to(self, portal: Portal) -> Sides:
        """The sides of another portal: only lines that may be other ones are drawn again."""
        known, rows = self.portal.corpus.by_path, portal.corpus.by_path
        if not self._goes_on(portal):
            return sides_of(portal)
        again = {path for path, item in rows.items() if known.get(path) is not item}
        again.update(path for path in self._told_anew(portal.facts) if path in rows)
        again.update(path for path in self._passed(portal.now) if path in rows)
        lines = {path: _line(rows[path], portal) for path in again}
        gone = again | (self.lines.keys() - rows.keys())
        left = self._without(portal, gone)
        if len({line.id for line in lines.values()} - left.paths.keys()) != len(lines):
            return sides_of(portal)
        for path, line in lines.items():
            left._put(path, line)
            for row in _in_order(path, line):
                insort(left.newest, row)
            for time in line.moments:
                insort(left.moments, (time, path))
        return left

    def _goes_on(self, portal: Portal) -> bool:
        """Whether lines of before may hold: settings and schemas are read once while they are the same (`once_read`)."""
        before = self.portal
        same = portal.settings is before.settings and portal.library is before.library
        day = portal.today.date() == before.today.date() and before.now <= portal.now
        return same and day and len(self.paths) == len(self.lines)

    def _told_anew(self, facts: Facts) -> Iterator[str]:
        """The paths of items of which the ledger says something else than before."""
        before = self.portal.facts
        apart = [ident for ident, found in facts.items() if before.get(ident) is not found]
        told = {ident for ident in apart if before.get(ident) != facts[ident]} | (
            before.keys() - facts.keys()
        )
        return (self.paths[ident] for ident in told if ident in self.paths)

    def _passed(self, now: datetime) -> Iterator[str]:
        """The paths of items of which a moment came since."""
        first, last = (bisect_right(self.moments, t, key=_TIME) for t in (self.portal.now, now))
        return (path for _, path in self.moments[first:last])

    def _without(self, portal: Portal, gone: set[str]) -> Sides:
        """The same without some lines, as tables of its own."""
        left = Sides(
            portal, {**self.lines}, {**self.paths}, {**self.shown}, {**self.notices}, {**self.taken},
            {**self.hidden}, {**self.removed}, {**self.ended}, {**self.due}, [*self.newest], [*self.moments],
        )  # fmt: skip
        tables = (left.shown, left.notices, left.taken, left.hidden, left.removed, left.ended, left.due)
        for path in gone & self.lines.keys():
            line = left.lines.pop(path)
            left.paths.pop(line.id)
            for table in tables:
                table.pop(path, None)
            for row in _in_order(path, line):
                del left.newest[bisect_left(left.newest, row)]
            for time in line.moments:
                del left.moments[bisect_left(left.moments, (time, path))]
        return left

    def _put(self, path: str, line: Line) -> None:
        """Note a line in the tables where it belongs, but for those in order."""
        self.lines[path] = line
        self.paths.setdefault(line.id, path)
        if line.removed:
            self.removed[path] = None
        elif not line.shown:
            self.hidden[path] = None
        if line.ended:
            self.ended[path] = None
        if line.second:
            return
        if line.shown:
            self.shown[path] = (line.address, line.title)
        if line.notice:
            self.notices[path] = (line.address, "")
        if line.mark:
            self.taken[path] = (line.id, (line.mark, line.address))
        if line.due:
            self.due[path] = None


def sides_of(portal: Portal) -> Sides:
    """The sides of a portal, whose items need be there in outline only; every line is drawn."""
    made, first = Sides(portal), portal.corpus.by_id
    for item in portal.corpus.items:
        line = _line(item, portal)
        made._put(item.path, line if first[line.id] is item else line._replace(second=True))
    made.newest.extend(row for path, line in made.lines.items() for row in _in_order(path, line))
    made.newest.sort()
    made.moments.extend((time, path) for path, line in made.lines.items() for time in line.moments)
    made.moments.sort()
    return made


def _line(item: Item, portal: Portal) -> Line:
    shown, notice = standing.is_shown(item, portal), standing.is_notice(item)
    ended = standing.has_ended(item, portal)
    moments = () if item.removed else tuple(m.time for m in of_item(item, portal))
    due = (shown or notice) and is_due(item, portal.facts_of(item))
    order = standing.sort_key(item, portal) if shown else ()
    mark = _mark(item, shown=shown, ended=ended)
    return Line(
        item.id, item.address, item.title, shown, item.removed, notice, ended, mark, due, order, moments
    )  # fmt: skip


def _mark(item: Item, *, shown: bool, ended: bool) -> str:
    """How an item was taken from the public, and its file's id: it changes with either. Empty when it was not."""
    if item.removed:
        return f"removed {item.blob}"
    if not shown:
        return f"hidden {item.blob}"
    if item.group("withdrawal"):
        return f"withdrawn {item.blob}"
    return f"ended {item.blob}" if ended else ""


def _in_order(path: str, line: Line) -> list[tuple[tuple[Any, ...], str]]:
    """An item's place in the order of publication; none when it is not shown."""
    return [(line.order, path)] if line.shown and not line.second else []
