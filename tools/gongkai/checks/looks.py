"""What the portal looks like must be readable, and the pictures it names must be there (CFG209, CFG210)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.colour import MARKS, TEXT, WHITE, contrast, is_colour, mixed
from gongkai.model.finding import Hit, Severity
from gongkai.model.message import N_
from gongkai.model.settings import ConfigFile

FOLDER = "site_config/theme"
"""Where the portal's own pictures stand."""
NEEDS = {"colour": TEXT, "accent": MARKS}
"""White words stand on the main colour, and words of it on white; the accent draws lines and marks."""
PICTURES = ("emblem", "banner")


def _theme(portal: Portal) -> tuple[ConfigFile, dict[str, Any]] | None:
    file = portal.settings.files.get("portal")
    theme = file.data.get("theme") if file and isinstance(file.data, dict) else None
    return (file, theme) if file and isinstance(theme, dict) else None


def _pale_colours(portal: Portal) -> Iterable[Hit]:
    """WCAG 2.2, 1.4.3 and 1.4.11 (AA), against white and against the soft ground made of the colour itself."""
    found = _theme(portal)
    for name, least in NEEDS.items() if found else ():
        file, theme = found  # type: ignore[misc]
        colour = theme.get(name)
        if is_colour(colour):
            reached = min(contrast(colour, WHITE), contrast(colour, mixed(WHITE, colour, 0.045)))
            if reached < least:
                holes = {"value": colour, "reached": f"{reached:.1f}", "least": f"{least:g}"}
                yield Hit(file.place("theme", name), holes, f"theme.{name}")


def _missing_pictures(portal: Portal) -> Iterable[Hit]:
    found = _theme(portal)
    if found is None:
        return
    file, theme = found
    there = {entry.path for entry in portal.tree.entries(FOLDER) if entry.kind == "file"}
    for name, path in _pictures(theme):
        if f"{FOLDER}/{path}" not in there:
            yield Hit(file.place("theme", name), {"file": f"{FOLDER}/{path}"}, f"theme.{name}")


def _pictures(theme: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, theme[name]) for name in PICTURES if isinstance(theme.get(name), str))


RULES = (
    Rule("CFG209", "theme-colour-too-pale", Severity.ERROR,
         N_("the colour {value} is too pale to be read on white: contrast {reached}, at least {least} is needed"),
         N_("choose a darker shade"),
         N_("Citizens with weak sight must be able to read the portal (GB/T 37668—2019; WCAG 2.2, 1.4.3 and 1.4.11, level AA)."),
         portal=_pale_colours),
    Rule("CFG210", "theme-picture-missing", Severity.ERROR,
         N_("portal.yml names the picture {file}, which is not there"),
         N_("put the picture into site_config/theme, or correct the name"),
         N_("Every page of the portal would show a broken picture at its head."), portal=_missing_pictures),
)  # fmt: skip
