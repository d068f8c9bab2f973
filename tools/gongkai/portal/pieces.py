"""Pieces of pages that stand there by the hundred thousand: tags of heads, rows of tables, lines of lists, ways, choices.

Templates call these functions as they call macros. A template's own loop would take twice as long for the same bytes, and
a page that is filled into a mould (`moulds`) needs its pieces without a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gongkai.portal.lists import Choice, Entry, Step
from gongkai.portal.meta import Head, Link
from gongkai.portal.page import Crumb, Row
from gongkai.portal.sights import Led, is_silent
from gongkai.portal.straight import escaped
from gongkai.portal.tongue import marker
from gongkai.portal.ways import Mark

Way = Callable[[str], str]
"""The way from a page to an address of the portal, ready for an attribute."""
_VALUE = itemgetter(1)


def use_pieces(env: Environment, lang: str, words: Mapping[str, str]) -> None:
    """Give the functions to the templates of this environment; `lang` is the portal's language, `words` are its own."""
    pieces = Pieces(lang, words)
    made = (tags_of, pieces.rows_of, pieces.pairs_of, pieces.lines_of, pieces.crumbs_of, pieces.choices_of,
            pieces.pager_of)  # fmt: skip
    env.globals |= {make.__name__: _called(make) for make in made}
    env.globals["section"] = section


def _called(make: Callable[..., str]) -> Callable[..., Markup | Mark]:
    """A function as templates call it: the page says the ways, and what is only marked stays a mark."""

    @pass_context
    def piece(context: Context, shown: Any, *more: Any) -> Markup | Mark:
        return shown if type(shown) is Mark else Markup(make(_way_from(context), shown, *more))

    return piece


@pass_context
def section(context: Context, shown: Any, name: str) -> Markup | Mark:
    """The template `name` as it stands on this page; `shown` is what it shows first of all."""
    if type(shown) is Mark:
        return shown
    return Markup(context.environment.get_template(name).render(context.get_all()))


def tags_of(way: Way, head: Head) -> str:
    """What a head says of its page: tags, Open Graph, links."""
    return head.tags + links_of(way, head.own) + links_of(way, head.links)


def links_of(way: Way, links: Iterable[Link]) -> str:
    """The links of a head."""
    return "".join(
        [
            f'<link rel="{rel}" type="{kind}" href="{way(path)}" title="{escaped(title)}">\n'
            for rel, kind, path, title in links
        ]
    )


