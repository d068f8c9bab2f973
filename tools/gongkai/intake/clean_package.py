"""An office file as parts that can be changed and dropped; what nothing leads to any more goes with them."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from lxml import etree

from gongkai.attachments.archive import Archive
from gongkai.attachments.reading import Budget

Element = Any
"""An element of lxml, which has no types."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT_RELATIONSHIPS = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"
_TYPES = "[Content_Types].xml"
_WHEN = (1980, 1, 1, 0, 0, 0)


def local(element: Element) -> str:
    """An element's name without its namespace; empty for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without its namespace; empty when there is none."""
    return next((str(v) for k, v in element.attrib.items() if etree.QName(k).localname == name), "")


def remove(element: Element) -> None:
    """Take an element out; the text behind it stays."""
    parent = element.getparent()
    if parent is not None:
        if element.tail:
            before = element.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + element.tail
            else:
                parent.text = (parent.text or "") + element.tail
        parent.remove(element)


def unwrap(element: Element) -> None:
    """Take an element away and leave what is in it in its place."""
    parent = element.getparent()
    if parent is not None:
        at = parent.index(element)
        for child in reversed(list(element)):
            parent.insert(at, child)
        remove(element)


class Parts:
    """The parts of an office file."""

    def __init__(self, raw: bytes) -> None:
        archive = Archive(raw, Budget())
        self.data = {name: archive.read(name) for name in archive.names}

    def under(self, pattern: str) -> list[str]:
        """The names that match."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return [name for name in self.data if wanted.fullmatch(name)]

    def root(self, name: str) -> Element | None:
        """The part as a tree; None when there is no such part."""
        data = self.data.get(name)
        return etree.fromstring(data, _PARSER) if data else None

    def put(self, name: str, root: Element) -> None:
        """Put a changed tree back."""
        self.data[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def change(self, pattern: str, work: Callable[[Element], None]) -> None:
        """Let `work` change every part whose name matches."""
        for name in self.under(pattern):
            root = self.root(name)
            if root is not None:
                work(root)
                self.put(name, root)

    def relations(self, part: str) -> Iterator[tuple[str, str, str]]:
        """(id, kind's last word, target's name or address) of a part's relationships; addresses begin with `!`."""
        folder, base = posixpath.split(part)
        root = self.root(posixpath.join(folder, "_rels", f"{base}.rels"))
        for row in root if root is not None else ():
            target = unquote(attribute(row, "Target"))
            if attribute(row, "TargetMode") == "External":
                target = f"!{target}"
            else:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield attribute(row, "Id"), attribute(row, "Type").rpartition("/")[2], target

    def cut(self, unwanted: Callable[[str, str, str], bool]) -> None:
        """Cut every relationship for which `unwanted(part, kind, target)` holds, and what refers to it."""
        for part in ["", *self.data]:
            ids = {key for key, kind, target in self.relations(part) if unwanted(part, kind, target)}
            if ids:
                self._cut_from(part, ids)

    def _cut_from(self, part: str, ids: set[str]) -> None:
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        root = self.root(rels)
        for row in list(root) if root is not None else ():
            if attribute(row, "Id") in ids:
                remove(row)
        if root is not None:
            self.put(rels, root)
        owner = self.root(part) if part.endswith((".xml", ".vml")) else None
        if owner is not None:
            for element in list(owner.iter()):
                _unrefer(element, ids)
            self.put(part, owner)

    def save(self) -> bytes:
        """The file's bytes, without parts that nothing leads to."""
        self._sweep()
        self._list_types()
        sink = BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.data.items():
                info = zipfile.ZipInfo(name, _WHEN)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
        return sink.getvalue()

    def _sweep(self) -> None:
        kept, ahead = {_TYPES, ""}, [""]
        while ahead:
            part = ahead.pop()
            for _, _, target in self.relations(part):
                if target in self.data and target not in kept:
                    kept.add(target)
                    ahead.append(target)
        self.data = {name: data for name, data in self.data.items() if name in kept or _owner(name) in kept}

    def _list_types(self) -> None:
        root = self.root(_TYPES)
        for row in list(root) if root is not None else ():
            if local(row) == "Override" and attribute(row, "PartName").lstrip("/") not in self.data:
                remove(row)
            kind = attribute(row, "ContentType")
            if "macroEnabled" in kind:
                row.set("ContentType", _without_macros(kind))
        if root is not None:
            self.put(_TYPES, root)


def _unrefer(element: Element, ids: set[str]) -> None:
    """An element that is nothing without the relationship goes; a picture loses its link only."""
    for key, value in list(element.attrib.items()):
        if str(value) in ids and str(key).startswith((_RELATIONSHIPS, _STRICT_RELATIONSHIPS)):
            if str(key).endswith("}id"):
                remove(element)
                return
            del element.attrib[key]


def _owner(name: str) -> str | None:
    """The part that a .rels part belongs to; None for other parts."""
    folder, base = posixpath.split(name)
    if posixpath.basename(folder) != "_rels" or not base.endswith(".rels"):
        return None
    return posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))


def _without_macros(kind: str) -> str:
    main = {
        "word": "wordprocessingml.document",
        "excel": "spreadsheetml.sheet",
        "powerpoint": "presentationml.presentation",
    }
    name = next((office for word, office in main.items() if word in kind.lower()), "")
    return f"application/vnd.openxmlformats-officedocument.{name}.main+xml" if name else kind


def drop_all(elements: Iterable[Element]) -> None:
    """Take these elements out."""
    for element in list(elements):
        remove(element)
