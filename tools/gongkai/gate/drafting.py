"""Which submissions a working copy makes: what goes on with an open one, what is new, what is there already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gongkai.checks.references import references
from gongkai.evidence.state import Submission
from gongkai.gate.client import Clone, memory
from gongkai.gate.refusal import Refused
from gongkai.gate.working import Copy, Group, file_of, item_at, key_of
from gongkai.model.item import Item
from gongkai.model.message import Message, msg

Wanted = Callable[[str], bool]
LINK = re.compile(r"doc:([a-z][a-z0-9-]*-\d{4}-\d{5})(?!\d)")
"""A link to another item in authored text."""


@dataclass(frozen=True)
class Draft:
    """A submission about to be made: of which department, the paths with their blobs, and which one it goes on with."""

    department: str
    changes: Mapping[str, str]
    known: Submission | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of its items."""
        return tuple(dict.fromkeys(k.rpartition("/")[2] for k in map(key_of, self.changes) if k))


@dataclass(frozen=True)
class Plan:
    """What is to be handed in, what lies with the server unchanged, what was left out."""

    drafts: tuple[Draft, ...]
    already: tuple[Submission, ...] = ()
    strays: tuple[str, ...] = ()


@dataclass
class Sorting:
    """Every changed item put where it belongs. `chosen` is the submission that the officer named, if any."""

    clone: Clone
    copy: Copy
    chosen: Submission | None = None
    again: dict[str, list[Group]] = field(default_factory=dict)
    fresh: list[Group] = field(default_factory=list)
    already: dict[str, Submission] = field(default_factory=dict)
    clashes: list[Group] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    @cached_property
    def memory(self) -> Mapping[str, str]:
        """What the clone remembers of items that went out from it."""
        return memory(self.clone.folder)

    @cached_property
    def reserved(self) -> Mapping[str, str]:
        """Which undecided submission has drawn which item, as the ledger stood when the sorting began."""
        return self.clone.gate.state.reserved()

    def put(self, group: Group) -> None:
        """Find the place of one changed item."""
        there = self._open(group)
        moved = [p for p in group.blobs if self._moved(p, group.id)]
        if there is not None and _rows(there, group.key) == self._against_main(group):
            self.already[there.number] = there
        elif there is not None and (there is self.chosen or self._same(group, there)):
            self.again.setdefault(there.number, []).append(group)
            self.conflicts.extend(moved)
        elif self._item(group) is not None and (there is not None or self._taken(group)):
            self.clashes.append(group)
        else:
            self.conflicts.extend(moved)
            goes_on = self.again.setdefault(self.chosen.number, []) if self.chosen else self.fresh
            goes_on.append(group)

    def join(self) -> None:
        """New items that name an item of an open submission, or are named by one, go with it: alone they would fail."""
        for group in list(self.fresh):
            number = next((n for n, groups in self.again.items() if self._linked(group, n, groups)), "")
            if number:
                self.fresh.remove(group)
                self.again[number].append(group)

    def conflicts_of(self, wanted: Wanted) -> list[str]:
        """Paths that somebody else changed on main after the officer got them, settings too."""
        return [*self.conflicts, *(p for p in self.copy.settings if wanted(p) and self._moved(p, ""))]

    def _open(self, group: Group) -> Submission | None:
        number = self.reserved.get(group.id)
        return self.clone.gate.state.submissions[number] if number else None

    def _same(self, group: Group, there: Submission) -> bool:
        """Whether this is the item that was handed in, and not another one that drew the same number.

        It is when it was handed in from this very clone, when it stood on main already, or when type and title agree.
        """
        if self.memory.get(f"gongkai.{group.id}.submission") == there.number or self._based(group):
            return True
        blobs = {p.path: p.new for p in there.last.change.paths}
        return _alike(self._item(group), item_at(self.clone.gate.objects, blobs, group.key))

    def _based(self, group: Group) -> bool:
        return bool(file_of(self.copy.base, group.key))

    def _taken(self, group: Group) -> bool:
        """Whether main has another item under a number that was drawn here."""
        path = file_of(self.copy.main, group.key)
        if not path or self._based(group) or self.copy.main[path].blob in self._known(path, group.id):
            return False
        blobs = {p: e.blob for p, e in self.copy.main.items() if key_of(p) == group.key}
        return not _alike(self._item(group), item_at(self.clone.gate.objects, blobs, group.key))

    def _moved(self, path: str, ident: str) -> bool:
        """Whether somebody else changed a path on main after the officer got it."""
        return self.copy.blob(self.copy.main, path) not in self._known(path, ident)

    def _known(self, path: str, ident: str) -> set[str]:
        """The texts on which the officer's may be founded: main's as it was fetched, and what went out from here."""
        number = self.memory.get(f"gongkai.{ident}.submission", "")
        sent = self.clone.gate.state.submissions.get(number)
        rows = (r for v in sent.versions for r in v.change.paths) if sent else ()
        written = self.memory.get(f"gongkai.{ident}.base")
        return {self.copy.blob(self.copy.base, path), *(r.new for r in rows if r.path == path)} | (
            {written} if written else set()
        )

    def _against_main(self, group: Group) -> dict[str, str]:
        return {p: b for p, b in group.blobs.items() if b != self.copy.blob(self.copy.main, p)}

    def _item(self, group: Group) -> Item | None:
        blobs = {p: e.blob for p, e in self.copy.here.items() if key_of(p) == group.key}
        return item_at(self.clone.gate.objects, blobs, group.key)

    def _linked(self, group: Group, number: str, groups: list[Group]) -> bool:
        ids = set(self.clone.gate.state.submissions[number].last.change.items)
        others = (self._item(g) for g in groups)
        return bool(_named(self._item(group)) & ids) or any(group.id in _named(o) for o in others)


