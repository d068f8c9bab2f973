"""What libyaml says of a broken text, in words an officer can act on."""

from __future__ import annotations

from gongkai.model.message import Message, msg


def explain(problem: str | None, context: str | None) -> Message:
    """The reader's words for libyaml's `problem`, found while it was doing `context`."""
    said = problem or ""
    for part, words in _PROBLEMS:
        if part in said:
            return words
    return msg("the text is not well-formed here ({problem})", problem=said or context or "?")


_PROBLEMS = (
    (
        "mapping values are not allowed",
        msg(
            "a colon stands inside an unquoted text, or this line is indented wrongly; put the text in quotes"
        ),
    ),
    (
        "found character that cannot start any token",
        msg("a tab, @, `, or % stands where a value begins; indent with spaces and put the text in quotes"),
    ),
    (
        "could not find expected ':'",
        msg("this line has no colon and space after the name; write it as `name: value`"),
    ),
    (
        "found unexpected end of stream",
        msg("a quotation mark or bracket opened here is never closed"),
    ),
    (
        "did not find expected ',' or",
        msg("a bracket [ or { opened before is not closed, or a comma is missing"),
    ),
    (
        "did not find expected",
        msg("the indentation does not fit the lines above, or a quoted text goes on after its closing quote"),
    ),
    (
        "block sequence entries are not allowed",
        msg("a list item `- ` cannot stand here; begin it on a line of its own below the name"),
    ),
    (
        "unknown escape character",
        msg("a backslash inside double quotes has a special meaning; use single quotes, or write it twice"),
    ),
    (
        "undefined alias",
        msg("a text that begins with * must be in quotes"),
    ),
    (
        "alphabetic or numeric character",
        msg("a text that begins with * or & must be in quotes"),
    ),
)
