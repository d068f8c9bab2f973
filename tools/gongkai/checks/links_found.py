"""The links of an item's text as its readers get them: rendered by the portal's own Markdown parser, then read off the HTML.

So links of every form are found (inline, by reference, `<…>`, raw HTML, pictures, bare addresses), and what stands in a code
span or behind a backslash is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from gongkai.model.finding import Place
from gongkai.model.item import Item
from gongkai.model.lazily import lazily

if TYPE_CHECKING:  # else imported where a text may hold a link: most hold none
    import comrak

_TAG = lazily(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)", re.DOTALL)
_ATTRIBUTE = lazily(r"""[\s/]*+([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++)))?""", re.DOTALL)
_END = lazily(r"[\s/]*+>?")
_ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "background", "xlink:href", "srcset")
_BARE = lazily(
    r"(?:https?://|(?<![\w.@/-])www\.)[A-Za-z0-9](?:[A-Za-z0-9._~:/?#\[\]@!$'()*+,;=%&-])*", re.ASCII
)
_CLOSING = "?!.,:;*_~'\")"
_FOOTNOTE = frozenset({"data-footnote-ref", "data-footnote-backref"})
"""The renderer's own links, to a footnote and back."""
_QUIET = frozenset({"code", "pre"})


_SIGNS = ("](", "://", "<", "www.", "]:")
"""No text links anywhere without one of these."""
FIELD_SIGNS = ("://", "script", "data:", "file:")
"""No field holds an address without one of these."""
ADDRESS = "address"
LITERALS = tuple((sign, ADDRESS) for sign in dict.fromkeys((*_SIGNS, *FIELD_SIGNS)))


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text: as written, where, and the words it hides behind (a picture's description; empty for none).

    `form`: "link", "image", or "bare" for an address that stands in the text as such.
    """

    url: str
    place: Place
    words: str
    form: str


def links(item: Item) -> tuple[Link, ...]:
    """Every link and picture of the item's text, in the order of the page."""
    if not any(sign in item.body for sign in _SIGNS):
        return ()
    return _rendered(item.path, item.form, item.body_line, item.body, item.place("body"))


@lru_cache(maxsize=4)
def _rendered(path: str, form: str, line: int, body: str, place: Place) -> tuple[Link, ...]:
    """Several rules ask for the same item in turn."""
    return tuple(_Reader(path if form == "md" else "", line, body, place).read())


@cache
def _options() -> tuple[comrak.ExtensionOptions, comrak.RenderOptions]:
    """As portal/markdown.py renders, with the places of the source."""
    import comrak

    extensions = comrak.ExtensionOptions()
    extensions.table = extensions.strikethrough = extensions.tasklist = extensions.footnotes = True
    extensions.cjk_friendly_emphasis = True
    output = comrak.RenderOptions()
    output.unsafe_ = output.sourcepos = True
    return extensions, output


def _html(body: str) -> str:
    import comrak

    extensions, output = _options()
    html: str = comrak.render_markdown(body, extensions, None, output)
    return html


def _unescaped(html: str) -> str:
    """The signs that references stand for."""
    from html import unescape

    return unescape(html) if "&" in html else html


class _Reader:
    """Reads the rendered text once, from its beginning to its end."""

    def __init__(self, path: str, line: int, body: str, place: Place) -> None:
        self._path, self._line, self._body, self._place = path, line, body, place
        self._lines = body.split("\n")
        self._html = _html(body)
        self._at = place
        self._from = 0
        self._quiet = 0
        self._open: list[tuple[str, Place]] = []
        self._words: list[str] = []

    def read(self) -> Iterator[Link]:
        end = 0
        while tag := _TAG.search(self._html, end):
            yield from self._text(self._html[end : tag.start()])
            if tag[2] is None:
                end = tag.end()
                continue
            attributes, end = self._attributes(tag.end())
            yield from self._tag(bool(tag[1]), tag[2].lower(), attributes)
        yield from self._text(self._html[end:])
        yield from self._closed()

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        while match := _ATTRIBUTE.match(self._html, at):
            value = next((v for v in match.groups()[1:] if v is not None), "")
            found.setdefault(match[1].lower(), _unescaped(value))
            at = match.end()
        closing = _END.match(self._html, at)
        return found, max(closing.end() if closing else at, at)

    def _tag(self, closing: bool, name: str, attributes: dict[str, str]) -> Iterator[Link]:
        if name in _QUIET:
            self._quiet += -1 if closing else 1
        if closing:
            if name == "a":
                yield from self._closed()
            return
        self._note(attributes.get("data-sourcepos", ""))
        urls = [attributes[a] for a in _ADDRESSES if a in attributes]
        if attributes.keys() & _FOOTNOTE:
            return
        if name == "a" and "href" in attributes:
            yield from self._closed()
            self._open.append((attributes["href"], self._seen(attributes["href"], attributes)))
            return
        if name == "img":
            self._words.append(attributes.get("alt", "") or "▢")
        if name != "a":
            form = "image" if name == "img" else "link"
            for url in urls:
                yield Link(url, self._seen(url, attributes), attributes.get("alt") or name, form)

    def _closed(self) -> Iterator[Link]:
        if self._open:
            url, place = self._open.pop()
            yield Link(url, place, "".join(self._words).strip(), "link")
            self._words.clear()

    def _text(self, html: str) -> Iterator[Link]:
        if not html:
            return
        if self._open:
            self._words.append(_unescaped(html))
        elif not self._quiet and ("://" in html or "www." in html):
            for match in _BARE.finditer(_unescaped(html)):
                url = match[0].rstrip(_CLOSING)
                full = url if url.startswith("http") else f"http://{url}"
                yield Link(full, self._seen(url, {}), "", "bare")

    def _note(self, position: str) -> None:
        """Remember where the source of what follows begins: "3:4-3:37", lines and bytes from 1."""
        line, _, rest = position.partition(":")
        if line.isdigit():
            row, column = int(line), int(rest.partition("-")[0] or 1)
            raw = self._lines[row - 1].encode() if row <= len(self._lines) else b""
            characters = len(raw[: column - 1].decode("utf-8", "ignore"))
            self._at = self._placed(row - 1, characters)
            self._row = row - 1

    _row = 0

    def _placed(self, row: int, characters: int) -> Place:
        """A place of the body; of a `.yml` item only the field's own line is known for certain."""
        return Place(self._path, self._line + row, characters + 1) if self._path else self._place

    def _seen(self, url: str, attributes: dict[str, str]) -> Place:
        """Where an address stands: the renderer says it, or it is looked for from its paragraph on."""
        if "data-sourcepos" in attributes:
            return self._at
        for row in range(self._row, min(len(self._lines), self._row + 40)):
            column = self._lines[row].find(url)
            if column >= 0:
                return self._placed(row, column)
        return self._at
