"""What a preview shows at a moment: the portal as its files are, and as it is shown while one of them makes no sense.

An item whose file cannot be read keeps its last good content, settings and schemas likewise: half a save never empties a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gongkai.checks.portal import Portal, read_portal
from gongkai.items.read import is_item_path
from gongkai.model.corpus import Corpus
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.portal.mkdocs_build import Shell
from gongkai.portal.pages import fixed_pages
from gongkai.portal.site import Site
from gongkai.store.catalogue import Catalogue
from gongkai.store.kept import Kept
from gongkai.store.sight import FRAME, Sight, Watchman
from gongkai.store.watch import is_beside

FRAMES = ("site_config/", "schemas/", FRAME)
"""What MkDocs' surroundings are made of: a change here has them made anew."""
SESSION = 12
"""So many of the items saved last are remembered."""


@dataclass(frozen=True)
class State:
    """One state, numbered from 1. `read` is what the files say, `site` what is shown.

    `held` are the files whose last good content is shown; `saved` the items' files saved in this session, the last first.
    `unframed` says why MkDocs' surroundings are still the old ones, `unseen` why the folder could not be read again.
    """

    number: int
    read: Portal
    site: Site
    shell: Shell
    held: frozenset[str] = frozenset()
    saved: tuple[str, ...] = ()
    unframed: Message | None = None
    unseen: Message | None = None


class Desk:
    """Looks, reads what differs, and keeps the newest state. One thread refreshes; any may look at `state`."""

    def __init__(self, root: Path, kept: Kept, now: Callable[[], datetime]) -> None:
        self._root, self._kept, self._now = root.absolute(), kept, now
        self._watchman = Watchman(self._root)
        self._due = frozenset[str]()
        sight, _ = self._watchman.look()
        portal = self._read(sight)
        site = _site(portal)
        self.state = State(1, portal, site, Shell(self._root, site, fixed_pages(site)))

    def refresh(self, older: float = 0) -> bool:
        """Look once; whether there is a new state. With `older` one is made when the newest is that many seconds old.

        What cannot be read at all (a folder without permission, a failing disk) is a trouble of the old state.
        """
        try:
            sight, differ = self._watchman.look()
            self._due |= differ
            if not self._due and not self._is_older(older):
                return self._troubled(None)
            portal = self._read(sight)
        except (OSError, GongkaiError) as error:
            return self._troubled(says_of(error))
        differ, self._due = self._due, frozenset()
        self.state = self._next(portal, differ)
        return True

    def _is_older(self, seconds: float) -> bool:
        return bool(seconds) and abs((self._now() - self.state.read.now).total_seconds()) >= seconds

    def _read(self, sight: Sight) -> Portal:
        for entry in (*sight.entries("schemas"), *sight.entries("site_config")):
            if entry.kind == "file" and not entry.blob:
                with suppress(OSError):
                    sight.read(entry.path)
        return read_portal(sight, now=self._now(), kept=self._kept)

    def _next(self, portal: Portal, differ: frozenset[str]) -> State:
        old = self.state
        shown, held = _with_last_good(portal, old.site.portal)
        site = _site(shown)
        shell, unframed = old.shell, old.unframed
        if any(path.startswith(FRAMES) for path in differ):
            shell, unframed = self._shell(site)
        saved = dict.fromkeys((*_items_of(differ, portal.corpus), *old.saved))
        return State(old.number + 1, portal, site, shell, held, tuple(saved)[:SESSION], unframed)

    def _shell(self, site: Site) -> tuple[Shell, Message | None]:
        """MkDocs' surroundings made anew; the old ones and a trouble when that cannot be."""
        try:
            return Shell(self._root, site, fixed_pages(site)), None
        except GongkaiError as error:
            return self.state.shell, error.says

    def _troubled(self, says: Message | None) -> bool:
        """What stood in the way of the last look, or that nothing does any longer; whether that is new."""
        if says == self.state.unseen:
            return False
        self.state = replace(self.state, number=self.state.number + 1, unseen=says)
        return True


def says_of(error: OSError | GongkaiError) -> Message:
    """What a page or a look failed of, for the panel."""
    if isinstance(error, GongkaiError):
        return error.says
    return msg("{path}: {reason}", path=str(error.filename or ""), reason=error.strerror or str(error))


def _site(portal: Portal) -> Site:
    return Site(portal, Catalogue(portal.settings.language).say)


def _with_last_good(new: Portal, old: Portal) -> tuple[Portal, frozenset[str]]:
    """The portal with the old items, settings and types in place of those that cannot be read; and their paths."""
    broken = {u.place.path for u in new.corpus.fatal()}
    last = [old.corpus.by_path[path] for path in broken if path in old.corpus.by_path]
    items = sorted((*new.corpus.items, *last), key=lambda item: item.path) if last else new.corpus.items
    shown = replace(new, corpus=replace(new.corpus, items=tuple(items)))
    held = {item.path for item in last}
    if _is_broken(new, old):
        shown = replace(shown, settings=old.settings, calendar=old.calendar)
        held |= {u.place.path for u in new.unread_settings if u.fatal}
    if new.library.faults and not old.library.faults:
        shown = replace(shown, library=old.library)
        held |= {fault.path for fault in new.library.faults}
    return shown, frozenset(held)


def _is_broken(new: Portal, old: Portal) -> bool:
    """Whether a file of the settings cannot be read, or portal.yml went away."""
    gone = "portal" in old.settings.files and "portal" not in new.settings.files
    return gone or any(u.fatal for u in new.unread_settings)


def _items_of(paths: Iterable[str], corpus: Corpus) -> Iterator[str]:
    """The items' files that belong to what was saved: the file itself, or that of the folder a file lies in."""
    for path in sorted(paths):
        if is_beside(path):
            continue
        folder = "/".join(path.split("/")[:4])
        own = (path,) if is_item_path(path) else (f"{folder}.md", f"{folder}.yml")
        unread = {u.place.path for u in corpus.fatal()}
        yield from (p for p in own if p in corpus.by_path or p in unread)
