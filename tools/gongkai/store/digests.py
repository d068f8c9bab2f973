"""A folder and the digests of its files, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gongkai.store.durable import files_of
from gongkai.store.files import write_whole

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\\]+)")
_BLOCK = 1 << 20


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, read block by block."""
    seen = hashlib.sha256()
    with file.open("rb") as source:
        while block := source.read(_BLOCK):
            seen.update(block)
    return seen.hexdigest()


def write_sums(folder: Path) -> None:
    """Write the list of all files in the folder."""
    rows = (f"{digest_of(file)}  {path}\n" for path, file in files_of(folder) if path != SUMS)
    write_whole(folder / SUMS, "".join(rows))


def read_sums(folder: Path) -> Mapping[str, str]:
    """Digests by path. OSError when there is no list, ValueError when it is none."""
    found = {}
    text = (folder / SUMS).read_text(encoding="utf-8")
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or ".." in match[2].split("/") or match[2].startswith("/"):
            raise ValueError(line)
        found[match[2]] = match[1]
    if not text.endswith("\n"):
        raise ValueError(text[-80:])
    return found


def compare(folder: Path, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is not as the list says: ("missing" | "changed" | "strange", path), sorted by path."""
    there = dict(files_of(folder))
    for path in sorted((said.keys() | there.keys()) - {SUMS}):
        if path not in there:
            yield "missing", path
        elif path not in said:
            yield "strange", path
        elif digest_of(there[path]) != said[path]:
            yield "changed", path
