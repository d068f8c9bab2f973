"""Small XML documents by the standard library's writer: nothing is glued together, everything escaped in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, indent, tostring

from gongkai.report.escape import xml_chars

_PLAIN = re.compile(r"[\w\-./:+%=,~@]*", re.ASCII)
"""Most addresses and dates: nothing in them is written otherwise."""
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'


def element(name: str, text: str = "", /, **attributes: str) -> Element:
    """An element with a text; what XML 1.0 cannot hold becomes U+FFFD. `xml_lang` is written `xml:lang`."""
    made = Element(name, {_named(key): xml_chars(value) for key, value in attributes.items() if value})
    made.text = xml_chars(text) if text else None
    return made


def _named(key: str) -> str:
    return key.rstrip("_").replace("xml_", "xml:")


def tree(
    name: str, attributes: Mapping[str, str], children: Iterable[Element | None], text: str = ""
) -> Element:
    """An element with children; those that are None are left out."""
    made = Element(name, {key: xml_chars(value) for key, value in attributes.items()})
    made.text = xml_chars(text) if text else None
    made.extend(child for child in children if child is not None)
    return made


def listing(
    name: str, attributes: Mapping[str, str], row: str, rows: Iterable[tuple[tuple[str, str], ...]]
) -> bytes:
    """The document of many rows of named texts, as `document` would write it, without an object for each of them.

    A text that is empty is left out.
    """
    written = _written(row, rows)
    around = document(tree(name, attributes, ())).removesuffix(b" />\n")
    return around + f">\n{written}</{name}>\n".encode() if written else around + b" />\n"


def _written(row: str, rows: Iterable[tuple[tuple[str, str], ...]]) -> str:
    begin, end, is_plain = f" <{row}>\n", f" </{row}>\n", _PLAIN.fullmatch
    parts: list[str] = []
    for texts in rows:
        parts.append(begin)
        for name, text in texts:
            if text:
                parts.append(f"  <{name}>{text if is_plain(text) else _escaped(text)}</{name}>\n")
        parts.append(end)
    return "".join(parts)


def _escaped(text: str) -> str:
    return xml_chars(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def document(root: Element) -> bytes:
    """The whole document in UTF-8 with its declaration, one element a line."""
    indent(root, " ")
    return HEAD + tostring(root, encoding="unicode").encode() + b"\n"
