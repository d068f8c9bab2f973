"""What all Office Open XML files share: relationships, macros, embedded files, pictures, and who made them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from gongkai.attachments.archive import Archive, odd_names
from gongkai.attachments.markup import MAX_XML, Paragraphs, look_through, values, walk
from gongkai.attachments.pictures import note_traces
from gongkai.attachments.reading import Notes, masked
from gongkai.attachments.relations import Relation, relations_of

NOBODY = re.compile(
    r"\A(?:|admin(?:istrator)?|user\d*|windows\s?用户|用户|microsoft(?: office)?(?: user)?|un-?named|unknown|"
    r"openpyxl|python-docx|apache poi|libreoffice|wps(?: office)?(?:_\d+)?|kingsoft|office|pc|dell|lenovo|hp|"
    r"系统管理员|管理员|gongkai)\Z",
    re.IGNORECASE,
)
"""Names that programs and fresh computers put there; they name nobody."""
_MACROS = ("vbaproject.bin", "vbadata.xml")
_MACRO_FOLDERS = ("/activex/", "/macrosheets/", "/dialogsheets/")
_PICTURE = (".jpg", ".jpeg", ".tif", ".tiff", ".png", ".webp")
_OUTSIDE = frozenset(
    {"image", "oleObject", "frame", "subDocument", "package", "audio", "video", "media", "aFChunk"}
)
MAX_PICTURES = 300


class Package:
    """The parts of an office file, read one at a time."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.names = archive.names

    def read(self, name: str) -> bytes:
        """An XML part's bytes; empty when there is no such part."""
        return self.archive.read(name, MAX_XML)

    def under(self, pattern: str) -> list[str]:
        """The parts whose names match, those with numbers in the numbers' order."""
        wanted = re.compile(pattern, re.IGNORECASE)
        found = [name for name in self.names if wanted.fullmatch(name)]
        return sorted(
            found, key=lambda n: (re.sub(r"\d+", "", n), [int(d) for d in re.findall(r"\d{1,9}", n)])
        )

    def relations(self, name: str) -> Mapping[str, Relation]:
        """The relationships of a part by their ids."""
        folder, base = posixpath.split(name)
        data = self.read(posixpath.join(folder, "_rels", f"{base}.rels"))
        return relations_of(data, folder) if data else {}

    @cached_property
    def outward(self) -> list[tuple[str, Relation]]:
        """All relationships of all parts that lead out of the file, with the parts' names."""
        found = []
        for name in self.under(r"(.*/)?_rels/[^/]*\.rels"):
            part = name.replace("_rels/", "").removesuffix(".rels")
            found += [(part, r) for r in relations_of(self.read(name), "").values() if r.external]
        return found


def note_common(package: Package, notes: Notes) -> None:
    """Traits that any office file can have: look at every part's name, every way out, and the properties."""
    odd_names(package.archive.infos, notes)
    look_through(package.read("[Content_Types].xml"))
    for name in package.names:
        _note_part(name, notes)
    for part, relation in package.outward:
        _note_outward(part, relation, notes)
    _note_people(package, notes)
    for name in [n for n in package.names if n.lower().endswith(_PICTURE)][:MAX_PICTURES]:
        note_traces(package.archive.read(name), notes, name.rpartition("/")[2])


def _note_part(name: str, notes: Notes) -> None:
    low = f"/{name.lower()}"
    if low.endswith(_MACROS) or any(folder in low for folder in _MACRO_FOLDERS):
        notes.trait("macro", name)


def _note_outward(part: str, relation: Relation, notes: Notes) -> None:
    host = urlsplit(relation.target).hostname if "://" in relation.target[:12] else ""
    if relation.kind == "attachedTemplate":
        notes.trait("template", "", host or "")
    elif relation.kind in ("externalLinkPath", "xlPathMissing", "externalLink"):
        notes.trait("workbook-link", part.rpartition("/")[2])
    elif relation.kind in _OUTSIDE and not relation.target.startswith(("#", "mailto:")):
        notes.trait("outside", part.rpartition("/")[2], host or "")


def _note_people(package: Package, notes: Notes) -> None:
    for _, name, _ in _properties(package, "docProps/core.xml", "creator", "lastModifiedBy"):
        note_person(name, notes)
    for tag, value, _ in _properties(package, "docProps/app.xml", "Manager", "Company"):
        if tag == "Manager":
            note_person(value, notes)


def _properties(package: Package, part: str, *names: str) -> list[tuple[str, str, Mapping[str, str]]]:
    data = package.read(part)
    return values(data, *names, name=part) if data else []


def note_person(name: str, notes: Notes) -> None:
    """Note the name of a person, masked, unless it is one that programs put there."""
    name = name.strip()
    if not NOBODY.match(name):
        notes.trait("author", "", masked(name))


def read_drawn(package: Package, pattern: str, spot: str, notes: Notes) -> None:
    """The words in drawings, diagrams and charts: parts whose names match."""
    for name in package.under(pattern):
        drawn = Paragraphs(lambda text: notes.part(spot, text), frozenset({"Fallback"}))
        walk(package.read(name), drawn, name)
        drawn.flush()
