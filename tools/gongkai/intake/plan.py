"""What an import would do, decided before anything is written: new, unchanged, changed, skipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gongkai.checks.portal import Portal
from gongkai.checks.run import run
from gongkai.intake.mapped import Mapped, digest, is_untouched
from gongkai.intake.mapping import ImportMap
from gongkai.intake.refused import Problem, Refused
from gongkai.intake.rows import Outcome, Skipped, Watch, map_rows
from gongkai.intake.serials import Serials, path_of
from gongkai.intake.table import Table
from gongkai.items.read import read_item
from gongkai.items.write import render
from gongkai.model.corpus import Corpus
from gongkai.model.finding import Finding, Severity
from gongkai.model.item import Item
from gongkai.model.message import Message, msg

State = Literal["new", "unchanged", "changed", "edited"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A row as an item: its id and path, the bytes to write, and how it stands to what is already there.

    `changed`: the row is not what was imported before. `edited`: that, and the item was edited here since, so
    that an update would undo somebody's work.
    """

    item_id: str
    path: str
    mapped: Mapped
    state: State
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an import would do. `planned` and `skipped` together are all rows."""

    planned: tuple[Planned, ...]
    skipped: tuple[Skipped, ...]
    said: tuple[Message, ...] = ()
    warnings: int = 0

    def of_state(self, *states: State) -> tuple[Planned, ...]:
        """The items in one of these states, in the order of their rows."""
        return tuple(p for p in self.planned if p.state in states)

    def files(self, update: bool) -> dict[str, bytes]:
        """What to write: new items, and with `update` those whose source changed."""
        states: tuple[State, ...] = ("new", "changed") if update else ("new",)
        return {p.path: p.data for p in self.of_state(*states)}


def plan_import(table: Table, given: ImportMap, portal: Portal, watch: Watch = iter) -> Plan:
    """Decide what to do with every row.

    Raises Refused, with all reasons at once, when the map names a column that the table lacks, or gives
    departments, types, columns or topics that the portal does not know. Rows whose item would not pass
    `check` are skipped.
    """
    refuse(_missing_columns(table, given))
    outcome = map_rows(table.rows, given, watch)
    refuse([*outcome.problems.values(), *_unknown_codes(outcome.mapped, given, portal)])
    planned = _place(outcome.mapped, portal)
    faulty, warnings = _check(planned, portal)
    if faulty:
        outcome = _without(outcome, faulty)
        planned = _place(outcome.mapped, portal)
    return Plan(tuple(planned), tuple(outcome.skipped), table.said, warnings)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Refused when there is any problem."""
    if problems:
        raise Refused(
            msg("{count} things must be mended first; nothing was imported", count=len(problems)),
            msg("mend the map, or add what is missing to site_config/ and schemas/, then try again"),
            problems,
        )


def _missing_columns(table: Table, given: ImportMap) -> list[Problem]:
    known = "、".join(sorted(table.columns)[:40])
    return [
        Problem(place, msg("the table has no column {name}; it has {names}", name=column, names=known))
        for column, place in dict.fromkeys(given.reads())
        if column not in table.columns
    ]


def _unknown_codes(mapped: Iterable[Mapped], given: ImportMap, portal: Portal) -> list[Problem]:
    """Every code that the portal does not know, once, with how many rows want it."""
    found: Counter[tuple[str, str]] = Counter()
    for row in mapped:
        found.update(_codes_lacking(row, portal))
    places = {"department": given.department.place, "type": given.kind.place}
    places |= {name: value.place for name, value in given.fields.items()}
    says: Mapping[str, Callable[[str, int], Message]] = {
        "department": lambda v, n: msg(
            "the portal has no department {value} ({count} rows)", value=v, count=n
        ),
        "type": lambda v, n: msg("the portal has no type {value} ({count} rows)", value=v, count=n),
        "column": lambda v, n: msg("the portal has no column {value} ({count} rows)", value=v, count=n),
        "topics": lambda v, n: msg("the portal has no topic {value} ({count} rows)", value=v, count=n),
    }
    return [
        Problem(places.get(name, given.kind.place), says[name](value, count))
        for (name, value), count in found.items()
    ]


def _codes_lacking(row: Mapped, portal: Portal) -> list[tuple[str, str]]:
    item = Item("", "md", row.fields)
    column = portal.column_of(item) if item.type in portal.types else ""
    wanted = [
        ("department", row.department, portal.settings.departments),
        ("type", item.type, portal.types),
        *(("topics", topic, portal.settings.topics) for topic in item.texts("topics")),
    ]
    if column:
        wanted.append(("column", column, portal.settings.columns))
    return [(name, code) for name, code, known in wanted if code not in known]


def _place(mapped: Iterable[Mapped], portal: Portal) -> list[Planned]:
    known = {str(i.group("legacy").get("source_id", "")): i for i in portal.corpus.items if i.group("legacy")}
    serials = Serials([*(i.path for i in portal.corpus.items), *portal.corpus.files, *_unread(portal.corpus)])
    return [_planned(row, known.get(row.source_id), serials) for row in mapped]


def _unread(corpus: Corpus) -> list[str]:
    return [u.place.path for u in corpus.unread]


def _planned(row: Mapped, there: Item | None, serials: Serials) -> Planned:
    if there is None:
        item_id = serials.next_id(row.department, row.year)
        return Planned(item_id, path_of(item_id), row, "new", _rendered(item_id, row))
    if there.group("legacy").get("source_digest") == row.digest:
        return Planned(there.id, there.path, row, "unchanged")
    if not is_untouched(there) or there.form != "md":
        return Planned(there.id, there.path, row, "edited")
    return Planned(there.id, there.path, row, "changed", _rendered(there.id, row))


def _rendered(item_id: str, row: Mapped) -> bytes:
    schema = f"../../../schemas/items/{row.fields['type']}.schema.json"
    return render({"id": item_id, **row.fields}, row.body, form="md", schema=schema).encode()


def _check(planned: Sequence[Planned], portal: Portal) -> tuple[dict[int, Message], int]:
    """The lines whose items would have errors, with the first of each; and how many warnings there are."""
    lines = {p.path: p for p in planned if p.data}
    faulty: dict[int, Message] = {}
    items = []
    for path, plan in lines.items():
        item, _ = read_item(path, plan.data)
        if item is None or digest(item.fields, item.body) != plan.mapped.digest:
            faulty[plan.mapped.line] = msg("the item cannot be written so that it reads back the same")
        else:
            items.append(item)
    rest = [item for item in portal.corpus.items if item.path not in lines]
    corpus = replace(portal.corpus, items=tuple(sorted([*rest, *items], key=lambda i: i.path)))
    checked = replace(portal, corpus=corpus, changed=frozenset())
    report = run(checked, wanted=lines.__contains__)
    for finding in report.findings:
        if finding.severity is Severity.ERROR:
            faulty.setdefault(lines[finding.place.path].mapped.line, _would_fail(finding))
    return faulty, report.count(Severity.WARNING)


def _would_fail(finding: Finding) -> Message:
    return msg("the item would not pass check: {code} {says}", code=finding.code, says=finding.message)


def _without(outcome: Outcome, faulty: Mapping[int, Message]) -> Outcome:
    skipped = [*outcome.skipped, *(Skipped(line, reason) for line, reason in faulty.items())]
    kept = [row for row in outcome.mapped if row.line not in faulty]
    return Outcome(kept, sorted(skipped, key=lambda s: s.line), outcome.problems)
