"""A publication: look, build aside, check, record, switch. Killed at any instant, visitors see one whole release.

The ledger's event comes before the switch (docs/decisions/0040): an index number that visitors see is always one that
the ledger has given. What a kill leaves between the two, the next publication finishes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.anchor import Anchor, keep_anchor, read_anchor
from gongkai.release.making import Later, Order, make
from gongkai.release.place import Place, Release
from gongkai.release.takedowns import keep_taken, renew_all, unfit
from gongkai.release.view import Last, Source, View
from gongkai.store.durable import clear, clearing

STEPS = (
    "begun", "looked", "built", "checked", "shared", "written", "ready", "recorded", "named", "switched", "remembered",
    "renewed", "pruned",
)  # fmt: skip
"""The named instants of a publication, in their order: tests kill it at each."""
TRIES = 3


@dataclass(frozen=True)
class Outcome:
    """What came of it: the release that visitors see, whether it is new, and when the public view changes next."""

    release: Release
    fresh: bool
    next: datetime
    recorded: int = 0
    renewed: tuple[str, ...] = ()


def publish(place: Place, source: Source, order: Order) -> Outcome:
    """Publish what main shows now. GongkaiError when it may not go out; then visitors see what they saw before."""
    place.open()
    with place.alone(order.tell):
        order.step("begun")
        work = _Work(place, source, order)
        for attempt in range(1, TRIES + 1):
            with source.held() if attempt == TRIES else nullcontext():
                done = work.once()
            if done is not None:
                return done
            order.tell(msg("somebody wrote into the ledger meanwhile; looking again"))
    raise GongkaiError(
        msg("the ledger moved during every attempt; nothing was published"),
        msg("try again; visitors see the release from before"),
        Exit.BROKEN,
    )


@dataclass
class _Work:
    """One publication under way; the folder is held."""

    place: Place
    source: Source
    order: Order

    def once(self) -> Outcome | None:
        """One attempt; None when the ledger moved before the publication could be recorded."""
        held, current = self.place.held(), self.place.current()
        view = self._look(current)
        if held:
            self._clear_held(view, current)
            raise _is_held(held, self.place)
        if current is not None and self._is_shown(view, current):
            return self._finished(view, current)
        return self._switched(view)

    def _switched(self, view: View) -> Outcome | None:
        """Make a release, record it, and show it; None when the ledger moved meanwhile."""
        place, step = self.place, self.order.step
        later: Later = []
        release = make(place, self.source, view, self.order, later=later)
        place.show(release.name, now=False)
        step("ready")
        if not self.source.record(view):
            clear(place.hidden(release.name))
            return None
        step("recorded")
        place.finish(release.name)
        step("named")
        place.show(release.name)
        step("switched")
        return self._finished(view, release, later)

    def _look(self, current: Release | None) -> View:
        """Fetch, verify, remember how far: from here on nothing older is believed."""
        anchor, now = read_anchor(self.place.state), self.order.now()
        if anchor is not None and anchor.effective and not self.order.ran_ahead:
            _refuse_stepping_back(anchor, now)
        view = self.source.look(anchor, now, self._last(current))
        keep_anchor(self.place.state, replace(view.anchor, effective=anchor.effective if anchor else ""))
        self.order.step("looked")
        return view

    def _last(self, current: Release | None) -> Last | None:
        """The view that visitors see, when it is main's own and this engine has made it."""
        if current is None or self.order.again or current.laid or current.engine != self.order.engine:
            return None
        return current.last

    def _is_shown(self, view: View, current: Release) -> bool:
        """Whether visitors already see what would be built now."""
        last = self._last(current)
        same = (current.main, current.published) == (view.main, view.published) and not view.rows
        return same and last is not None and last.since <= view.effective < last.until

    def _finished(self, view: View, release: Release, later: Later | None = None) -> Outcome:
        """What comes after the switch: remembering, taking down in older releases too; the oldest are taken away meanwhile.

        `later` is what was put off of a fresh release.
        """
        place, step = self.place, self.order.step
        with pruning(place, self.order.keep):
            for work in later or ():
                # Without it the next publication makes everything anew. Visitors see this one, whatever the disk says.
                with suppress(OSError):
                    work(place.folder(release.name))
            keep_anchor(place.state, replace(view.anchor, effective=view.effective.isoformat()))
            keep_taken(place.state, release.taken)
            step("remembered")
            renewed = tuple(renew_all(place, self.source, view, self.order, release.taken))
            step("renewed")
        step("pruned")
        upcoming, fresh = datetime.fromisoformat(release.until), later is not None
        return Outcome(release, fresh, upcoming, len(view.rows) if fresh else 0, renewed)

    def _clear_held(self, view: View, current: Release | None) -> None:
        """Held at a release: nothing new goes out, but what was taken down since goes from that release too."""
        place = self.place
        keep_taken(place.state, view.taken)
        if current is None or not unfit(place, current, view.taken):
            return
        release = make(place, self.source, self.source.older(current.main, view), self.order)
        place.finish(release.name)
        place.hold(release.name)
        place.show(release.name)
        clear(place.folder(current.name))
        self.order.tell(
            msg(
                "what was taken down since was taken from the release that is shown: {name}",
                name=release.name,
            )
        )


def _is_held(held: str, place: Place) -> GongkaiError:
    return GongkaiError(
        msg("the portal is held at the release {name}: nothing new was published", name=held),
        msg("`gongkai rollback --to {folder} --unlock` lets go; then publish", folder=str(place.root)),
        Exit.FINDINGS,
    )


def _refuse_stepping_back(anchor: Anchor, now: datetime) -> None:
    if now < datetime.fromisoformat(anchor.effective):
        raise GongkaiError(
            msg(
                "the clock ({now}) stands before the last publication ({last})",
                now=now,
                last=anchor.effective,
            ),
            msg(
                "set the clock right; if it ran ahead at the last publication, publish once with --clock-ran-ahead"
            ),
            Exit.BROKEN,
        )


@contextmanager
def pruning(place: Place, keep: int) -> Iterator[None]:
    """Take away all but the newest releases, while something else is done; never what visitors see or the portal is held at."""
    current = place.current()
    kept = {place.held(), current.name if current else ""}
    gone = [release.name for release in place.all()[max(keep, 1) :] if release.name not in kept]
    # First out of sight, then away: a kill between leaves nothing that looks like a release.
    hidden = [place.folder(name).rename(place.hidden(f"old-{name}")) for name in gone]
    with clearing(*hidden):
        yield
