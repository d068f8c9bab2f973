"""What an unquoted text of YAML means here: JSON's words and numbers, everything else is the text itself."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,30})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?\Z")


def resolve(text: str) -> Any:
    """What an unquoted scalar means."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "-0123456789":
        return text
    if _WHOLE.match(text):
        return int(text)
    if _DECIMAL.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
