"""Characters that spoil a text although they look right, or that nobody sees (`signs`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from gongkai.checks.glance import hit
from gongkai.checks.passages import Text
from gongkai.checks.signs import JOINERS, MARKS, PRIVATE, RADICALS, REORDER, TONES, UNSEEN
from gongkai.checks.traditional import TRADITIONAL
from gongkai.model.finding import Hit
from gongkai.model.lazily import lazily

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_LIKE_LATIN = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνορυАВЕЅІЈКМНОРСТУХавеѕіјкмнорстухԁԛԝ"
"""Greek and Cyrillic letters that look like Latin ones (those of units and formulas, μ Ω α, do not)."""

_CLASSES = {
    "WRD114": lazily("\ufffd"),
    "WRD115": lazily(f"[{REORDER}]"),
    "WRD116": lazily(f"[{UNSEEN}{MARKS}]|(?<=[{HAN}0-9A-Za-z])[{JOINERS}]|[{JOINERS}](?=[{HAN}0-9A-Za-z])"),
    "WRD117": lazily(f"[{PRIVATE}]"),
    "WRD118": lazily(
        f"[{RADICALS}]|[A-Za-z][{_LIKE_LATIN}]|[{_LIKE_LATIN}][A-Za-z]|[{HAN}][{_LIKE_LATIN}](?=[{HAN}0-9])"
        "|[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]"
    ),
}
_PINYIN = lazily(
    rf"[{HAN}] ?[（(][a-zɡ{TONES}' ]{{0,12}}?[{TONES}][a-zɡ{TONES}' ]{{0,24}}[)）]", re.IGNORECASE
)
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ug", "ur", "yi"})
"""Languages that need marks of direction; only overrides are refused there."""
_TURNED = {code: p for code, p in _CLASSES.items() if code != "WRD116"} | {"WRD115": lazily("[\u202d\u202e]")}
MOST_SHOWN = 8


def look(text: Text, language: str) -> Iterator[tuple[str, Hit]]:
    """What is wrong with the characters of a text; `language` as the item states it, "zh" when it does not."""
    classes = _TURNED if language.partition("-")[0] in RIGHT_TO_LEFT else _CLASSES
    for code, pattern in classes.items():
        yield from _counted(code, pattern, text)
    yield from _counted("WRD112", _PINYIN, text)
    if is_simplified(language):
        yield from _traditional(text)


def is_simplified(language: str) -> bool:
    """Whether text of this language is written in simplified Chinese."""
    lowered = language.lower()
    return lowered.startswith("zh") and not any(t in lowered for t in ("hant", "-tw", "-hk", "-mo"))


def _counted(code: str, pattern: re.Pattern[str], text: Text) -> Iterator[tuple[str, Hit]]:
    """One hit for all places of a kind: the first, and how many follow."""
    found = list(pattern.finditer(text.text))
    if found:
        shown = found[0][0]
        codes = " ".join(f"U+{ord(c):04X}" for c in shown)
        yield code, hit(text, found[0].start(), len(found), shown=shown, code=codes)


@cache
def _old_forms() -> re.Pattern[str]:
    """Compiled when a text is suspect: thousands of characters take longer than all other patterns of a rule."""
    return re.compile(f"[{TRADITIONAL}]")


def _traditional(text: Text) -> Iterator[tuple[str, Hit]]:
    found = list(_old_forms().finditer(text.text))
    if found:
        kinds = list(dict.fromkeys(m[0] for m in found))
        shown = "".join(kinds[:MOST_SHOWN]) + ("…" if len(kinds) > MOST_SHOWN else "")
        yield "WRD119", hit(text, found[0].start(), len(found), shown=shown)
