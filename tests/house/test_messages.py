"""No reader meets a sentence without a translation."""

import importlib.util
import re
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
HOLE = re.compile(r"\{(\w+)\}")


def _messages():
    spec = importlib.util.spec_from_file_location("messages", TOOLS / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MESSAGES = _messages()
CHINESE = MESSAGES.read_chinese()


@pytest.fixture(scope="module")
def used():
    return {str(m.id) for m in MESSAGES.collect() if m.id}


def test_every_sentence_of_the_code_is_said_in_chinese(used):
    missing = [s for s in sorted(used) if not (CHINESE.get(s) and CHINESE.get(s).string)]
    assert missing == []


def test_the_catalogue_holds_nothing_that_nobody_says(used):
    assert sorted({str(m.id) for m in CHINESE if m.id} - used) == []


def test_both_languages_have_the_same_holes():
    differing = [
        m.id for m in CHINESE if m.id and m.string and set(HOLE.findall(m.id)) != set(HOLE.findall(m.string))
    ]
    assert differing == []


def test_the_compiled_catalogue_is_that_of_the_text():
    assert MESSAGES.CHINESE.with_suffix(".mo").read_bytes() == MESSAGES.compiled(CHINESE)
