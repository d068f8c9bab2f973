"""On a portal in English much stays Chinese: titles, departments, addresses. A screen reader must be told which."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def marker(lang: str) -> Callable[[object], Markup]:
    """The template filter `in_language`: the attribute for an element that holds Chinese on a portal in another language."""
    attribute = Markup("" if lang == "zh" else ' lang="zh-CN"')

    def in_language(value: object) -> Markup:
        return attribute if attribute and _HAN.search(str(value)) else Markup("")

    return in_language
