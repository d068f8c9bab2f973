"""The portal's colours as a style sheet: light, dark and high contrast, all reckoned from the two of portal.yml.

The policy of the pages allows no style in a page, so what a portal chooses for itself stands in a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongkai.model.colour import WHITE, is_colour, mixed, readable_on
from gongkai.portal.page import SiteText
from gongkai.portal.site import Site

PATH = "assets/gongkai/theme.css"
_GOOD = "#edf7f1"
"""The palest of the grounds that links stand on, but darker than white."""
MAIN, ACCENT = "#17406d", "#b3261e"
"""The colours of a portal that chooses none: a calm blue, and the red of a seal."""
_NIGHT = "#121921"
_DARK_TEXT = 7.0
Colours = Mapping[str, str]


def chosen(site: Site) -> Mapping[str, Any]:
    """The part `theme` of portal.yml; empty when there is none."""
    found = site.portal.settings.portal.get("theme")
    return found if isinstance(found, dict) else {}


def text(site: Site) -> SiteText:
    """The style sheet."""
    theme = chosen(site)
    main = theme.get("colour") if is_colour(theme.get("colour")) else MAIN
    accent = theme.get("accent") if is_colour(theme.get("accent")) else ACCENT
    return SiteText(PATH, sheet(str(main).lower(), str(accent).lower()))


def sheet(main: str, accent: str) -> str:
    """The rules: what the reader chose on the page goes before what the device asks; paper is always light."""
    light, night, sharp = _light(main, accent), _dark(main, accent), _contrast()
    return "\n".join(
        (
            "/* Made by Gongkai from `theme` in site_config/portal.yml. */",
            _rule(":root", "light", light),
            "@media screen and (prefers-color-scheme: dark) {",
            _rule(":root:not([data-gk-view])", "dark", night),
            "}",
            "@media screen {",
            _rule(':root[data-gk-view="dark"]', "dark", night),
            _rule(':root[data-gk-view="contrast"]', "dark", sharp),
            "}",
            "",
        )
    )


def _rule(selector: str, scheme: str, colours: Colours) -> str:
    lines = (f"  --gk-{name}: {colour};" for name, colour in colours.items())
    return "\n".join((f"{selector} {{", f"  color-scheme: {scheme};", *lines, "}"))


def _light(main: str, accent: str) -> Colours:
    soft = mixed(WHITE, main, 0.045)
    return {
        "ground": WHITE, "text": "#1d2733", "quiet": "#525e6d", "line": mixed("#e3e7ec", main, 0.04), "edge": "#7a8694",
        "soft": soft, "link": readable_on(main, _GOOD), "main": main, "accent": accent, "top": main, "bar": mixed(main, "#000000", 0.3),
        "foot": mixed(main, "#000000", 0.35), "on": WHITE, "on-quiet": readable_on(mixed(WHITE, main, 0.12), main), "button": main,
        "button-on": WHITE, "warn": "#8f5200", "warn-soft": "#fff6e5", "bad": "#a8201a", "bad-soft": "#fdf0ef",
        "good": "#1a6b43", "good-soft": _GOOD, "mark": "#fbe28c",
    }  # fmt: skip


def _dark(main: str, accent: str) -> Colours:
    link = readable_on(main, _NIGHT, _DARK_TEXT)
    return {
        "ground": _NIGHT, "text": "#e3e8ee", "quiet": "#a9b4c1", "line": "#33404f", "edge": "#8492a2",
        "soft": "#1b2530", "link": link, "main": link, "accent": readable_on(accent, _NIGHT, _DARK_TEXT),
        "top": mixed(main, "#000000", 0.45), "bar": mixed(main, "#000000", 0.6), "foot": mixed(main, "#000000", 0.65),
        "on": "#f0f4f8", "on-quiet": "#cfd8e2", "button": link, "button-on": _NIGHT, "warn": "#e0ae52",
        "warn-soft": "#2e2818", "bad": "#f2a7a1", "bad-soft": "#2f1f1f", "good": "#74c99e", "good-soft": "#182a22",
        "mark": "#5a4a12",
    }  # fmt: skip


def _contrast() -> Colours:
    """GB/T 37668—2019: a view in which nothing is pale. Yellow for what can be pressed, white for what is read."""
    white = dict.fromkeys(("text", "quiet", "line", "edge", "on", "on-quiet"), WHITE)
    black = dict.fromkeys(
        ("ground", "soft", "top", "bar", "foot", "button-on", "warn-soft", "bad-soft", "good-soft"), "#000000"
    )
    yellow = dict.fromkeys(("link", "main", "accent", "button", "warn"), "#ffff00")
    return {**white, **black, **yellow, "bad": "#ffb3ad", "good": "#8cf5b9", "mark": "#6b5900"}
