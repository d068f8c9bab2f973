"""Many objects hashed again at once: one `git cat-file --batch` for all of them, its answer read as a stream."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from gongkai.store.process import not_started

CHUNK = 1 << 20


def first_wrong(folder: Path, oids: Iterable[str], env: Mapping[str, str], kind: str = "") -> str:
    """The first of these objects that is missing, unreadable, of another kind, or not what its id says; empty for none.

    Where it is the answer that breaks off, the object is named at which it did. GongkaiError when git is missing.
    """
    with tempfile.TemporaryFile() as asked:
        wanted = list(oids)
        asked.write("".join(f"{oid}\n" for oid in wanted).encode())
        asked.seek(0)
        command = ["git", "cat-file", "--batch", "--buffer"]
        try:
            child = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **env}, stdin=asked, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise not_started(command[0], error) from error
        with child:
            try:
                answer = child.stdout
                return next((oid for oid in wanted if answer is None or not _is_right(oid, kind, answer)), "")
            finally:
                child.kill()


def _is_right(oid: str, kind: str, answer: IO[bytes]) -> bool:
    """Whether the next object of the answer is the one asked for, of this kind (if one is given), and has its id."""
    parts = answer.readline(200).split()
    if len(parts) != 3 or parts[0] != oid.encode() or not parts[2].isdigit():
        return False
    if kind and parts[1] != kind.encode():
        return False
    left = int(parts[2])
    seen = hashlib.sha1(parts[1] + b" " + parts[2] + b"\0", usedforsecurity=False)
    while left > 0:
        data = answer.read(min(left, CHUNK))
        if not data:
            return False
        seen.update(data)
        left -= len(data)
    return answer.read(1) == b"\n" and seen.hexdigest() == oid
