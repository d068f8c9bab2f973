"""Patterns that are compiled when somebody first looks with them: most commands look at few items, and need few of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    """Stands for a pattern until one of its methods is asked for; from then on its methods are the pattern's own."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self._text, self._flags)
        found = getattr(compiled, name)
        self.__dict__[name] = found
        return found


def lazily(text: str, flags: int = 0) -> re.Pattern[str]:
    """Like `re.compile`, later: a wrong pattern is seen when it is first used (every rule has examples that use it)."""
    return cast("re.Pattern[str]", _Lazy(text, flags))
