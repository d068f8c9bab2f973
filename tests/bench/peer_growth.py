"""How a full build grows with the number of items: Gongkai beside Hugo, a fitted exponent, a plot drawn by hand."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from peer_rounds import Series

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 440, 70, 150, 50, 55
COLOURS = {"gongkai": "#b3261e", "hugo": "#1f5fa8"}


@dataclass(frozen=True)
class Point:
    """The cold builds of one tool at one number of items."""

    key: str
    title: str
    items: int
    series: Series


def exponent(points: Sequence[Point], least: int = 0) -> float | None:
    """The slope of log seconds over log items by least squares, from `least` items on; None with fewer than two."""
    pairs = [(math.log(p.items), math.log(p.series.median)) for p in points if p.items >= least]
    if len(pairs) < 2:
        return None
    return statistics.linear_regression([x for x, _ in pairs], [y for _, y in pairs]).slope


def growth_table(points: Sequence[Point]) -> str:
    """A row for each number of items, and the exponents, in Markdown."""
    rows = [
        "| items | | n | median | range | peak memory | output | files | × Hugo |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    hugo = {p.items: p.series.median for p in points if p.key == "hugo"}
    for p in sorted(points, key=lambda p: (p.items, p.key)):
        s, (low, high) = p.series, p.series.span
        ratio = f"{s.median / hugo[p.items]:.3g}" if p.items in hugo else "–"
        rows.append(
            f"| {p.items:,} | {p.title} | {len(s.runs)} | {s.median:.2f} s | {low:.2f}–{high:.2f} | {s.memory / 1e6:,.0f} MB"
            f" | {s.size / 1e6:,.1f} MB | {s.files:,} | {ratio} |"
        )
    return "\n".join(rows) + "\n\n" + "\n".join(f"- {line}" for line in _fits(points))


def _fits(points: Sequence[Point]) -> list[str]:
    lines = []
    for key in dict.fromkeys(p.key for p in points):
        own = [p for p in points if p.key == key]
        found = []
        for least, words in ((0, "over all sizes"), (10_000, "from 10,000 items on")):
            if (slope := exponent(own, least)) is not None:
                found.append(f"{slope:.3f} {words}")
        if found:
            lines.append(f"{own[0].title}: seconds grow with items to the power of {', '.join(found)}.")
    return lines


def plot(points: Sequence[Point]) -> str:
    """The points on two logarithmic axes as SVG; bars are ranges."""
    axes = _Axes(points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<style>text { font: 13px sans-serif; }</style>",
        "<title>Full build, cold: seconds over items, both axes logarithmic</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="28" font-size="16" fill="#222">Full build, cold: seconds over items (both axes logarithmic)</text>',
        *axes.grid(),
    ]
    for key in dict.fromkeys(p.key for p in points):
        parts += _line([p for p in points if p.key == key], axes)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axes:
    """Where items and seconds stand on the picture."""

    def __init__(self, points: Sequence[Point]) -> None:
        seconds = [value for p in points for value in p.series.span]
        self._items = _room([p.items for p in points])
        self._seconds = _room(seconds)
        self._points = points

    def x(self, items: float) -> float:
        return LEFT + _share(items, self._items) * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        return HEIGHT - BOTTOM - _share(seconds, self._seconds) * (HEIGHT - TOP - BOTTOM)

    def grid(self) -> list[str]:
        """Thin lines with their numbers: at the numbers of items, and at 1, 2, 5 of every power of ten seconds."""
        parts, bottom, right = [], HEIGHT - BOTTOM, WIDTH - RIGHT
        for items in sorted({p.items for p in self._points}):
            x = self.x(items)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>')
            parts.append(
                f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle" fill="#444">{items:,}</text>'
            )
        low, high = self._seconds
        for step in (base * 10.0**power for power in range(-3, 5) for base in (1, 2, 5)):
            if low <= step <= high:
                y = self.y(step)
                parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#ddd"/>')
                parts.append(
                    f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{step:g} s</text>'
                )
        parts.append(
            f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle" fill="#444">items</text>'
        )
        return parts


def _line(points: Sequence[Point], axes: _Axes) -> list[str]:
    ordered = sorted(points, key=lambda p: p.items)
    colour = COLOURS.get(ordered[0].key, "#555")
    places = [(axes.x(p.items), axes.y(p.series.median), p.series.span) for p in ordered]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for x, y, (low, high) in places:
        parts.append(
            f'<line x1="{x:.1f}" y1="{axes.y(low):.1f}" x2="{x:.1f}" y2="{axes.y(high):.1f}" stroke="{colour}"/>'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
    x, y, _ = places[-1]
    slope = exponent(points)
    words = ordered[0].title + (f", n^{slope:.2f}" if slope is not None else "")
    return [*parts, f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(words)}</text>']


def _room(values: Sequence[float]) -> tuple[float, float]:
    """The range of an axis: the values with a little room on both sides."""
    low, high = min(values), max(values)
    return low / 1.3, high * 1.3


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
