"""Hits and unread files as plain data, to be kept and to be handed from process to process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from gongkai.model.finding import Hit, Place
from gongkai.model.item import Unread
from gongkai.model.message import Hole, Message, Words

CodedHit = tuple[str, Hit]
"""A hit with the code of its rule."""
Row = tuple[Any, ...]


def pack_hits(hits: Iterable[CodedHit]) -> tuple[Row, ...]:
    """Hits as plain data."""
    return tuple(
        (
            code,
            hit.place.path,
            hit.place.line,
            hit.place.column,
            hit.field,
            _holes(hit.holes),
            hit.hint and _hole(hit.hint),
        )
        for code, hit in hits
    )


def unpack_hits(rows: Iterable[Row]) -> list[CodedHit]:
    """The hits that `pack_hits` packed."""
    return [
        (code, Hit(Place(path, line, column), _opened_all(holes), field, _opened(hint) if hint else None))  # type: ignore[arg-type]
        for code, path, line, column, field, holes, hint in rows
    ]


def pack_unread(unread: Unread) -> Row:
    """A file that made no sense, as plain data."""
    place = unread.place
    return (place.path, place.line, place.column, unread.fault, _holes(unread.holes), unread.fatal)


def unpack_unread(row: Row) -> Unread:
    """What `pack_unread` packed."""
    path, line, column, fault, holes, fatal = row
    return Unread(Place(path, line, column), fault, _opened_all(holes), fatal)


def _holes(holes: Mapping[str, Hole]) -> dict[str, Any]:
    return {name: _hole(value) for name, value in holes.items()}


def _hole(value: Hole) -> Any:
    if isinstance(value, Message):
        return ("message", value.text, _holes(value.holes))
    if isinstance(value, Words):
        return ("words", value.zh, value.en)
    if isinstance(value, date):
        return ("time" if isinstance(value, datetime) else "date", value.isoformat())
    return value


def _opened_all(holes: Mapping[str, Any]) -> dict[str, Hole]:
    return {name: _opened(value) if type(value) is tuple else value for name, value in holes.items()}


def _opened(value: Any) -> Hole:
    kind, *rest = value
    if kind == "message":
        return Message(rest[0], _opened_all(rest[1]))
    if kind == "words":
        return Words(rest[0], rest[1])
    return datetime.fromisoformat(rest[0]) if kind == "time" else date.fromisoformat(rest[0])
