"""Pieces of pages that stand there by the hundred thousand: tags of heads, rows of tables, lines of lists.

Templates call these functions as they call macros. A template's own loop would take twice as long for the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gongkai.portal.lists import Entry
from gongkai.portal.meta import Head
from gongkai.portal.page import Row
from gongkai.portal.straight import escaped
from gongkai.portal.tongue import marker


def use_pieces(env: Environment, lang: str) -> None:
    """Give the functions to the templates of this environment; `lang` is the portal's language."""
    pieces = Pieces(marker(lang))
    env.globals |= {"tags_of": tags_of, "rows_of": pieces.rows_of, "lines_of": pieces.lines_of}


@pass_context
def tags_of(context: Context, head: Head) -> Markup:
    """What a head says of its page: tags, Open Graph, links."""
    way = _way_from(context)
    tags = [f'<meta name="{name}" content="{escaped(value)}">\n' for name, value in head.meta.items()]
    tags += [f'<meta property="{name}" content="{escaped(value)}">\n' for name, value in head.graph.items()]
    tags += [
        f'<link rel="{x.rel}" type="{x.type}" href="{way(x.path)}" title="{escaped(x.title)}">\n'
        for x in head.links
    ]
    return Markup("".join(tags))


class Pieces:
    """The pieces that name their language; `mark` is the filter `in_language`."""

    def __init__(self, mark: Callable[[object], str]) -> None:
        self._mark = mark
        self._labels: dict[str, str] = {}

    def rows_of(self, rows: Iterable[Row], label: str, kind: str = "gk-details") -> Markup:
        """A table of labels and values, but for those that have no value."""
        lines = [
            f"{self._label(row.label)}<dd{self._mark(row.value)}>{_text(row.value)}</dd></div>\n"
            for row in rows
            if row.value
        ]
        named = f' aria-label="{_text(label)}"' if label else ""
        return Markup(f'<dl class="{kind}"{named}>{"".join(lines)}</dl>\n')

    def _label(self, label: str) -> str:
        """The beginning of a row: tables have some forty labels between them."""
        if label not in self._labels:
            self._labels[label] = f"<div><dt{self._mark(label)}>{_text(label)}</dt>"
        return self._labels[label]

    @pass_context
    def lines_of(self, context: Context, entries: Iterable[Entry], department: bool = True) -> Markup:
        """Items as lines of a list."""
        way = _way_from(context)
        return Markup("".join([line for e in entries for line in self._line(e, way(e.path), department)]))

    def _line(self, e: Entry, way: str, department: bool) -> Iterator[str]:
        lang = f' lang="{_text(e.lang)}"' if e.lang else ""
        yield f'<li class="gk-entry"><a class="gk-entry__title" href="{way}"{lang}>{_text(e.title)}</a>'
        for kind, tag in e.tags:
            yield f' <span class="gk-tag gk-tag--{kind}">{_text(tag)}</span>'
        yield '<span class="gk-entry__more">'
        if e.number:
            yield f"<span{self._mark(e.number)}>{_text(e.number)}</span> "
        if department:
            yield f"<span{self._mark(e.department)}>{_text(e.department)}</span> "
        yield f"<time>{_text(e.day)}</time></span></li>\n" if e.day else "</span></li>\n"


def _text(value: object) -> str:
    return escaped(value) if type(value) is str else escape(value)


def _way_from(context: Context) -> Callable[[str], str]:
    """The filter `url` as it stands on this page, its answer escaped."""
    url = context.environment.filters["url"]
    return lambda path: escaped(url(context, path))
