"""The publisher's own copy of a server's repository: fetched whole, through git's transport, with every object checked.

Nothing is shared with the server: no hard link, no alternates, no replace ref. What was fetched once is the publisher's,
whatever happens to the server's files later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.git import Repository, is_shallow, settings_of
from gongkai.store.objects import Objects
from gongkai.store.process import run

CONFIG = {
    "transfer.fsckObjects": "true",
    "core.useReplaceRefs": "false",
    "core.hooksPath": "/dev/null",
    "core.logAllRefUpdates": "false",
    "gc.autoDetach": "false",
}
DAMAGE = re.compile(
    r"fsck|missing|corrupt|bad (?:object|tree)|did not (?:send|receive)|not our ref|shallow|index-pack|"
    r"unpack|remote error|invalid|malformed|mismatch|loose object"
)
"""Words in git's answer that speak of what the server holds, and not of the way to it."""
PARTIAL = re.compile(r"extensions\.partialclone|remote\..*\.promisor")
"""Settings of a repository that lacks files: git gets them from elsewhere when it is asked for them."""
ALONE = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": "", "GIT_TERMINAL_PROMPT": "0"}


def address(source: str) -> str:
    """The address to fetch from: a folder as a file:// address, so that git copies objects and shares none."""
    if "://" in source or (":" in source.partition("/")[0] and not Path(source).exists()):
        return source
    return Path(source).absolute().as_uri()


def fetch_whole(mirror: Path, source: str, refs: Iterable[str]) -> dict[str, str]:
    """Bring these refs of the repository `source` (folder or address) into the bare repository `mirror`, made if missing.

    Returns git's settings there, as they were found when nothing was missing any more.
    GongkaiError: exit 1 when the server's objects are damaged, incomplete or not what their ids say, or when it is a
    shallow or partial clone; 3 when it cannot be reached.
    """
    wanted = tuple(refs)
    with ThreadPoolExecutor(1) as aside:  # git is asked of both sides at once
        theirs = aside.submit(_there, Path(source), wanted)
        refuse_partial(Path(source), source)
        there = _at_home(mirror, wanted)
    if theirs.result() == there and len(there) == len(wanted):
        # What they lead to came in whole, with every object checked, when they were fetched.
        return refuse_partial(mirror, str(mirror))
    specs = [f"+{ref}:{ref}" for ref in wanted]
    words = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--atomic"]
    done = run(["git", "fetch", *words, address(source), *specs], cwd=mirror, timeout=3600, env=ALONE)
    if done.code:
        raise _not_fetched(source, done.err.decode("utf-8", "replace").strip())
    return refuse_partial(mirror, str(mirror))


def _at_home(mirror: Path, wanted: tuple[str, ...]) -> dict[str, str]:
    """Where the refs stand in the mirror, which is made if it is missing. GongkaiError when it is not whole by itself."""
    if not (mirror / "HEAD").is_file():
        _make(mirror)
    if (mirror / "objects/info/alternates").exists():
        raise GongkaiError(
            msg("{folder} borrows objects from another repository", folder=str(mirror)),
            msg("take the folder away; it is made anew at the next publication"),
            Exit.FINDINGS,
        )
    return _there(mirror, wanted)


def _there(folder: Path, refs: tuple[str, ...]) -> dict[str, str]:
    """Where these refs of a repository on this machine stand; nothing when that cannot be told."""
    if not folder.is_dir():
        return {}
    try:
        return Objects(Repository(folder)).at_refs(*refs)
    except GongkaiError:  # git says so again, and why, when it is asked to fetch
        return {}


def refuse_partial(folder: Path, name: str) -> dict[str, str]:
    """GongkaiError (exit 1) when the repository lacks a part of its history or its files. Another host's is not seen.

    Returns git's settings there; none for another host's.
    """
    if not folder.is_dir():
        return {}
    settings = settings_of(folder)
    partial = any(map(PARTIAL.fullmatch, settings))
    if is_shallow(folder) or partial:
        raise GongkaiError(
            msg("{folder} is a shallow or partial clone, and nothing is published from it", folder=name),
            msg("name the server's own repository, or a full clone of it"),
            Exit.FINDINGS,
        )
    return settings


def _make(mirror: Path) -> None:
    mirror.mkdir(parents=True, exist_ok=True)
    made = run(["git", "-c", "init.defaultBranch=main", "init", "--quiet", "--bare", mirror])
    steps = [["git", "config", name, value] for name, value in CONFIG.items()]
    failed = [d for d in (made, *(run(s, cwd=mirror) for s in steps)) if d.code]
    if failed:
        raise GongkaiError(
            msg("git {command} failed: {reason}", command="init", reason=failed[0].err.decode("utf-8", "replace")),
            msg("check the permissions of {folder} and the room on its disk", folder=str(mirror)),
            Exit.BROKEN,
        )  # fmt: skip


def _not_fetched(source: str, reason: str) -> GongkaiError:
    damaged = DAMAGE.search(reason) is not None
    hint: Message = msg(
        "check the address, the network and the permissions; what was published before stands"
    )
    if damaged:
        hint = msg(
            "publish nothing; keep the repository as it is, and compare it with a backup or another clone"
        )
    return GongkaiError(
        msg("the repository {source} could not be fetched: {reason}", source=source, reason=reason),
        hint,
        Exit.FINDINGS if damaged else Exit.BROKEN,
    )
