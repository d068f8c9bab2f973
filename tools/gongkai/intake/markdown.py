"""The converter from tidy HTML to CommonMark: markdownify, with what Chinese official text needs on top."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bs4 import Tag
from markdownify import ASTERISK, ATX, BACKSLASH, MarkdownConverter

from gongkai.intake.plain import escape, escape_start

_WIDE_INDENT = re.compile(r"^( *)[\u3000\xa0][\u3000\xa0 ]*", re.MULTILINE)
_TRAILING = re.compile(r"[ \xa0\u3000]+(\\?)$", re.MULTILINE)
_INNER = re.compile(r"(?<=\S)(?:[ \xa0]{2,}|\xa0)(?=\S)")
_EMPTY_BREAKS = re.compile(r"^\\$\n?", re.MULTILINE)
_LAST_BREAK = re.compile(r"\\\n(?=\n|\Z)")
_AFTER_BREAK = re.compile(r"\\\n +(?=\S)")
_MANY_LINES = re.compile(r"\n{3,}")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_SUPER = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


_Base: Any = MarkdownConverter  # its published types leave most methods out


class Markdowner(_Base):  # type: ignore[misc]
    """markdownify with line breaks, emphasis and raised figures that survive Chinese text."""

    class Options(_Base.DefaultOptions):  # type: ignore[misc]
        """Our settings of markdownify."""

        heading_style = ATX
        bullets = "-"
        newline_style = BACKSLASH
        strong_em_symbol = ASTERISK
        autolinks = True

    @classmethod
    def render(cls, node: Tag) -> str:
        """The Markdown of everything inside `node`."""
        converter = cls()
        text = converter.process_tag(node) if node.name == "[document]" else converter.inside(node)
        return _smooth(text)

    def inside(self, node: Tag) -> str:
        """Convert the children of `node` as a document of their own: a cell may hold several blocks."""
        name, node.name = node.name, "div"
        try:
            return str(self.process_tag(node))
        finally:
            node.name = name

    def escape(self, text: str, parent_tags: Any) -> str:
        """Escape line by line: what was text stays text."""
        return "\n".join(escape(line) for line in text.split("\n")) if text else ""

    def convert_b(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Bold."""
        return self._emphasis("**", {"b", "strong"}, text, parent_tags)

    def convert_em(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Italics."""
        return self._emphasis("*", {"i", "em"}, text, parent_tags)

    convert_strong = convert_b
    convert_i = convert_em

    def _emphasis(self, mark: str, same: set[str], text: str, parent_tags: set[str]) -> str:
        """Emphasis with its marks beside letters: beside punctuation CommonMark shows asterisks."""
        heading = any(re.fullmatch(r"h[1-6]", tag) for tag in parent_tags)
        if heading or parent_tags & same or "\n\n" in text or "_noformat" in parent_tags:
            return text
        start, end = 0, len(text)
        while start < end and not _is_letter(text[start]):
            start += 1
        while end > start and not _is_letter(text[end - 1]):
            end -= 1
        if start == end or "`" in text or "](" in text or "\\\n" in text:
            return text
        return f"{text[:start]}{mark}{text[start:end]}{mark}{text[end:]}"

    def convert_sup(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Raised figures stay raised: 10⁴ must not become 104."""
        return _shifted(text, _SUPER, "sup")

    def convert_sub(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Lowered figures stay lowered."""
        return _shifted(text, _SUB, "sub")

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        """A link; one without an address is its text."""
        href = str(el.get("href") or "")
        words = " ".join(text.split())
        if not href or not words:
            return text
        if words in (f"<{href}>", escape(href)):
            return f"<{href}>"
        words = re.sub(r"<(https?://[^>]*)>", r"\1", words)
        return f"[{words}]({href})"

    def convert_dt(self, el: Tag, text: str, parent_tags: Any) -> str:
        """A term of a list of definitions: a paragraph."""
        return f"\n\n{text.strip()}\n\n"

    def convert_dd(self, el: Tag, text: str, parent_tags: Any) -> str:
        """Its definition: the paragraph below."""
        return f"\n\n{text.strip()}\n\n"

    def convert_p(self, el: Tag, text: str, parent_tags: Any) -> str:
        """A paragraph; a number or sign whose parts stood in several elements must not begin a list."""
        if el.find(["ul", "ol", "table", "blockquote", "pre"]) is None:
            text = "\n".join(escape_start(line) for line in text.strip(" \t\r\n").split("\n"))
        return str(super().convert_p(el, text, parent_tags))

    def convert_li(self, el: Tag, text: str, parent_tags: Any) -> str:
        """A list item; outside of a list it is a paragraph."""
        if el.parent is None or el.parent.name not in ("ul", "ol", "menu"):
            return f"\n\n{text.strip()}\n\n"
        return str(super().convert_li(el, text, parent_tags))


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def _shifted(text: str, table: dict[int, int], name: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    if all(ord(c) in table for c in inner):
        return inner.translate(table)
    return inner if "[^" in inner else f"<{name}>{inner}</{name}>"


def _smooth(markdown: str) -> str:
    """Take away what only placed the text on a page: wide indents, rows of spaces, empty lines and breaks."""
    parts = _FENCE.split(markdown)
    parts[::2] = [_smooth_text(part) for part in parts[::2]]
    return "".join(parts).strip("\n")


def _smooth_text(text: str) -> str:
    text = _WIDE_INDENT.sub(r"\1", text)
    text = _TRAILING.sub(r"\1", text)
    text = _INNER.sub(" ", text)
    text = _EMPTY_BREAKS.sub("", text)
    text = _LAST_BREAK.sub("\n", text)
    text = _AFTER_BREAK.sub("\\\\\n", text)
    return _MANY_LINES.sub("\n\n", text)
