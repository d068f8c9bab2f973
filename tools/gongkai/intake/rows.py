"""From rows to items that wait for their ids. Every row ends as one of them, or skipped with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gongkai.intake.mapped import Mapped, map_row
from gongkai.intake.mapping import ImportMap, Skip
from gongkai.intake.refused import Problem
from gongkai.intake.table import Row
from gongkai.intake.twins import Twin, find_twins, repeats_of
from gongkai.intake.values import NotInTable, RowFault, as_text, is_empty, tidy
from gongkai.model.message import Message, msg

Watch = Callable[[Sequence[Row]], Iterable[Row]]
"""Hands the rows on one by one, and may show how far the work is."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that gives no item, and why. `rule` is the map's own reason, by which rows are counted."""

    line: int
    reason: Message
    rule: str = ""


@dataclass
class Outcome:
    """What became of all rows, and what the map must say before anything can be written."""

    mapped: list[Mapped] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)


def map_rows(rows: Sequence[Row], plan: ImportMap, watch: Watch = iter) -> Outcome:
    """Map every row in order, each passing by `watch`. Nothing raises for what a row holds."""
    outcome = Outcome()
    twins = find_twins(rows, [r for r in plan.skip if r.duplicate], lambda row: _skip(row, plan) is None)
    repeats = repeats_of(twins)
    for row in watch(rows):
        skipped = _skip(row, plan) or (_repeated(twins[row.line]) if row.line in twins else None)
        skipped = skipped or _map_into(outcome, row, plan, repeats.get(row.line, ()))
        if skipped is not None:
            outcome.skipped.append(skipped)
    return _without_repeated_keys(outcome)


def _map_into(outcome: Outcome, row: Row, plan: ImportMap, repeats: Iterable[Row]) -> Skipped | None:
    try:
        outcome.mapped.append(map_row(row, plan, repeats))
    except RowFault as fault:
        return Skipped(row.line, fault.says)
    except NotInTable as fault:
        says = msg(
            "the table here does not know {value} (line {line} of the source)",
            value=fault.text[:80],
            line=row.line,
        )
        key = (str(fault.value.place), fault.text)
        outcome.problems.setdefault(key, Problem(fault.value.place, says))
        return Skipped(row.line, says)
    return None


def _skip(row: Row, plan: ImportMap) -> Skipped | None:
    if row.fault is not None:
        return Skipped(row.line, row.fault)
    for rule in plan.skip:
        if not rule.duplicate and _applies(rule, row):
            return Skipped(row.line, msg("{reason}", reason=rule.reason), rule.reason)
    return None


def _applies(rule: Skip, row: Row) -> bool:
    if rule.empty:
        return all(is_empty(row.values.get(c)) for c in rule.empty)
    text = {c: tidy(as_text(row.values.get(c))) for c in (*rule.equals, *rule.matches)}
    return all(text[c] in wanted for c, wanted in rule.equals.items()) and all(
        pattern.search(text[c]) for c, pattern in rule.matches.items()
    )


def _repeated(twin: Twin) -> Skipped:
    says = msg("{reason} (line {line})", reason=twin.rule.reason, line=twin.kept)
    return Skipped(twin.row.line, says, twin.rule.reason)


def _without_repeated_keys(outcome: Outcome) -> Outcome:
    """A source id that stands twice: the first row counts, the others are skipped and say so."""
    first: dict[str, int] = {}
    kept = []
    for mapped in outcome.mapped:
        if first.setdefault(mapped.source_id, mapped.line) == mapped.line:
            kept.append(mapped)
            continue
        says = msg(
            "the source id {id} stands already on line {line}",
            id=mapped.source_id,
            line=first[mapped.source_id],
        )
        outcome.skipped.append(Skipped(mapped.line, says))
    outcome.mapped = kept
    outcome.skipped.sort(key=lambda s: s.line)
    return outcome
