"""The officer's working copy as git sees it: what was changed there, without touching branch, index or files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gongkai.gate.client import Clone
from gongkai.items.read import read_item
from gongkai.model.errors import GongkaiError
from gongkai.model.item import Item
from gongkai.model.message import msg
from gongkai.store.listing import Entry
from gongkai.store.objects import Objects

PLACES = ("content", "schemas", "site_config", "mkdocs.yml", "README.md", ".gitignore")
"""What belongs into a portal; everything else in the folder is the officer's own affair."""

_JUNK_NAMES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep"})
_JUNK_STARTS = ("~$", "._", ".gongkai-")
_JUNK_ENDS = ("~", ".swp", ".part")
NOTHING = Entry("", "")


@dataclass(frozen=True)
class Group:
    """One item with its attachments, as far as it was changed: `key` is its path without the ending."""

    key: str
    blobs: Mapping[str, str]

    @property
    def id(self) -> str:
        """The item's id as its file name says it."""
        return self.key.rpartition("/")[2]

    @property
    def department(self) -> str:
        """The department's folder."""
        return self.key.split("/")[1]


@dataclass(frozen=True)
class Copy:
    """Three listings: main as the working copy once received it, main as it is, and the files as they lie here.

    `past` gives every blob that a path had on main in between: a file that equals one of them lags and is not changed.
    """

    base: Mapping[str, Entry]
    main: Mapping[str, Entry]
    here: Mapping[str, Entry]
    past: Mapping[str, frozenset[str]]

    def blob(self, where: Mapping[str, Entry], path: str) -> str:
        """The blob of a path in one of the listings; empty when it is not there."""
        return where.get(path, NOTHING).blob

    def touched(self, path: str) -> bool:
        """Whether the officer changed this path: it differs from main and was never on main since."""
        mine = self.blob(self.here, path)
        known = {self.blob(self.main, path), self.blob(self.base, path)} | self.past.get(path, frozenset())
        return mine not in known

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Every path that the officer changed, new and taken away ones too."""
        paths = self.here.keys() | self.base.keys() | self.main.keys()
        return tuple(sorted(p for p in paths if self.touched(p)))

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The changed items by key."""
        found: dict[str, dict[str, str]] = {}
        for path in self.changed:
            if key := key_of(path):
                found.setdefault(key, {})[path] = self.blob(self.here, path)
        return {key: Group(key, blobs) for key, blobs in found.items()}

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """Changed files outside content/."""
        return {p: self.blob(self.here, p) for p in self.changed if not p.startswith("content/")}

    @cached_property
    def strays(self) -> tuple[str, ...]:
        """Changed files in content/ that belong to no item."""
        return tuple(p for p in self.changed if p.startswith("content/") and not key_of(p))


def key_of(path: str) -> str:
    """The item that a path belongs to: content/<department>/<year>/<name>; empty for none."""
    parts = path.split("/")
    if parts[0] != "content" or len(parts) < 4:
        return ""
    name = parts[3] if len(parts) > 4 else parts[3].rpartition(".")[0]
    return "/".join([*parts[:3], name]) if name else ""


def file_of(listing: Container[str], key: str) -> str:
    """The item's own file among these paths; empty when there is none."""
    return next((key + e for e in (".md", ".yml", ".yaml") if key + e in listing), "")


def item_at(objects: Objects, blobs: Mapping[str, str], key: str) -> Item | None:
    """The item of a key read from its blob; None when it is not there or cannot be read."""
    path = file_of({p for p, blob in blobs.items() if blob}, key)
    return read_item(path, objects.repository.blob(blobs[path]))[0] if path else None


def read_copy(clone: Clone) -> Copy:
    """Look at the working copy. GongkaiError when it does not come from the server's main."""
    objects, main = clone.gate.objects, clone.gate.state.main
    base = objects.merge_base(objects.repository.resolve("HEAD"), main)
    if not base:
        raise GongkaiError(
            msg("the branch that you are on has nothing in common with the server's main"),
            msg("make a fresh clone with `gongkai setup URL`, and copy your files into it"),
        )
    return Copy(
        objects.listing(base), objects.listing(main), _here(objects, clone.folder), _past(objects, base, main)
    )


def _here(objects: Objects, folder: Path) -> dict[str, Entry]:
    """The files of the portal as git would store them, through an index of our own (a copy, so that it is quick)."""
    with tempfile.TemporaryDirectory(prefix="gongkai-index-") as temporary:
        env = {"GIT_INDEX_FILE": f"{temporary}/index"}
        index = folder / objects.git("rev-parse", "--git-path", "index").decode().rstrip("\n")
        if index.is_file():
            shutil.copyfile(index, f"{temporary}/index")
        places = [p for p in PLACES if (folder / p).exists() or objects.git("ls-files", "-z", "--", p)]
        objects.git("add", "--all", "--", *places, env=env)
        out = objects.git("ls-files", "--stage", "-z", "--", *places, env=env)
    found: dict[str, Entry] = {}
    for line in filter(None, out.split(b"\0")):
        head, _, raw = line.partition(b"\t")
        mode, blob, _stage = head.decode().split()
        path = raw.decode("utf-8", "surrogateescape")
        if not _junk(path):
            # A program bit means nothing here: shared folders and USB sticks set it on every file.
            found[path] = Entry("100644" if mode == "100755" else mode, blob)
    return found


def _junk(path: str) -> bool:
    """What systems and editors leave lying about."""
    names = path.split("/")
    return any(n in _JUNK_NAMES or n.startswith(_JUNK_STARTS) or n.endswith(_JUNK_ENDS) for n in names)


def _past(objects: Objects, base: str, main: str) -> dict[str, frozenset[str]]:
    if base == main:
        return {}
    commits = "".join(f"{c}\n" for c in objects.chain(main, base)).encode()
    out = objects.git(
        "diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-commit-id",
        stdin=commits,
    )  # fmt: skip
    tokens = [t for t in out.split(b"\0") if t]
    found: dict[str, set[str]] = {}
    for head, raw in zip(tokens[::2], tokens[1::2], strict=True):
        old, new = head.decode().split()[2:4]
        path = raw.decode("utf-8", "surrogateescape")
        found.setdefault(path, set()).update("" if not o.strip("0") else o for o in (old, new))
    return {path: frozenset(blobs) for path, blobs in found.items()}


def take_away(folder: Path, paths: Iterable[str]) -> None:
    """Delete files, and the folders that are empty then."""
    parents = set()
    for path in paths:
        (folder / path).unlink(missing_ok=True)
        parents.add((folder / path).parent)
    for parent in sorted(parents, key=lambda p: len(p.parts), reverse=True):
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()
