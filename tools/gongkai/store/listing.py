"""The files of a commit: paths, modes and blob ids from one `git ls-tree`, sizes only where somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.process import run, run_short

ZERO = "0" * 40
"""The id of nothing: a ref that is not there."""
MAX_LISTING = 32_000_000
"""A tree's list of files may have so many bytes (about 300,000 files): small trees can name each other without end."""

_KNOWN: dict[tuple[str, str], dict[str, Entry]] = {}
"""Lists of commits already read by this process: an object id says for ever what it holds."""
_MOST = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a commit: its mode (100644 …), blob id, and size in bytes (0 until asked for)."""

    mode: str
    blob: str
    size: int = 0


def listing(folder: Path, commit: str) -> Mapping[str, Entry]:
    """Every file of a commit or tree by its path, in the order of git's bytes. GongkaiError when the list has no end."""
    if len(commit) != 40:
        return _read(folder, commit)
    key = (str(folder), commit)
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST:
            _KNOWN.pop(next(iter(_KNOWN)))
        _KNOWN[key] = _read(folder, commit)
    return _KNOWN[key]


def _read(folder: Path, commit: str) -> dict[str, Entry]:
    done = run_short(["git", "ls-tree", "-r", "-z", "--full-tree", commit], cwd=folder, limit=MAX_LISTING)
    if done is None:
        raise GongkaiError(
            msg("the commit {commit} holds too many files", commit=commit[:12]),
            msg("hand in fewer files at a time"),
            Exit.FINDINGS,
        )
    if done.code:
        raise GongkaiError(
            msg("git {command} failed: {reason}", command="ls-tree", reason=f"exit {done.code}"),
            msg("`gongkai server settle` finishes what was begun; nothing that was approved is lost"),
            Exit.BROKEN,
        )
    found: dict[str, Entry] = {}
    for line in done.out.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = line.partition("\t")
        if path:
            found[path] = Entry(head[:6], head[12:] if head[7:11] == "blob" else head.rpartition(" ")[2])
    return found


def sizes(folder: Path, blobs: Iterable[str]) -> dict[str, int]:
    """The number of bytes of each object, without reading them; those that are missing are left out."""
    wanted = "".join(f"{blob}\n" for blob in dict.fromkeys(blobs)).encode()
    if not wanted:
        return {}
    done = run(["git", "cat-file", "--batch-check=%(objectname) %(objectsize)"], cwd=folder, stdin=wanted)
    rows = (line.split(" ") for line in done.out.decode().splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
