"""A feed as JSON Feed 1.1."""

from __future__ import annotations

from typing import Any

from gongkai.portal import address, standing
from gongkai.portal.data_dates import rfc3339
from gongkai.portal.feeds_entry import Enclosure, Entry
from gongkai.portal.feeds_feed import Feed
from gongkai.portal.site import Site, department_of
from gongkai.report.escape import json_text

_VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed, site: Site) -> bytes:
    """The feed's document; what the other formats have no place for stands under `_gongkai`."""
    data = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url("json"),
        "description": feed.about,
        "language": feed.lang,
        "authors": [{"name": feed.publisher, "url": feed.root}],
    }
    items = [_item(entry, feed, site) for entry in feed.entries]
    return (json_text({**filled(data), "items": items}, indent=1) + "\n").encode()


def _item(entry: Entry, feed: Feed, site: Site) -> dict[str, Any]:
    return filled(
        {
            "id": entry.ident,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.html or entry.title,
            "summary": entry.summary,
            "date_published": rfc3339(entry.published),
            "date_modified": rfc3339(entry.updated),
            "authors": [{"name": entry.author}],
            "tags": [category.label for category in entry.categories],
            "language": entry.lang,
            "attachments": [_attachment(file) for file in entry.enclosures],
            "_gongkai": _own(entry, feed, site),
        }
    )


def _attachment(file: Enclosure) -> dict[str, Any]:
    return {
        "url": file.url,
        "mime_type": file.media_type,
        "title": file.title,
        "size_in_bytes": file.size,
    }


def _own(entry: Entry, feed: Feed, site: Site) -> dict[str, Any]:
    item = entry.item
    return filled(
        {
            "about": feed.root + address.DATA,
            "id": item.id,
            "state": entry.state,
            "type": item.type,
            "department": department_of(item),
            "column": site.portal.column_of(item),
            "document_number": "" if item.removed else item.text("document_number"),
            "index_number": standing.index_number(item, site.portal),
        }
    )


def filled(data: dict[str, Any]) -> dict[str, Any]:
    """The data without what has no value."""
    return {name: value for name, value in data.items() if value or value not in ("", [], {}, None)}
