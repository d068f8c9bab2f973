"""What differs between a folder and its repository's last commit, from one look of git's: no file is read for it.

Only where every file that git does not mention holds exactly the bytes of its blob: no attributes, no changed line endings,
no files that git was told not to look at, no submodules. Elsewhere there is no such look, and the folder is walked through.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOOKED = ("content", "schemas", "site_config")
"""The folders of a portal that a look goes through."""
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_STATUS = ("--porcelain=v2", "-z", "--untracked-files=all", "--ignored=matching", "--no-renames")
_CONFIG = r"^core\.(autocrlf|attributesfile|symlinks|quotepath|precomposeunicode|ignorecase)$"
_HARMLESS = {
    "core.autocrlf": "false",
    "core.symlinks": "true",
    "core.precomposeunicode": "false",
    "core.ignorecase": "false",
}
_ASKED = (
    ["status", *_STATUS, "--", *LOOKED],
    ["ls-files", "-v", "-s", "-z", "--", *LOOKED],
    ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"],
    ["config", "-z", "--get-regexp", _CONFIG],
)
_ALIKE = frozenset({b"H 100644", b"H 100755", b"H 120000"})


@dataclass(frozen=True)
class WorkTree:
    """A folder beside its last commit: the commit's tree, and the paths that are not as they are there.

    `differs` maps each such path to the mode and blob it has in the commit (both empty where the commit has none); one that
    ends with `/` is a folder that git does not look into. `ignored` are those among them that git is told to ignore.
    `plain`: every other file holds the bytes of its blob. `tracked` is git's list of (path, mode, blob).
    """

    tree: str
    differs: Mapping[str, tuple[str, str]]
    ignored: frozenset[str]
    plain: bool
    _index: bytes = field(default=b"", repr=False)

    @property
    def changed(self) -> frozenset[str]:
        """The files that are new or changed since the last commit, but for those that git is told to ignore."""
        return frozenset(path for path in self.differs if path not in self.ignored)

    def blobs(self, under: str = "") -> dict[str, str]:
        """The blob ids of the files below a folder that are as the commit has them; nothing where that says nothing."""
        if not self.plain:
            return {}
        rows = (row.partition(b"\t") for row in self._rows(under))
        found = ((path.decode("utf-8", "surrogateescape"), head) for head, _, path in rows)
        return {p: head[9:-2].decode() for p, head in found if head[2:5] == b"100" and p not in self.differs}

    @property
    def has_links(self) -> bool:
        """Whether git knows symbolic links: `blobs` says nothing of those."""
        return b"H 120000" in self._index

    def _rows(self, under: str) -> list[bytes]:
        """The rows of the list below a folder. Git sorts it by the bytes of paths, so they stand beside each other."""
        prefix = f"\t{under}/".encode("utf-8", "surrogateescape") if under else b"\t"
        first = self._index.find(prefix)
        if first < 0:
            return []
        begin = self._index.rfind(b"\0", 0, first) + 1
        rows = self._index[begin : self._index.find(b"\0", self._index.rfind(prefix))].split(b"\0")
        return [row for row in rows if prefix in row]


class Look:
    """One look at a folder: git goes through its files in processes of its own while this one does something else."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._running: list[subprocess.Popen[bytes]] = []
        if (root / ".git").is_dir():
            env = {**os.environ, **_QUIET}
            with suppress(OSError):
                self._running = [
                    subprocess.Popen(
                        ["git", *args], cwd=root, env=env,
                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    )
                    for args in _ASKED
                ]  # fmt: skip

    def found(self) -> WorkTree | None:
        """What git saw; None where the folder is not the top of a git work tree with at least one commit."""
        if not self._running:
            return None
        # The last first: the long lists come from the first two, and nothing waits for a full pipe of another.
        written = [child.communicate()[0] for child in reversed(self._running)]
        good = (
            out if child.returncode == 0 else None
            for child, out in zip(self._running, reversed(written), strict=True)
        )
        status, index, tree, config = good
        if status is None or index is None or not tree:
            return None
        differs, ignored, whole = _differing(status)
        plain = whole and not _odd_index(index) and not _attributes(self._root, config or b"", index, differs)
        return WorkTree(tree.decode().strip(), differs, ignored, plain, index)


def _differing(status: bytes) -> tuple[dict[str, tuple[str, str]], frozenset[str], bool]:
    """The paths that git names, those of them that are ignored, and whether each line was understood."""
    differs: dict[str, tuple[str, str]] = {}
    ignored: set[str] = set()
    for line in status.decode("utf-8", "surrogateescape").split("\0"):
        if line.startswith("1 "):
            _, _, _, mode, _, _, blob, _, path = line.split(" ", 8)
            differs[path] = (mode, blob) if blob.strip("0") else ("", "")
        elif line.startswith(("? ", "! ")):
            differs[line[2:]] = ("", "")
            if line[0] == "!":
                ignored.add(line[2:])
        elif line:
            return {}, frozenset(), False
    return differs, frozenset(ignored), True


def _odd_index(index: bytes) -> bool:
    """Whether git does not look at some file (assume-unchanged, skip-worktree), or it is no file, or in conflict."""
    rows = index.split(b"\0")[:-1]
    return not {row[:8] for row in rows} <= _ALIKE or any(row[50:51] != b"0" for row in rows)


def _attributes(root: Path, config: bytes, index: bytes, differs: Mapping[str, object]) -> bool:
    """Whether something may have git store other bytes than the folder holds."""
    for row in config.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = row.partition("\n")
        if name and value != _HARMLESS.get(name, value if name == "core.quotepath" else None):
            return True
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = (root / ".gitattributes", root / ".git/info/attributes", home / "git/attributes")
    return (
        any(f.exists() for f in files)
        or b".gitattributes\0" in index
        or any(".gitattributes" in p for p in differs)
    )
