"""The house stays small, and says what it holds."""

import ast
import importlib
import re
import subprocess
from importlib import metadata
from pathlib import Path
from re._parser import SubPattern, parse

import pytest
from packaging.specifiers import SpecifierSet

from gongkai.model.lazily import _Lazy

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


SINGLE = {"LITERAL", "NOT_LITERAL", "IN", "ANY", "AT"}


def repeated_wrongly(parsed):
    """Whether a parsed pattern repeats a group with a choice in it possessively: Python before 3.11.5 matches that wrongly.

    See python/cpython#106052. No choice: signs, and signs repeated possessively, one after the other.
    """
    for op, about in parsed:
        parts = [part for part in flat(about) if isinstance(part, SubPattern)]
        if op.name == "POSSESSIVE_REPEAT" and not all(map(has_no_choice, parts)):
            return True
        if any(map(repeated_wrongly, parts)):
            return True
    return False


def has_no_choice(parsed):
    return all(
        op.name in SINGLE
        or (op.name == "SUBPATTERN" and has_no_choice(about[-1]))
        or (op.name == "POSSESSIVE_REPEAT" and len(about[2]) == 1 and about[2][0][0].name in SINGLE)
        for op, about in parsed
    )


def flat(about):
    return [part for one in about for part in flat(one)] if isinstance(about, tuple | list) else [about]


def patterns_of(module):
    """The texts and flags of a module's patterns, those of `lazily` too."""
    for value in vars(module).values():
        if isinstance(value, re.Pattern):
            yield value.pattern, value.flags
        elif isinstance(value, _Lazy):
            yield value._text, value._flags


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_pattern_repeats_a_choice_possessively(path):
    name = ".".join(path.relative_to(ROOT / "tools").with_suffix("").parts).removesuffix(".__init__")
    if name.endswith("__main__") or not name.startswith("gongkai"):
        return
    module = importlib.import_module(name)
    wrong = [text for text, flags in patterns_of(module) if repeated_wrongly(parse(text, flags & ~re.DEBUG))]
    assert wrong == []


@pytest.mark.parametrize(
    ("pattern", "is_wrong"),
    [
        ("(?:ab|cd)*+", True), ("(ab?){2,}+", True), ("(?:a(?:b)*c)?+", True), ("x(?:(?::(?=b)|#)[^#]*+)*+", True),
        ("(?=(?:ab*)*+)", True), ("a*+", False), ("[)]++", False), ("(a|b)+", False), ("(?:[-. ]{0,2}+[0-9]){10,}+", False),
    ],
)  # fmt: skip
def test_a_pattern_that_repeats_a_choice_possessively_would_be_found(pattern, is_wrong):
    assert repeated_wrongly(parse(pattern)) is is_wrong


PIECES = (
    ("py", "pi", ".", "org"),
    ("python", "hosted"),
    ("registry", ".", "npm", "js"),
    ("index", "-", "url"),
)
"""Hosts of package indexes and the option that names one, in pieces: this file must not hold them either."""
INDEX = re.compile("|".join(re.escape("".join(pieces)) for pieces in PIECES), re.IGNORECASE)
LOOKED_AT = {".py", ".txt", ".toml", ".yml", ".cfg", ".json", ".md", ".sh", ""}


def naming_an_index(root, names):
    """The files among `names` that hold the address of a package index, or the option that takes one."""
    files = (root / name for name in names)
    texts = {f: f.read_text("utf-8", "replace") for f in files if f.suffix in LOOKED_AT and f.is_file()}
    return [str(file.relative_to(root)) for file, text in texts.items() if INDEX.search(text)]


def test_no_index_address_is_committed():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    assert naming_an_index(ROOT, filter(None, names.decode().split("\0"))) == []


@pytest.mark.parametrize("pieces", PIECES, ids=" ".join)
@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_an_index_address_would_be_found(pieces, written, tmp_path):
    (tmp_path / "bad.txt").write_text(f"one line\nfiles {written(''.join(pieces))} more\n")
    (tmp_path / "good.txt").write_text(f"one line\n{written(' '.join(pieces))}\n")
    assert naming_an_index(tmp_path, ["good.txt", "bad.txt", "gone.txt"]) == ["bad.txt"]


def test_every_package_of_the_requirements_is_pinned():
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = [ln for ln in path.read_text().splitlines() if ln and not ln.startswith("#")]
        assert [ln for ln in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", ln)] == []


def test_every_pin_takes_the_oldest_python_that_the_readme_promises():
    """Debian 12 has 3.11.2; a package that wants 3.11.5 ends `make portal` there before it begins."""
    wants = {}
    for name in ("build", "run", "test"):
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                package = line.partition("==")[0]
                wants[line] = metadata.metadata(package)["Requires-Python"] or ""
    assert len(wants) > 80
    assert [line for line, says in wants.items() if "3.11.0" not in SpecifierSet(says)] == []
