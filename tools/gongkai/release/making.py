"""Making one release aside: build, check, share what is equal, write the manifest. Nobody sees it yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.release.looked import Looked, entries_of, read_looked, write_looked
from gongkai.release.manifest import Entry, write_manifest
from gongkai.release.place import SITE, Place, Release, Tell, write_about
from gongkai.release.sound import Look, look_over, shrunk
from gongkai.release.view import Source, View
from gongkai.store.durable import clear, settle_disk, share_bytes

KEEP = 10
Now = Callable[[], datetime]


class Unsound(GongkaiError):
    """The portal that was built may not go out: every reason, and the old one stands."""

    def __init__(self, faults: Iterable[Message]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            msg("the portal that was built is not sound; visitors still see the last release"),
            msg("mend what is named above, or tell whoever maintains Gongkai, and publish again"),
            Exit.FINDINGS,
        )


def nothing(_: str) -> None:
    """No step is watched."""


@dataclass(frozen=True)
class Order:
    """What is wanted. `now` is the moment of the publication, `wall` the clock that only names when the files were made.

    `engine` is a fingerprint of the code: another one builds again although nothing else is new. `step` is told the named
    instants, `tell` what a person at the terminal may want to know.
    """

    now: Now
    wall: Now
    tell: Tell
    step: Callable[[str], None] = nothing
    engine: str = ""
    keep: int = KEEP
    allow_shrink: bool = False
    again: bool = False
    ran_ahead: bool = False


def make(place: Place, source: Source, view: View, order: Order, name: str = "") -> Release:
    """Build a view under a hidden name, check it, write its manifest. Unsound, and nothing left, when it may not go out."""
    stem = f"{view.effective.astimezone(UTC):%Y%m%dT%H%M%SZ}-{view.main[:8]}"
    name = name or place.new_name(stem)
    folder = place.hidden(name)
    clear(folder)
    folder.mkdir()
    try:
        return _made(place, source, view, order, name)
    except BaseException:
        clear(folder)
        raise


def _made(place: Place, source: Source, view: View, order: Order, name: str) -> Release:
    folder, last = place.hidden(name), place.current()
    order.tell(msg("building the portal of {commit}", commit=view.commit[:12]))
    before = None if last is None or order.again else place.folder(last.name)
    known = read_looked(before, view.expected) if before else Looked()
    _refuse(source.build(view, folder / SITE, before))
    order.step("built")
    order.tell(msg("looking over every file"))
    look = look_over(folder / SITE, view.expected, known)
    entries = entries_of(look.rows)
    release = _release(name, view, entries, order)
    if not order.allow_shrink and not view.laid:
        look.faults.extend(shrunk(release, last))
    _refuse(look.faults)
    order.step("checked")
    changed = _share(look, known, folder / SITE, place.site(last.name)) if last else {}
    if last is not None:
        same = len(look.rows) - len(look.fresh) + len(changed)
        order.tell(msg("{count} of {all} files are as in the last release", count=same, all=len(entries)))
    order.step("shared")
    source.settle(folder, changed)
    write_manifest(folder, view, entries)
    write_looked(folder, view.expected, look.rows)
    write_about(folder, release)
    settle_disk(folder)
    order.step("written")
    return release


def _share(look: Look, known: Looked, new: Path, old: Path) -> dict[str, int]:
    """Let files with the same bytes as in the last release be the very same; which, and when those were last changed."""
    changed: dict[str, int] = {}
    for path in look.fresh:
        row = look.rows[path]
        if not known.differs(path, row) and share_bytes(new / path, old / path):
            at = os.lstat(new / path)
            look.rows[path] = (row[0], row[1], at.st_mtime_ns, at.st_ino, row[4])
            changed[path] = at.st_mtime_ns
    return changed


def _release(name: str, view: View, entries: list[Entry], order: Order) -> Release:
    return Release(
        name, view.main, view.ledger, view.effective.isoformat(), order.wall().isoformat(), order.engine,
        view.published, len(view.expected.pages), len(entries), sum(e.size for e in entries), view.taken, view.laid,
        view.key, view.until.isoformat(),
    )  # fmt: skip


def _refuse(faults: Iterable[Message]) -> None:
    found = tuple(faults)
    if found:
        raise Unsound(found)
