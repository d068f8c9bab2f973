"""XML from strangers: walked once, without entities, not nested without end; nothing is built in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers import expat

from gongkai.attachments.reading import Refusal

MAX_DEPTH = 200
MAX_XML = 100_000_000

Start = Callable[[str, Mapping[str, str]], None]


class Walker:
    """What a walk calls: names of elements and attributes come without their prefixes. Override what is needed."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters."""


def look_through(data: bytes) -> None:
    """Refusal when the XML is broken, declares a document type, or is nested too deep."""
    walk(data, Walker())


def walk(data: bytes, walker: Walker, name: str = "") -> None:
    """Walk one XML part. Refusal: `entity` for a DOCTYPE, `bomb-depth`, `bomb-size`, `damaged` when it is not well-formed."""
    if len(data) > MAX_XML:
        raise Refusal("bomb-size", name)
    depth = 0
    local: dict[str, str] = {}
    begin, finish = walker.start, walker.end
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def bare(tag: str) -> str:
        if tag not in local:
            local[tag] = tag.rpartition(":")[2]
        return local[tag]

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refusal("bomb-depth", name)
        if ":" in "".join(attributes):
            attributes = {bare(k): v for k, v in attributes.items()}
        begin(local.get(tag) or bare(tag), attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        finish(local.get(tag) or bare(tag))

    def doctype(*_: object) -> None:
        raise Refusal("entity", name)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = walker.text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refusal("damaged", name, str(error)[:80]) from error


class Values(Walker):
    """The text of each named element, and the attributes of those in `wanted`, in order."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = frozenset(wanted)
        self.found: list[tuple[str, str, Mapping[str, str]]] = []
        self._open: list[tuple[str, Mapping[str, str], list[str]]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See `Walker`."""
        if tag in self.wanted:
            self._open.append((tag, attributes, []))

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._open:
            self._open[-1][2].append(data)

    def end(self, tag: str) -> None:
        """See `Walker`."""
        if self._open and self._open[-1][0] == tag:
            name, attributes, pieces = self._open.pop()
            self.found.append((name, "".join(pieces), attributes))


def values(data: bytes, *wanted: str, name: str = "") -> list[tuple[str, str, Mapping[str, str]]]:
    """(element, its text, its attributes) of every element with one of these names, inner ones before outer ones."""
    walker = Values(*wanted)
    walk(data, walker, name)
    return walker.found


class Paragraphs(Walker):
    """The text of drawings, charts and slides: `t` and `v` elements, one piece for each `p` or value."""

    def __init__(self, keep: Callable[[str], None], skip: frozenset[str] = frozenset()) -> None:
        self._keep, self._skip = keep, skip
        self._pieces: list[str] = []
        self._taking = False
        self._inside_skipped = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See `Walker`."""
        if tag in self._skip:
            self._inside_skipped += 1
        self._taking = tag in ("t", "v", "TextCode", "text") and not self._inside_skipped
        if tag == "br":
            self._pieces.append("\n")

    def text(self, data: str) -> None:
        """See `Walker`."""
        if self._taking:
            self._pieces.append(data)

    def end(self, tag: str) -> None:
        """See `Walker`."""
        self._taking = False
        if tag in self._skip:
            self._inside_skipped -= 1
        if tag in ("p", "pt", "TextObject", "cm", "comment"):
            self.flush()

    def flush(self) -> None:
        """Hand over what is gathered."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if text.strip():
            self._keep(text)
