"""A feed as Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gongkai.portal.data_dates import rfc3339
from gongkai.portal.feeds_entry import Entry
from gongkai.portal.feeds_feed import Feed
from gongkai.portal.xml_writer import document, element, tree

_NAMESPACE = "http://www.w3.org/2005/Atom"


def atom(feed: Feed) -> bytes:
    """The feed's document. Entries keep their ids for good; a taken-down item's entry says so and loses its text."""
    children = [*_head(feed), *(_entry(entry) for entry in feed.entries)]
    return document(tree("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.lang}, children))


def _head(feed: Feed) -> Iterator[Element]:
    yield element("id", feed.ident)
    yield element("title", feed.title)
    if feed.about:
        yield element("subtitle", feed.about)
    yield element("updated", rfc3339(feed.updated))
    yield element("link", rel="self", type="application/atom+xml", href=feed.url("atom"))
    yield element("link", rel="alternate", type="text/html", href=feed.home)
    yield tree("author", {}, [element("name", feed.publisher), element("uri", feed.root)])


def _entry(entry: Entry) -> Element:
    lang = {"xml:lang": entry.lang}
    return tree("entry", lang, [*_body(entry), *_about(entry)])


def _body(entry: Entry) -> Iterator[Element]:
    yield element("id", entry.ident)
    yield element("title", entry.title)
    yield element("link", rel="alternate", type="text/html", href=entry.url)
    yield element("published", rfc3339(entry.published))
    yield element("updated", rfc3339(entry.updated))
    yield tree("author", {}, [element("name", entry.author)])
    if entry.summary:
        yield element("summary", entry.summary)
    if entry.html:
        yield element("content", entry.html, type="html")


def _about(entry: Entry) -> Iterator[Element]:
    for category in entry.categories:
        yield element("category", term=category.term, scheme=category.scheme, label=category.label)
    for file in entry.enclosures:
        yield element(
            "link",
            rel="enclosure",
            href=file.url,
            type=file.media_type,
            title=file.title,
            length=str(file.size),
        )
