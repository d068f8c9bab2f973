"""Zip files from strangers: what they unpack to is bounded before anything is unpacked, and read part by part."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO

from gongkai.attachments.reading import Budget, Notes, Refusal

MAX_PARTS = 10_000
MAX_UNPACKED = 400_000_000
MAX_RATIO = 200
SMALL = 20_000_000
"""Below this a high ratio harms nobody: empty tables compress well."""
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, RuntimeError, LookupError,
)  # fmt: skip
"""What zipfile raises on archives that others broke."""
_LINK = 0xA000


class Archive:
    """A zip file in memory. Refusal when it is damaged, locked, or made to unpack without end."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self.budget = budget
        try:
            self._zip = zipfile.ZipFile(BytesIO(raw))
        except BROKEN as error:
            raise Refusal("damaged", "", str(error)[:80]) from error
        self.infos = self._zip.infolist()
        vet(self.infos)
        self._seen: set[str] = set()
        self._by_name = {info.filename.lstrip("/"): info for info in self.infos if not info.is_dir()}
        self._folded = {name.lower(): name for name in self._by_name}

    @property
    def names(self) -> list[str]:
        """The names of the parts, in order."""
        return list(self._by_name)

    def size(self, name: str) -> int:
        """The bytes that a part says it unpacks to."""
        return self._by_name[name].file_size

    def has(self, name: str) -> bool:
        """Whether there is such a part, whatever the case of its letters."""
        return name.lower() in self._folded

    def verify(self) -> None:
        """Unpack what was not read, piece by piece: Refusal when a part is damaged or is not as long as it says."""
        for name, info in self._by_name.items():
            if name not in self._seen:
                self._drain(info)

    def _drain(self, info: zipfile.ZipInfo) -> None:
        try:
            with self._zip.open(info) as source:
                while source.read(1_000_000):
                    pass
        except BROKEN as error:
            raise Refusal("damaged", info.filename, str(error)[:80]) from error

    def read(self, name: str, most: int = MAX_UNPACKED) -> bytes:
        """One part's bytes; empty when there is none. Refusal when it is damaged, lies about its size, or costs too much."""
        real = self._folded.get(name.lower())
        if real is None:
            return b""
        info = self._by_name[real]
        self._seen.add(real)
        self.budget.bytes -= info.file_size
        if info.file_size > most or self.budget.bytes < 0:
            raise Refusal("bomb-size", real)
        try:
            with self._zip.open(info) as source:
                data = source.read(info.file_size + 1)
        except BROKEN as error:
            raise Refusal("damaged", real, str(error)[:80]) from error
        if len(data) != info.file_size:
            raise Refusal("damaged", real)
        return data


def vet(infos: Iterable[zipfile.ZipInfo]) -> None:
    """Refusal for too many parts, too many bytes, a bomb's ratio, parts that share their bytes, or a password."""
    infos = list(infos)
    if len(infos) > MAX_PARTS:
        raise Refusal("bomb-parts", "", str(len(infos)))
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise Refusal("bomb-size")
    for info in infos:
        if info.flag_bits & 1:
            raise Refusal("encrypted", info.filename)
        if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise Refusal("bomb-size", info.filename)
    _vet_layout(infos)


def _vet_layout(infos: list[zipfile.ZipInfo]) -> None:
    """Parts that lie on top of each other: the trick of small bombs (one kernel, read a thousand times)."""
    end = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        if info.header_offset < end:
            raise Refusal("bomb-overlap", info.filename)
        end = info.header_offset + 30 + info.compress_size


def odd_names(infos: Iterable[zipfile.ZipInfo], notes: Notes) -> None:
    """Note parts whose names lead out of the folder, that are links, or that stand there twice."""
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or name[1:2] == ":":
            notes.trait("odd-path", name)
        if info.create_system == 3 and (info.external_attr >> 16) & 0xF000 == _LINK:
            notes.trait("link-entry", name)
        if name in seen:
            notes.trait("repeated-entry", name)
        seen.add(name)
