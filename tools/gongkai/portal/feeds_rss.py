"""A feed as RSS 2.0, with the extensions that the W3C's validator knows: atom:link, content:encoded, dc:creator."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gongkai.portal.data_dates import rfc822, rfc3339
from gongkai.portal.feeds_entry import Entry
from gongkai.portal.feeds_feed import Feed
from gongkai.portal.xml_writer import document, element, tree

_NAMESPACES = {
    "version": "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}


def rss(feed: Feed) -> bytes:
    """The feed's document. `pubDate` is the first publication for good: an old item never looks like a new one."""
    channel = tree("channel", {}, [*_head(feed), *(_item(entry) for entry in feed.entries)])
    return document(tree("rss", _NAMESPACES, [channel]))


def _head(feed: Feed) -> Iterator[Element]:
    yield element("title", feed.title)
    yield element("link", feed.home)
    yield element("description", feed.about or feed.title)
    yield element("language", feed.lang)
    yield element("lastBuildDate", rfc822(feed.updated))
    yield element("atom:link", rel="self", type="application/rss+xml", href=feed.url("rss"))


def _item(entry: Entry) -> Element:
    return tree("item", {}, _parts(entry))


def _parts(entry: Entry) -> Iterator[Element]:
    yield element("title", entry.title)
    yield element("link", entry.url)
    yield element("guid", entry.ident, isPermaLink="false")
    yield element("pubDate", rfc822(entry.published))
    yield element("dc:creator", entry.author)
    yield element("description", entry.summary or entry.title)
    if entry.html:
        yield element("content:encoded", entry.html)
    for category in entry.categories:
        yield element("category", category.label, domain=category.scheme)
    for file in entry.enclosures[:1]:  # readers know one
        yield element("enclosure", url=file.url, type=file.media_type, length=str(file.size))
    yield element("atom:updated", rfc3339(entry.updated))
