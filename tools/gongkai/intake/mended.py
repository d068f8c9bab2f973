"""Old HTML put right where its writers left tags open or cut a page apart: what browsers do in silence."""

from __future__ import annotations

from collections.abc import Mapping

from bs4 import BeautifulSoup, Tag

_CLOSED_BY: Mapping[str, tuple[str, ...]] = {
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("tr",),
    "li": ("li",),
    "p": ("p",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
}
_HOLDERS: Mapping[str, tuple[str, ...]] = {
    "li": ("ul", "ol", "menu", "table"),
    "p": ("table", "td", "th", "li", "div", "blockquote", "dd", "section", "article"),
    "dt": ("dl",),
    "dd": ("dl",),
}


def mend_unclosed(soup: BeautifulSoup) -> None:
    """A cell, row, list item or paragraph that begins inside another of its kind ends that one."""
    for tag in soup.find_all(list(_CLOSED_BY)):
        same = _CLOSED_BY[tag.name]
        around = tag.find_parent([*same, *_HOLDERS.get(tag.name, ("table",))])
        if isinstance(around, Tag) and around.name in same:
            _end_before(tag, around)


def _end_before(tag: Tag, around: Tag) -> None:
    """Move `tag`, and whatever stands behind it inside `around`, to behind `around`."""
    behind = [tag, *tag.next_siblings] if tag.parent is around else [tag]
    for node in reversed(behind):
        around.insert_after(node.extract())


def mend_orphans(soup: BeautifulSoup) -> None:
    """Put rows that stand outside any table into one: what a portal cut out of a page is still a table."""
    for name in ("tbody", "tr"):
        for part in soup.find_all(name):
            if part.find_parent("table") is None:
                part.wrap(soup.new_tag("table"))
