"""The manifest: every public file of a release with its size and SHA-256. Same input, same engine, same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from pathlib import Path
from typing import NamedTuple

from gongkai import __version__
from gongkai.release.view import View
from gongkai.store.durable import files_of
from gongkai.store.files import write_whole

FILE = "manifest.json"
_FILES, _END = '\n "files": [\n', "\n]}\n"


class Entry(NamedTuple):
    """A public file: its path below `site/`, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


def entry(path: str, data: bytes) -> Entry:
    """The entry of a file with these bytes."""
    return Entry(path, len(data), hashlib.sha256(data).hexdigest())


def line_of(path: str, data: bytes) -> str:
    """The same as a line of the manifest. Written by hand, for there are tens of thousands: only the path needs JSON's care."""
    digest = hashlib.sha256(data).hexdigest()
    return f'{{"path": {encode_basestring(path)}, "size": {len(data)}, "sha256": "{digest}"}}'


def write_manifest(folder: Path, view: View, lines: Iterable[str]) -> bytes:
    """Write the manifest beside the public files: what was built, as of when, and every file's line. Returns its SHA-256."""
    head = {
        "schema_version": 1, "engine": __version__, "genesis": view.anchor.genesis, "main": view.main,
        "ledger": view.ledger, "effective": view.effective.isoformat(), "laid": list(view.laid),
    }  # fmt: skip
    start = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    data = "".join((start, ",", _FILES, ",\n".join(lines), _END)).encode()
    write_whole(folder / FILE, data)
    return hashlib.sha256(data).digest()


def read_lines(folder: Path, digest: bytes) -> list[str]:
    """The lines of a manifest with this SHA-256. OSError or ValueError when there is none."""
    data = (folder / FILE).read_bytes()
    if hashlib.sha256(data).digest() != digest:
        raise ValueError(FILE)
    return data.decode().partition(_FILES)[2].removesuffix(_END).split(",\n")


def read_manifest(folder: Path) -> Mapping[str, Entry]:
    """The public files of a release by path. OSError or ValueError when there is no manifest."""
    data = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {row["path"]: Entry(row["path"], row["size"], row["sha256"]) for row in data["files"]}


def differences(folder: Path, site: Path) -> list[str]:
    """The paths at which the public files are not what the manifest says: changed, missing, or too many."""
    said = read_manifest(folder)
    there = {path: entry(path, file.read_bytes()) for path, file in files_of(site)}
    return sorted(path for path in said.keys() | there.keys() if said.get(path) != there.get(path))
