"""Plain text as Markdown that shows exactly that text: every character that Markdown reads is escaped."""

from __future__ import annotations

import re

URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+[A-Za-z0-9\-_~/#@$&*+=%]")

_ANYWHERE = re.compile(r"[\\`*_\[\]<>~|]|&(?=#?\w+;)|!(?=\[)")
_LINE_START = re.compile(r"^([ \t]*)(#{1,6}(?=\s|$)|[-+=](?=[\s\-=+]|$))")
_NUMBER = re.compile(r"^([ \t]*\d{1,9})([.)])(?=\s|$)")
_INDENT = re.compile(r"^[\s\u3000]+|[\s\u3000]+$")
_RUN_BREAK = re.compile(r"\u3000{2,}")
_BLANKS = re.compile(r"[ \t\u00a0]{2,}")


def escape(text: str) -> str:
    """Escape one line of text; addresses stand in <…>, where nothing needs escaping."""
    parts, at = [], 0
    for match in URL.finditer(text):
        parts += [_escape_words(text[at : match.start()]), f"<{match[0]}>"]
        at = match.end()
    return escape_start("".join([*parts, _escape_words(text[at:])]))


def escape_start(line: str) -> str:
    """Escape what would begin a heading, a list or an underline at the start of a line of Markdown."""
    line = _LINE_START.sub(r"\1\\\2", line)
    return _NUMBER.sub(r"\1\\\2", line)


def _escape_words(text: str) -> str:
    return _ANYWHERE.sub(lambda m: "\\" + m[0], text)


def paragraphs(text: str, one_run: bool | None = None) -> list[str]:
    """The paragraphs of a plain text: one per line; where it has no line breaks, one per full-width indent.

    Old portals store a body as one run in which two full-width spaces, the indent of a Chinese paragraph, are
    all that is left of the line breaks. `one_run` says that it was so before its characters were cleaned.
    """
    lines = text.strip("\n").split("\n")
    if is_one_run(text) if one_run is None else one_run:
        lines = [part for line in lines for part in _RUN_BREAK.split(line)]
    kept = (_BLANKS.sub(" ", _INDENT.sub("", line)) for line in lines)
    return [line for line in kept if line]


def is_one_run(text: str) -> bool:
    """Whether the text has no line breaks inside."""
    return "\n" not in text.strip()


def to_markdown(text: str, one_run: bool | None = None) -> str:
    """A plain text as Markdown paragraphs; see `paragraphs`."""
    return "\n\n".join(escape(line) for line in paragraphs(text, one_run))
