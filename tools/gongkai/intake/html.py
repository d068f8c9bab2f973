"""HTML of an old portal, or of Word's converter, as the Markdown of an item."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from gongkai.intake import grid
from gongkai.intake.characters import Cleaner
from gongkai.intake.links import safe
from gongkai.intake.markdown import Markdowner
from gongkai.intake.mended import mend_orphans, mend_unclosed
from gongkai.intake.plain import escape, to_markdown
from gongkai.model.message import Message, msg

MAX_DEPTH = 150
_DROPPED = ("script", "style", "noscript", "template", "head", "meta", "link", "svg", "canvas", "applet")
_CONTROLS = ("input", "button", "select", "textarea", "datalist")
_EMBEDS = ("iframe", "embed", "object", "video", "audio", "frame")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TOKEN = re.compile("\x02(\\d+)\x03")

Picture = Callable[[str, str], str | None]
"""What stands for an image of this address and alternative text, as Markdown; None drops it."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A body as Markdown, and what the reader should know of the conversion."""

    markdown: str
    notes: tuple[Message, ...] = ()


def convert(
    html: str, *, base: str = "", picture: Picture | None = None, known: Mapping[str, str] | None = None
) -> Converted:
    """Convert HTML to Markdown; `base` completes relative addresses. Everything left out is in the notes."""
    try:
        return _Conversion(base, picture, Cleaner(known or {})).run(html)
    except RecursionError:
        text = BeautifulSoup(html, "html.parser").get_text("\n")
        note = msg("the HTML is nested too deeply to keep its form; its text was kept")
        return Converted(to_markdown(Cleaner().clean(text)), (note,))


@dataclass
class _Conversion:
    """One conversion: the counters and the tables that wait for their place in the text."""

    base: str
    picture: Picture | None
    cleaner: Cleaner
    notes: list[Message] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    tables: list[str] = field(default_factory=list)

    def run(self, html: str) -> Converted:
        soup = BeautifulSoup(html, "html.parser")
        _refuse_depth(soup)
        for text in soup.find_all(string=True):
            text.replace_with(type(text)(self.cleaner.clean(str(text))))
        mend_unclosed(soup)
        self._drop(soup)
        self._links(soup)
        self._images(soup)
        _tidy(soup)
        self._tables(soup)
        markdown = _TOKEN.sub(lambda m: self.tables[int(m[1])], Markdowner.render(soup))
        return Converted(markdown.strip("\n"), (*self._said(), *self.notes, *self.cleaner.notes()))

    def _drop(self, soup: BeautifulSoup) -> None:
        for tag in soup.find_all([*_DROPPED, *_CONTROLS]):
            if tag.name not in ("head", "meta", "link", "template"):
                self.dropped[tag.name] += 1
            tag.decompose()
        for tag in soup.find_all(style=_HIDDEN):
            if not tag.decomposed and tag.get_text(strip=True):
                self.dropped["display:none"] += 1
            tag.decompose()
        for tag in soup.find_all(_EMBEDS):
            self._embed(tag)

    def _embed(self, tag: Tag) -> None:
        source = tag.find("source")
        holder = source if isinstance(source, Tag) else tag
        url, _ = safe(str(holder.get("src") or holder.get("data") or ""), self.base)
        self.dropped[tag.name] += 1
        if url is None:
            tag.decompose()
            return
        tag.clear()
        tag.name, tag.attrs = "a", {"href": url}
        tag.string = url

    def _links(self, soup: BeautifulSoup) -> None:
        for tag in soup.find_all("a"):
            href = str(tag.get("href") or "").strip()
            url, note = safe(href, self.base) if href else (None, None)
            if note is not None:
                self.notes.append(note)
            tag.attrs = {"href": url} if url else {}

    def _images(self, soup: BeautifulSoup) -> None:
        for tag in soup.find_all("img"):
            alt = " ".join(str(tag.get("alt") or "").split())
            stands = (self.picture or self._remote)(str(tag.get("src") or ""), alt)
            if stands is None:
                self.dropped["img"] += 1
                tag.decompose()
            else:
                tag.replace_with(NavigableString(self._keep(stands)))

    def _remote(self, source: str, alt: str) -> str | None:
        """An image elsewhere becomes a link: no page of the portal may load anything from another host."""
        url, note = safe(source, self.base)
        if url is None or not url.startswith("http"):
            return None
        if note is not None:
            self.notes.append(note)
        return f"[〔图片〕{escape(alt)}]({url})"

    def _tables(self, soup: BeautifulSoup) -> None:
        mend_orphans(soup)
        for table in soup.find_all("table"):
            if table.name == "table" and grid.is_layout(table):
                grid.unwrap_layout(table)
        for table in soup.find_all("table"):
            if table.name == "table" and not table.decomposed and table.parent is not None:
                self._table(table, soup)

    def _table(self, table: Tag, soup: BeautifulSoup) -> None:
        inner = table.find_all("table")
        for nested in inner:
            grid.flat(nested, soup)
        if inner:
            self.notes.append(
                msg("{count} tables inside table cells were kept as lines of text", count=len(inner))
            )
        token = self._keep(grid.to_markdown(table, lambda cell: grid.one_line(Markdowner.render(cell))))
        stand_in = soup.new_tag("p")
        stand_in.string = token
        table.replace_with(stand_in)

    def _keep(self, markdown: str) -> str:
        """Put ready Markdown aside; the token keeps its place while the rest is converted."""
        self.tables.append(_TOKEN.sub(lambda m: self.tables[int(m[1])], markdown))
        return f"\x02{len(self.tables) - 1}\x03"

    def _said(self) -> list[Message]:
        return [
            msg("{count} elements <{name}> were left out or made a link", count=count, name=name)
            for name, count in sorted(self.dropped.items())
        ]


def _refuse_depth(soup: BeautifulSoup) -> None:
    """Raise RecursionError before the converter does, so that it never depends on how deep the stack is."""
    depths: dict[int, int] = {id(soup): 0}
    for tag in soup.find_all(True):
        depth = depths[id(tag.parent)] + 1
        if depth > MAX_DEPTH:
            raise RecursionError
        depths[id(tag)] = depth


def _tidy(soup: BeautifulSoup) -> None:
    """Neighbouring bold parts become one; headings begin below the page's own, which is the title."""
    for tag in soup.find_all(["b", "strong", "i", "em"]):
        while isinstance(tag.next_sibling, Tag) and tag.next_sibling.name == tag.name:
            neighbour = tag.next_sibling.extract()
            for child in list(neighbour.contents):
                tag.append(child.extract())
    if soup.find("h1") is not None:
        for level in range(5, 0, -1):
            for heading in soup.find_all(f"h{level}"):
                heading.name = f"h{level + 1}"
