"""From a row and a map's word on it to one value of an item."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from gongkai.intake.dates import NotADate, read_date
from gongkai.intake.links import repair
from gongkai.intake.mapping import HOLE, Shape, Value
from gongkai.model.message import Message, msg

YES = frozenset({"是", "有", "真", "yes", "y", "true", "1", "√", "对"})
NO = frozenset({"否", "无", "假", "no", "n", "false", "0", "×", "错"})
_STRIP = " \t\r\n\u3000\xa0\ufeff\u200b"


class RowFault(Exception):
    """Why a row gives no item."""

    def __init__(self, says: Message) -> None:
        super().__init__(says.text)
        self.says = says


class NotInTable(Exception):
    """A value that a map's `by` or `match` does not know: the map must be mended, not the row skipped."""

    def __init__(self, value: Value, text: str) -> None:
        super().__init__(text)
        self.value = value
        self.text = text


Clean = Callable[[str], str]


def evaluate(value: Value, row: Mapping[str, Any], clean: Clean) -> Any:
    """The value for this row; None when there is none. Raises RowFault and NotInTable."""
    raw = _source(value, row, clean)
    if value.pattern is not None and raw is not None:
        raw = _cut(value, str(raw))
    if raw is None:
        return value.default
    if isinstance(raw, dict) or (value.constant is not None and value.shape == "text" and not value.split):
        return raw
    if value.by is not None or value.match:
        raw = _translate(value, str(raw))
        if not isinstance(raw, str):
            return raw
    if value.split:
        raw = [part for part in (tidy(p) for p in str(raw).split(value.split)) if part]
    return _SHAPES[value.shape](raw)


def tidy(text: str) -> str:
    """One line: no spaces of any width at the ends, line breaks and rows of spaces as one space."""
    return " ".join(text.replace("\u3000", " ").replace("\xa0", " ").split()).strip(_STRIP)


def is_empty(raw: Any) -> bool:
    """Whether a cell holds nothing: no text, or an empty list."""
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip(_STRIP))


def as_text(raw: Any) -> str:
    """A cell as a text; dates of Excel in ISO, a midnight without its hour."""
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == datetime.min.time() else raw.isoformat(" ")
    return raw.isoformat() if isinstance(raw, date) else "" if raw is None else str(raw)


def _source(value: Value, row: Mapping[str, Any], clean: Clean) -> Any:
    if value.template:
        filled = HOLE.sub(lambda m: tidy(clean(as_text(row.get(m[1])))), value.template)
        return filled if any(not is_empty(row.get(c)) for c in value.columns) else None
    raw = row.get(value.column) if value.column else value.constant
    if is_empty(raw):
        return None
    if isinstance(raw, str):
        return tidy(clean(raw))
    return raw


def _cut(value: Value, text: str) -> str | None:
    match = value.pattern.search(text) if value.pattern else None
    if match is None:
        return None
    return (match[1] if match.re.groups else match[0]) or None


def _translate(value: Value, text: str) -> Any:
    if value.by is not None and text in value.by:
        return value.by[text]
    for pattern, result in value.match:
        if pattern.search(text):
            return result
    if value.closed:
        raise NotInTable(value, text)
    return value.otherwise


def _date(raw: Any) -> str | None:
    try:
        day = read_date(raw)
    except NotADate as error:
        raise RowFault(error.says) from error
    return day.isoformat() if day else None


def _number(raw: Any) -> int | float:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return raw
    text = unicodedata.normalize("NFKC", str(raw)).replace(",", "").strip()
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError as error:
        raise RowFault(msg("{value} is not a number", value=str(raw)[:40])) from error


def _yes_no(raw: Any) -> bool:
    text = unicodedata.normalize("NFKC", str(raw)).strip().lower()
    if text in YES or text in NO:
        return text in YES
    raise RowFault(msg("{value} is neither yes nor no", value=str(raw)[:40]))


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]


def _path(raw: Any) -> list[str] | None:
    """The path of an address, as `aliases` wants it; None for the front page or an address with a query."""
    try:
        parts = urlsplit(repair(str(raw))[0])
    except ValueError:
        return None
    path = unquote(parts.path).replace(" ", "%20").strip()
    return None if parts.query or len(path) < 2 or "://" in path else [path]


def _text(raw: Any) -> Any:
    return raw if isinstance(raw, list | bool) else as_text(raw)


_SHAPES: Mapping[Shape, Callable[[Any], Any]] = {
    "text": _text,
    "date": _date,
    "number": _number,
    "yes_no": _yes_no,
    "list": _list,
    "path": _path,
}
