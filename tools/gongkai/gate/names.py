"""What may be pushed: names of refs, and the shape of paths, before anything is parsed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gongkai.model.message import Message, msg
from gongkai.store.refs import ZERO

if TYPE_CHECKING:  # pre-receive looks at names only: it needs nothing of git
    from gongkai.store.listing import Entry

REVIEW = re.compile(
    r"refs/heads/review/(?P<department>[a-z][a-z0-9-]*)/"
    r"(?P<name>(?!.{82})(?!.*\.\.)(?!.*\.lock\Z)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\Z"
)
INBOX = re.compile(r"refs/gongkai/inbox/(?P<person>[a-z][a-z0-9_-]*)/(?P<sha256>[0-9a-f]{64})\Z")
MAX_FILES = 1000
MAX_FILE_BYTES = 50_000_000
MAX_ALL_BYTES = 500_000_000
MAX_PATH_BYTES = 400
_POLICY_TOPS = ("schemas/", "site_config/")
_POLICY_FILES = frozenset({"mkdocs.yml", "README.md", ".gitignore"})
_SPECIAL = frozenset({".gitattributes", ".gitmodules", ".git", ".mailmap"})


def push_faults(updates: list[tuple[str, str, str]]) -> Iterator[Message]:
    """What is wrong with a push of (old, new, ref) as such: one ref at a time, known names, no deletion, no tag."""
    if len(updates) != 1:
        yield msg("push one branch at a time; this push names {count}", count=len(updates))
    for old, new, ref in updates:
        if ref == "refs/heads/main":
            yield msg(
                "nobody pushes main: submit your items with `gongkai submit`, main moves when they are approved"
            )
        elif not REVIEW.match(ref) and not INBOX.match(ref):
            yield msg("{ref} cannot be pushed here; only review/<department>/<name> can", ref=ref)
        elif new == ZERO:
            yield msg("{ref} cannot be deleted; to take a submission back use `gongkai cancel`", ref=ref)
        elif INBOX.match(ref) and old != ZERO:
            yield msg("{ref} is there already and cannot be changed", ref=ref)


def path_faults(changed: Mapping[str, Entry], whole: Iterable[str]) -> Iterator[Message]:
    """What is wrong with the paths of a change (with their new entries) laid over `whole`, all paths of the result."""
    if len(changed) > MAX_FILES:
        yield msg(
            "the submission changes {count} files; at most {limit} at a time",
            count=len(changed),
            limit=MAX_FILES,
        )
        return
    size = sum(entry.size for entry in changed.values())
    if size > MAX_ALL_BYTES:
        yield msg(
            "the submission holds {size} bytes; at most {limit} at a time", size=size, limit=MAX_ALL_BYTES
        )
    for path, entry in changed.items():
        yield from _one(path, entry)
    yield from twins((path for path, entry in changed.items() if entry.blob), whole)


def _one(path: str, entry: Entry) -> Iterator[Message]:
    if entry.mode not in ("100644", ""):
        yield msg(
            "{path} is not a plain file (mode {mode}); links, programs and submodules are refused",
            path=path,
            mode=entry.mode,
        )
    if entry.size > MAX_FILE_BYTES:
        yield msg("{path} is larger than {limit} bytes", path=path, limit=MAX_FILE_BYTES)
    if not _known_place(path):
        yield msg("{path} does not belong into a portal", path=path)
    if any(part.lower() in _SPECIAL for part in path.split("/")):
        yield msg("{path} would change how git shows or delivers files, and is refused", path=path)
    if not _plain_name(path):
        yield msg(
            "{path} has a name that not all machines write alike (control characters or decomposed letters)",
            path=ascii(path),
        )


def _known_place(path: str) -> bool:
    return path.startswith(("content/", *_POLICY_TOPS)) or path in _POLICY_FILES


def _plain_name(path: str) -> bool:
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return False
    controls = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in path)
    return not controls and size <= MAX_PATH_BYTES and unicodedata.normalize("NFC", path) == path


def twins(fresh: Iterable[str], whole: Iterable[str]) -> Iterator[Message]:
    """Paths that differ only in case or composition cannot both exist on Windows and macOS."""
    touched = {_folded(p): p for p in fresh}
    for path in whole:
        other = touched.get(_folded(path), path)
        if other != path:
            yield msg(
                "{path} and {other} differ only in capital letters or their form", path=path, other=other
            )


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
