"""On a portal in English much stays Chinese: titles, departments, addresses. A screen reader must be told which."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from gongkai.portal.ways import Mark

LANG = " lang"
"""After the name of a mark: the attribute for what will stand there."""
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def marker(lang: str) -> Callable[[object], str]:
    """The template filter `in_language`: the attribute for an element that holds Chinese on a portal in another language."""
    attribute = Markup(' lang="zh-CN"')
    if lang == "zh":
        return lambda value: ""

    def in_language(value: object) -> str:
        if type(value) is Mark:
            return Markup(Mark(f"{value.name}{LANG}"))
        return attribute if _HAN.search(str(value)) else ""

    return in_language
