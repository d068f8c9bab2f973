"""The last pass over sanitised HTML: addresses, heading levels, tables, pictures, bare addresses in the text.

It reads only what nh3 wrote: tags in lower case, attributes in double quotes, every other `<` escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import NamedTuple, Protocol

TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
HANDLED = re.compile(
    r"<(/?)((?:a|img|h[1-6]|table|pre|code|input)(?=[\s/>])|[a-z][a-z0-9]*(?=\s))"
    r'((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>'
)
"""The tags that this pass may change, and all others with attributes. Plain tags (`<p>`, `</td>`) stay in the text around
them: nothing that is looked for in a text begins, ends or goes on inside of one.
"""
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
HEADING = re.compile(r"<h([1-6])[\s>]")
BARE = re.compile(
    r"(?P<url>(?:https?://|(?<![\w.@/-])www\.)[A-Za-z0-9](?:[A-Za-z0-9._~:/?#\[\]@!$'()*+,;=%-]|&amp;)*)"
    r"|(?P<mail>(?<![\w.+/-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
    re.ASCII,
)
_WIDE = "\u2018-\u201d\u2026\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
BROKEN_LINE = re.compile(f"\n(?<=[{_WIDE}]\n)(?=[{_WIDE}])")
"""It begins with the line's end itself, for which Python looks many times faster than for a sign before it."""
TABLE, TABLE_END = '<div class="gk-scroll" tabindex="0"><table class="gk-table">', "</table></div>"
ALIGNED = {"left": "", "center": "gk-center", "right": "gk-right"}


class Links(Protocol):
    """Where links and pictures of one text go. None: nowhere; the link stays as text."""

    def link(self, url: str) -> str | None:
        """The address for a link, ready for an attribute but not escaped."""
        ...

    def image(self, url: str) -> str | None:
        """The address of a picture of this portal."""
        ...


class Heading(NamedTuple):
    """A heading of a text: its level on the page (2–6), its anchor and its words."""

    level: int
    anchor: str
    title: str


class Rendered(NamedTuple):
    """A text as HTML, its headings, and the links in it that lead nowhere."""

    html: str
    headings: tuple[Heading, ...] = ()
    broken: tuple[str, ...] = ()


