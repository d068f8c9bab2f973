"""What the last release's files were looked over for: a file that is still the same one need not be read again.

Only when the file is as it was left (size and time of its last change), and nothing is to be found today that was not
to be found then: the same secret texts and files, and for a page the same title. Files of items are always read: whether
they are what was approved is asked of every release anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gongkai.release.manifest import Entry, read_manifest
from gongkai.release.place import SITE
from gongkai.release.view import Expected
from gongkai.store.files import write_whole

FILE = "looked.json"


@dataclass(frozen=True)
class Looked:
    """A release that was looked over: its public files, when each was last changed, and the titles found on its pages."""

    site: Path = Path()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def entry(self, path: str, file: str, title: str) -> Entry | None:
        """The entry of a file that is the very one of that release, and was asked for the same then."""
        known = self.entries.get(path)
        if known is None or self.titles.get(path, "") != title:
            return None
        try:
            here, there = os.lstat(file), os.lstat(f"{self.site}/{path}")
        except OSError:
            return None
        same = (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)
        return (
            known
            if same and (here.st_size, here.st_mtime_ns) == (known.size, self.changed.get(path))
            else None
        )

    def is_known(self, entry: Entry) -> bool:
        """Whether it is the entry of a file of that release."""
        return self.entries.get(entry.path) is entry


def read_looked(release: Path, expected: Expected) -> Looked:
    """What a release was looked over for; nothing when other texts are secret today, or when it cannot be read."""
    try:
        said = json.loads((release / FILE).read_text(encoding="utf-8"))
        if said["secret"] == _secret(expected):
            return Looked(release / SITE, read_manifest(release), dict(said["changed"]), dict(said["titles"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Looked()


def write_looked(release: Path, expected: Expected, entries: Iterable[Entry]) -> None:
    """Write down what a release was looked over for; of what is secret only a digest."""
    site = release / SITE
    changed = {e.path: os.lstat(f"{site}/{e.path}").st_mtime_ns for e in entries}
    said = {
        "schema_version": 1,
        "secret": _secret(expected),
        "titles": dict(expected.pages),
        "changed": changed,
    }
    write_whole(release / FILE, json.dumps(said, ensure_ascii=False) + "\n")


def _secret(expected: Expected) -> str:
    rows = (*sorted(expected.secret), "", *sorted(expected.secret_files), "", *sorted(expected.departments))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
