"""Git at arm's length: GitPython's persistent `cat-file` for reading, its command object for plumbing.

Full ref names and object ids only, `-z` for paths, an environment without git's variables except those that name a
hook's quarantine: with these removed a hook could not see what is being pushed.
"""

from __future__ import annotations

from pathlib import Path

from git import Git, GitCommandError, GitCommandNotFound
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg


class Repository:
    """A git repository, bare or with a work tree, at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git = Git(str(folder))

    def run(self, *args: str) -> bytes:
        """The bytes that `git <args>` writes; GongkaiError (exit 3) when it fails."""
        try:
            out = self._git.execute(["git", *args], stdout_as_string=False, strip_newline_in_stdout=False)
        except (GitCommandError, GitCommandNotFound, OSError) as error:
            reason = str(getattr(error, "stderr", "") or error).strip()
            raise GongkaiError(
                msg("git {command} failed: {reason}", command=args[0], reason=reason),
                msg(
                    "check that {folder} is a git repository and that git is installed",
                    folder=str(self.folder),
                ),
                Exit.BROKEN,
            ) from error
        return out if isinstance(out, bytes) else str(out).encode()

    def resolve(self, revision: str) -> str:
        """The commit id that `revision` names; GongkaiError (exit 2) when there is none."""
        try:
            out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GongkaiError as error:
            raise GongkaiError(
                msg("{revision} names no commit in {folder}", revision=revision, folder=str(self.folder)),
                msg("give a commit id or a branch; `git log --oneline` lists them"),
            ) from error
        return out.decode().strip()

    def blob(self, blob: str) -> bytes:
        """The bytes of a blob, through one persistent `git cat-file --batch`."""
        return bytes(self._git.get_object_data(blob)[3])

    def close(self) -> None:
        """End the persistent processes."""
        self._git.clear_cache()


def work_tree_changes(root: Path, base: str | None = None) -> frozenset[str] | None:
    """Paths under `root` that differ from HEAD, or from the commit `base`; None when `root` is in no work tree."""
    if not _in_work_tree(root):
        return None
    repository = Repository(root)
    new = repository.run("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    if base is None and not _has_head(repository):
        return frozenset(_paths(new + repository.run("ls-files", "-z", "--", ".")))
    against = repository.resolve(base) if base else "HEAD"
    changed = repository.run("diff", "-z", "--name-only", "--no-renames", "--relative", against, "--", ".")
    return frozenset(_paths(new + changed))


def unchanged_blobs(root: Path) -> dict[str, str]:
    """The blob ids of the files under `root` that are as git's index has them, by path; found without reading them.

    Nothing where git may store other bytes than the folder holds (line endings, attributes), or is told not to look.
    """
    if not (root / ".git").is_dir():
        return {}
    repository = Repository(root)
    try:
        listed = repository.run("ls-files", "-z", "-s", "-v").split(b"\0")
        changed = set(repository.run("diff-files", "-z", "--name-only").split(b"\0"))
        crlf = repository.run("config", "--default", "false", "--get", "core.autocrlf").strip()
    except GongkaiError:
        return {}
    rows = [(head, path) for head, _, path in (line.partition(b"\t") for line in listed) if path]
    if crlf != b"false" or any(path.rpartition(b"/")[2] == b".gitattributes" for _, path in rows):
        return {}
    if (root / ".git/info/attributes").exists():
        return {}
    return {
        path.decode("utf-8", "surrogateescape"): head[9:-2].decode()
        for head, path in rows
        if head.startswith(b"H 100") and head.endswith(b" 0") and path not in changed
    }


def changes_between(folder: Path, base: str, head: str) -> frozenset[str]:
    """Paths whose content differs between two commits of the repository at `folder`."""
    repository = Repository(folder)
    out = repository.run(
        "diff-tree",
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        repository.resolve(base),
        repository.resolve(head),
    )
    return frozenset(_paths(out))


def _paths(raw: bytes) -> list[str]:
    return [p.decode("utf-8", "surrogateescape") for p in raw.split(b"\0") if p]


def _in_work_tree(root: Path) -> bool:
    try:
        return Repository(root).run("rev-parse", "--is-inside-work-tree").strip() == b"true"
    except GongkaiError:
        return False


def _has_head(repository: Repository) -> bool:
    try:
        repository.run("rev-parse", "--verify", "--quiet", "HEAD")
    except GongkaiError:
        return False
    return True
