"""Addresses of other portals: repaired where the old portal broke them, refused where they are dangerous."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from gongkai.intake.plain import escape
from gongkai.model.message import Message, msg

_ABSOLUTE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_SAFE = frozenset({"http", "https", "mailto", "tel", "ftp"})
_SEVERAL = re.compile(r"[\s;；|]+(?=https?://)|\n+")
_UNSAFE_CHARACTERS = re.compile(r"[\s<>()\"\\^`{|}\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Link:
    """A link to elsewhere: an absolute address and the words that readers see."""

    url: str
    title: str


def repair(url: str) -> tuple[str, Message | None]:
    """Cut what an old portal glued before an absolute address (`https://ownhttps://other/…`), and say so."""
    text = url.strip()
    starts = [m.start() for m in _ABSOLUTE.finditer(text)]
    doubled = starts and _is_host(text[: starts[-1]])
    if not doubled:
        return text, None
    return text[starts[-1] :], msg("the broken address {url} was cut to its last whole address", url=url)


def _is_host(before: str) -> bool:
    """Whether `before` is only a scheme and a host: then what follows was glued to it by mistake."""
    return bool(re.fullmatch(r"(?:https?://[\w.:-]+/?)+", before))


def safe(url: str, base: str = "") -> tuple[str | None, Message | None]:
    """The absolute, safe form of a link, or None; with a note when something was changed or refused."""
    fixed, note = repair(url)
    if fixed.startswith("#"):
        return None, None
    try:
        whole = urljoin(base, fixed) if base else fixed
        scheme = urlsplit(whole).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme not in _SAFE or _is_empty(whole):
        return None, msg(
            "the link {url} was dropped: it is no address that a reader can follow", url=url[:120]
        )
    return _UNSAFE_CHARACTERS.sub(lambda m: quote(m[0]), whole), note


def _is_empty(url: str) -> bool:
    parts = urlsplit(url)
    return not (parts.netloc or parts.path)


def read_links(value: Any) -> tuple[list[Link], list[Message]]:
    """A cell's links: a list of addresses or of {url, title}, or one text with several addresses."""
    entries = value if isinstance(value, list) else _SEVERAL.split(str(value or ""))
    links: list[Link] = []
    notes: list[Message] = []
    for entry in entries:
        url, title = _parts(entry)
        if not url:
            continue
        address, note = safe(url)
        if note is not None:
            notes.append(note)
        if address is not None and all(address != known.url for known in links):
            links.append(Link(address, title or _name(address)))
    return links, notes


def _parts(entry: Any) -> tuple[str, str]:
    if isinstance(entry, dict):
        url = entry.get("url") or entry.get("href") or ""
        return str(url).strip(), str(entry.get("title") or entry.get("name") or "").strip()
    return str(entry or "").strip(), ""


def _name(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return unquote(parts.path)
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc


def as_markdown(links: list[Link], heading: str) -> str:
    """The section of links that stands at the end of a body."""
    lines = [f"- [{escape(link.title)}]({link.url})" for link in links]
    return "\n".join([f"## {heading}", "", *lines])
