"""Text that acts instead of being read (INJ1xx): control characters, and HTML that no page may carry.

Everything is escaped wherever it goes out (report/escape.py, portal/markdown.py); these rules say so before a reviewer
has to wonder why a part of the text is not on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.scanned import is_plain, scanned
from gongkai.checks.signs import CONTROLS
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import Item
from gongkai.model.lazily import lazily
from gongkai.model.message import N_

_CONTROL = lazily(f"[{CONTROLS}]")
LOST = """
script style iframe object embed applet form button select textarea template title noscript base meta link svg math
frame frameset video audio canvas dialog
"""
"""Elements that the sanitiser takes out, most of them with all that stands in them."""
_TAG = lazily(rf"<({'|'.join(LOST.split())})(?=[\s/>])", re.IGNORECASE)
_HANDLER = lazily(r"<[a-z][a-z0-9-]*\s[^<>]*?\b(on[a-z]{3,}|srcdoc|formaction)\s*=", re.IGNORECASE)
_CODE = lazily(r"<(code|pre)[ >].*?</\1>", re.DOTALL)


def _controls(item: Item, portal: Portal) -> Iterable[Hit]:
    for text, scan in scanned(item, portal):
        # Each passage by itself: what joins them holds a control character too (passages.BREAK).
        if is_plain(text, scan) or not _CONTROL.search("".join(text.pieces)):
            continue
        for passage, start in zip(text.passages, text.starts, strict=True):
            found = None if passage.spot else _CONTROL.search(passage.text)
            if found:
                place = text.place(start + found.start())
                yield Hit(place, {"code": f"U+{ord(found[0]):04X}"}, passage.field)


def _active(item: Item, portal: Portal) -> Iterable[Hit]:
    """The body's own HTML, as Markdown sees it: what stands in a code span or after a backslash is text."""
    if "<" not in item.body or not (_TAG.search(item.body) or _HANDLER.search(item.body)):
        return
    html = _CODE.sub("", _rendered(item.body))
    names = dict.fromkeys(m[1].lower() for m in (*_TAG.finditer(html), *_HANDLER.finditer(html)))
    for name in names:
        spot = re.search(rf"(?<![\w-]){re.escape(name)}", item.body, re.IGNORECASE)
        line = item.body.count("\n", 0, spot.start()) if spot and item.form == "md" else 0
        place = item.place("body")
        yield Hit(Place(place.path, place.line + line), {"name": name}, "body")


def _rendered(body: str) -> str:
    import comrak  # few texts hold HTML

    options = comrak.RenderOptions()
    options.unsafe_ = True
    html: str = comrak.render_markdown(body, comrak.ExtensionOptions(), None, options)
    return html


RULES = (
    Rule(
        "INJ101",
        "control-character",
        Severity.ERROR,
        N_("an invisible control character stands in this text ({code})"),
        N_("delete it; it is invisible and often comes along when text is copied from another program"),
        N_(
            "Nobody can see it, yet terminals, feeds and tables obey it: what is reviewed must be what is published."
        ),
        item=_controls,
        alone=True,
    ),
    Rule(
        "INJ102",
        "html-that-acts",
        Severity.ERROR,
        N_("the text contains HTML that no page of the portal carries: {name}"),
        N_("delete it; to show such signs as text write them between backquotes, like `<{name}>`"),
        N_(
            "Scripts, forms, frames and styles in a text could show the public something that nobody reviewed; "
            "they are taken out, and what stood in them is lost."
        ),
        item=_active,
        alone=True,
    ),
)
