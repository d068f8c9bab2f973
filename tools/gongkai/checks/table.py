"""The table of rules, written by hand. A newcomer reads it here; house tests guard it."""

from __future__ import annotations

from gongkai.checks import (
    attached,
    columns,
    deadlines,
    hostile,
    links,
    looks,
    officers,
    old_addresses,
    personal,
    reading,
    references,
    secrecy,
    settings,
    structure,
    waivers,
    wording,
)
from gongkai.checks.rule import Rule

FAMILIES: tuple[tuple[Rule, ...], ...] = (
    reading.RULES,           # SCH0xx  the file makes no sense
    structure.ITEM_RULES,    # SCH1xx  the item does not fit its schema
    structure.SCHEMA_RULES,  # SCH15x, SCH2xx  the type is unknown, the schema itself is wrong
    structure.CONFIG_RULES,  # CFG1xx  a settings file does not fit its schema
    settings.RULES,          # CFG20x  the settings do not fit together
    looks.RULES,             # CFG209, CFG210  what the portal looks like can be read
    columns.RULES,           # CFG211–213, CFG219  the prescribed platform is whole, no column is empty
    officers.RULES,          # CFG214, CFG215  every department has somebody in office
    references.RULES,        # REF1xx  what is pointed to is there, what is there belongs to somebody
    old_addresses.RULES,     # REF121–  the addresses that items had before
    attached.RULES,          # ATT1xx  what the files beside an item carry along unseen
    hostile.RULES,           # INJ1xx  text that acts instead of being read
    personal.RULES,          # PRV10x, PRV11x  personal information that must not go out
    waivers.RULES,           # PRV12x  exceptions from it, dated and reasoned
    secrecy.RULES,           # SEC1xx  nothing secret goes out
    wording.RULES,           # WRD1xx  wrong words, spoilt characters, impossible dates
    links.RULES,             # LNK1xx  where links lead
    deadlines.RULES,         # DUE1xx  in time, and for long enough
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for family in FAMILIES for rule in family}
