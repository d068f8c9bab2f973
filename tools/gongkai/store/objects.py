"""Writing git objects and moving refs: what the gate lays down. Names of refs are always full."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import takewhile

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.batch import Missing, heads_of
from gongkai.store.git import Repository
from gongkai.store.graft import grafted
from gongkai.store.listing import Entry, below, differences, listing, names, sizes
from gongkai.store.process import run
from gongkai.store.refs import ZERO, stand

FEW = 500
"""So many changed paths are laid into a tree folder by folder; more go through an index of the whole tree."""
FEW_COMMITS = 60
"""So many commits are read one by one rather than listed first."""
SMALL = 100_000
"""Of a commit with more bytes git is asked: whoever pushed it chose its length."""
NOBODY = "gongkai <gongkai@localhost>"


class Objects:
    """Plumbing on one repository. Every failure of git is a GongkaiError with exit code 3."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._heads = heads_of(repository.folder)

    def git(self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        """Run git in the repository with these bytes on its standard input and `env` added to the environment."""
        done = run(["git", *args], cwd=self.repository.folder, stdin=stdin, timeout=600, env=env)
        if done.code:
            raise _failed(args[0], done.err.decode("utf-8", "replace"))
        return done.out

    def ref(self, name: str) -> str:
        """The object id that the full ref name stands for; empty when there is no such ref."""
        return self.at_refs(name).get(name, "")

    def at_refs(self, *names: str) -> dict[str, str]:
        """The object ids that these full ref names stand for; those that there are not are left out."""
        read = stand(self.repository.folder, names)
        if read is not None:
            return read
        out = self.git("for-each-ref", "--format=%(objectname)%00%(refname)", *names)
        rows = (line.partition(b"\0") for line in out.splitlines())
        found = {ref.decode("utf-8", "surrogateescape"): oid.decode() for oid, _, ref in rows}
        return {name: found[name] for name in names if name in found}

    def refs(self, prefix: str) -> dict[str, str]:
        """All refs below a prefix such as `refs/gongkai/inbox/`, with their object ids."""
        out = self.git("for-each-ref", "--format=%(objectname)%00%(refname)", prefix)
        rows = (line.partition(b"\0") for line in out.splitlines())
        return {found.decode(): oid.decode() for oid, _, found in rows}

    def kind(self, name: str) -> str:
        """What an object id or revision stands for (commit, tree, blob, tag); empty when there is none."""
        try:
            return self._heads.about(name)[1]
        except (Missing, OSError):
            return ""

    def size(self, blob: str) -> int:
        """The number of bytes of an object, without reading it."""
        try:
            return self._heads.about(blob)[2]
        except (Missing, OSError) as error:
            raise _failed("cat-file", str(error)) from error

    def listing(self, commit: str) -> Mapping[str, Entry]:
        """Every file of a commit by its path, sizes left out. GongkaiError when the list has no end (MAX_LISTING)."""
        return listing(self.repository.folder, commit)

    def differing(self, base: str, tip: str) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """The paths that differ between two commits or trees, with their entries in each. GongkaiError as for `listing`."""
        rows = differences(self.repository.folder, base, tip)
        if rows is None:  # git cannot tell, or there is no end of it: the lists say which
            one, other = self.listing(base), self.listing(tip)
            apart = (p for p in one.keys() | other.keys() if one.get(p) != other.get(p))
            rows = {p: (one.get(p), other.get(p)) for p in apart}
        return {p: e for p, (e, _) in rows.items() if e}, {p: e for p, (_, e) in rows.items() if e}

    def at(self, commit: str, paths: Iterable[str]) -> dict[str, Entry]:
        """The entries of these files of a commit; those that are not there are left out."""
        found: dict[str, Entry] = {}
        for path in paths:
            found.update((p, e) for p, e in below(self.repository.folder, commit, path).items() if p == path)
        return found

    def beside(self, commit: str, paths: Iterable[str]) -> Iterable[str]:
        """The paths of a commit among which a twin of one of `paths` would be: names alike but for capital letters or form.

        The folders of each path are looked through; only where one has such a name beside it are all paths named.
        """
        steps: dict[str, set[str]] = {}
        for path in paths:
            for above, name in _steps(path):
                steps.setdefault(above, set()).add(name)
        for above, led in steps.items():
            wanted = {folded(name): name for name in led}
            there = names(self.repository.folder, commit, above)
            if len(wanted) < len(led) or any(wanted.get(folded(n), n) != n for n in there):
                return self.listing(commit)
        return ()

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """The number of bytes of each of these objects, without reading them."""
        return sizes(self.repository.folder, blobs)

    def write_blob(self, data: bytes) -> str:
        """Store bytes; returns their id."""
        return self.git("hash-object", "-w", "--stdin", stdin=data).decode().strip()

    def overlay(self, base: str, changes: Mapping[str, str]) -> str:
        """The tree of commit `base` (empty: of nothing) with these paths set to these blobs; "" takes a path away.

        Nothing else can come in: no merge, no checkout, no attributes. Returns the tree's id.
        """
        if base and len(base) == 40 and len(changes) <= FEW:
            return grafted(self.repository.folder, base, changes)
        with tempfile.TemporaryDirectory(prefix="gongkai-index-") as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            if base:
                self.git("read-tree", base, env=index)
            lines = (_index_line(path, blob) for path, blob in changes.items())
            self.git("update-index", "-z", "--index-info", stdin=b"".join(lines), env=index)
            return self.git("write-tree", env=index).decode().strip()

    def write_commit(self, tree: str, parents: Iterable[str], message: str, moment: datetime) -> str:
        """Make a commit object of the gate; the same arguments give the same id."""
        stamp = f"{int(moment.timestamp())} +0000"
        head = [
            f"tree {tree}",
            *(f"parent {p}" for p in parents),
            f"author {NOBODY} {stamp}",
            f"committer {NOBODY} {stamp}",
        ]
        raw = ("\n".join(head) + f"\n\n{message}\n").encode()
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()

    def move(self, name: str, new: str, old: str) -> bool:
        """Move one ref from `old` to `new` (empty: does not exist); False when somebody moved it first."""
        line = f"update {name} {new or ZERO} {old or ZERO}\n".encode()
        done = run(
            ["git", "update-ref", "--no-deref", "--stdin"], cwd=self.repository.folder, stdin=line, timeout=60
        )
        return done.code == 0

    def merge_base(self, one: str, other: str) -> str:
        """The last commit that both have in their history; empty when there is none."""
        if self._parents(other) == [one]:
            return one
        done = run(["git", "merge-base", one, other], cwd=self.repository.folder)
        return done.out.decode().strip() if done.code == 0 else ""

    def _parents(self, commit: str) -> list[str]:
        """The commits before one; none when it is no commit, or longer than one that a person writes."""
        with suppress(Missing, OSError):
            _, kind, size = self._heads.about(commit)
            if kind == "commit" and size <= SMALL:
                return parents_of(self.repository.batch.ask(commit)[2])
        return []

    def line(self, tip: str, since: str = "") -> list[tuple[str, bytes]]:
        """The raw bytes of the commits that `chain` names. A few are read one by one: that needs no process of its own."""
        found: list[tuple[str, bytes]] = []
        at = tip
        with suppress(Missing, OSError):
            while at != since and at and len(found) < FEW_COMMITS:
                oid, _, raw = self.repository.batch.ask(f"{at}^{{commit}}")
                found.append((oid, raw))
                at = next(iter(parents_of(raw)), "")
        return found[::-1] if tip and at == since else self.commits(self.chain(tip, since))

    def chain(self, tip: str, since: str = "") -> list[str]:
        """The commits from `tip` back along first parents, oldest first, those up to `since` left out."""
        args = ["rev-list", "--first-parent", "--reverse", tip, *([f"^{since}"] if since else [])]
        return self.git(*args).decode().split()

    def empty_tree(self) -> str:
        """The id of the tree with nothing in it, stored."""
        return self.git("mktree", stdin=b"").decode().strip()

    def commits(self, ids: Iterable[str]) -> list[tuple[str, bytes]]:
        """The raw bytes of these commits, read through one `git cat-file --batch`."""
        wanted = list(ids)
        out = (
            self.git("cat-file", "--batch", stdin="".join(f"{i}\n" for i in wanted).encode())
            if wanted
            else b""
        )
        found: list[tuple[str, bytes]] = []
        at = 0
        for _ in wanted:
            end = out.index(b"\n", at)
            name, _kind, size = out[at:end].decode().split()
            found.append((name, out[end + 1 : end + 1 + int(size)]))
            at = end + 2 + int(size)
        return found


def parents_of(raw: bytes) -> list[str]:
    """The ids of the commits that a commit's bytes name as those before it: they stand right below its tree, as git reads it."""
    below = takewhile(lambda line: line.startswith(b"parent "), raw.split(b"\n")[1:])
    return [line[7:].decode("ascii", "replace") for line in below]


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """Each folder on the way to a path, with the name that leads on from it."""
    parts = path.split("/")
    return (("/".join(parts[:n]), part) for n, part in enumerate(parts))


def folded(path: str) -> str:
    """How Windows and macOS take a name: without capital letters, letters composed."""
    return unicodedata.normalize("NFC", path.casefold())


def _failed(command: str, reason: str) -> GongkaiError:
    return GongkaiError(
        msg("git {command} failed: {reason}", command=command, reason=reason),
        msg("`gongkai server settle` finishes what was begun; nothing that was approved is lost"),
        Exit.BROKEN,
    )


def _index_line(path: str, blob: str) -> bytes:
    mode = "100644" if blob else "0"
    return f"{mode} {blob or ZERO}\t".encode() + path.encode("utf-8", "surrogateescape") + b"\0"
