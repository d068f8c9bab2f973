"""Texts with nothing but plain tags: sanitiser and last pass have little to do there, and that is done at once.

A tag without attributes stays as it is in that pass, and so do words without `<`, `>` and `&`. Where sanitised HTML is
nothing else, headings apart, what the last pass would give is written down here in a tenth of its time. Everything else is
for the last pass (`portal.rewrite`).

Of a text in which no `<` stands comrak writes no tag but its own, each of which it ends. Where these are plain ones only,
which is what is looked for here anyway, the sanitiser has nothing to take away, and need not be asked (`portal.markdown`).
Tests hold all ways to the same texts.
"""

from __future__ import annotations

import re

from gongkai.portal.rewrite import BROKEN_LINE, TABLE, TABLE_END, Heading, Rendered
from gongkai.portal.sights import Led

_NAMES = "p ul ol li table thead tbody tr th td em strong blockquote"
PLAIN = frozenset(_NAMES.split())
_OTHER_TAG = re.compile(f"<(?!/?(?:{'|'.join(sorted(PLAIN))})>)")
"""What begins a tag and no plain one."""
_HEADING = re.compile(
    r"""<h([1-6]) id="((?!__|gk-)[^\s"'<>`]+)">([^<]*)<a href="#\2\""""
    r"""(?: aria-label="Link to heading '\3'" data-heading-content="\3")? class="anchor"></a></h\1>"""
)
"""A heading as comrak writes it, or the sanitiser leaves it, with a name that an author may give (`markdown`)."""
_OTHERWISE = ("&", "\xa0", "\0", "\r", "@")
"""What the last pass may write in another way."""
_ADDRESS = ((":", "://"), ("w", "www."))
"""How an address begins, behind a sign of it: one sign is found many times faster than several."""


def simply(html: str) -> Rendered | None:
    """What becomes of HTML that is sanitised or needs not be, see above; None when that is for the other two to say."""
    for sign in _OTHERWISE:
        if sign in html:
            return None
    for sign, begin in _ADDRESS:
        if sign in html and begin in html:
            return None
    parts = _HEADING.split(BROKEN_LINE.sub("", html))
    between = parts[::4]
    rest = "".join(between)
    if _OTHER_TAG.search(rest):
        return None
    if "<table>" in rest:
        between = [part.replace("<table>", TABLE).replace("</table>", TABLE_END) for part in between]
    if len(parts) == 1:
        return Rendered(Led.nowhere(between[0]))
    levels = [int(level) for level in parts[1::4]]
    shift = 2 - min(levels)
    headings, written = [], between[:1]
    for level, anchor, words, after in zip(levels, parts[2::4], parts[3::4], between[1:], strict=True):
        here = min(6, level + shift)
        headings.append(Heading(here, anchor, words.strip()))
        written += f'<h{here} id="{anchor}">{words}</h{here}>', after
    return Rendered(Led.nowhere("".join(written)), tuple(headings))
