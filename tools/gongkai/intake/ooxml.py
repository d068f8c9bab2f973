"""A Word file from a stranger, opened with care: bounded, without entities, not nested without end."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gongkai.attachments.archive import BROKEN
from gongkai.attachments.markup import MAX_DEPTH, look_through
from gongkai.attachments.reading import Refusal
from gongkai.attachments.relations import Relation, relations_of
from gongkai.intake.zips import refuse_bomb
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg

MAX_UNPACKED = 50_000_000
MAX_XML = 20_000_000
_REASONS = {
    "entity": "DOCTYPE",
    "bomb-depth": f"depth > {MAX_DEPTH}",
    "bomb-size": f"> {MAX_XML // 1_000_000} MB",
}

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": R[1:-1].encode(),
}


class Package:
    """The parts of a .docx file. GongkaiError when it is no Word file or not fit to be opened."""

    def __init__(self, path: Path) -> None:
        refuse_bomb(path, MAX_UNPACKED)
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self.parts = {name.lstrip("/"): archive.read(name) for name in archive.namelist()}
        except BROKEN as error:
            raise self.damaged(str(error)) from error
        for name, data in self.parts.items():
            if name.lower().endswith((".xml", ".rels")):
                self.parts[name] = self._vetted(name, data)
        self.main = self._main()

    def xml(self, name: str) -> Element | None:
        """The part as a tree of elements; None when there is no such part."""
        data = self.parts.get(name)
        return None if data is None else ElementTree.fromstring(data)

    def relations(self, name: str) -> Mapping[str, Relation]:
        """The relationships of a part by their ids."""
        folder, base = posixpath.split(name)
        data = self.parts.get(posixpath.join(folder, "_rels", f"{base}.rels"))
        return {} if data is None else relations_of(data, folder)

    def related(self, kind: str) -> list[str]:
        """The names of the parts that the main one relates to in this way, in order."""
        found = {r.target for r in self.relations(self.main).values() if r.kind == kind and not r.external}
        return sorted(name for name in found if name in self.parts)

    def repacked(self, changed: Mapping[str, Element]) -> BytesIO:
        """The package with these parts replaced, as a file in memory."""
        sink = BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            for name, data in self.parts.items():
                root = changed.get(name)
                archive.writestr(name, data if root is None else ElementTree.tostring(root, "utf-8"))
        sink.seek(0)
        return sink

    def damaged(self, reason: str) -> GongkaiError:
        """The error for a file that no converter could read."""
        return GongkaiError(
            msg("{path} cannot be read as a Word file: {reason}", path=str(self.path), reason=reason[:200]),
            msg("open it in Word or WPS, save it again as .docx, and try again"),
        )

    def _main(self) -> str:
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self.parts:
                return relation.target
        if "word/document.xml" in self.parts:
            return "word/document.xml"
        raise self.damaged("word/document.xml")

    def _vetted(self, name: str, data: bytes) -> bytes:
        """Refuse DOCTYPE (entities), deep nesting and oversized XML; give the strict form its usual names."""
        if len(data) > MAX_XML:
            raise self.damaged(f"{name} > {MAX_XML // 1_000_000} MB")
        try:
            look_through(data)
        except Refusal as error:
            raise self.damaged(f"{name}: {_REASONS.get(error.code, error.what)}") from error
        for strict, usual in _STRICT.items():
            data = data.replace(strict, usual)
        return data
