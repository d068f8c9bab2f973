"""`gongkai import`: read the table and the map, plan, and write all or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gongkai.checks.portal import Portal
from gongkai.intake.map_reader import read_map
from gongkai.intake.plan import Plan, plan_import
from gongkai.intake.rows import Watch
from gongkai.intake.sources import read_table
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.files import write_all


def prepare(table: Path, given: Path, portal: Portal, *, sheet: str = "", watch: Watch = iter) -> Plan:
    """The plan of an import; nothing is written. See `plan_import` for what refuses it."""
    plan = read_map(given)
    layout = replace(plan.layout, sheet=sheet) if sheet else plan.layout
    return plan_import(read_table(table, layout), plan, portal, watch)


def carry_out(plan: Plan, root: Path, *, update: bool = False) -> int:
    """Write what the plan says, all or nothing, and say how many files that were.

    GongkaiError (exit 3) when the disk is full or refuses: then everything is as it was before.
    """
    files = plan.files(update)
    taken = [p.path for p in plan.of_state("new") if (root / p.path).exists()]
    if taken:
        raise GongkaiError(
            msg("{path} was made by somebody else in the meantime; nothing was written", path=taken[0]),
            msg("run the import again: it will draw other numbers"),
            Exit.FINDINGS,
        )
    try:
        write_all(root, files)
    except OSError as error:
        raise GongkaiError(
            msg("the import could not be written: {reason}", reason=error.strerror or str(error)),
            msg(
                "nothing was changed; make room on the disk or mend its permissions, and run the import again"
            ),
            Exit.BROKEN,
        ) from error
    return len(files)
