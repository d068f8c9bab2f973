"""The table of rules, written by hand. A newcomer reads it here; house tests guard it."""

from __future__ import annotations

from gongkai.checks import deadlines, reading, references, settings, structure
from gongkai.checks.rule import Rule

FAMILIES: tuple[tuple[Rule, ...], ...] = (
    reading.RULES,           # SCH0xx  the file makes no sense
    structure.ITEM_RULES,    # SCH1xx  the item does not fit its schema
    structure.SCHEMA_RULES,  # SCH15x, SCH2xx  the type is unknown, the schema itself is wrong
    structure.CONFIG_RULES,  # CFG1xx  a settings file does not fit its schema
    settings.RULES,          # CFG2xx  the settings do not fit together
    references.RULES,        # REF1xx  what is pointed to is there, what is there belongs to somebody
    deadlines.RULES,         # DUE1xx  in time, and for long enough
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for family in FAMILIES for rule in family}
