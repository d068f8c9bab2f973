"""What changed between two texts, paragraph by paragraph, and inside a paragraph word by word: for readers, not programmers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from gongkai.portal.markdown import render

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[.,:/@_-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|h[1-6]|ul|ol|li|dl|dt|dd|tr|table|blockquote|pre|div|section|figure|figcaption|caption|details|summary|hr)\b[^>]*>"
)
_CELL = re.compile(r"</t[dh]>\s*(?=<t[dh])")
_LINK = re.compile(r'<a href="(?P<url>https?://[^"]*)"[^>]*>(?P<words>.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
ALIKE = 0.5
"""Two paragraphs that share at least so much are one that was changed; else one went and another came."""
LONG = 2000
"""Words of longer paragraphs are not compared: they are shown whole."""
NEAR = 8
"""So many paragraphs further a changed one is looked for."""
FEWEST = 2
"""Fewer unchanged signs between two changes tell a reader nothing: they count as changed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words: `sign` is "=" (in both), "-" (taken out) or "+" (put in)."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A paragraph: `kind` is same, changed, added, deleted, or left (`count` unchanged paragraphs that are not shown)."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    count: int = 0


class _Nowhere:
    """Links keep their addresses, to be read as words; pictures stand as their descriptions."""

    def link(self, url: str) -> str:
        """The address as it is."""
        return url

    def image(self, _url: str) -> None:
        """No picture of an earlier version is shown."""


def paragraphs(markdown: str) -> list[str]:
    """The words of a text as its page has them, a table row being a paragraph; the addresses of links in brackets."""
    html = _LINK.sub(_with_address, render(markdown, _Nowhere()).html)
    html = _BLOCK.sub("\n\n", _CELL.sub(" | ", html).replace("<br>", "\n\n"))
    return lines(html)


def _with_address(match: re.Match[str]) -> str:
    return match["words"] if match["url"] in match["words"] else f"{match['words']} ({match['url']})"


def lines(html: str) -> list[str]:
    """The lines of safe HTML as plain words, without empty ones."""
    found = (" ".join(unescape(_TAG.sub("", line)).split()) for line in html.split("\n\n"))
    return [line for line in found if line]


def compared(old: Sequence[str], new: Sequence[str]) -> tuple[Change, ...]:
    """What became of the paragraphs `old`; nothing when none changed. One unchanged paragraph is kept on each side."""
    if list(old) == list(new):
        return ()
    found: list[Change] = []
    codes = SequenceMatcher(None, old, new).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(codes):
        if tag == "equal":
            found.extend(_around(old[a:b], number > 0, number + 1 < len(codes)))
        else:
            found.extend(_replaced(old[a:b], new[c:d]))
    return tuple(found)


def _around(same: Sequence[str], after: bool, before: bool) -> Iterator[Change]:
    head, tail = same[: int(after)], same[len(same) - int(before) :] if len(same) > int(after) else ()
    left = len(same) - len(head) - len(tail)
    yield from (Change("same", (Piece("=", text),)) for text in head)
    if left:
        yield Change("left", count=left)
    yield from (Change("same", (Piece("=", text),)) for text in tail)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Each old paragraph beside the next new one that is like it; what has no like went or came."""
    at = 0
    for text in old:
        found = next(
            ((n, p) for n in range(at, min(at + NEAR, len(new))) if (p := within(text, new[n]))), None
        )
        if found is None:
            yield Change("deleted", (Piece("-", text),))
            continue
        yield from (Change("added", (Piece("+", one),)) for one in new[at : found[0]])
        yield Change("changed", found[1])
        at = found[0] + 1
    yield from (Change("added", (Piece("+", one),)) for one in new[at:])


def within(old: str, new: str) -> tuple[Piece, ...]:
    """A changed paragraph in pieces; nothing when the two are not alike, or too long to compare."""
    if max(len(old), len(new)) > LONG:
        return ()
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return ()
    return tuple(_pieces(a, b, matcher.get_opcodes()))


def _pieces(
    a: list[str], b: list[str], codes: Sequence[tuple[str, int, int, int, int]]
) -> Iterator[Piece]:  # fmt: skip
    gone = come = ""
    for number, (tag, i, j, k, m) in enumerate(codes):
        kept = tag == "equal" and (j - i >= FEWEST or number in (0, len(codes) - 1))
        if not kept:
            gone, come = gone + "".join(a[i:j]), come + "".join(b[k:m])
            continue
        yield from (Piece(sign, text) for sign, text in (("-", gone), ("+", come)) if text)
        gone = come = ""
        yield Piece("=", "".join(a[i:j]))
    yield from (Piece(sign, text) for sign, text in (("-", gone), ("+", come)) if text)
