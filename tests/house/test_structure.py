"""The house stays small, and says what it holds."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tools").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines_and_a_function_at_most_60(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f.name for f in functions if f.end_lineno - f.lineno >= 60] == []


def test_functions_are_short():
    lengths = sorted(
        n.end_lineno - n.lineno + 1
        for path in MODULES
        for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(n, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] < 10
    assert lengths[len(lengths) * 9 // 10] < 30


def test_no_index_address_is_committed():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    pattern = re.compile(r"index-url|(pypi\.org|pythonhosted|registry\.npmjs)", re.IGNORECASE)
    found = []
    for name in filter(None, names.decode().split("\0")):
        path = ROOT / name
        if (
            path.suffix in {".py", ".txt", ".toml", ".yml", ".cfg", ".json", ".md", ".sh", ""}
            and path.is_file()
        ):
            found += [
                name for line in path.read_text("utf-8", "replace").splitlines() if pattern.search(line)
            ]
    assert [n for n in found if n != "tests/house/test_structure.py"] == []


def test_every_package_of_the_requirements_is_pinned():
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = [ln for ln in path.read_text().splitlines() if ln and not ln.startswith("#")]
        assert [ln for ln in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", ln)] == []
