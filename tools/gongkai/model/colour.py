"""Colours as WCAG 2.2 reckons them: how far two stand apart, and a shade that stands far enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from colorsys import hls_to_rgb, rgb_to_hls
from typing import TypeGuard

WHITE, BLACK = "#ffffff", "#000000"
TEXT, MARKS = 4.5, 3.0
"""The contrast that text needs (WCAG 2.2, 1.4.3, level AA), and lines and marks (1.4.11)."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: object) -> TypeGuard[str]:
    """Whether it is a colour in the form #rrggbb."""
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (equal) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """`one` with a `share` (0 to 1) of `other` in it."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable_on(colour: str, ground: str, least: float = TEXT) -> str:
    """The colour itself, or the nearest of its shades that stands out from `ground` at least so much."""
    end = WHITE if contrast(WHITE, ground) > contrast(BLACK, ground) else BLACK
    shades = (colour, *_shades(colour, 1.0 if end == WHITE else 0.0))
    return next((shade for shade in shades if contrast(shade, ground) >= least), end)


def _shades(colour: str, end: float) -> Iterator[str]:
    """Lighter and lighter, or darker and darker, of the same hue: towards white alone it would turn grey."""
    hue, light, full = rgb_to_hls(*(part / 255 for part in _parts(colour)))
    for step in range(1, 26):
        parts = hls_to_rgb(hue, light + (end - light) * step / 25, full)
        yield "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
