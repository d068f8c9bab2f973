"""The portal that is to be built, read; while workers read its items, this process makes ready what it can."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from gongkai.checks.portal import Portal, read_portal
from gongkai.model.item import Item
from gongkai.portal.plan import Plan
from gongkai.portal.unchanged import of_the_house
from gongkai.store.kept import Kept, kept_for
from gongkai.store.tree import Tree


def read(plan: Plan, tree: Tree) -> Portal:
    """The portal as it is read from the plan's tree, with the plan's facts."""
    kept = plan.kept or getattr(tree, "kept", None) or kept_for(plan.repo)
    begun = _Begun(plan, kept)
    portal = replace(read_portal(tree, now=plan.now, kept=kept, meanwhile=begun), facts=plan.facts)
    if begun.bare is not None:
        # Of the same facts and settings: what was looked up for it need not be looked up again.
        portal.published.update(begun.bare.published)
    return portal


class _Begun:
    """What this process does while workers read. What fails here is made again when it is needed, and said then."""

    def __init__(self, plan: Plan, kept: Kept) -> None:
        self._plan, self._kept = plan, kept
        self._house = b""
        self.bare: Portal | None = None
        """The portal as far as it is known before its items are, once workers have begun."""

    def begun(self, portal: Portal) -> None:
        """See `Meanwhile`: importing MkDocs and all that makes pages takes as long as a thousand items."""
        from gongkai.portal.making import shell_ahead

        with suppress(Exception):
            shell_ahead(self._plan, portal, self._kept)
            self._house = of_the_house(portal.tree)
            self.bare = replace(portal, facts=self._plan.facts)

    def came(self, items: Sequence[Item]) -> None:
        """See `Meanwhile`."""
        if self.bare is not None:
            from gongkai.portal.bearings import reckon_ahead

            with suppress(Exception):
                reckon_ahead(self.bare, self._house, items)
