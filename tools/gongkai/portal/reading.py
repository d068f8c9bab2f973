"""The portal that is to be built, read; while workers read its items, this process makes ready what needs none of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from gongkai.checks.portal import Portal, read_portal
from gongkai.portal.plan import Plan
from gongkai.store.kept import Kept, kept_for
from gongkai.store.tree import Tree


def read(plan: Plan, tree: Tree) -> Portal:
    """The portal as it is read from the plan's tree, with the plan's facts."""
    kept = plan.kept or getattr(tree, "kept", None) or kept_for(plan.repo)
    portal = read_portal(tree, now=plan.now, kept=kept, meanwhile=partial(_begun, plan, kept))
    return replace(portal, facts=plan.facts)


def _begun(plan: Plan, kept: Kept, bare: Portal) -> None:
    # Workers are at it by now: importing MkDocs and all that makes pages takes as long as a thousand items.
    from gongkai.portal.making import shell_ahead

    with suppress(Exception):  # it is made again when it is needed, and what fails then is said
        shell_ahead(plan, bare, kept)
