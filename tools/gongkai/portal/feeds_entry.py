"""One item as an entry of a feed: what all three formats say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from markupsafe import Markup, escape

from gongkai.model.item import ID_PATTERN, REMOVAL, Item
from gongkai.model.message import Message
from gongkai.portal import address, data_dates
from gongkai.portal.data_words import say
from gongkai.portal.gist import CLOSED, is_list, is_open, state
from gongkai.portal.media import media_type
from gongkai.portal.notice_page import REASONS
from gongkai.portal.page import Page
from gongkai.portal.rewrite import ATTRIBUTE
from gongkai.portal.site import Site, department_of
from gongkai.portal.straight import escaped

_WITH_ATTRIBUTES = re.compile(r'<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)+)\s*/?>')
"""A tag as `rewrite` and Markup write it: its name and its attributes."""
_ID = re.compile(r' id="(?<=<h[1-6] id=")[^"]*"(?=>)')
"""The id of a heading that has no other attribute. Most texts have no other tag with any."""
_TABLE = '<table class="gk-table">'
_BOX = re.compile(r'<div class="gk-scroll"[^>]*>')
"""The box around a table, in whatever language it is named."""
_KEPT = frozenset(
    {"href", "src", "alt", "title", "colspan", "rowspan", "scope", "start", "lang", "value", "datetime", "span",
     "width", "height"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of an item: whole address, title, media type, bytes, SHA-256."""

    url: str
    title: str
    media_type: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Category:
    """What an entry is filed under: `scheme` names the list that `term` is of."""

    scheme: str
    term: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. `state` is the gravest thing to know of the item, empty when there is nothing; `html` is safe and whole."""

    ident: str
    item: Item
    url: str
    title: str
    state: str
    summary: str
    html: str
    lang: str
    author: str
    published: datetime
    updated: datetime
    categories: tuple[Category, ...]
    enclosures: tuple[Enclosure, ...]


def tag_uri(item: Item, site: Site) -> str:
    """The permanent id in feeds (RFC 4151): `tag_authority` of portal.yml, else the address' host and the id's year.

    A portal that moves to another host sets `tag_authority`, and no reader sees everything anew.
    """
    return f"tag:{authority(site, _year(item))}:{item.id}"


def authority(site: Site, year: str) -> str:
    """Who mints the ids and since when: `www.example.gov.cn,2024`."""
    said = site.portal.settings.portal.get("tag_authority")
    host = urlsplit(address.base(site.portal.settings)).hostname or "localhost"
    return said if isinstance(said, str) and said else f"{host},{year}"


def _year(item: Item) -> str:
    match = ID_PATTERN.match(item.id)
    return match["year"] if match else "2000"


def entry(item: Item, page: Page, site: Site, root: str) -> Entry | None:
    """The item as an entry, `root` being the portal's address; None while it is not published."""
    portal = site.portal
    first, last = data_dates.published(item, portal), data_dates.announced(item, portal)
    if first is None or last is None:
        return None
    now, url, open_ = state(item, site), address.absolute(root, item.address), is_open(item, site)
    return Entry(
        ident=tag_uri(item, site),
        item=item,
        url=url,
        title=_title(item, site),
        state=now,
        summary=item.text("summary") if open_ else "",
        html=content(page, url) if open_ else _notice(item, site, root),
        lang=item.text("language") or "zh-CN",
        author=site.department(department_of(item)) or site.words(portal.settings.organisation),
        published=data_dates.moment(first, portal),
        updated=data_dates.moment(last, portal),
        categories=tuple(_categories(item, site, root)),
        enclosures=tuple(enclosures(item, page, site, url)) if open_ else (),
    )


def _title(item: Item, site: Site) -> str:
    """The title, with its standing before it where the text no longer goes out."""
    found = next((s for s in site.states(item) if s.kind in CLOSED), None)
    if item.removed or found is None:
        return site.title_of(item)
    return (
        f"【{site.say(found.tag)}】{item.title}"
        if site.lang == "zh"
        else f"[{site.say(found.tag)}] {item.title}"
    )


