"""What the release must know of a portal, told by the portal's own rules: what is shown, what is secret, until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gongkai.checks.portal import Portal
from gongkai.cli.publish_sides import Sides
from gongkai.gate.outline import whole
from gongkai.gate.publication import rows_due
from gongkai.gate.releasing import past_of
from gongkai.gate.repository import Gate
from gongkai.gate.working import key_of
from gongkai.model.item import Item, texts_in
from gongkai.portal import address
from gongkai.release.view import Expected, Public
from gongkai.store.resources import locale_root

NEWEST = 20
"""So many of the newest titles the search is asked for."""


def public_of(gate: Gate, sides: Sides) -> Public:
    """What the items on these sides make public."""
    return Public(dict(sides.taken.values()), _Public(gate, sides).expected(), sides.until)


def due_of(sides: Sides) -> dict[str, str]:
    """The index numbers of all items that a publication will record."""
    return rows_due(sides.portal, sides.items(sides.due), sides.portal.now) if sides.due else {}


@dataclass(frozen=True)
class _Public:
    """What is to be found in a release of a portal, and what is not."""

    gate: Gate
    sides: Sides

    @property
    def portal(self) -> Portal:
        """The portal with its items in outline."""
        return self.sides.portal

    def expected(self) -> Expected:
        """What a sound portal of these items holds."""
        sides, shown = self.sides, dict(self.sides.shown.values())
        newest = (sides.shown[path] for _, path in reversed(sides.newest[-NEWEST:]))
        return Expected(
            departments=frozenset({*self.portal.settings.departments, *map(_department, sides.paths)}),
            pages={**shown, **dict(sides.notices.values())},
            files=dict(self._files()),
            titles=tuple((title, at) for at, title in newest),
            searchable=frozenset(shown) if self.portal.settings.has_search else None,
            secret=tuple(self._secret()),
            secret_files=frozenset(self._secret_files()),
            allowed=self._allowed,
        )

    @cached_property
    def _past(self) -> tuple[tuple[Item | None, str], ...]:
        """What removed items were before they were removed."""
        gone = {path.rpartition(".")[0] for path in self.sides.removed}
        return tuple(past_of(self.gate, lambda path: key_of(path) in gone)) if gone else ()

    @cached_property
    def _beside(self) -> dict[str, list[tuple[str, str]]]:
        """The paths and git ids of the files beside the items, by the items' folders."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for path, entry in self.portal.corpus.files.items():
            found[key_of(path)].append((path, entry.blob))
        return found

    def _files(self) -> Iterator[tuple[str, str]]:
        if not self._beside:
            return
        for path in self.sides.shown.keys() - self.sides.ended.keys():
            folder = path.rpartition(".")[0]
            rows = self._beside.get(folder)
            if rows:
                item = self.portal.corpus.by_path[path]
                for file, blob in rows:
                    yield address.attachment(item, file.removeprefix(f"{folder}/")), blob

    def _secret(self) -> Iterator[str]:
        """The texts that nobody may see now: not yet, not any more, or never; and the names of notices that ended."""
        hidden = whole(self.portal, self.sides.items(self.sides.hidden))
        for item in (*hidden, *(i for i, _ in self._past if i and not i.removed)):
            yield from (*texts_in(item.fields.values()), item.body)
        yield from (i.body for i in whole(self.portal, self.sides.items(self.sides.ended)))

    def _secret_files(self) -> Iterator[str]:
        hidden = {path.rpartition(".")[0] for path in (*self.sides.hidden, *self.sides.ended)}
        secret = {blob for folder in hidden for _, blob in self._beside.get(folder, ())}
        secret |= {blob for item, blob in self._past if item is None}
        rows = (row for folder, rows in self._beside.items() if folder not in hidden for row in rows)
        yield from secret - {blob for _, blob in rows} if secret else ()

    def _allowed(self) -> str:
        """All the text that may be seen: of shown items, of settings and fixed pages, and the portal's own words."""
        portal, tree, lines = self.portal, self.portal.tree, self.sides.lines
        open_ = (i for i in portal.corpus.items if i.removed or lines[i.path].shown)
        parts: list[str] = []
        for item in whole(portal, open_):
            parts.extend(texts_in(item.fields.values()))
            parts.append("" if lines[item.path].ended else item.body)
        for part in ("site_config", "schemas"):
            parts.extend(
                tree.read(e.path).decode("utf-8", "replace") for e in tree.entries(part) if e.kind == "file"
            )
        parts.extend(p.read_bytes().decode("utf-8", "replace") for p in sorted(locale_root().rglob("*.mo")))
        return "\n".join(parts)


def _department(ident: str) -> str:
    return ident.rsplit("-", 2)[0]
