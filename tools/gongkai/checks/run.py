"""Run the table over a portal: a report, sorted, the same for the same input."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from gongkai.checks.portal import Portal
from gongkai.checks.rule import LookAtItem, Rule
from gongkai.checks.table import RULES
from gongkai.checks.waivers import apply
from gongkai.model.finding import Finding, Hit, Report
from gongkai.model.item import Item

Wanted = Callable[[str], bool]


def run(
    portal: Portal,
    rules: Iterable[Rule] | None = None,
    wanted: Wanted | None = None,
    touched: Collection[str] | None = None,
) -> Report:
    """Look at every item and at the portal as a whole with every rule (or with `rules`).

    `wanted` says which paths' findings are asked for; rules that need the whole portal still see all of it. `touched` are
    the only paths where rules that look at the item alone are asked: for a change that leaves the settings as they are,
    and whoever asks knows what they say of all other items.
    """
    chosen = tuple(RULES.values() if rules is None else rules)
    findings = _look(portal, chosen, wanted, touched)
    if wanted is not None:
        findings = (f for f in findings if wanted(f.place.path))
    unread = {u.place.path for u in portal.corpus.fatal()}
    return Report.of(findings, items=portal.corpus.count, unread=len(unread))


def _look(
    portal: Portal, rules: tuple[Rule, ...], wanted: Wanted | None, touched: Collection[str] | None
) -> Iterator[Finding]:
    for rule in rules:
        if rule.portal is not None:
            yield from map(rule.finding, rule.portal(portal))
    of_items = tuple(rule for rule in rules if rule.item is not None)
    if of_items:
        yield from _look_at_items(portal, of_items, wanted, touched)


def _look_at_items(
    portal: Portal, rules: tuple[Rule, ...], wanted: Wanted | None, touched: Collection[str] | None
) -> Iterator[Finding]:
    for_new = [(r, r.item) for r in rules if r.fresh and r.item]
    for item in portal.new_items if for_new else ():
        if (wanted is None or wanted(item.path)) and (hits := _hits(for_new, item, portal)):
            yield from apply((rule.finding(hit) for rule, hit in hits), item, portal)
    others = [r for r in rules if not r.fresh]
    standing = portal.standing
    if standing is not None and standing.fits(portal) and all(RULES.get(r.code) is r for r in others):
        codes = {rule.code for rule in others}
        yield from (
            RULES[code].finding(hit) for code, hit in standing.hits(portal, touched, wanted) if code in codes
        )
    else:
        yield from _look_anew(portal, others, wanted, touched)


def _look_anew(
    portal: Portal, rules: list[Rule], wanted: Wanted | None, touched: Collection[str] | None
) -> Iterator[Finding]:
    every = [(r, r.item) for r in rules if r.item]
    cross = [(r, look) for r, look in every if not r.alone]
    for item in portal.corpus.items if every else ():
        if wanted is None or wanted(item.path):
            hits = _hits(every if touched is None or item.path in touched else cross, item, portal)
            if hits:
                yield from apply((rule.finding(hit) for rule, hit in hits), item, portal)


def _hits(rules: list[tuple[Rule, LookAtItem]], item: Item, portal: Portal) -> list[tuple[Rule, Hit]]:
    return [(rule, hit) for rule, look in rules for hit in look(item, portal)]
