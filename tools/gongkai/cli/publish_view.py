"""What the release must know of a portal, told by the portal's own rules: what is shown, what is secret, until when."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gongkai.checks.portal import Portal
from gongkai.gate.outline import whole
from gongkai.gate.releasing import past_of
from gongkai.gate.repository import Gate
from gongkai.gate.working import key_of
from gongkai.model.item import Item, texts_in
from gongkai.portal import address, standing
from gongkai.portal.moments import moment_after
from gongkai.release.view import Expected, Public, Taken
from gongkai.store.resources import locale_root

NEWEST = 20
"""So many of the newest titles the search is asked for."""


def public_of(gate: Gate, portal: Portal) -> Public:
    """What a portal, whose items need be there in outline only, makes public."""
    sides = _Sides(gate, portal)
    return Public(sides.taken(), sides.expected(), moment_after(portal, portal.now))


def is_there(item: Item, portal: Portal) -> bool:
    """Whether the item has a page: its own, or the notice of its removal."""
    return standing.is_shown(item, portal) or standing.is_notice(item)


@dataclass(frozen=True)
class _Sides:
    """The items on both sides of the line between what is public and what is not."""

    gate: Gate
    portal: Portal

    def taken(self) -> Taken:
        """What was taken from the public."""
        marks = ((item, self._mark(item)) for item in self.portal.corpus.by_id.values())
        return {item.id: (mark, item.address) for item, mark in marks if mark}

    def _mark(self, item: Item) -> str:
        """How an item was taken from the public, and its file's id: it changes with either. Empty when it was not."""
        if item.removed:
            return f"removed {item.blob}"
        if item.path not in self._shown:
            return f"hidden {item.blob}"
        if item.group("withdrawal"):
            return f"withdrawn {item.blob}"
        return f"ended {item.blob}" if item.path in self._ended else ""

    def expected(self) -> Expected:
        """What a sound portal of these items holds."""
        portal, items = self.portal, self.portal.corpus.by_id.values()
        shown = [i for i in items if i.path in self._shown]
        notices = [i for i in items if standing.is_notice(i)]
        newest = heapq.nlargest(NEWEST, shown, key=lambda i: standing.sort_key(i, portal))
        departments = {*portal.settings.departments, *(i.id.rsplit("-", 2)[0] for i in items)}
        return Expected(
            departments=frozenset(departments),
            pages={**{i.address: i.title for i in shown}, **{i.address: "" for i in notices}},
            files=dict(self._files(i for i in shown if i.path not in self._ended)),
            titles=tuple((i.title, i.address) for i in newest),
            searchable=frozenset(i.address for i in shown),
            secret=tuple(self._secret()),
            secret_files=frozenset(self._secret_files()),
            allowed=self._allowed,
        )

    @cached_property
    def _shown(self) -> frozenset[str]:
        """The paths of items that are shown."""
        return frozenset(i.path for i in self.portal.corpus.items if standing.is_shown(i, self.portal))

    @cached_property
    def _ended(self) -> frozenset[str]:
        """The paths of public notices that are over."""
        return frozenset(i.path for i in self.portal.corpus.items if standing.has_ended(i, self.portal))

    @cached_property
    def _hidden(self) -> list[Item]:
        return [i for i in self.portal.corpus.items if i.path not in self._shown and not i.removed]

    @cached_property
    def _past(self) -> tuple[tuple[Item | None, str], ...]:
        """What removed items were before they were removed."""
        gone = {item.folder for item in self.portal.corpus.items if item.removed}
        return tuple(past_of(self.gate, lambda path: key_of(path) in gone)) if gone else ()

    def _files(self, shown: Iterable[Item]) -> Iterator[tuple[str, str]]:
        files = self.portal.corpus.files
        folders = {item.folder: item for item in shown} if files else {}
        for path, entry in files.items():
            item = folders.get(key_of(path))
            if item is not None:
                yield address.attachment(item, path.removeprefix(f"{item.folder}/")), entry.blob

    def _secret(self) -> Iterator[str]:
        """The texts that nobody may see now: not yet, not any more, or never; and the names of notices that ended."""
        for item in (*whole(self.portal, self._hidden), *(i for i, _ in self._past if i and not i.removed)):
            yield from (*texts_in(item.fields.values()), item.body)
        ended = (i for i in self.portal.corpus.items if i.path in self._ended)
        yield from (i.body for i in whole(self.portal, ended))

    def _secret_files(self) -> Iterator[str]:
        files = self.portal.corpus.files
        hidden = {i.folder for i in self._hidden} | {path.rpartition(".")[0] for path in self._ended}
        secret = {e.blob for path, e in files.items() if key_of(path) in hidden}
        secret |= {blob for item, blob in self._past if item is None}
        shown = {e.blob for path, e in files.items() if key_of(path) not in hidden} if secret else set()
        yield from secret - shown

    def _allowed(self) -> str:
        """All the text that may be seen: of shown items, of settings and fixed pages, and the portal's own words."""
        portal, tree = self.portal, self.portal.tree
        open_ = (i for i in portal.corpus.items if i.removed or i.path in self._shown)
        parts: list[str] = []
        for item in whole(portal, open_):
            parts.extend(texts_in(item.fields.values()))
            parts.append("" if item.path in self._ended else item.body)
        for part in ("site_config", "schemas"):
            parts.extend(
                tree.read(e.path).decode("utf-8", "replace") for e in tree.entries(part) if e.kind == "file"
            )
        parts.extend(p.read_bytes().decode("utf-8", "replace") for p in sorted(locale_root().rglob("*.mo")))
        return "\n".join(parts)