def sort(clone: Clone, copy: Copy, wanted: Wanted, chosen: Submission | None = None) -> Sorting:
    """Put every changed item for which `wanted` holds into its place."""
    sorting = Sorting(clone, copy, chosen)
    for group in copy.groups.values():
        if any(wanted(p) for p in group.blobs):
            sorting.put(group)
    sorting.join()
    return sorting


def plan(sorting: Sorting, wanted: Wanted, home: str) -> Plan:
    """The submissions to be made. `home` is the person's department: changed settings go out from there.

    Refused when somebody else changed the same file meanwhile, for several departments, for settings beside content.
    """
    copy = sorting.copy
    settings = {p: blob for p, blob in copy.settings.items() if wanted(p)}
    if conflicts := sorting.conflicts_of(wanted):
        raise Refused(
            [msg("{path} was changed on main in the meantime", path=p) for p in conflicts],
            hint=msg("run `gongkai update`, which brings both changes together, then submit again"),
        )
    departments = sorted({g.department for g in sorting.fresh})
    reasons = [*_mixed(bool(settings), bool(sorting.fresh or sorting.again)), *_several(departments)]
    if reasons:
        raise Refused(reasons, hint=msg("hand them in one after another: `gongkai submit PATH …`"))
    drafts = [_going_on(sorting, number, groups) for number, groups in sorting.again.items()]
    if sorting.fresh:
        drafts.append(Draft(departments[0], {p: b for g in sorting.fresh for p, b in g.blobs.items()}))
    if settings:
        drafts.append(_of_settings(sorting, settings, home))
    strays = tuple(p for p in copy.strays if wanted(p))
    already = (s for number, s in sorting.already.items() if number not in sorting.again)
    return Plan(tuple(drafts), tuple(already), strays)


def _mixed(settings: bool, content: bool) -> Iterator[Message]:
    if settings and content:
        yield msg("settings and content cannot be changed together")


def _several(departments: list[str]) -> Iterator[Message]:
    if len(departments) > 1:
        yield msg(
            "the changes belong to {count} departments ({names}); a submission is of one department",
            count=len(departments),
            names=", ".join(departments),
        )


def _going_on(sorting: Sorting, number: str, groups: list[Group]) -> Draft:
    """The next version: as it was handed in, with the items that were changed here in their new form."""
    known = sorting.clone.gate.state.submissions[number]
    keys = {g.key for g in groups}
    kept = {p.path: p.new for p in known.last.change.paths if key_of(p.path) not in keys}
    fresh = {p: b for g in groups for p, b in g.blobs.items()}
    return Draft(known.department, {**kept, **fresh}, known)


def _of_settings(sorting: Sorting, settings: dict[str, str], home: str) -> Draft:
    """Changed settings go on with the open submission that has the same files, if there is one."""
    for known in sorting.clone.gate.state.submissions.values():
        paths = {p.path for p in known.last.change.paths}
        if known.policy and known.state in ("waiting", "returned") and paths & settings.keys():
            kept = {p.path: p.new for p in known.last.change.paths}
            return Draft(known.department, {**kept, **settings}, known)
    return Draft(home, settings)


def _rows(submission: Submission, key: str) -> dict[str, str]:
    return {p.path: p.new for p in submission.last.change.paths if key_of(p.path) == key}


def _alike(one: Item | None, other: Item | None) -> bool:
    return (
        one is not None
        and other is not None
        and (one.type, one.text("title")) == (other.type, other.text("title"))
    )


def _named(item: Item | None) -> set[str]:
    """The ids that an item names, in fields and in links of its text."""
    return {target for _, target in references(item)} | set(LINK.findall(item.body)) if item else set()
