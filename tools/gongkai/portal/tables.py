"""Tables scroll sideways on a narrow screen instead of breaking the page: in a box that the keyboard reaches and that has a name."""

from __future__ import annotations

import re
from html import escape

BOX = '<div class="gk-scroll" tabindex="0">'
"""As the renderer writes it, in no language."""
_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)


def named(html: str, label: str) -> str:
    """The HTML with each table's box named: without a name a screen reader says only that something scrolls."""
    return html.replace(BOX, box(label)) if BOX in html else html


def boxed(html: str, label: str) -> str:
    """The HTML of an authored page with each plain table in such a box."""
    opened = f'{box(label)}<table class="gk-table">'
    return _TABLE.sub(lambda match: f"{opened}{match[1]}</table></div>", html)


def box(label: str) -> str:
    """The opening tag of a table's box."""
    return f'<div class="gk-scroll" role="region" aria-label="{escape(label)}" tabindex="0">'
