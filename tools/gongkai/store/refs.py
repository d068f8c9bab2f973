"""Where refs stand, read from git's own files: a process for each of these questions took longer than all else it was asked for.

Only what git wrote in its plainest form is read: an id in a file of the ref's name, or in `packed-refs`. Whatever looks
otherwise (a symbolic ref, a broken one, another kind of storage, a work tree) is left to git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
ZERO = "0" * 40
"""The id of nothing: a ref that is not there."""
_HERE = (None, "", ".")


def stand(folder: Path, names: Iterable[str]) -> dict[str, str] | None:
    """The object ids of these full names in the bare repository `folder`, without those that are not there; None: ask git."""
    if not _is_plain(folder):
        return None
    found: dict[str, str] = {}
    try:
        for name in dict.fromkeys(names):
            if not name.startswith("refs/") or ".." in name:
                return None
            # In this order: git packs a ref before it takes the ref's own file away.
            oid = _loose(folder / name) or _packed(folder / "packed-refs", name)
            if oid:
                found[name] = oid.decode()
    except (OSError, ValueError):
        return None
    return found


def _is_plain(folder: Path) -> bool:
    """Whether git, started in this folder, would take it for a bare repository with its refs in files."""
    parts = ("HEAD", "objects", "refs")
    return (
        os.environ.get("GIT_DIR") in _HERE
        and all((folder / part).exists() for part in parts)
        and not any((folder / part).exists() for part in (".git", "reftable", "commondir"))
    )


def _loose(file: Path) -> bytes:
    """The id in a ref's own file; empty when it has none. ValueError when something else stands there."""
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return b""
    return _checked(raw.rstrip())


def _packed(file: Path, name: str) -> bytes:
    """The id of a ref among those that are packed; empty when it is not there."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return b""
    start, mark, _ = raw.partition(b" " + os.fsencode(name) + b"\n")
    return _checked(start.rpartition(b"\n")[2]) if mark else b""


def _checked(oid: bytes) -> bytes:
    if _ID.fullmatch(oid) is None:
        raise ValueError(oid)
    return oid
