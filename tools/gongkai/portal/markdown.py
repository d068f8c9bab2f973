"""Authored Markdown to HTML fit for a public page: rendered by comrak, sanitised by nh3, then finished."""

from __future__ import annotations

import re
from collections.abc import Callable

import comrak
import nh3

from gongkai.portal.rewrite import Links, Rendered, Rewriter
from gongkai.portal.simple import simply

_TAGS = """
a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp section small span strong
sub summary sup table tbody td tfoot th thead time tr u ul var wbr
"""
TAGS = frozenset(_TAGS.split())
SCHEMES = frozenset({"http", "https", "mailto", "tel", "doc"})
ATTRIBUTES = {
    "*": {"lang"},
    "a": {"href", "title", "id"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"type", "checked"},
    "ol": {"start"},
    "li": {"id", "value"},
    "col": {"span"},
    "colgroup": {"span"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "time": {"datetime"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
CLASSES = {
    "a": {"anchor", "footnote-backref"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
}


_NOT_FOR_AUTHORS = re.compile(r"^(?:__|gk-)|[\s\"'<>&`]|^$")


def _quiet_ids(_tag: str, name: str, value: str) -> str | None:
    """An authored id takes the place of none of the theme's ("__…") or of our own ("gk-…"), and is one plain word."""
    return None if name == "id" and _NOT_FOR_AUTHORS.search(value) else value


def _cleaner(attribute_filter: Callable[[str, str, str], str | None] | None = None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags={
            "script", "style", "iframe", "object", "template", "textarea", "title", "noscript",
        },
        attributes=ATTRIBUTES,
        attribute_filter=attribute_filter,
        allowed_classes=CLASSES,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )  # fmt: skip


_CLEANER = _cleaner(_quiet_ids)
_QUICK = _cleaner()
"""Leaves authored ids as they are, and asks Python nothing: the other one does for every attribute of every tag.

What it gives is taken only where it certainly holds no id that is to go (`render`).
"""
_DOUBTFUL_ID = re.compile(r""" id="(?:__|gk-|"|[^"]*[\s'<>&`])""")
"""How an id that is to go stands in sanitised HTML, in which `"` and `&` are entities; words of a text may look alike."""


def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = options.strikethrough = options.tasklist = options.footnotes = True
    options.cjk_friendly_emphasis = True
    options.header_id_prefix = ""
    return options


def _output() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = True  # raw HTML passes to the sanitiser, which decides
    return options


_EXTENSIONS, _OUTPUT = _extensions(), _output()


def render(text: str, links: Links, *, back: str = "↩") -> Rendered:
    """Markdown as safe HTML with its headings, `back` being the name of the way back from a footnote.

    Headings stand below the page's own h1: the highest of the text becomes h2. Links and images go where
    `links` says; those that lead nowhere are left as text and reported.
    """
    html = comrak.render_markdown(text, _EXTENSIONS, None, _OUTPUT)
    plain = simply(html.replace("&quot;", '"')) if "<" not in text else None
    if plain is not None:
        return plain
    clean = _QUICK.clean(html)
    plain = simply(clean)  # no other ids in it than those an author may give
    if plain is not None:
        return plain
    return Rewriter(links, back).run(_CLEANER.clean(html) if _DOUBTFUL_ID.search(clean) else clean)
