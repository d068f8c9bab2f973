"""Write whole or not at all: one rename per file, and for many files all or nothing."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def blob_id(data: bytes) -> str:
    """Git's id (SHA-1) of a file with these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def write_whole(path: Path, data: bytes | str) -> None:
    """Write `data` beside `path` and rename it into place; a crash leaves the old file or the new one.

    Raises OSError (full disk, no permission); nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path, data.encode() if isinstance(data, str) else data)
    try:
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_all(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files under `root`, all or nothing: every byte is on disk before the first name changes.

    New files and folders are taken away again and replaced files put back when a rename fails.
    """
    parts: dict[Path, Path] = {}
    made = _folders_to_make(root, files)
    try:
        for name, data in files.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            parts[target] = _part(target, data)
        _rename_all(parts)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def create_new(path: Path, data: bytes) -> bool:
    """Make a file that must not exist yet; False (and nothing done) when somebody else made it first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path, data)
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _part(path: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=".gongkai-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        part.chmod(0o644)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _folders_to_make(root: Path, files: Mapping[str, bytes]) -> list[Path]:
    """The folders that do not exist yet, deepest first."""
    parents = {parent for name in files for parent in (root / name).parents if not parent.exists()}
    return sorted(parents, key=lambda p: len(p.parts), reverse=True)


def _rename_all(parts: dict[Path, Path]) -> None:
    old: dict[Path, bytes | None] = {}
    try:
        for target, part in parts.items():
            old[target] = target.read_bytes() if target.exists() else None
            part.replace(target)
    except BaseException:
        for target, data in old.items():
            if data is None:
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(data)
        raise
