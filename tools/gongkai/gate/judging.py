"""What a change would give: the whole result checked, and the items it touches with their types, old and new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gongkai.checks.portal import Portal
from gongkai.checks.run import run
from gongkai.checks.table import RULES
from gongkai.gate.names import twins
from gongkai.gate.repository import Gate
from gongkai.model.evidence import Change
from gongkai.model.finding import Finding, Report, Severity
from gongkai.model.item import ID_PATTERN, REMOVAL, Item
from gongkai.model.message import Message, msg


@dataclass(frozen=True)
class Result:
    """A change laid over main: the tree, its portal, the findings at what it touches, (type, department) of its items."""

    tree: str
    portal: Portal
    findings: tuple[Finding, ...]
    kinds: tuple[tuple[str, str], ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse a submission."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


def stale(gate: Gate, change: Change) -> tuple[Message, ...]:
    """Paths whose old blob is no longer what main has, or that got a twin there: somebody else's change came first."""
    main, paths = gate.state.main, [p.path for p in change.paths]
    now = gate.objects.at(main, paths)
    rows = ((p, now[p.path].blob if p.path in now else "") for p in change.paths)
    moved = (
        msg("{path} was changed on main in the meantime", path=p.path) for p, blob in rows if blob != p.old
    )
    fresh = [p.path for p in change.paths if p.new]
    return (*moved, *twins(fresh, set(gate.objects.beside(main, fresh)) - set(paths)))


def judge(gate: Gate, change: Change, now: datetime) -> Result:
    """Lay the change over main's tree and check the whole result. Only objects are written."""
    tree = gate.objects.overlay(gate.state.main, {p.path: p.new for p in change.paths})
    commit = gate.objects.write_commit(tree, [gate.state.main], "result", now)
    before, after = (
        gate.portal(gate.state.main, now),
        gate.portal(commit, now, frozenset(p.path for p in change.paths)),
    )
    # Under the same settings an untouched item is what it was by itself; an attachment's item is touched with it.
    touched = {p.path for p in change.paths} | {i.path for i in _items(change, after)}
    report = run(after, touched=None if change.is_policy else touched)
    findings = _of_this_change(report, before, {p.path for p in change.paths})
    return Result(tree, after, findings, kinds_of(change, before, after))


def _items(change: Change, portal: Portal) -> Iterator[Item]:
    return (item for ident in change.items if (item := portal.corpus.by_id.get(ident)) is not None)


def _of_this_change(report: Report, before: Portal, touched: set[str]) -> tuple[Finding, ...]:
    """What is found where the change touches, and elsewhere what was not found before it.

    Elsewhere a change can break what names its items (errors), and what is seen of the portal as a whole; an untouched item
    by itself is what it was, and its warnings are not looked for twice.
    """
    whole = {rule.code for rule in RULES.values() if rule.portal is not None}
    elsewhere = [f for f in report.findings if f.place.path not in touched]
    broken = any(f.severity is Severity.ERROR for f in elsewhere)
    rules = None if broken else [RULES[code] for code in sorted(whole & {f.code for f in elsewhere})]
    known = {_key(f) for f in run(before, rules).findings} if broken or rules else set()
    return tuple(
        f
        for f in report.findings
        if f.place.path in touched or ((broken or f.code in whole) and _key(f) not in known)
    )


def _key(finding: Finding) -> tuple[str, str, str, str]:
    """What makes a finding the same before and after a change; lines move."""
    return finding.code, finding.place.path, finding.field, str(finding.message.holes)


def kinds_of(change: Change, before: Portal, after: Portal) -> tuple[tuple[str, str], ...]:
    """The type and department of every item touched, as it was and as it will be, and of items it replaces.

    Of an item that is removed only that: removals have a review of their own.
    """
    found: dict[tuple[str, str], None] = {}
    for ident in change.items:
        item = after.corpus.by_id.get(ident)
        if item is not None and item.removed:  # a leak is stopped by the few who review removals
            found[(REMOVAL, _department(ident))] = None
            continue
        for portal in (before, after):
            item = portal.corpus.by_id.get(ident)
            if item is not None:
                found[(item.type, _department(ident))] = None
        item = after.corpus.by_id.get(ident)
        for other in (*item.texts("replaces"), *_aliased(item.texts("aliases"), before)) if item else ():
            old = before.corpus.by_id.get(other)
            if old is not None:
                found[(old.type, _department(other))] = None
    return tuple(found)


def _department(ident: str) -> str:
    match = ID_PATTERN.match(ident)
    return match["department"] if match else ""


def _aliased(aliases: tuple[str, ...], portal: Portal) -> tuple[str, ...]:
    """The items whose addresses an item asks to take."""
    wanted = {a.strip("/") for a in aliases}
    return tuple(i.id for i in portal.corpus.items if i.address in wanted) if wanted else ()
