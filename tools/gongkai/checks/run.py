"""Run the table over a portal: a report, sorted, the same for the same input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gongkai.checks.portal import Portal
from gongkai.checks.remembered import Remembered
from gongkai.checks.rule import Rule
from gongkai.checks.table import RULES
from gongkai.checks.waivers import apply
from gongkai.model.finding import Finding, Report

Wanted = Callable[[str], bool]


def run(portal: Portal, rules: Iterable[Rule] | None = None, wanted: Wanted | None = None) -> Report:
    """Look at every item and at the portal as a whole with every rule (or with `rules`).

    `wanted` says which paths' findings are asked for; rules that need the whole portal still see all of it.
    """
    chosen = tuple(RULES.values() if rules is None else rules)
    findings = _look(portal, chosen, wanted)
    if wanted is not None:
        findings = (f for f in findings if wanted(f.place.path))
    unread = {u.place.path for u in portal.corpus.fatal()}
    return Report.of(findings, items=len(portal.corpus.items), unread=len(unread))


def _look(portal: Portal, rules: tuple[Rule, ...], wanted: Wanted | None) -> Iterator[Finding]:
    for rule in rules:
        if rule.portal is not None:
            yield from map(rule.finding, rule.portal(portal))
    remembered = Remembered(portal, (r for r in rules if r.alone), portal.kept) if portal.kept else None
    for_new = [(r, r.item) for r in rules if r.item is not None and not (remembered and r.alone)]
    for_all = [(r, look) for r, look in for_new if not r.fresh]
    for item in portal.corpus.items:
        if wanted is None or wanted(item.path):
            asked = for_new if portal.is_new(item) else for_all
            hits = [(rule, hit) for rule, look in asked for hit in look(item, portal)]
            if remembered:
                hits += remembered.hits(item)
            if hits:
                yield from apply((rule.finding(hit) for rule, hit in hits), item, portal)
    if remembered:
        remembered.close()
