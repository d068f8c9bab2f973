"""The files of a commit: paths, modes and blob ids from one `git ls-tree`, sizes only where somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.batch import Batch, Missing, batch_of, heads_of, tree_rows
from gongkai.store.process import run, run_short

MAX_LISTING = 32_000_000
"""A tree's list of files may have so many bytes (about 300,000 files): small trees can name each other without end."""

_KNOWN: dict[tuple[str, str], dict[str, Entry]] = {}
"""Lists of commits already read by this process: an object id says for ever what it holds."""
_MOST = 4
_FOLDER = "040000"
FEW = 40
"""So many sizes are asked one by one, of the child that is there for it."""
_MOST_ROWS = 300_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a commit: its mode (100644 …), blob id, and size in bytes (0 until asked for)."""

    mode: str
    blob: str
    size: int = 0


def below(folder: Path, commit: str, under: str) -> Mapping[str, Entry]:
    """The files of a commit below one folder (or the file of this path) by their paths; see `listing`."""
    if not under:
        return listing(folder, commit)
    batch = batch_of(folder)
    try:
        mode, oid = _found(batch, commit, under)
    except (OSError, ValueError):
        return _read(folder, commit, under)
    if mode != _FOLDER:
        return {under: Entry(mode, oid)} if mode else {}
    return _walked(batch, oid, f"{under}/")


def names(folder: Path, commit: str, under: str) -> list[str]:
    """The names that stand in one folder of a commit ("" for the top); none when there is no such folder."""
    try:
        oid, kind, raw = batch_of(folder).ask(f"{commit}:{under}")
    except Missing:
        return []
    if len(oid) != 40:  # no SHA-1: tree objects are written otherwise
        start = f"{under}/" if under else ""
        return list({p[len(start) :].split("/")[0] for p in listing(folder, commit) if p.startswith(start)})
    return [name for _, name, _ in tree_rows(raw)] if kind == "tree" else []


def _found(batch: Batch, commit: str, path: str) -> tuple[str, str]:
    """Mode and id of what stands at a path of a commit, both empty for nothing. ValueError where ids are no SHA-1."""
    above, _, last = path.rpartition("/")
    if len(batch.ask(f"{commit}^{{tree}}")[0]) != 40:
        raise ValueError(commit)
    try:
        _, kind, raw = batch.ask(f"{commit}:{above}")
    except Missing:
        return "", ""
    rows = tree_rows(raw) if kind == "tree" else ()
    return next(((mode, oid) for mode, name, oid in rows if name == last), ("", ""))


def _walked(batch: Batch, tree: str, prefix: str) -> dict[str, Entry]:
    """All files below a tree; GongkaiError when there is no end of it: small trees can name each other again and again."""
    found: dict[str, Entry] = {}
    left = [(prefix, tree)]
    looked = 0
    while left:
        at, oid = left.pop()
        looked += 1
        for mode, name, row in tree_rows(batch.ask(oid)[2]):
            if mode == _FOLDER:
                left.append((f"{at}{name}/", row))
            else:
                found[f"{at}{name}"] = Entry(mode, row)
        if len(left) + looked + len(found) > _MOST_ROWS:
            raise _endless(tree)
    return dict(sorted(found.items()))


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


def _read(folder: Path, commit: str, under: str = "") -> dict[str, Entry]:
    args = [
        "git",
        "--literal-pathspecs",
        "ls-tree",
        "-r",
        "-z",
        "--full-tree",
        commit,
        *(["--", under] if under else []),
    ]
    done = run_short(args, cwd=folder, limit=MAX_LISTING)
    if done is None:
        raise _endless(commit)
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


def differences(
    folder: Path, old: str, new: str, under: str = ""
) -> dict[str, tuple[Entry | None, Entry | None]] | None:
    """What differs below a folder between two commits or trees: each path's old and new entry, None where it is not there.

    None when git cannot tell: one of the two is not there (any longer), or the list has no end.
    """
    if old == new:
        return {}
    args = [
        "git",
        "--literal-pathspecs",
        "diff-tree",
        "-r",
        "-z",
        "--raw",
        "--no-renames",
        "--no-ext-diff",
        old,
        new,
    ]
    done = run_short([*args, *(["--", under] if under else [])], cwd=folder, limit=MAX_LISTING)
    if done is None or done.code:
        return None
    words = done.out.decode("utf-8", "surrogateescape").split("\0")
    found: dict[str, tuple[Entry | None, Entry | None]] = {}
    for head, path in zip(words[::2], words[1::2], strict=False):
        mode_before, mode, blob_before, blob, _ = head.removeprefix(":").split(" ")
        found[path] = (_entry(mode_before, blob_before), _entry(mode, blob))
    return found


def _entry(mode: str, blob: str) -> Entry | None:
    return Entry(mode, blob) if mode.strip("0") else None


def _endless(commit: str) -> GongkaiError:
    return GongkaiError(
        msg("the commit {commit} holds too many files", commit=commit[:12]),
        msg("hand in fewer files at a time"),
        Exit.FINDINGS,
    )


def sizes(folder: Path, blobs: Iterable[str]) -> dict[str, int]:
    """The number of bytes of each object, without reading them; those that are missing are left out."""
    names = list(dict.fromkeys(blobs))
    if len(names) <= FEW:
        return _sizes_of_few(folder, names)
    wanted = "".join(f"{blob}\n" for blob in names).encode()
    done = run(["git", "cat-file", "--batch-check=%(objectname) %(objectsize)"], cwd=folder, stdin=wanted)
    rows = (line.split(" ") for line in done.out.decode().splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _sizes_of_few(folder: Path, names: Iterable[str]) -> dict[str, int]:
    heads, found = heads_of(folder), {}
    for name in names:
        with suppress(Missing, OSError):
            found[name] = heads.about(name)[2]
    return found
