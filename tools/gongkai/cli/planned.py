"""An import's plan in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gongkai.intake.plan import Plan, Planned
from gongkai.model.message import Message, Say, msg
from gongkai.report.escape import json_text

MANY = 8
"""How many line numbers stand for a kind of note before the rest are only counted."""


def plan_words(plan: Plan, *, update: bool) -> Iterator[Message]:
    """The plan line by line: what becomes new, what changed, what is skipped and why, what is odd."""
    yield from plan.said
    yield from _new(plan.of_state("new"))
    unchanged = plan.of_state("unchanged")
    if unchanged:
        yield msg("{count} items are there already, unchanged", count=len(unchanged))
    yield from _changed(plan, update)
    skips = [(s.line, msg("{reason}", reason=s.rule) if s.rule else s.reason) for s in plan.skipped]
    yield from _grouped(msg("{count} rows are skipped:", count=len(skips)), skips)
    written = plan.of_state("new", "changed")
    notes = [(planned.mapped.line, note) for planned in written for note in planned.mapped.notes]
    yield from _grouped(msg("{count} notes on the conversion:", count=len(notes)), notes)
    if plan.warnings:
        yield msg("check will give {count} warnings on these items, and no error", count=plan.warnings)


def _new(items: tuple[Planned, ...]) -> Iterator[Message]:
    if not items:
        return
    yield msg("{count} new items:", count=len(items))
    for (kind, department, year), count in sorted(Counter(map(_kind, items)).items()):
        first = next(p.item_id for p in items if _kind(p) == (kind, department, year))
        yield msg(
            "  {type} · {department} · {year}: {count}, from {id}",
            type=kind, department=department, year=year, count=count, id=first,
        )  # fmt: skip


def _kind(planned: Planned) -> tuple[str, str, int]:
    return str(planned.mapped.fields["type"]), planned.mapped.department, planned.mapped.year


def _changed(plan: Plan, update: bool) -> Iterator[Message]:
    for planned in plan.of_state("changed"):
        line, item_id = planned.mapped.line, planned.item_id
        if update:
            yield msg("line {line} changed at the source: {id} is rewritten", line=line, id=item_id)
        else:
            says = msg("{id} stays as it is without --update", id=item_id)
            yield msg("line {line} changed at the source: {says}", line=line, says=says)
    for planned in plan.of_state("edited"):
        yield msg(
            "line {line} changed at the source, but {id} was edited here since: it stays as it is",
            line=planned.mapped.line,
            id=planned.item_id,
        )


def _grouped(heading: Message, notes: Iterable[tuple[int, Message]]) -> Iterator[Message]:
    """Notes of one kind on one line, with the lines of the source they are about."""
    groups: dict[str, tuple[Message, list[int]]] = {}
    for line, note in notes:
        groups.setdefault(_key(note), (note, []))[1].append(line)
    if groups:
        yield heading
    for note, lines in groups.values():
        shown = ", ".join(map(str, lines[:MANY])) + (" …" if len(lines) > MANY else "")
        yield msg("  {count} × {note} (line {lines})", count=len(lines), note=note, lines=shown)


def _key(note: Message) -> str:
    """Notes that differ only in an address or a number are one kind; the first stands for all."""
    own = {name: value for name, value in note.holes.items() if name in ("reason", "name", "code", "says")}
    return f"{note.text}{own}"


def plan_json(plan: Plan, say: Say, *, written: int, update: bool) -> str:
    """The whole plan: every item and every skipped row by its line."""
    data = {
        "schema_version": 1,
        "items": [_item(planned, say) for planned in plan.planned],
        "skipped": [{"line": s.line, "reason": say(s.reason)} for s in plan.skipped],
        "summary": {
            "rows": len(plan.planned) + len(plan.skipped),
            "items": len(plan.planned),
            "skipped": len(plan.skipped),
            **{state: len(plan.of_state(state)) for state in ("new", "unchanged", "changed", "edited")},
            "warnings": plan.warnings,
            "update": update,
            "written": written,
        },
        "read": [say(message) for message in plan.said],
    }
    return json_text(data) + "\n"


def _item(planned: Planned, say: Say) -> dict[str, Any]:
    mapped = planned.mapped
    return {
        "line": mapped.line,
        "id": planned.item_id,
        "path": planned.path,
        "state": planned.state,
        "source_id": mapped.source_id,
        "type": mapped.fields["type"],
        "title": mapped.fields["title"],
        "notes": [say(note) for note in mapped.notes],
    }
