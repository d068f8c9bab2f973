"""Colours: how far they stand apart, and that every view of a portal can be read whatever main colour it chose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gongkai.portal
from gongkai.model.colour import TEXT, WHITE, contrast, is_colour, mixed, readable_on
from gongkai.portal.theme import ACCENT, MAIN, sheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
ON = {
    "text": ("ground", "soft", "warn-soft", "bad-soft", "good-soft", "mark"),
    "quiet": ("ground", "soft", "warn-soft", "bad-soft", "good-soft"),
    "link": ("ground", "soft", "good-soft"), "main": ("ground", "soft"), "warn": ("ground",),
    "bad": ("ground",), "good": ("ground",), "on": ("top", "bar", "foot"), "on-quiet": ("top", "bar", "foot"),
    "button-on": ("button",),
}  # fmt: skip
"""Which colour carries words on which grounds."""


def views(main, accent):
    """The colours of light, dark and high contrast, by name."""
    blocks = re.findall(r"\{\n\s+color-scheme: \w+;\n(.*?)\}", sheet(main, accent), re.DOTALL)
    return [dict(re.findall(r"--gk-([a-z-]+): (#\w+);", block)) for block in blocks]


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@given(COLOURS, COLOURS)
def test_contrast_does_not_ask_which_comes_first(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.01


@given(COLOURS, COLOURS)
def test_a_shade_can_always_be_read(colour, ground):
    found = readable_on(colour, ground)
    assert is_colour(found)
    assert contrast(found, ground) >= min(TEXT, max(contrast(WHITE, ground), contrast("#000000", ground)))
    if contrast(colour, ground) >= TEXT:
        assert found == colour, "what can be read stays as it is"


@given(COLOURS)
def test_all_words_can_be_read_in_every_view_of_every_dark_enough_main_colour(main):
    if min(contrast(main, WHITE), contrast(main, mixed(WHITE, main, 0.045))) < TEXT:
        return  # CFG209 refuses it
    found = views(main, ACCENT)
    assert len(found) == 4
    for colours in found:
        for name, grounds in ON.items():
            for ground in grounds:
                assert contrast(colours[name], colours[ground]) >= TEXT, (name, ground, colours)


def test_all_views_name_the_same_colours():
    assert len({tuple(sorted(v)) for v in views(MAIN, ACCENT)}) == 1


def test_every_colour_that_the_style_sheet_uses_is_named():
    css = (Path(gongkai.portal.__file__).parent / "templates/assets/gongkai/gongkai.css").read_text("utf-8")
    used = set(re.findall(r"var\(--gk-([a-z-]+)", css)) - {"sans", "mono"}
    assert used <= set(views(MAIN, ACCENT)[0]), used - set(views(MAIN, ACCENT)[0])
    shown = re.sub(r"@media print \{.*?\n\}|@media print \{[^\n]*\}\n|#0003", "", css, flags=re.DOTALL)
    assert re.findall(r":[^;{]*#[0-9a-f]{3,8}\b", shown) == [], "but on paper, and for shadows"
