"""Sanitised texts with nothing but plain tags: the last pass has little to do there, and that is done at once.

A tag without attributes stays as it is in that pass, and so do words without `<`, `>` and `&`. Where sanitised HTML is
nothing else, headings apart, what the last pass would give is written down here in a tenth of its time. Everything else is
for the last pass (`portal.rewrite`). Tests hold both ways to the same texts.
"""

from __future__ import annotations

import re
from itertools import chain

from gongkai.portal.rewrite import BROKEN_LINE, TABLE, TABLE_END, Heading, Rendered

_NAMES = "p ul ol li table thead tbody tr th td em strong blockquote"
PLAIN = frozenset(tag for name in _NAMES.split() for tag in (f"<{name}>", f"</{name}>"))
_TAG = re.compile("<[^>]*>")
_HEADING = re.compile(
    r"""<h([1-6]) id="((?!__|gk-)[^\s"'<>`]+)">([^<]*)<a href="#\2" class="anchor"></a></h\1>"""
)
"""A heading as comrak writes it and the sanitiser leaves it, with a name that an author may give (`markdown`)."""
_OTHERWISE = ("&", "\xa0", "\0", "\r")
"""What the last pass may write in another way."""
_ADDRESS = ("@", "://", "www.")


def simply(html: str) -> Rendered | None:
    """What becomes of sanitised HTML; None when that is for the last pass to say."""
    for sign in (*_OTHERWISE, *_ADDRESS):
        if sign in html:
            return None
    parts = _HEADING.split(BROKEN_LINE.sub("", html))
    between, levels = parts[::4], [int(level) for level in parts[1::4]]
    rest = "".join(between)
    tags = _TAG.findall(rest)
    if not PLAIN.issuperset(tags) or rest.count("<") != len(tags):
        return None
    if "<table>" in rest:
        between = [part.replace("<table>", TABLE).replace("</table>", TABLE_END) for part in between]
    if not levels:
        return Rendered(between[0])
    shift = 2 - min(levels)
    headings = [
        (min(6, level + shift), anchor, words)
        for level, anchor, words in zip(levels, parts[2::4], parts[3::4], strict=True)
    ]
    written = [f'<h{level} id="{anchor}">{words}</h{level}>' for level, anchor, words in headings]
    whole = "".join(chain.from_iterable(zip(between, [*written, ""], strict=True)))
    return Rendered(whole, tuple(Heading(level, anchor, words.strip()) for level, anchor, words in headings))