def _notice(item: Item, site: Site, root: str) -> str:
    """What stands in an entry instead of the text: what became of it, why, and what took its place."""
    found = [Markup("<p>{}</p>").format(words) for words in _fate(item, site)]
    by = item.group("withdrawal").get("replaced_by")
    other = site.by_id.get(str(by)) if by else None
    if other is not None:
        link = Markup('<p>{}: <a href="{}">{}</a></p>')
        way = address.absolute(root, other.address)
        found.append(link.format(site.t["replaced_by"], way, site.title_of(other)))
    return str(Markup("").join(found))


def _fate(item: Item, site: Site) -> Iterator[str]:
    if item.removed:
        yield say(site, "removed_entry")
        yield _reason(item, site)
        return
    yield from _running(item, site)
    yield from (site.say(s.says) for s in site.states(item) if s.kind in CLOSED)
    withdrawal = item.group("withdrawal")
    yield from (str(withdrawal[n]) for n in ("reason", "explanation") if withdrawal.get(n))


def _running(item: Item, site: Site) -> Iterator[str]:
    last = item.date("closes_on")
    if is_list(item) and last is not None and last >= site.portal.today.date():
        yield say(site, "list_entry", date=last.isoformat())


def _reason(item: Item, site: Site) -> str:
    reason = str(item.group(REMOVAL).get("reason"))
    return site.say(Message(REASONS.get(reason, REASONS["unlawful"])))


def _categories(item: Item, site: Site, root: str) -> Iterator[Category]:
    column, department = site.portal.column_of(item), department_of(item)
    if column:
        yield Category(f"{root}columns/", column, site.column(column))
    if department:
        yield Category(f"{root}departments/", department, site.department(department))
    if item.removed:
        return
    known = site.portal.settings.topics
    for topic in item.texts("topics"):
        yield Category(f"{root}topics/", topic, site.words(known[topic]) if topic in known else topic)


def enclosures(item: Item, page: Page, site: Site, url: str) -> Iterator[Enclosure]:
    """The attachments that the page offers, with whole addresses."""
    for file in page.context.get("attachments") or ():
        name = unquote(file.href).partition("/")[2]
        found = site.portal.corpus.attachment(item, name)
        size = found.size if found else 0
        yield Enclosure(urljoin(url, file.href), file.title, media_type(name), size, file.digest)


def content(page: Page, url: str) -> str:
    """The text of an item's page, its pictures and the fields of its type, with whole addresses and nothing of the theme."""
    figures = "".join(
        f'<figure><img src="{escape(f.src)}" alt="{escape(f.caption)}"><figcaption>{escape(f.caption)}</figcaption></figure>'
        for f in page.context.get("figures") or ()
    )
    rows = [
        f"<dt>{escaped(label)}</dt><dd>{value if type(value) is Markup else escape(value)}</dd>"
        for label, value in page.context.get("details") or ()
    ]
    fields = f"<dl>{''.join(rows)}</dl>" if rows else ""
    return absolute(f"{page.content}{figures}{fields}", url)


def absolute(html: str, url: str) -> str:
    """The portal's own HTML with every address made whole, as seen from `url`, and without ids, classes and the like."""
    plain = _ID.sub("", html)
    if _TABLE in plain:  # and there are few other tags with attributes
        plain = _BOX.sub("<div>", plain).replace(_TABLE, "<table>")
    # Every attribute of our own has a value. One sign alone is found many times faster than two.
    if "=" not in plain or '="' not in plain:
        return plain
    return _WITH_ATTRIBUTES.sub(lambda tag: _tag(tag, url), plain)


def _tag(tag: re.Match[str], url: str) -> str:
    kept = (
        f' {name}="{_whole(value, url) if name in ("href", "src") else value}"'
        for name, value in ATTRIBUTE.findall(tag[2])
        if name in _KEPT
    )
    return f"<{tag[1]}{''.join(kept)}>"


def _whole(value: str, url: str) -> str:
    """The address in an attribute made whole, in ASCII; one that is no address (`http://[`) stays as it was."""
    try:
        parts = urlsplit(urljoin(url, Markup(value).unescape()))
    except ValueError:
        return value
    path, query, fragment = (quote(p, f"{address.SAFE}%?") for p in parts[2:])
    return str(escape(urlunsplit((*parts[:2], path, query, fragment))))
