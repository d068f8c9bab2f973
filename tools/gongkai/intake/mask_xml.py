"""XML changed in place: characters of text are exchanged, every other byte stays. No entity is resolved, nothing is fetched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|[^<]+|<",
    re.DOTALL,
)
_NAME = re.compile(r"</?(?:[^\s:/>]+:)?([^\s:/>]+)")
_CHAR = re.compile(r"&[^;&]{1,10};|.", re.DOTALL)


@dataclass(slots=True)
class Token:
    """A tag or a text of the source: `name` of the element a tag opens or closes, empty for text."""

    start: int
    end: int
    name: str = ""
    opens: bool = False
    closes: bool = False


def tokens(source: str) -> Iterator[Token]:
    """Tags and texts in order; comments, declarations and processing instructions are passed over."""
    for match in _TOKEN.finditer(source):
        words = match[0]
        if words.startswith(("<!", "<?")):
            continue
        if words[0] != "<":
            yield Token(*match.span())
        elif (named := _NAME.match(words)) is not None:
            closes = words.startswith("</")
            yield Token(*match.span(), named[1], not closes, closes or words.endswith("/>"))


@dataclass
class Gathered:
    """Text gathered from many places of one source: every character knows where it stands there, or stands nowhere."""

    source: str
    text: list[str] = field(default_factory=list)
    spans: list[tuple[int, int] | None] = field(default_factory=list)

    def take(self, start: int, end: int) -> None:
        """Add the characters of a text of the source."""
        for match in _CHAR.finditer(self.source, start, end):
            sign = html.unescape(match[0]) if match[0][0] == "&" else match[0]
            self.text.append(sign if len(sign) == 1 else "\ufffd")
            self.spans.append(match.span())

    def part(self, sign: str) -> None:
        """Add a character that stands for the structure: a tab between cells, a line's end."""
        self.text.append(sign)
        self.spans.append(None)

    def __str__(self) -> str:
        return "".join(self.text)


def exchanged(source: str, edits: dict[tuple[int, int], str]) -> str:
    """The source with these places exchanged."""
    parts, at = [], 0
    for (start, end), new in sorted(edits.items()):
        if start >= at:
            parts += [source[at:start], new]
            at = end
    return "".join([*parts, source[at:]])


def attribute(tag: str, name: str) -> str:
    """The value of a tag's attribute (any prefix); empty for none."""
    match = re.search(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape(match[1] or match[2] or "") if match else ""
