"""The small files that other people's programs look for by name: robots.txt, security.txt, OpenSearch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

from gongkai.portal import address
from gongkai.portal.data_sets import contact_of
from gongkai.portal.frame import frame
from gongkai.portal.site import Site
from gongkai.portal.sitemaps import INDEX
from gongkai.portal.xml_writer import document, element, tree

ROBOTS = "robots.txt"
SECURITY = ".well-known/security.txt"
OPENSEARCH = "opensearch.xml"
SEARCH = "search.html"
FRESH = timedelta(days=360)
"""RFC 9116 §2.5.5 wants less than a year; an expired file is to be ignored, so build at least once in this time."""
_SHORT_NAME, _DESCRIPTION = 16, 1024
"""The lengths that OpenSearch 1.1 allows."""


def files(site: Site, root: str) -> Iterator[tuple[str, bytes]]:
    """Those that can be made: OpenSearch needs the portal's address and a page to search on, security.txt a mail address."""
    yield ROBOTS, _robots(root)
    contact = contact_of(site)
    if contact is not None:
        yield SECURITY, _security(site, root, contact.email)
    if has_search(site, root):
        yield OPENSEARCH, _open_search(site, root)


def has_search(site: Site, root: str) -> bool:
    """Whether a browser can be told how to search here."""
    return bool(root) and site.portal.settings.has_search


def _robots(root: str) -> bytes:
    """Everything may be read: what is not public is not here. Withdrawn pages stay open so that engines see the banner."""
    return ("User-agent: *\nDisallow:\n" + (f"\nSitemap: {root}{INDEX}\n" if root else "")).encode()


def _security(site: Site, root: str, email: str) -> bytes:
    """RFC 9116: whom to tell of a hole. `Expires` follows from the day of the build."""
    until = (site.portal.midnight + FRESH).astimezone(UTC)
    lines = [
        f"Contact: mailto:{email}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {'zh, en' if site.lang == 'zh' else 'en, zh'}",
    ]
    if root.startswith("https://"):
        lines.append(f"Canonical: {root}{SECURITY}")
    return ("\n".join(lines) + "\n").encode()


def _open_search(site: Site, root: str) -> bytes:
    """OpenSearch 1.1: the browser's own search field asks the portal's search page."""
    around = frame(site)
    title = str(around["title"])
    description = str(around["description"]) or title
    children = [
        element("ShortName", title[:_SHORT_NAME]),
        element("LongName", title[:48]),
        element("Description", description[:_DESCRIPTION]),
        element("InputEncoding", "UTF-8"),
        element("OutputEncoding", "UTF-8"),
        element("Language", "zh-CN" if site.lang == "zh" else site.lang),
        element("Url", type="text/html", method="get", template=f"{root}{SEARCH}?q={{searchTerms}}"),
        element(
            "Url",
            type="application/opensearchdescription+xml",
            rel="self",
            template=address.absolute(root, OPENSEARCH),
        ),
    ]
    return document(
        tree("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"}, children)
    )