class Rewriter:
    """One pass over one text."""

    def __init__(self, links: Links, back: str) -> None:
        self.links = links
        self.back = back
        self.out: list[str] = []
        self.headings: list[Heading] = []
        self.broken: list[str] = []
        self.quiet = 0
        self.dropped: list[bool] = []
        self.heading: tuple[int, str, int] | None = None
        self.shift = 0

    def run(self, html: str) -> Rendered:
        """Read the whole text once."""
        levels = [int(level) for level in HEADING.findall(html)]
        self.shift = 2 - min(levels) if levels else 0
        end = 0
        for tag in HANDLED.finditer(html):
            self._text(html[end : tag.start()])
            self._tag(tag)
            end = tag.end()
        self._text(html[end:])
        return Rendered("".join(self.out), tuple(self.headings), tuple(self.broken))

    def _text(self, text: str) -> None:
        if not text:
            return
        if not self.quiet:
            text = BROKEN_LINE.sub("", text)
            if not self.dropped and ("@" in text or "://" in text or "www." in text):
                text = BARE.sub(_linked, text)
        self.out.append(text)

    def _tag(self, tag: re.Match[str]) -> None:
        closing, name = bool(tag[1]), tag[2]
        handle = _HANDLERS.get("h" if name[0] == "h" and name[1:].isdigit() else name)
        if handle is None:
            self.out.append(tag[0])
        else:
            self.out.append(handle(self, closing, name, _attributes(tag[3])))

    def _anchor(self, closing: bool, _name: str, attributes: dict[str, str]) -> str:
        if closing:
            return "" if not self.dropped or self.dropped.pop() else "</a>"
        classes = attributes.pop("class", "")
        url = attributes.pop("href", "")
        target = self._target(url) if url and "anchor" not in classes else None
        self.dropped.append(target is None)
        if target is None:
            return ""
        attributes = {"href": target, **attributes}
        if "footnote-backref" in classes:
            attributes |= {"class": "footnote-backref", "aria-label": self.back}
        if target.startswith(("http://", "https://")):
            attributes["rel"] = "external noopener noreferrer"
        return _open("a", attributes)

    def _target(self, url: str) -> str | None:
        target = self.links.link(url)
        if target is None:
            self.broken.append(url)
        return target

    def _image(self, _closing: bool, _name: str, attributes: dict[str, str]) -> str:
        url = attributes.pop("src", "")
        words = escape(attributes.get("alt") or "", quote=False)
        if url.startswith(("http://", "https://", "//")):
            return words if self.dropped else _remote(url, words)
        target = self.links.image(url) if url else None
        if target is None:
            self.broken.append(url)
            return words
        attributes.setdefault("alt", "")
        return _open("img", {"src": target, **attributes, "loading": "lazy"})

    def _heading(self, closing: bool, name: str, attributes: dict[str, str]) -> str:
        level = min(6, int(name[1]) + self.shift)
        if closing:
            self._note_heading()
            return f"</h{level}>"
        self.heading = (level, attributes.get("id", ""), len(self.out) + 1)
        return _open(f"h{level}", attributes)

    def _note_heading(self) -> None:
        if self.heading and self.heading[1]:
            level, anchor, start = self.heading
            words = unescape(TAG.sub("", "".join(self.out[start:]))).strip()
            self.headings.append(Heading(level, anchor, words))
        self.heading = None

    def _table(self, closing: bool, _name: str, _attributes: dict[str, str]) -> str:
        return TABLE_END if closing else TABLE

    def _cell(self, closing: bool, name: str, attributes: dict[str, str]) -> str:
        if closing:
            return f"</{name}>"
        kind = ALIGNED.get(attributes.pop("align", ""), "")
        return _open(name, {**attributes, "class": kind} if kind else attributes)

    def _code(self, closing: bool, name: str, attributes: dict[str, str]) -> str:
        self.quiet += -1 if closing else 1
        return f"</{name}>" if closing else _open(name, attributes)

    def _checkbox(self, _closing: bool, _name: str, attributes: dict[str, str]) -> str:
        if attributes.get("type") != "checkbox":
            return ""
        return "☑" if "checked" in attributes else "☐"


Handler = Callable[[Rewriter, bool, str, dict[str, str]], str]
_HANDLERS: dict[str, Handler] = {
    "a": Rewriter._anchor,
    "img": Rewriter._image,
    "h": Rewriter._heading,
    "table": Rewriter._table,
    "td": Rewriter._cell,
    "th": Rewriter._cell,
    "pre": Rewriter._code,
    "code": Rewriter._code,
    "input": Rewriter._checkbox,
}


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)} if text else {}


def _open(name: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def _remote(url: str, words: str) -> str:
    """A picture elsewhere becomes a link: no page asks another host for anything."""
    attributes = {"href": url, "rel": "external noopener noreferrer"}
    return f"{_open('a', attributes)}{words or escape(url, quote=False)}</a>"


def _linked(match: re.Match[str]) -> str:
    """A bare address as a link. It ends before Chinese text and before the sentence's own punctuation."""
    if match["mail"]:
        return f'<a href="mailto:{match["mail"]}">{match["mail"]}</a>'
    url = _trimmed(match["url"])
    rest = match["url"][len(url) :]
    href = escape(unescape(url if url.startswith("http") else f"http://{url}"))
    return f'<a href="{href}" rel="external noopener noreferrer">{url}</a>{rest}'


def _trimmed(url: str) -> str:
    """Without the punctuation that closes the sentence, as GFM does it: balanced brackets stay."""
    while url:
        last = url[-1]
        unbalanced = last == ")" and url.count("(") < url.count(")")
        if last not in "?!.,:*_~'\"" and not unbalanced:
            return url
        url = url[:-1]
    return url
