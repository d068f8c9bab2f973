"""Formats as strict functions, given to both validators, so that the fast yes and the explained no agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+\Z")


def is_date(value: Any) -> bool:
    """Whether a text is a day that exists, written `YYYY-MM-DD`."""
    if not isinstance(value, str):
        return True
    if not _DAY.match(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_time(value: Any) -> bool:
    """Whether a text is an RFC 3339 time with seconds and offset, on a day that exists; no leap second."""
    if not isinstance(value, str):
        return True
    match = _TIME.match(value)
    return match is not None and is_date(match[1])


def is_email(value: Any) -> bool:
    """Whether a text has the form of an ASCII e-mail address whose host has a dot."""
    if not isinstance(value, str):
        return True
    local = value.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return not dots and len(value) <= 254 and _EMAIL.match(value) is not None


def is_uri(value: Any) -> bool:
    """Whether a text has the form of an absolute URI, in ASCII (RFC 3986)."""
    return not isinstance(value, str) or _URI.match(value) is not None


FORMATS: Mapping[str, Callable[[Any], bool]] = {
    "date": is_date,
    "date-time": is_time,
    "email": is_email,
    "uri": is_uri,
}


_SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}


def python_pattern(pattern: str) -> str:
    r"""An ECMA pattern for Python's `re`: `$` is the very end; `\d`, `\w`, `\s` mean what ECMA says.

    Raises re.error for what Python does not read.
    """
    out, inside, position = [], False, 0
    for match in re.finditer(r"\\.|[\[\]$]", pattern, re.DOTALL):
        out.append(pattern[position : match.start()])
        token, position = match[0], match.end()
        inside = token == "[" or (inside and token != "]")
        out.append(_token(token, inside))
    text = "".join((*out, pattern[position:]))
    re.compile(text)
    return text


def _token(token: str, inside: bool) -> str:
    if token == "$":
        return "$" if inside else r"\Z"
    letters = _CLASSES.get(token[1:].lower(), "") if token[0] == "\\" else ""
    if not letters or (inside and token[1].isupper()):  # a negated class inside a set has no other spelling
        return token
    if inside:
        return letters
    return f"[^{letters}]" if token[1].isupper() else f"[{letters}]"
