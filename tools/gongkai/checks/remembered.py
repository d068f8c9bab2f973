"""What rules that look at an item alone found in it before: under the digest of all they could have seen.

The key is the item's path and blob, its attachments' names and blobs; the kind, every blob of schemas/ and site_config/ and
the rules' codes; the file itself, the engine. So nothing comes back that would not be found again.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from gongkai.checks.enclosed import named
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place
from gongkai.model.item import Item
from gongkai.model.message import Hole, Message, Words
from gongkai.store.files import blob_id
from gongkai.store.kept import Kept

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal

KIND = "found"
MOST = 4
"""So many settings' findings are kept beside each other: main's, and those of changes of settings under review."""


class Remembered:
    """The hits of `rules` in a portal's items: looked up, or looked for and kept."""

    def __init__(self, portal: Portal, rules: Iterable[Rule], kept: Kept) -> None:
        self._portal, self._kept = portal, kept
        self._rules = {rule.code: rule for rule in rules}
        self._kind = f"{KIND} {_context(portal, self._rules)}"
        if self._kind not in kept.memory:
            kept.crowd_out(KIND, self._kind, MOST)
            kept.memory[self._kind] = kept.all(self._kind)
        self._old: dict[str, bytes] = kept.memory[self._kind]
        self._new: dict[str, bytes] = {}

    def hits(self, item: Item) -> list[tuple[Rule, Hit]]:
        """What the rules find in this item."""
        key = self._key(item)
        raw = self._old.get(key)
        if raw is None:
            unsure = self._portal.readings.unsure
            found = [(rule, hit) for rule in self._rules.values() for hit in _look(rule, item, self._portal)]
            if self._portal.readings.unsure != unsure:
                return found
            self._new[key] = self._old[key] = marshal.dumps([(r.code, *_packed(h)) for r, h in found])
            return found
        return [(self._rules[code], _unpacked(row)) for code, *row in marshal.loads(raw)]

    def close(self) -> None:
        """Keep what is new."""
        self._kept.put(self._kind, self._new)
        self._new = {}

    def _key(self, item: Item) -> str:
        names = (name for name, _ in named(item))
        return "\n".join((item.path, item.blob, *(f"{name} {self._blob(item, name)}" for name in names)))

    def _blob(self, item: Item, name: str) -> str:
        entry = self._portal.corpus.attachment(item, name)
        if entry is None or entry.kind != "file":
            return "-"
        return entry.blob or _blob_of(self._portal, entry.path)


def _look(rule: Rule, item: Item, portal: Portal) -> Iterable[Hit]:
    return rule.item(item, portal) if rule.item else ()


def _context(portal: Portal, codes: Iterable[str]) -> str:
    """The digest of the rules' codes, of everything under schemas/ and site_config/, and of what readings depend on."""
    seen = hashlib.sha256(" ".join((*codes, portal.readings.key("", ""))).encode())
    for folder in ("schemas", "site_config"):
        for entry in portal.tree.entries(folder):
            blob = entry.blob or (_blob_of(portal, entry.path) if entry.kind == "file" else entry.kind)
            seen.update(f"{entry.path} {blob}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()[:32]


def _blob_of(portal: Portal, path: str) -> str:
    try:
        return blob_id(portal.tree.read(path))
    except OSError as error:
        return f"unreadable {error.errno}"


def _packed(hit: Hit) -> Iterator[Any]:
    yield from (hit.place.path, hit.place.line, hit.place.column, hit.field)
    yield {name: _hole(value) for name, value in hit.holes.items()}
    yield _hole(hit.hint) if hit.hint else None


def _unpacked(row: list[Any]) -> Hit:
    where, line, column, field, holes, hint = row
    opened = {name: _opened(value) for name, value in holes.items()}
    return Hit(Place(where, line, column), opened, field, _opened(hint) if hint else None)  # type: ignore[arg-type]


def _hole(value: Hole) -> Any:
    if isinstance(value, Message):
        return ("message", value.text, {name: _hole(inner) for name, inner in value.holes.items()})
    if isinstance(value, Words):
        return ("words", value.zh, value.en)
    if isinstance(value, date):
        return ("time" if isinstance(value, datetime) else "date", value.isoformat())
    return value


def _opened(value: Any) -> Hole:
    if not isinstance(value, tuple):
        plain: Hole = value
        return plain
    kind, *rest = value
    if kind == "message":
        return Message(rest[0], {name: _opened(inner) for name, inner in rest[1].items()})
    if kind == "words":
        return Words(rest[0], rest[1])
    return datetime.fromisoformat(rest[0]) if kind == "time" else date.fromisoformat(rest[0])
