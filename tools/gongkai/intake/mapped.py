"""One row as the fields and the body of an item that waits for its id."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.intake import html, links, plain
from gongkai.intake.characters import Cleaner
from gongkai.intake.mapping import HOLE, Body, ImportMap
from gongkai.intake.table import Row
from gongkai.intake.values import RowFault, as_text, evaluate, is_empty, tidy
from gongkai.model.item import Item
from gongkai.model.message import Message, msg


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row as the fields of an item without its id; `fields["legacy"]` holds its source id and digest."""

    line: int
    source_id: str
    year: int
    fields: Mapping[str, Any]
    body: str
    notes: tuple[Message, ...] = ()

    @property
    def department(self) -> str:
        """The code of the department it goes to."""
        return str(self.fields["department"])

    @property
    def digest(self) -> str:
        """What it is known by when it is imported again."""
        return str(self.fields["legacy"]["source_digest"])


def digest(fields: Mapping[str, Any], body: str) -> str:
    """SHA-256 of everything that an import writes, except the id it draws and the digest itself."""
    legacy = {key: value for key, value in (fields.get("legacy") or {}).items() if key != "source_digest"}
    kept = {key: value for key, value in fields.items() if key not in ("id", "legacy")}
    text = json.dumps([kept, legacy, body.strip("\n")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_untouched(item: Item) -> bool:
    """Whether an imported item still says what its import wrote."""
    return digest(item.fields, item.body) == item.group("legacy").get("source_digest")


def map_row(row: Row, plan: ImportMap, repeats: Iterable[Row] = ()) -> Mapped:
    """Map one row; old addresses of rows that repeat it lead to it too. Raises RowFault, NotInTable."""
    cleaner = Cleaner(plan.characters)
    fields: dict[str, Any] = {
        "type": _code(evaluate(plan.kind, row.values, cleaner.clean), "type"),
        "title": None,
        "department": _code(evaluate(plan.department, row.values, cleaner.clean), "department"),
    }
    for name, value in plan.fields.items():
        fields[name] = evaluate(value, row.values, cleaner.clean)
    if not isinstance(fields["title"], str) or not fields["title"]:
        raise RowFault(msg("the row has no title"))
    fields["aliases"] = list(dict.fromkeys(a for r in (row, *repeats) for a in _aliases(r, plan, cleaner)))
    fields["legacy"] = _legacy(row, plan, cleaner)
    body, notes = _body(row, plan, cleaner)
    fields = _filled(fields)
    fields["legacy"]["source_digest"] = digest(fields, body)
    source_id = str(fields["legacy"]["source_id"])
    year = _year(evaluate(plan.year, row.values, cleaner.clean))
    return Mapped(row.line, source_id, year, fields, body, (*notes, *cleaner.notes()))


def _legacy(row: Row, plan: ImportMap, cleaner: Cleaner) -> dict[str, Any]:
    legacy = {name: evaluate(value, row.values, cleaner.clean) for name, value in plan.legacy.items()}
    legacy["source_id"] = evaluate(plan.source_id, row.values, cleaner.clean)
    if not legacy["source_id"]:
        raise RowFault(msg("the row has no source id, by which it would be known again"))
    return _filled(legacy)


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not is_empty(value)}


def _code(value: Any, name: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise RowFault(msg("the row has no {name}", name=name))


def _year(value: Any) -> int:
    text = str(value or "")[:4]
    if text.isdecimal() and len(text) == 4 and 1900 <= int(text) <= 2199:
        return int(text)
    raise RowFault(msg("the row has no year ({value})", value=str(value or "")[:40]))


def _aliases(row: Row, plan: ImportMap, cleaner: Cleaner) -> list[str]:
    found = evaluate(plan.aliases, row.values, cleaner.clean) if plan.aliases else None
    return [str(a) for a in (found if isinstance(found, list) else [found]) if a]


def _body(row: Row, plan: ImportMap, cleaner: Cleaner) -> tuple[str, list[Message]]:
    parts: list[str] = []
    notes: list[Message] = []
    if plan.body is not None:
        text, said = _text(row, plan.body, cleaner, plan.characters)
        notes.extend(said)
        if not text and plan.body.otherwise:
            text = _stand_in(row, plan.body.otherwise)
            notes.append(msg("the body is empty at the source; the map's text stands in for it"))
        parts.append(text)
    if plan.files is not None:
        found, said_of_links = links.read_links(row.values.get(plan.files.column))
        notes.extend(said_of_links)
        parts.append(links.as_markdown(found, plan.files.heading) if found else "")
    body = "\n\n".join(filter(None, parts)).strip("\n")
    return (f"{body}\n" if body else ""), notes


def _stand_in(row: Row, template: str) -> str:
    """The map's Markdown with the row's cells in its holes, as text that cannot become markup."""

    def fill(hole: re.Match[str]) -> str:
        text = plain.escape(tidy(as_text(row.values.get(hole[1]))))
        return text[1:-1] if plain.URL.fullmatch(text[1:-1]) else text

    return HOLE.sub(fill, template).strip("\n")


def _text(
    row: Row, body: Body, cleaner: Cleaner, known: Mapping[str, str]
) -> tuple[str, tuple[Message, ...]]:
    raw = row.values.get(body.column)
    if is_empty(raw):
        return "", ()
    if body.shape == "html":
        base = as_text(row.values.get(body.base)) if body.base else ""
        made = html.convert(as_text(raw), base=base, known=known)
        return made.markdown, made.notes
    source = as_text(raw)
    text = cleaner.clean(source)
    if body.shape == "markdown":
        return text.strip("\n"), ()
    return plain.to_markdown(text, plain.is_one_run(source)), ()
