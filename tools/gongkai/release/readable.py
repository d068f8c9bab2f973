"""Whether programs can read a feed or data file: whether it is well formed."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import zip_longest
from xml.parsers.expat import ExpatError, ParserCreate

LONG = 1 << 20
"""So many bytes of JSON are read line by line: when few lines are new, that is several times as quick."""
FEW = 100
"""So many lines are read sooner than it is found out which of them stood elsewhere."""


def readable(path: str, data: bytes) -> bool:
    """Whether a file is well formed. Files of items are others' and were looked at when they came in."""
    check = READERS.get(path.rpartition(".")[2])
    if check is None:
        return True
    try:
        return check(data)
    except (ValueError, ExpatError, RecursionError):
        return False


def has_lines(path: str, data: bytes) -> bool:
    """Whether a file is long enough to be read line by line, and of a kind that can be."""
    return path.endswith(".json") and len(data) >= LONG


def readable_lines(data: bytes, before: bytes) -> bool:
    """Whether JSON is well formed, and each line in it that looks like an object is one by itself, as all of `before` are.

    False tells nothing: then all of it is to be read. True is right, for no string goes over the end of a line, and where one
    value may stand another may too: the rest is read with a number in the place of each such line.
    """
    lines = data.split(b"\n")
    rest = [
        line if line[:1] != b"{" else b"0," if line[-2:] == b"}," else b"0" if line[-1:] == b"}" else line
        for line in lines
    ]
    try:
        for line in _others(lines, before.split(b"\n")):
            if line[:1] == b"{" and line.endswith((b"}", b"},")):
                json.loads(line.removesuffix(b","))
        json.loads(b"\n".join(rest))
    except (ValueError, RecursionError):
        return False
    return True


def _others(lines: list[bytes], before: list[bytes]) -> list[bytes]:
    """The lines that do not stand among those before."""
    others = [line for line, old in zip_longest(lines, before[: len(lines)]) if line != old]
    if len(others) > FEW:  # one came or went, and all behind it stand in other places
        known = frozenset(before)
        others = [line for line in others if line not in known]
    return others


def _xml(data: bytes) -> bool:
    # As ElementTree parses, with namespaces, but no tree is built: it is only asked whether it can be read.
    return b"<!DOCTYPE" not in data[:2000] and bool(ParserCreate(namespace_separator="}").Parse(data, True))


def _json(data: bytes) -> bool:
    json.loads(data)
    return True


def _calendar(data: bytes) -> bool:
    return data.startswith(b"BEGIN:VCALENDAR") and data.rstrip().endswith(b"END:VCALENDAR")


def _text(data: bytes) -> bool:
    return bool(data.decode("utf-8")) or not data


READERS: dict[str, Callable[[bytes], bool]] = {
    "xml": _xml, "rss": _xml, "atom": _xml, "svg": _xml, "json": _json, "jsonld": _json, "webmanifest": _json,
    "ics": _calendar, "csv": _text, "txt": _text, "html": _text,
}  # fmt: skip
