"""Templates are compiled once for all portals, and code that is not this engine's own is never used."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, pass_context

from gongkai.portal.compiled import OURS, compile_all
from gongkai.store.kept import Kept


class Counting(Environment):
    """How many templates were compiled."""

    compiled = 0

    def compile(self, *args, **kwargs):
        self.compiled += 1
        return super().compile(*args, **kwargs)


def compiled(kept: Kept) -> int:
    env = Counting(loader=FileSystemLoader(OURS), extensions=["jinja2.ext.loopcontrols"], autoescape=True)
    env.filters |= dict.fromkeys(("url", "in_language"), pass_context(lambda _, text: text))
    env.filters |= dict.fromkeys(_unknown(env), str)
    compile_all(env, kept)
    return env.compiled


def _unknown(env: Environment) -> set[str]:
    texts = [file.read_text() for file in OURS.rglob("*.html")]
    return {name for text in texts for name in re.findall(r"\|\s*(\w+)", text)} - env.filters.keys()


TEMPLATES = len([*OURS.rglob("*.html")])


@pytest.fixture(autouse=True)
def beside(tmp_path, monkeypatch) -> Path:
    """Where Python would keep what it makes of the modules."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "made"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "made"


def test_a_second_portal_compiles_nothing(tmp_path):
    assert compiled(Kept(tmp_path / "one")) == TEMPLATES
    assert compiled(Kept(tmp_path / "two")) == 0


def test_code_that_is_spoilt_or_of_another_engine_is_compiled_anew_and_kept_again(tmp_path, beside):
    compiled(Kept(tmp_path / "one"))
    (file,) = (path for path in beside.rglob("*") if path.is_file())
    whole = file.read_bytes()
    for spoilt in (b"", whole[:-1], whole[:40] + b"?" + whole[41:], b"0" * 32 + whole[32:]):
        file.write_bytes(spoilt)
        assert compiled(Kept(tmp_path / "two")) == TEMPLATES
        assert compiled(Kept(tmp_path / "two")) == 0


def test_where_nobody_may_write_beside_the_engine_each_portal_keeps_the_code(tmp_path, beside):
    beside.write_text("a file, so no folder can be made there")
    assert [compiled(Kept(tmp_path / name)) for name in ("one", "one", "two")] == [TEMPLATES, 0, TEMPLATES]


def test_who_wants_no_bytecode_or_nothing_kept_finds_nothing_beside_the_engine(tmp_path, beside, monkeypatch):
    compiled(Kept(None))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiled(Kept(tmp_path / "one"))
    assert not beside.exists()
    assert compiled(Kept(tmp_path / "one")) == 0
