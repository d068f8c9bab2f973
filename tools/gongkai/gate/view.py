"""One submission as a reader sees it: items field by field, texts line by line, files by size and digest.

All of it is computed from the blobs that the change names, never from a checkout. Nothing of a change is left out: where
neither fields nor text differ but the file does, its lines are compared as they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongkai.checks.due import deadlines
from gongkai.checks.portal import Portal
from gongkai.evidence.state import Submission, Version
from gongkai.gate.desk import Desk, bring, new_items
from gongkai.gate.lines import DiffLine, diff
from gongkai.gate.worded import lines_of
from gongkai.items.read import is_item_path, read_item
from gongkai.model.deadline import Due
from gongkai.model.evidence import PathChange
from gongkai.model.item import Item
from gongkai.model.message import Words
from gongkai.model.types import FieldInfo, ItemType

HEAD = frozenset({"id", "type", "title"})
"""Of a new item these stand in the heading."""
TEXT_LIMIT = 1_000_000
"""Larger files are shown by size and digest only."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field that changed: its name and title, the old and new value as lines, and their difference."""

    name: str
    title: Words
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def lines(self) -> tuple[DiffLine, ...]:
        """The difference line by line."""
        return diff(self.old, self.new)


@dataclass(frozen=True, slots=True)
class FileShown:
    """A file beside the items, an attachment or a setting: what became of it, sizes in bytes, SHA-256 of old and new.

    `lines` is the difference of its text; empty for what is no text.
    """

    path: str
    state: str
    size: int
    sha256: str
    old_size: int = 0
    old_sha256: str = ""
    lines: tuple[DiffLine, ...] = ()


@dataclass(frozen=True, slots=True)
class DueShown:
    """A due date of an item: `days` are left when positive and lost when negative; `met` when it has happened."""

    stage: str
    due: Due
    days: int
    late: bool
    met: bool


@dataclass(frozen=True)
class ItemShown:
    """An item of the submission. `state`: new, changed, withdrawn, or gone."""

    id: str
    state: str
    title: str
    type: str
    kind: Words
    path: str
    address: str
    fields: tuple[FieldShown, ...]
    body: tuple[DiffLine, ...]
    raw: tuple[DiffLine, ...]
    files: tuple[FileShown, ...]
    dues: tuple[DueShown, ...]
    is_public: bool = True
    publish_at: str = ""


