"""What a quick look (`glance`) has to see of a page: its addresses and its tags that load something.

Of pages out of one mould most is the same. What stands between the mould's holes is seen once, with the mould (`Shape`); of
a page there is left what fills the holes, and so much around each hole that nothing begins or ends out of sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, starmap

_HREF = re.compile(rb'href="(?=([^"]*))')
_SRC = re.compile(rb'src="(?=([^"]*))')
"""More than the closer look takes for addresses: text that looks like an address makes the closer look necessary, and no more.
What is quoted is looked ahead at, not passed over: an address begins even within what only looks like one.
"""
_WHOLE = re.compile(rb'(?:href|src)="(?=([^"]*)")')
"""An address that ends where it is looked for."""
_QUIET = r'(?!\s+rel="(?:canonical|alternate|prev|next|license)")'
_LOADING = re.compile(
    rf"<(?:(?:s(?:cript|ource)|i(?:mg|frame)|link{_QUIET}|audio|video|embed)\s[^>]*>|style)".encode()
)
"""`links.LOADED` and the beginning of a style, in one pass; but for most links of `links.QUIET_LINK`, of which each page has others."""
_BEGUN = len(b"href=")
"""So much of what an address begins with may stand before its quote."""
_WORDS = re.compile(rb'[^"<]*<')
"""Words up to a tag."""


def addresses(data: bytes) -> set[bytes]:
    """All addresses on a page but the empty one, which is the page itself."""
    found = {*_HREF.findall(data)}
    if b'src="' in data:  # most have none, and that is found out faster
        found.update(_SRC.findall(data))
    found.discard(b"")
    return found


def loading(data: bytes) -> set[bytes]:
    """The tags that load something, and `<style` when there is a style."""
    return set(_LOADING.findall(data))


class Shape:
    """What all pages of one mould have in common. Every second one of the mould's `pieces` is a hole.

    Those with these numbers are mostly filled with many words and no tag.
    """

    __slots__ = ("_edges", "_wordy", "addresses", "anchors", "between", "loading")

    def __init__(self, pieces: Sequence[bytes], wordy: Iterable[int] = ()) -> None:
        same = pieces[::2]
        found = {url for piece in same for url in _WHOLE.findall(piece)} - {b""}
        own = {url for url in found if url[:1] == b"#"}
        self.addresses = found - own
        self.anchors = {url for url in own if not any(b' id="%b"' % url[1:] in piece for piece in same)}
        """Places on the page itself that are not in what all pages have in common."""
        self.loading = {tag for piece in same for tag in loading(piece)}
        self._edges = [b""] * len(pieces)
        self._edges[::2] = map(_edges, same)
        self.between = [*starmap(_is_between_tags, pairwise(same))]
        """Of each hole, whether it certainly lies between tags."""
        self._wordy = [number for number in wordy if self.between[number]]

    def own(self, texts: Sequence[bytes]) -> bytes:
        """What has to be seen of the page whose holes these texts fill."""
        pieces = self._edges.copy()
        pieces[1::2] = texts
        for number in self._wordy:
            if b"<" not in texts[number] and b'="' not in texts[number]:
                pieces[2 * number + 1] = b""
        return b"".join(pieces)


class Poured(bytes):
    """A page out of a mould: bytes as any other, which know their mould's `shape`, and what is to be seen besides: their `own`.

    Not in their `own` are `ways`: the addresses in a text that fills one of the holes and is `Led`.
    """

    shape: Shape
    own: bytes
    ways: Sequence[str] = ()


class Led(str):
    """Whole tags in which stand these addresses, the `ways`, no other, and nothing that loads something; None: they were not counted."""

    ways: Sequence[str] | None = None

    @classmethod
    def nowhere(cls, text: str) -> Led:
        """Tags in which no address stands."""
        led = cls(text)
        led.ways = ()
        return led


def is_silent(text: str) -> bool:
    """Whether no address stands in a text, and nothing that loads something."""
    data = text.encode("utf-8", "replace")
    return not (addresses(data) or loading(data))


def _is_between_tags(before: bytes, behind: bytes) -> bool:
    """Whether no tag and no address can be open where a hole between these pieces begins, nor any end behind it before one begins."""
    quote = before.rfind(b'"')
    return (
        quote >= _BEGUN
        and not before.endswith((b'href="', b'src="'), 0, quote + 1)
        and not before.endswith(b"=")
        and before.rfind(b">") > before.rfind(b"<")
        and _WORDS.match(behind) is not None
    )


def _start(piece: bytes) -> int:
    """Up to where a piece may end a tag or an address that began in the hole before it.

    A tag ends at the first `>`. The first quote may be the one that an address begins with, and then it ends at the second. The
    tag in which that stands is left whole.
    """
    quote = piece.find(b'"', piece.find(b'"') + 1)
    return piece.find(b">", quote) + 1 or len(piece) if quote > 0 else len(piece)


def _end(piece: bytes) -> int:
    """From where on a piece may begin a tag or an address that ends in the hole behind it, or further on."""
    return max(min(piece.rfind(b'"') - _BEGUN, piece.rfind(b">") + 1), 0)


def _edges(piece: bytes) -> bytes:
    """A piece without its middle, in which nothing of a hole begins or ends; a quote ends what may begin before the gap."""
    start, end = _start(piece), _end(piece)
    return b'%b"%b' % (piece[:start], piece[end:]) if start < end else piece
