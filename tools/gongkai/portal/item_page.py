"""The page of one item. Nothing on it depends on when it is built or on what else is newest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from gongkai.model.item import Item
from gongkai.model.settings import words
from gongkai.portal import address, difference_page, standing
from gongkai.portal.attachments import attached, figures
from gongkai.portal.bundles import bundle
from gongkai.portal.data_words import say
from gongkai.portal.disclosure import details, disclosure
from gongkai.portal.gist import gist
from gongkai.portal.guide import TYPE as GUIDE
from gongkai.portal.guide import guide
from gongkai.portal.markdown import render
from gongkai.portal.once import once
from gongkai.portal.page import BrokenLink, Crumb, Page, SiteFile
from gongkai.portal.pictures import sized
from gongkai.portal.references import ItemLinks
from gongkai.portal.rewrite import Rendered
from gongkai.portal.sights import Led
from gongkai.portal.site import Site
from gongkai.portal.tables import named
from gongkai.portal.takedown import takedown
from gongkai.portal.values import Values

CONTACT = ("name", "telephone", "email", "address", "office_hours")


class Neighbour(NamedTuple):
    """The next item of a column, newer or older."""

    path: str
    title: str
    lang: str


class ItemPage:
    """Makes an item's page, and says which files it needs and which of its links lead nowhere."""

    def __init__(self, site: Site, item: Item) -> None:
        self.site = site
        self.item = item
        self.links = ItemLinks(site, item)
        self.values = Values(site, self.links.titled)
        self.ended = standing.has_ended(item, site.portal)
        self.text = self._text()

    def _text(self) -> Rendered:
        if self.ended:
            return Rendered("")
        text = render(self.item.body, self.links, back=self.site.t["back"])
        html = named(text.html, self.site.t["table_region"])
        if type(text.html) is not Led:
            return text._replace(html=sized(html, self.links))
        return text if html is text.html else text._replace(html=Led.nowhere(html))

    def page(self) -> Page:
        """The page itself."""
        said = gist(self.item, self.site)
        return Page(
            path=said.path,
            template="gongkai/item.html",
            title=said.title,
            context=self._context(),
            content=self.text.html,
            headings=self.text.headings,
        )

    def bare(self) -> Page:
        """The page with no more than what feeds take of it."""
        return Page(self.item.address, "gongkai/item.html", self.item.title, self._data(), self.text.html)

    def files(self) -> tuple[SiteFile, ...]:
        """The files that the page shows or offers, and no other of the item's folder."""
        if self.ended or not (self.links.used or "attachments" in self.item.fields):
            return ()
        listed = (self.links.own_file(a.file) for a in self.item.attachments)
        names = dict.fromkeys(name for name in (*listed, *self.links.used) if name)
        return tuple(SiteFile(address.attachment(self.item, n), f"{self.item.folder}/{n}") for n in names)

    def broken(self) -> tuple[BrokenLink, ...]:
        """The links of the text that lead nowhere."""
        return tuple(BrokenLink(self.item.path, url) for url in self.text.broken)

    def _context(self) -> Mapping[str, Any]:
        item, site, said = self.item, self.site, gist(self.item, self.site)
        legacy, one = item.group("legacy"), said.bearing
        newer, older = site.neighbours_of(item.path)
        return {
            "item": item,
            "text_lang": site.lang_of(item),
            "summary": item.text("summary"),
            "crumbs": _crumbs(site, one.column),
            "states": [(s.kind, site.say(s.says)) for s in site.states(item)],
            "takedown": takedown(item, site) if "withdrawal" in item.fields else [],
            "related": list(self._related()),
            "disclosure": difference_page.linked(disclosure(item, site), item, site),
            "guide": guide(item, site, self.values) if one.type == GUIDE else None,
            **self._data(),
            "note": site.t["list_gone"] if self.ended else "",
            "contact": self._contact(),
            "legacy_url": _web(legacy.get("url")),
            "is_legacy": bool(legacy),
            "evidence": address.evidence(item) if one.ident in site.record.proofs else "",
            "bundle": bundle(item, site, self.links)
            if "attachments" in item.fields and not self.ended
            else None,
            "newer": self._neighbour(newer),
            "older": self._neighbour(older),
            "data": said.data,
            "data_title": _data_title(site),
        }

    def _data(self) -> dict[str, Any]:
        """What goes out as data too. A file that is an attachment already is a figure all the same: figures come first."""
        item, site = self.item, self.site
        shown = "images" in item.fields and not self.ended
        offered = "attachments" in item.fields and not self.ended
        return {
            "details": details(item, site, self.values),
            "figures": figures(item, self.links) if shown else (),
            "attachments": attached(item, site, self.links) if offered else (),
        }

    def _neighbour(self, other: Item | None) -> Neighbour | None:
        """An item published just after or just before it in its column: the only ones whose news change this page."""
        return Neighbour(other.address, other.title, self.site.lang_of(other)) if other else None

    def _related(self) -> Iterator[tuple[str, list[Markup]]]:
        item, site, t = self.item, self.site, self.site.t
        one = gist(item, site).bearing
        ident = one.ident
        is_named = ident in site.successors or ident in site.predecessors or ident in site.readings
        if one.points is None and not is_named:
            return
        replaced_by = str(item.group("withdrawal").get("replaced_by") or "")
        groups = (
            ("replaced_by", (replaced_by, *_ids(site.successors.get(item.id, ())))),
            ("replaces", (*item.texts("replaces"), *_ids(site.predecessors.get(item.id, ())))),
            ("interprets", item.texts("interprets")),
            ("interpretations", _ids(site.readings.get(item.id, ()))),
        )
        for label, ids in groups:
            named = dict.fromkeys(filter(None, ids))
            found = [link for i in named if (link := self.links.titled(i)) is not None]
            if found:
                yield t[label], found

    def _contact(self) -> Sequence[tuple[str, str]]:
        """The item's own contact; the department's where the item names none."""
        own = self.item.group("contact")
        if not own:
            return _contact_of(self.site, gist(self.item, self.site).bearing.department)
        return _contact(self.site, own)


@once
def _contact_of(site: Site, code: str) -> Sequence[tuple[str, str]]:
    department = site.portal.settings.departments.get(code)
    return _contact(site, department.facts) if department else []


def _contact(site: Site, given: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    found = [(site.t[name], _said(site, given[name])) for name in CONTACT if name in given]
    return [(label, value) for label, value in found if value is not None]


def _said(site: Site, value: Any) -> str | None:
    """What the house says of itself, in the portal's language; None for what are no words."""
    if type(value) is str:
        return value
    said = words(value)
    return site.words(said) if said else None


@once
def _crumbs(site: Site, code: str) -> tuple[Crumb, ...]:
    if code not in site.portal.settings.columns:
        return ()
    return (Crumb(site.column(code), address.column(code)),)


@once
def _data_title(site: Site) -> str:
    return say(site, "item_json")


def _ids(items: Sequence[Item]) -> list[str]:
    return [item.id for item in items]


def _web(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else ""
