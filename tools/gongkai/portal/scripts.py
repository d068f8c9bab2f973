"""The theme's inline scripts as files of their own, so that a page needs no inline script at all.

A policy that trusts hashes has to be written anew with every release of the theme, in each web server's settings too;
`script-src 'self'` stays as it is. What counts as the theme's script is decided where a template stands, before
anything authored is put in: a script that came with a text is never moved, and the browser refuses it.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from hashlib import sha256

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup, escape

FOLDER = "assets/gongkai/"
_INLINE = re.compile(r"<script(?P<attributes>(?![^>]*\bsrc=)[^>]*)>(?P<text>.*?)</script\s*>", re.DOTALL)
_DATA = re.compile(r"""\btype=["']?(?!module\b|(?:text|application)/(?:javascript|ecmascript)\b)""")
ACTIVE = re.compile(
    r"<script\b(?![^>]*\bsrc=)(?![^>]*\btype=[\"']?application/(?:ld\+)?json)"
    r"|<[a-z][^>]*\s(?:on[a-z]+|style)\s*=|<style\b|(?:href|src|action)\s*=\s*[\"']?\s*javascript:",
    re.IGNORECASE,
)
"""What the policy forbids, as it would stand in the HTML of a page that somebody wrote by hand."""


class _Mover(Extension):
    """Puts each inline script of a template through the filter `as_file`."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INLINE.sub(_filtered, source)


def _filtered(found: re.Match[str]) -> str:
    if _DATA.search(found["attributes"]) or "{% block" in found["text"] or "{" in found["attributes"]:
        return found[0]
    return f"{{% filter as_file({found['attributes']!r}) %}}{found['text']}{{% endfilter %}}"


def move_scripts(env: Environment) -> MutableMapping[str, str]:
    """Make every template of `env` ask for files instead of carrying scripts; call before any is compiled.

    The answer fills while pages are rendered: path on the portal → the script.
    """
    files: dict[str, str] = {}

    @pass_context
    def as_file(context: Context, text: str, attributes: str = "") -> Markup:
        path = f"{FOLDER}{sha256(text.encode()).hexdigest()[:16]}.js"
        files[path] = str(text)
        address = context.environment.call_filter("url", path, context=context)
        return Markup("<script{} src={}></script>").format(Markup(attributes), Markup(f'"{escape(address)}"'))

    env.filters["as_file"] = as_file
    env.add_extension(_Mover)
    return files
