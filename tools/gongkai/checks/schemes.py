"""What an address begins with, as a browser would see it through whatever was done to hide it."""

from __future__ import annotations

import unicodedata
from html import unescape
from urllib.parse import SplitResult, unquote, urlsplit

from gongkai.model.lazily import lazily

KNOWN = frozenset({"http", "https", "mailto", "tel", "doc", ""})
_DANGEROUS = """
javascript vbscript livescript mocha data file blob filesystem view-source jar mhtml mk res shell search-ms
ms-msdt ms-officecmd ms-word ms-excel local
"""
DANGEROUS = frozenset(_DANGEROUS.split())
_SCHEME = lazily(r"([a-z][a-z0-9+.-]*):")
_UNSEEN = lazily("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LONG = 4_000


def scheme_of(url: str) -> str:
    """The scheme of an address, in lower case; "" for none. A path of a machine (C:\\…, \\\\server\\…) is "local".

    Entities, percent signs, full-width letters and unseen characters are undone first, twice: other programs than a
    browser may do so too.
    """
    text = url[:_LONG]
    for _ in range(2):
        text = unquote(unescape(text))
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).lower()
    if text.startswith("\\"):
        return "local"
    match = _SCHEME.match(text)
    if match is None:
        return ""
    return "local" if len(match[1]) == 1 else match[1]


def web(url: str) -> SplitResult | None:
    """An address of the web, taken apart; None for any other, also for one that makes no sense."""
    text = url.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    if not text[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return None
    return parts
