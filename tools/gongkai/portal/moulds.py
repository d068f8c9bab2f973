"""Pages that come by the thousand, filled into moulds: what is the same on all pages of one shape is rendered once.

A template is rendered with a mark in place of each text that differs from page to page; cut at its marks, the page is a
mould, and the next page of that shape is its own texts between the mould's pieces. A shape is what the template's
conditions ask: which of the texts there are, and where the page stands. So templates stay the only place that says how a
page looks, and a page takes a fifth of the time. Whoever brings templates of their own gets no moulds (`Shell.is_plain`).

A template that has moulds may show of a page only the texts named here, and ask of them only whether they are there: while
a mould is learnt nothing else is in its context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from jinja2 import Environment

from gongkai.portal.item_page import Neighbour
from gongkai.portal.lists import Shelf
from gongkai.portal.meta import Head, Link
from gongkai.portal.page import Crumb
from gongkai.portal.parts import Places
from gongkai.portal.pieces import Pieces, Way, links_of
from gongkai.portal.sights import Led, Poured, Shape
from gongkai.portal.straight import escaped
from gongkai.portal.tongue import LANG
from gongkai.portal.ways import NAME, Mark, Ways

_MARKS = re.compile("\0([^\0]*)\0")
_LED = ("entries", "content")
"""What fills most of a list's page, and of an item's."""
Values = Mapping[str, Any]
Texts = dict[str, str]
"""The texts of a page by the names of their marks, ready to stand there; an empty one is not there."""


class _Mould(NamedTuple):
    """Every second piece is a hole; `holes` says which text goes in. `shape` is what a look at the pages knows of the pieces.

    `at` is the number of the hole of what may be `Led`, a list's lines or an item's text; -1 where it may not.
    """

    pieces: list[bytes]
    holes: list[str]
    shape: Shape
    at: int

    def filled(self, texts: Texts) -> Poured:
        """A page."""
        fill = [texts[name].encode("utf-8", "xmlcharrefreplace") for name in self.holes]
        pieces = self.pieces.copy()
        pieces[1::2] = fill
        page = Poured(b"".join(pieces))
        led = texts[self.holes[self.at]] if self.at >= 0 else ""
        if type(led) is Led and led.ways is not None:
            page.ways, fill[self.at] = led.ways, b""
        page.shape, page.own = self.shape, self.shape.own(fill)
        return page


def encoded(text: str) -> bytes:
    """A page or a piece of one as MkDocs writes it."""
    return text.encode("utf-8", "xmlcharrefreplace")


class Given(NamedTuple):
    """A page to be made: what its template shows, what MkDocs would call its page, and what is around all pages there."""

    own: Values
    page: Any
    around: Values

    @property
    def values(self) -> dict[str, Any]:
        """All that the template may ask for."""
        return {**self.around, "page": self.page, **self.own}


class _Here:
    """What pages of one folder have in common: the ways from there, where it lies, the ways to there, the last links of a head."""

    __slots__ = ("links", "place", "shown", "trodden", "way", "ways")

    def __init__(self, ways: Ways, place: tuple[int, str]) -> None:
        self.ways, self.place = ways, place
        self.way: Way = lambda address: escaped(ways.to(address))
        self.trodden: dict[tuple[Crumb, ...], str] = {}
        self.links: tuple[Link, ...] = ()
        self.shown = ""

    def tags(self, head: Head) -> str:
        """What a head says of its page (`pieces.tags_of`). All items have the same links but for their own."""
        if head.links is not self.links:
            self.links, self.shown = head.links, links_of(self.way, head.links)
        return head.tags + links_of(self.way, head.own) + self.shown


class Moulds:
    """The moulds of one portal, learnt as they are needed. `paths` is what stands on it whatever items there are."""

    def __init__(self, env: Environment, lang: str, words: Mapping[str, str], paths: Iterable[str]) -> None:
        self._env = env
        self._places = Places(paths)
        self._pieces, self._t = Pieces(lang, words), words
        self._kinds: Mapping[str, Callable[[Given, Way], tuple[Texts, Values]]] = {
            "gongkai/item.html": self._item,
            "gongkai/list.html": self._list,
        }
        self._known: dict[tuple[object, ...], _Mould] = {}
        self._shelf: tuple[Shelf | None, Texts] = None, {}
        self._folders: dict[str, _Here] = {}

    def forget_lines(self) -> None:
        """See `Pieces`."""
        self._pieces.forget_lines()

    def filled(self, template: str, given: Given) -> bytes | None:
        """The page; None for one that has no mould."""
        texts_of, head = self._kinds.get(template), given.own["head"]
        if texts_of is None or not given.own["heading"] or not head.canonical:
            return None
        here = self._here(given.around[NAME])
        texts, also = texts_of(given, here.way)
        texts["tags"], texts["linked"] = here.tags(head), head.linked
        texts["canonical"] = escaped(head.canonical)
        texts["heading"], texts["report"] = escaped(given.own["heading"]), escaped(given.own["report"])
        texts["crumbs"] = self._crumbs(here, given.own["crumbs"])
        there = tuple(map(bool, texts.values()))
        key = template, here.place, there, *also.values()
        if key not in self._known:
            if any("\0" in str(value) for value in also.values()):
                return None  # somebody typed what looks like a mark
            self._known[key] = self._learnt(template, given, texts, also)
        return self._known[key].filled(texts)

    def _here(self, ways: Ways) -> _Here:
        found = self._folders.get(ways.folder)
        if found is None or found.ways is not ways:
            found = self._folders[ways.folder] = _Here(ways, self._places.of(ways.folder))
        return found

    def _crumbs(self, here: _Here, crumbs: tuple[Crumb, ...]) -> str:
        """The way from the home page: the pages of a folder share a few."""
        if not crumbs:
            return ""
        if crumbs not in here.trodden:
            here.trodden[crumbs] = self._pieces.crumbs_of(here.way, crumbs)
        return here.trodden[crumbs]

    def _learnt(self, template: str, given: Given, texts: Texts, also: Values) -> _Mould:
        marks = {name: Mark(name) if text else "" for name, text in texts.items()}
        head = Mark("tags")
        head.__dict__ |= {"canonical": marks["canonical"], "linked": marks["linked"]}
        page = SimpleNamespace(
            url=given.page.url, content=marks.get("content"), toc=marks.get("toc"), ancestors=()
        )
        own = {"head": head, "page": page, "kind": given.own["kind"], "alike": given.own["alike"]}
        shown = _SHOWN[template](marks, also)
        values = {**given.around, **marks, **own, **shown}
        parts = _MARKS.split(self._env.get_template(template).render(values))
        pieces = [encoded(part) for part in parts]
        holes = parts[1::2]
        shape = Shape(pieces, [number for number, name in enumerate(holes) if name == "linked"])
        at = next((holes.index(name) for name in _LED if name in holes), -1)
        return _Mould(pieces, holes, shape, at if at >= 0 and shape.between[at] else -1)

    def _item(self, given: Given, way: Way) -> tuple[Texts, Values]:
        own, pieces, section = given.own, self._pieces, partial(self._section, given)
        newer, older = own["newer"], own["older"]
        more = own["guide"].rest if own["guide"] else own["details"]
        texts = {
            "states": section("item_standing") if own["states"] or own["related"] else "",
            "disclosure": pieces.rows_of(way, own["disclosure"], self._t["document"], "gk-facts"),
            "summary": escaped(own["summary"]),
            "toc": section("contents") if len(given.page.headings) > 1 and len(given.page.toc) > 1 else "",
            "content": given.page.content,
            "figures": section("item_shown") if own["figures"] or own["guide"] else "",
            "details": pieces.rows_of(way, more, "") if more else "",
            "attachments": section("item_files") if own["attachments"] else "",
            "contact": pieces.pairs_of(way, own["contact"]),
            "newer": way(newer.path) if newer else "",
            "newer title": escaped(newer.title) if newer else "",
            "older": way(older.path) if older else "",
            "older title": escaped(older.title) if older else "",
            "evidence": way(own["evidence"]) if own["evidence"] else "",
            "data": way(own["data"]),
            "legacy_url": escaped(own["legacy_url"]),
        }
        also = {
            "text_lang": own["text_lang"],
            "is_legacy": own["is_legacy"],
            "data_title": own["data_title"],
            "newer lang": newer.lang if newer else "",
            "older lang": older.lang if older else "",
        }
        return texts, also

    def _section(self, given: Given, name: str) -> str:
        return self._env.get_template(f"gongkai/{name}.html").render(given.values)

    def _list(self, given: Given, way: Way) -> tuple[Texts, Values]:
        own, pieces = given.own, self._pieces
        if self._shelf[0] is not own["shelf"]:
            self._shelf = own["shelf"], self._of_shelf(own["shelf"], way)
        steps = own["steps"]
        texts = {
            **self._shelf[1],
            f"heading{LANG}": pieces.mark(own["heading"]),
            "entries": pieces.lines_of(way, own["entries"]),
            "steps": pieces.pager_of(way, steps, own["before"], own["after"]) if steps else "",
        }
        return texts, {}

    def _of_shelf(self, shelf: Shelf, way: Way) -> Texts:
        """What all pages of a list show; they stand in one folder, and are mostly made one after the other."""
        pieces, years, parts = self._pieces, shelf.choices, shelf.departments
        kind = "gk-choices--departments"
        return {
            "description": escaped(shelf.description),
            f"description{LANG}": pieces.mark(shelf.description),
            "facts": pieces.pairs_of(way, shelf.facts) if shelf.facts else "",
            "choices": pieces.choices_of(way, years, "filter_year") if years else "",
            "departments": pieces.choices_of(way, parts, "filter_department", kind) if parts else "",
        }


def _marked_item(marks: Texts, also: Values) -> Values:
    newer, older = (
        Neighbour(marks[name], marks[f"{name} title"], also[f"{name} lang"]) if marks[name] else None
        for name in ("newer", "older")
    )
    return {**also, "newer": newer, "older": older}


def _marked_list(marks: Texts, also: Values) -> Values:
    names = ("description", "facts", "choices", "departments")
    return {"shelf": SimpleNamespace(**{name: marks[name] for name in names})}


_SHOWN: Mapping[str, Callable[[Texts, Values], Values]] = {
    "gongkai/item.html": _marked_item,
    "gongkai/list.html": _marked_list,
}
