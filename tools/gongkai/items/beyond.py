"""What YAML 1.2 forbids and libyaml lets pass: found by yaml-test-suite, looked for at each event.

A file that other parsers refuse must not pass here: reviewer, editor and gate would not see the same text.
"""

from __future__ import annotations

from typing import Any

from gongkai.model.message import Message, msg

HASH = msg("a # follows directly; leave a space before a comment")
INDENT = msg("this line goes on a text or list begun above and must be indented deeper than its name")
DASH = msg("a lone - inside [ ] has no meaning; put it in quotes")
QUESTION = msg("a text inside brackets that begins with ? must be in quotes")
BLANK = msg("a blank line at the head of this text has more spaces than the text itself")

Trouble = tuple[int, int, Message]
"""Line and column counted from 0, and what is wrong there."""


def scalar_trouble(text: str, lines: list[str], event: Any, indent: int, flow: bool) -> Trouble | None:
    """What is wrong with one scalar inside a block of `indent` columns (-1 at the top); None when nothing is."""
    start, end = event.start_mark, event.end_mark
    if event.style in ("'", '"'):
        if text[end.index : end.index + 1] == "#":
            return end.line, end.column, HASH
        return continuation_trouble(lines, start.line, end.line, indent)
    if event.style in ("|", ">"):
        return _block_trouble(lines, start, indent)
    if flow and event.value == "-":
        return start.line, start.column, DASH
    return None


def flow_end_trouble(text: str, lines: list[str], start: Any, event: Any, indent: int) -> Trouble | None:
    """What is wrong with a flow collection that began at the mark `start` and ends with `event`."""
    end = event.end_mark
    if text[end.index : end.index + 1] == "#":
        return end.line, end.column, HASH
    return continuation_trouble(lines, start.line, end.line, indent)


def gap_trouble(text: str, before: Any, after: Any) -> Trouble | None:
    """What is wrong between two events inside a flow collection: a comment glued to a comma, a ? glued to a text."""
    gap = text[before.index : after.index]
    if ",#" in gap:
        return before.line, before.column, HASH
    if ("?" in gap and "#" not in gap) or text[after.index : after.index + 1] == "?":
        return after.line, after.column, QUESTION
    return None


def continuation_trouble(lines: list[str], first: int, last: int, indent: int) -> Trouble | None:
    """The first line after `first` that is not indented deeper (by spaces) than the block it belongs to."""
    for number in range(first + 1, min(last, len(lines) - 1) + 1):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
            return number, 0, INDENT
    return None


def _block_trouble(lines: list[str], start: Any, indent: int) -> Trouble | None:
    header = lines[start.line][start.column + 1 :]
    if header.lstrip("+-0123456789").startswith("#"):
        return start.line, start.column + 1, HASH
    if any(c in "123456789" for c in header.partition(" ")[0]):
        return None
    blanks = 0
    for number in range(start.line + 1, len(lines)):
        line = lines[number]
        spaces = len(line) - len(line.lstrip(" "))
        if spaces < len(line):
            return (start.line, start.column, BLANK) if spaces > indent and blanks > spaces else None
        blanks = max(blanks, spaces)
    return None
