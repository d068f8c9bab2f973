"""Making one release aside: build, check, share what is equal, write the manifest. Nobody sees it yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.release.looked import Looked, Memory, read_looked, write_looked
from gongkai.release.manifest import write_manifest
from gongkai.release.place import SITE, Place, Release, Tell, write_about
from gongkai.release.sound import Look, look_over, shrunk
from gongkai.release.view import Source, View
from gongkai.store.durable import Stands, clear, settle_disk, share_bytes, stand_of, stands_of

KEEP = 10
Now = Callable[[], datetime]
Later = list[Callable[[Path], None]]
"""Work put off, to be done in the folder of a release."""


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
    instants, `tell` what a person at the terminal may want to know. `stands` tells how the files of a folder lie. A process
    that stays keeps the `memory`.
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
    memory: Memory = field(default_factory=Memory)
    stands: Callable[[Path], Stands] = stands_of


def make(
    place: Place, source: Source, view: View, order: Order, name: str = "", later: Later | None = None
) -> Release:
    """Build a view under a hidden name, check it, write its manifest. Unsound, and nothing left, when it may not go out.

    What only spares the next release work is written too, or put off until `later`, when visitors see this one.
    """
    stem = f"{view.effective.astimezone(UTC):%Y%m%dT%H%M%SZ}-{view.main[:8]}"
    name = name or place.new_name(stem)
    folder = place.hidden(name)
    clear(folder)
    folder.mkdir()
    try:
        return _made(place, source, view, order, name, later)
    except BaseException:
        clear(folder)
        raise


def _made(place: Place, source: Source, view: View, order: Order, name: str, later: Later | None) -> Release:
    folder, last = place.hidden(name), place.current()
    order.tell(msg("building the portal of {commit}", commit=view.commit[:12]))
    before = None if last is None or order.again else place.folder(last.name)
    known = read_looked(before, order.memory) if before else Looked(folder)
    _refuse(source.build(view, folder / SITE, before))
    order.step("built")
    order.tell(msg("looking over every file"))
    with ThreadPoolExecutor(1) as aside:  # another process may be asked, or the disk
        stands = aside.submit(order.stands, folder / SITE)
        look = look_over(folder / SITE, view.expected, known, stands.result)
    release = _release(name, view, look.looked, order)
    if not order.allow_shrink and not view.laid:
        look.faults.extend(shrunk(release, last))
    _refuse(look.faults)
    order.step("checked")
    changed = _share(look, known, folder / SITE, place.site(last.name)) if last else {}
    if last is not None:
        same = release.files - len(look.fresh) + len(changed)
        order.tell(msg("{count} of {all} files are as in the last release", count=same, all=release.files))
    order.step("shared")
    digest = write_manifest(folder, view, look.looked.lines.values())
    write_about(folder, release)

    def remember(at: Path) -> None:
        source.settle(at, changed)
        write_looked(at, look.looked, digest, order.memory)

    if later is None:
        remember(folder)
    else:
        later.append(remember)
    settle_disk(folder)
    order.step("written")
    return release


def _share(look: Look, known: Looked, new: Path, old: Path) -> dict[str, int]:
    """Let files with the same bytes as in the last release be the very same; which, and when those were last changed."""
    changed: dict[str, int] = {}
    looked = look.looked
    for path in look.fresh:
        if not known.differs(path, looked.lines[path]) and share_bytes(new / path, old / path):
            at = stand_of(new / path)
            looked.put(path, at)
            changed[path] = at[1]
    return changed


def _release(name: str, view: View, looked: Looked, order: Order) -> Release:
    return Release(
        name, view.main, view.ledger, view.effective.isoformat(), order.wall().isoformat(), order.engine,
        view.published, len(view.expected.pages), len(looked.lines), looked.size, view.taken, view.laid,
        view.key, view.until.isoformat(),
    )  # fmt: skip


def _refuse(faults: Iterable[Message]) -> None:
    found = tuple(faults)
    if found:
        raise Unsound(found)
