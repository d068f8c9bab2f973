"""docs/gate-traps.md names a test for every trap, and every test that it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gate-traps.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))


def _tests(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}


def test_every_test_that_the_page_names_exists():
    there = {name for path in (ROOT / "tests" / "gate").glob("test_*.py") for name in _tests(path)}
    assert sorted(NAMED - there) == []


def test_every_trap_that_is_tested_stands_on_the_page():
    assert sorted(_tests(ROOT / "tests" / "gate" / "test_traps.py") - NAMED) == []


def test_every_row_names_a_test():
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and "---" not in line and "测试 · Test" not in line
    ]
    assert len(rows) > 30
    assert [row for row in rows if "`test_" not in row] == []
