"""The table of rules is written by hand; these tests guard it."""

import re
from pathlib import Path

from gongkai import checks  # noqa: F401 - the family must import as a whole
from gongkai.checks.table import FAMILIES, RULES

EXAMPLES = Path(__file__).parents[1] / "examples"

WITHOUT = {
    "SCH009": "an unreadable file cannot be committed; tests/unit/items/test_read.py makes one",
    "ATT104": "50 MB are not committed; tests/guard/test_attachments.py makes such a file",
    "SEC113": "needs a ledger that says the item is published; tests/guard/test_secrecy.py makes one",
}


def test_no_two_rules_share_a_code():
    assert len(RULES) == sum(map(len, FAMILIES))


def test_codes_and_names_are_well_formed():
    bad = [r.code for r in RULES.values() if not re.fullmatch(r"[A-Z]{3}\d{3}", r.code)]
    bad += [r.name for r in RULES.values() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", r.name)]
    assert bad == []


def test_a_rule_looks_at_items_or_at_the_portal():
    assert [r.code for r in RULES.values() if (r.item is None) == (r.portal is None)] == []


def test_every_rule_has_good_and_bad_examples():
    folders = {p.name.partition("-")[0]: p for p in EXAMPLES.iterdir() if re.match(r"[A-Z]{3}\d{3}-", p.name)}
    missing = [r.code for r in RULES.values() if r.code not in folders and r.code not in WITHOUT]
    for code, folder in folders.items():
        names = [p.name for p in folder.iterdir()]
        if not any(n.startswith("good") for n in names) or not any(n.startswith("bad") for n in names):
            missing.append(code)
    assert missing == []


def test_every_example_folder_is_of_a_rule():
    folders = [p.name for p in EXAMPLES.iterdir() if re.match(r"[A-Z]{3}\d{3}-", p.name)]
    wrong = [n for n in folders if n.partition("-")[0] not in RULES or RULES[n[:6]].name != n[7:]]
    assert wrong == []