class View:
    """Puts one submission into words: reads blobs once, knows the types before and after."""

    def __init__(self, desk: Desk, submission: Submission, portal: Portal, lang: str) -> None:
        self.desk = desk
        self.submission = submission
        self.portal = portal
        self.lang = lang
        self.fresh = {item.id for item in new_items(desk, submission.last.change, portal)}
        self._brought: dict[str, bool] = {}

    def has(self, version: Version) -> bool:
        """Whether a version can be read here; an earlier one is fetched by its id."""
        if version.tip not in self._brought:
            self._brought[version.tip] = bring(self.desk.clone, version.tip)
        return self._brought[version.tip]

    def blob(self, blob: str) -> bytes:
        """The bytes of a blob."""
        return self.desk.clone.gate.objects.repository.blob(blob) if blob else b""

    def read(self, path: str, blob: str) -> Item | None:
        """The item that a blob holds; None for none."""
        return read_item(path, self.blob(blob), blob)[0] if blob else None

    def row_of(self, ident: str) -> PathChange | None:
        """The row of an item's own file in the last version's change."""
        return self.row_in(self.submission.last, ident)

    def row_in(self, version: Version, ident: str) -> PathChange | None:
        """The row of an item's own file in the change of a version, of this submission or another."""
        rows = version.change.paths
        own = (
            r for r in rows if is_item_path(r.path) and r.path.rpartition("/")[2].rpartition(".")[0] == ident
        )
        return next(iter(sorted(own, key=lambda r: not r.new)), None)

    def pair(self, ident: str) -> tuple[Item | None, Item | None]:
        """The item before and after; the same twice when only its attachments change."""
        row = self.row_of(ident)
        if row is None:
            item = self.portal.corpus.by_id.get(ident)
            return item, item
        return self.read(row.path, row.old), self.read(row.path, row.new)

    def item(self, ident: str) -> ItemShown:
        """An item with everything about it that changes."""
        old, new = self.pair(ident)
        row, item = self.row_of(ident), new or old or Item("", "md", {"id": ident})
        kind = self.portal.types.get(item.type)
        fields = tuple(self._fields(old, new, kind))
        body = diff(_lines(old.body if old else ""), _lines(new.body if new else ""))
        raw = self._raw(row) if row and not fields and not body else ()
        rows = (r for r in self.submission.last.change.paths if r.path.startswith(f"{item.folder}/"))
        return ItemShown(
            id=ident, state=_state(old, new), title=item.title, type=item.type,
            kind=kind.title if kind else Words(item.type, item.type), path=item.path, address=item.address,
            fields=fields, body=body, raw=raw, files=tuple(self.files(rows)), dues=tuple(self.dues(item)),
            is_public=_is_public(item), publish_at=item.text("publish_at"),
        )  # fmt: skip

    def _fields(self, old: Item | None, new: Item | None, kind: ItemType | None) -> Iterator[FieldShown]:
        before, after = (dict(item.fields) if item else {} for item in (old, new))
        known = kind.fields if kind else {}
        order = [
            *(n for n in known if n in before or n in after),
            *(n for n in (*before, *after) if n not in known),
        ]
        for name in dict.fromkeys(order):
            if before.get(name) == after.get(name) or (old is None and name in HEAD):
                continue
            info = known.get(name) or FieldInfo(name, Words(name, name))
            one, other = (self._value(values.get(name), info) for values in (before, after))
            yield FieldShown(name, info.title, one, other)

    def _value(self, value: Any, info: FieldInfo) -> tuple[str, ...]:
        return lines_of(value, info.schema, self.lang)

    def _raw(self, row: PathChange) -> tuple[DiffLine, ...]:
        return self.text(row.old, row.new)

    def text(self, old: str, new: str) -> tuple[DiffLine, ...]:
        """The difference of two blobs as text; nothing when one of them is none."""
        both = [self.blob(old), self.blob(new)]
        if any(len(raw) > TEXT_LIMIT or b"\0" in raw for raw in both):
            return ()
        try:
            one, other = (_lines(raw.decode()) for raw in both)
        except UnicodeDecodeError:
            return ()
        return diff(one, other)

    def files(self, rows: Iterable[PathChange], *, texts: bool = False) -> Iterator[FileShown]:
        """Files that are no items, with sizes and digests; with `texts` also the difference of what is text."""
        for row in rows:
            old, new = self.blob(row.old), self.blob(row.new)
            state = "added" if not row.old else "removed" if not row.new else "changed"
            lines = self.text(row.old, row.new) if texts else ()
            yield FileShown(
                row.path, state, len(new), row.sha256, len(old), hashlib.sha256(old).hexdigest() if row.old else "", lines
            )  # fmt: skip

    def dues(self, item: Item) -> Iterator[DueShown]:
        """A new item's due dates; of one that main has, those that still lie ahead of it."""
        portal, facts = self.portal, self.portal.facts_of(item)
        for found in deadlines(item, portal):
            if item.id not in self.fresh and found.stage in ("submit", "publish"):
                continue
            fact = {"submit": facts.received, "publish": facts.published}.get(found.stage)
            moment = fact if isinstance(fact, datetime) else self.desk.now
            days = (found.due.day - portal.calendar.day_of(moment)).days
            exact = found.due.due
            late = exact < moment if isinstance(exact, datetime) else days < 0
            yield DueShown(found.stage, found.due, days, late, fact is not None)


def _state(old: Item | None, new: Item | None) -> str:
    if new is None:
        return "gone"
    if old is None:
        return "new"
    if new.removed:
        return "removed"
    return "withdrawn" if new.group("withdrawal") and not old.group("withdrawal") else "changed"


def _is_public(item: Item) -> bool:
    """Whether the item will have a page, now or at its `publish_at`."""
    return bool(item.fields.get("openness", "proactive") == "proactive")


def _lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n") if text.rstrip("\n") else []
