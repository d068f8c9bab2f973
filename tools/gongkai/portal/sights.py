"""What a quick look (`glance`) has to see of a page: its addresses and its tags that load something.

Of pages out of one mould most is the same. What stands between the mould's holes is seen once, with the mould (`Shape`); of
a page there is left what fills the holes, and so much around each hole that nothing begins or ends out of sight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_HREF = re.compile(rb'href="(?=([^"]*))')
_SRC = re.compile(rb'src="(?=([^"]*))')
"""More than the closer look takes for addresses: text that looks like an address makes the closer look necessary, and no more.
What is quoted is looked ahead at, not passed over: an address begins even within what only looks like one.
"""
_WHOLE = re.compile(rb'(?:href|src)="(?=([^"]*)")')
"""An address that ends where it is looked for."""
_LOADING = re.compile(rb"<(?:(?:s(?:cript|ource)|i(?:mg|frame)|link|audio|video|embed)\s[^>]*>|style)")
"""`links.LOADED` and the beginning of a style, in one pass."""
_BEGUN = len(b"href=")
"""So much of what an address begins with may stand before its quote."""


def addresses(data: bytes) -> set[bytes]:
    """All addresses on a page but the empty one, which is the page itself."""
    found = {*_HREF.findall(data), *_SRC.findall(data)}
    found.discard(b"")
    return found


def loading(data: bytes) -> set[bytes]:
    """The tags that load something, and `<style` when there is a style."""
    return set(_LOADING.findall(data))


class Shape:
    """What all pages of one mould have in common. Every second one of the mould's `pieces` is a hole."""

    __slots__ = ("_edges", "addresses", "anchors", "loading")

    def __init__(self, pieces: Sequence[bytes]) -> None:
        same = pieces[::2]
        found = {url for piece in same for url in _WHOLE.findall(piece)} - {b""}
        own = {url for url in found if url[:1] == b"#"}
        self.addresses = found - own
        self.anchors = {url for url in own if not any(b' id="%b"' % url[1:] in piece for piece in same)}
        """Places on the page itself that are not in what all pages have in common."""
        self.loading = {tag for piece in same for tag in loading(piece)}
        self._edges = [b""] * len(pieces)
        self._edges[::2] = map(_edges, same)

    def own(self, texts: Sequence[bytes]) -> bytes:
        """What has to be seen of the page whose holes these texts fill."""
        pieces = self._edges.copy()
        pieces[1::2] = texts
        return b"".join(pieces)


class Poured(bytes):
    """A page out of a mould: bytes as any other, which know their mould's `shape`, and what is to be seen besides: their `own`."""

    shape: Shape
    own: bytes


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
