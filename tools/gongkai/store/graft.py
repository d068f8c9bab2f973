"""A commit's tree with a few paths set or taken away: only the folders on their ways are read and written anew."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.batch import Batch, batch_of, tree_rows
from gongkai.store.process import run
from gongkai.store.proven import FILE, FOLDER, bytes_of, object_id


def grafted(folder: Path, base: str, changes: Mapping[str, str]) -> str:
    """Write the trees that `base` (a commit or tree) becomes with these paths set to these blobs ("": taken away).

    As git's index does it: what stands in a path's way gives way. Returns the new tree's id.
    """
    batch = batch_of(folder)
    made: dict[str, bytes] = {}
    oid, _, _ = batch.ask(f"{base}^{{tree}}")
    tree = _grown(batch, oid, changes, made) or _laid(b"", made)
    _write(folder, made)
    return tree


def _grown(batch: Batch, tree: str, changes: Mapping[str, str], made: dict[str, bytes]) -> str:
    """The id of a tree with changes; empty when nothing is left in it."""
    entries: dict[str, tuple[str, str]] = {}
    if tree:
        entries = {name: (mode.lstrip("0"), oid) for mode, name, oid in tree_rows(batch.ask(tree)[2])}
    below: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path, blob in changes.items():
        name, _, rest = path.partition("/")
        if rest:
            below[name][rest] = blob
        elif blob:
            entries[name] = (FILE, blob)
        elif entries.get(name, ("", ""))[0] != FOLDER:
            entries.pop(name, None)
    for name, rows in below.items():
        mode, oid = entries.get(name, (FOLDER, ""))
        if mode == FOLDER or any(rows.values()):
            entries.pop(name, None)
            grown = _grown(batch, oid if mode == FOLDER else "", rows, made)
            if grown:
                entries[name] = (FOLDER, grown)
    return _laid(bytes_of(entries), made) if entries else ""


def _laid(raw: bytes, made: dict[str, bytes]) -> str:
    oid = object_id("tree", raw)
    made[oid] = raw
    return oid


def _write(folder: Path, trees: Mapping[str, bytes]) -> None:
    """Store tree objects, by one child; git looks at each whether it is well formed."""
    with tempfile.TemporaryDirectory(prefix="gongkai-trees-") as place:
        files = [Path(place) / oid for oid in trees]
        for file, raw in zip(files, trees.values(), strict=True):
            file.write_bytes(raw)
        asked = "".join(f"{file}\n" for file in files).encode()
        done = run(
            ["git", "hash-object", "-t", "tree", "-w", "--no-filters", "--stdin-paths"],
            cwd=folder,
            stdin=asked,
        )
    if done.code or done.out.decode().split() != list(trees):
        raise GongkaiError(
            msg(
                "git {command} failed: {reason}",
                command="hash-object",
                reason=done.err.decode("utf-8", "replace"),
            ),
            msg("`gongkai server settle` finishes what was begun; nothing that was approved is lost"),
            Exit.BROKEN,
        )
