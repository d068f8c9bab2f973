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


class Entry(NamedTuple):
    """A public file: its path below `site/`, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


def entry(path: str, data: bytes) -> Entry:
    """The entry of a file with these bytes."""
    return Entry(path, len(data), hashlib.sha256(data).hexdigest())


def write_manifest(folder: Path, view: View, entries: Iterable[Entry]) -> None:
    """Write the manifest beside the public files: what was built, as of when, and every file."""
    head = {
        "schema_version": 1, "engine": __version__, "genesis": view.anchor.genesis, "main": view.main,
        "ledger": view.ledger, "effective": view.effective.isoformat(), "laid": list(view.laid),
    }  # fmt: skip
    # Written by hand, for there are tens of thousands: only the path needs the care of JSON.
    lines = ",\n".join(
        f'{{"path": {encode_basestring(path)}, "size": {size}, "sha256": "{sha256}"}}'
        for path, size, sha256 in entries
    )
    start = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    write_whole(folder / FILE, f'{start},\n "files": [\n{lines}\n]}}\n')


def read_manifest(folder: Path) -> Mapping[str, Entry]:
    """The public files of a release by path. OSError or ValueError when there is no manifest."""
    data = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {row["path"]: Entry(row["path"], row["size"], row["sha256"]) for row in data["files"]}


def differences(folder: Path, site: Path) -> list[str]:
    """The paths at which the public files are not what the manifest says: changed, missing, or too many."""
    said = read_manifest(folder)
    there = {path: entry(path, file.read_bytes()) for path, file in files_of(site)}
    return sorted(path for path in said.keys() | there.keys() if said.get(path) != there.get(path))