class Pieces:
    """The pieces that need the portal's language and words."""

    def __init__(self, lang: str, words: Mapping[str, str]) -> None:
        self.mark: Callable[[object], str] = marker(lang)
        """The filter `in_language`."""
        self._marked = None if lang == "zh" else self.mark
        self._t = {name: escaped(word) for name, word in words.items()}
        self._labels: dict[str, str] = {}
        self._ends: tuple[dict[str, tuple[Entry, str, bool]], ...] = {}, {}

    def rows_of(self, way: Way, rows: Iterable[Row], name: str, kind: str = "gk-details") -> str:
        """A table of labels and values, but for those that have no value."""
        lines = "".join(self._rows(filter(_VALUE, rows), "\n"))
        named = f' aria-label="{_text(name)}"' if name else ""
        return f'<dl class="{kind}"{named}>{lines}</dl>\n'

    def pairs_of(self, way: Way, pairs: Iterable[tuple[str, object]]) -> str:
        """The rows of a short table, on one line."""
        return "".join(self._rows(pairs, ""))

    def _rows(self, rows: Iterable[tuple[str, object]], end: str) -> list[str]:
        known, label, marked, text, end = self._labels, self._label, self._marked, _text, f"</dd></div>{end}"
        return [
            f"{known.get(name) or label(name)}<dd{marked(value) if marked else ''}>"
            f"{escaped(value) if type(value) is str else text(value)}{end}"
            for name, value in rows
        ]

    def _label(self, label: str) -> str:
        """The beginning of a row: tables have some forty labels between them."""
        begin = self._labels[label] = f"<div><dt{self.mark(label)}>{_text(label)}</dt>"
        return begin

    def lines_of(self, way: Way, entries: Iterable[Entry], department: bool = True) -> Led:
        """Items as lines of a list."""
        start, known = '<li class="gk-entry"><a class="gk-entry__title" href="', self._ends[department]
        lines: list[str] = []
        silent = True
        for e in entries:
            # An item stands in four lists or five: what follows on the way is the same in all.
            end = known.get(e.path)
            if end is None or end[0] is not e:
                line = "".join(self._line(e, department))
                end = known[e.path] = e, line, is_silent(line)
            lines += start, way(e.path), end[1]
            silent &= end[2]
        text = Led("".join(lines))
        if silent:
            text.ways = lines[1::3]
        return text

    def forget_lines(self) -> None:
        """Hold the lines made so far no longer."""
        for known in self._ends:
            known.clear()

    def _line(self, e: Entry, department: bool) -> Iterator[str]:
        lang = f' lang="{_text(e.lang)}"' if e.lang else ""
        yield f'"{lang}>{_text(e.title)}</a>'
        for kind, tag in e.tags:
            yield f' <span class="gk-tag gk-tag--{kind}">{_text(tag)}</span>'
        yield '<span class="gk-entry__more">'
        if e.number:
            yield f"<span{self.mark(e.number)}>{_text(e.number)}</span> "
        if department:
            yield f"<span{self.mark(e.department)}>{_text(e.department)}</span> "
        yield f"<time>{_text(e.day)}</time></span></li>\n" if e.day else "</span></li>\n"

    def crumbs_of(self, way: Way, crumbs: Iterable[Crumb]) -> str:
        """The way from the home page to here."""
        t, step = self._t, '<span aria-hidden="true">›</span>'
        steps = [f'{step}<a href="{way(c.path)}"{self.mark(c.title)}>{_text(c.title)}</a>' for c in crumbs]
        home = f'<a href="{way("index.html")}">{t["home"]}</a>'
        return f'<nav class="gk-crumbs" aria-label="{t["you_are_here"]}">{home}{"".join(steps)}</nav>'

    def choices_of(self, way: Way, choices: Iterable[Choice], label: str, kind: str = "") -> str:
        """The choices of a filter; those of a `kind` may be named in another language than the page's."""
        mark = self.mark if kind else _nothing
        here = ' aria-current="true"'
        links = [
            f'<a href="{way(c.path)}"{here if c.chosen else ""}{mark(c.title)}>{_text(c.title)}</a>'
            for c in choices
        ]
        named = f"gk-choices {kind}" if kind else "gk-choices"
        return f'<nav class="{named}" aria-label="{self._t[label]}">{"".join(links)}</nav>'

    def pager_of(self, way: Way, steps: Sequence[Step], before: str, after: str) -> str:
        """The numbers of a list's pages, and the ways to the one before and the one after."""
        t = self._t
        first = f'<a rel="prev" href="{way(before)}">{t["previous"]}</a>' if before else ""
        last = f'<a rel="next" href="{way(after)}">{t["next"]}</a>' if after else ""
        numbers = "".join([_number(step, way) for step in steps])
        return f'<nav class="gk-pager" aria-label="{t["pages"]}">\n{first}\n{numbers}\n{last}\n</nav>'


def _number(step: Step, way: Way) -> str:
    if not step.number:
        return '<span aria-hidden="true">…</span>'
    if step.here:
        return f'<span class="gk-pager__here" aria-current="page">{step.number}</span>'
    return f'<a href="{way(step.path)}">{step.number}</a>'


def _nothing(value: object) -> str:
    return ""


def _text(value: object) -> str:
    if type(value) is str:
        return escaped(value)
    return value if type(value) is Markup else escape(value)


def _way_from(context: Context) -> Way:
    """The filter `url` as it stands on this page, its answer escaped."""
    url = context.environment.filters["url"]
    return lambda path: escaped(url(context, path))
