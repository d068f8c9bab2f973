"""The gate's verification and the portal's build, as the release asks for them: neither knows the other."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.checks.portal import Portal
from gongkai.cli.built import faults_of
from gongkai.cli.publish_sides import Sides, sides_of
from gongkai.cli.publish_view import due_of, public_of
from gongkai.evidence.chain import Record
from gongkai.evidence.checkpoint import Checkpoint
from gongkai.evidence.earlier import Earlier
from gongkai.evidence.ledger import LEDGER, Event
from gongkai.gate.audit import Audit
from gongkai.gate.checkpoints import checkpoints_of
from gongkai.gate.outline import Stock, outlined
from gongkai.gate.releasing import Known, fetch_and_verify, is_server, server_lock, write_after
from gongkai.gate.repository import Gate
from gongkai.gate.verified import Keeping, Point
from gongkai.gate.working import key_of
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import texts_in
from gongkai.model.message import Message, msg
from gongkai.release.anchor import Anchor
from gongkai.release.leaks import Leaks
from gongkai.release.place import AHEAD, SITE
from gongkai.release.view import Expected, Last, Public, View
from gongkai.store.durable import clear, stand_of
from gongkai.store.files import write_all, write_whole
from gongkai.store.kept import Kept, kept_for

if TYPE_CHECKING:
    from gongkai.gate.proof import Chains
    from gongkai.portal.linking import Ahead
    from gongkai.portal.past import Past
    from gongkai.store.porter import Porter

VERIFIED = "verified"
"""Beside the publisher's copy: how far it was audited."""
REHASH = timedelta(days=1)
"""So often all that was fetched into the publisher's own copy is hashed again (docs/decisions/0011)."""
SERVER = "server"
BUILT = "built.bin"
"""The folder of a release with settings for the web server, beside its public files."""
Watch = Callable[[Sequence[Event]], Iterable[Event]]
Stamp = tuple[int, ...]


@dataclass
class ServerSource:
    """A server's repository (or a full clone of it) to publish from. `mirror` is the publisher's own copy.

    `writable` says that publications can be written into its ledger from here; else they must stand there already. A
    process that stays has a `porter`.
    """

    repo: str
    mirror: Path
    genesis: str = ""
    ledger: str = LEDGER
    checkpoints: Path | None = None
    watch: Watch = lambda events: events
    wall: Callable[[], datetime] | None = None
    porter: Porter | None = None
    _gate: Gate | None = field(default=None, init=False)
    _before: Event | None = field(default=None, init=False)
    _holding: bool = field(default=False, init=False)
    _built: Past | None = field(default=None, init=False)
    _chains: Chains | None = field(default=None, init=False)
    _points: dict[str, Point] = field(default_factory=dict, init=False)
    _stock: Stock = field(default_factory=Stock, init=False)
    _sides: Sides | None = field(default=None, init=False)
    _last: tuple[Stamp, Past | None, Path] = field(default=((), None, Path()), init=False)
    """The record of the release that this process made last, the file that holds it, and the release's folder."""
    _ahead: Ahead | None = field(default=None, init=False)
    _is_older: bool = field(default=False, init=False)
    """Whether what was built last is an older release made again."""

    @cached_property
    def _kept(self) -> Kept:
        return kept_for(self.mirror)

    @property
    def folder(self) -> Path | None:
        """The server's own folder, where its ledger can be written; None when it cannot."""
        here = Path(self.repo)
        return (
            here
            if "://" not in self.repo and self.ledger == LEDGER and (self._holding or is_server(here))
            else None
        )

    def look(self, anchor: Anchor | None, now: datetime, last: Last | None = None) -> View:
        """See `release.view.Source`."""
        if self._ahead is not None:
            self._ahead.look()
        known = Known(_checkpoint(anchor), anchor.policy) if anchor else None
        gate, found = fetch_and_verify(
            self.mirror, self.repo, known, genesis=self.genesis, ledger=self.ledger, watch=self.watch,
            keeping=Keeping(self.mirror.parent / VERIFIED, now, rehash=REHASH, known=self._points),
        )  # fmt: skip
        now = now.replace(microsecond=0)
        self._refuse_time(gate, now)
        self._gate, self._before = gate, gate.state.last
        verified, key = _anchor(found, gate), found.turn
        items = cache(lambda: outlined(gate, gate.state.main, now, self._stock))
        rows = {} if last is not None and last.holds(key, now) else due_of(self._brought(items()))
        if rows:
            self._prepare(gate, rows, now)
            key = gate.state.last.id if gate.state.last else ""
        return _view(
            gate, lambda: public_of(gate, self._brought(replace(items(), facts=gate.state.facts))), verified,
            gate.state.main, now, rows, key,
        )  # fmt: skip

    def _brought(self, portal: Portal) -> Sides:
        """The sides of main's items: what the last look knew, brought to this portal."""
        before, self._sides = self._sides, None
        self._sides = before.to(portal) if before is not None else sides_of(portal)
        return self._sides

    def ready(self) -> None:
        """Load what the next publication needs to judge what comes and to build; and let go of what the last one left."""
        import gongkai.gate.proof
        import gongkai.gate.reverify
        import gongkai.portal.making  # noqa: F401 - to have it at hand

        gc.collect()
        self._lay_ahead()

    def _lay_ahead(self) -> None:
        """Link the files of the release that was made last for the next one, while nobody waits."""
        from gongkai.portal.linking import Ahead

        _, built, release = self._last
        if built is None or self.porter is None or self._ahead is not None:
            return
        with suppress(OSError):  # then the next build does it
            folder = release.parent / f"{AHEAD}{os.getpid()}-{secrets.token_hex(4)}"
            self._ahead = Ahead.of(replace(built, site=release / SITE), folder, self.porter)

    @contextmanager
    def _laid_ahead(self, releases: Path) -> Iterator[Ahead | None]:
        """What was linked for this build, used up in the end; what other processes left there is taken away.

        If one of them is still at work in its own folder, that is left to the next time.
        """
        ahead, self._ahead = self._ahead, None
        for left in releases.glob(f"{AHEAD}*"):
            if ahead is None or left != ahead.folder:
                with suppress(OSError):
                    clear(left)
        try:
            yield ahead
        finally:
            if ahead is not None:
                ahead.end()

    def _refuse_time(self, gate: Gate, now: datetime) -> None:
        """A publication as of a time to come would lift embargoes; one before the last event shows what was not yet."""
        last = gate.state.last
        wall = self.wall() if self.wall else now
        if last is not None and now < last.time:
            raise GongkaiError(
                msg(
                    "the clock ({now}) stands before the last event of the ledger ({last})",
                    now=now,
                    last=last.time,
                ),
                msg("set the clock right; visitors see the release from before"),
                Exit.BROKEN,
            )
        if now > wall + timedelta(seconds=1):
            raise GongkaiError(
                msg("{now} is still to come: what is embargoed until then is not let out", now=now),
                msg("leave --now out, or name a moment that has passed"),
            )

    def _prepare(self, gate: Gate, rows: dict[str, str], now: datetime) -> None:
        """The event in the publisher's own copy: the portal is built with what it will say."""
        if self.folder is None:
            raise GongkaiError(
                msg("{count} items were never recorded as published, and the ledger cannot be written from here",
                    count=len(rows)),
                msg("run `gongkai server published DIR` on the server first, then publish again"),
                Exit.FINDINGS,
            )  # fmt: skip
        gate.record("published", {"main": gate.state.main, "items": rows}, now)

    def older(self, commit: str, view: View) -> View:
        """See `release.view.Source`."""
        gate = self._need_gate()
        objects = gate.objects
        old, new = objects.listing(commit), objects.listing(view.main)
        laid = {_owner(path) for path in old} & view.taken.keys()
        changes = {
            path: new[path].blob if path in new else ""
            for path in old.keys() | new.keys()
            if _owner(path) in laid and old.get(path) != new.get(path)
        }
        tree = objects.overlay(commit, changes)
        overlay = objects.write_commit(tree, [commit], "taken down", view.effective) if changes else commit
        made = _view(
            gate, lambda: public_of(gate, sides_of(outlined(gate, overlay, view.effective))), view.anchor,
            commit, view.effective, {}, "",
        )  # fmt: skip
        return replace(made, commit=overlay, laid=tuple(sorted(laid)))

    def build(self, view: View, site: Path, before: Path | None = None) -> tuple[Message, ...]:
        """See `release.view.Source`."""
        # Half a second that is not needed where nothing is built.
        from gongkai.gate.proof import followed
        from gongkai.portal.build import build as build_portal

        gate = self._need_gate()
        now = view.effective
        known, self._chains = self._chains, None
        chains = self._chains = followed(self.mirror, known)
        record = chains.record(view.main, checkpoints_of(chains.state, chains.events, self.checkpoints, now))
        if view.laid:
            # An older text's digests would give away what a newer one no longer holds.
            proofs = {ident: proof for ident, proof in record.proofs.items() if ident not in view.laid}
            record = Record(proofs, record.checkpoints, record.ledger)
        else:
            record = replace(record, earlier=_without_secrets(record.earlier, view.expected))
        with self._laid_ahead(site.parent.parent) as ahead:
            built = build_portal(
                self.mirror, site, commit=view.commit, now=now, facts=gate.state.facts, record=record,
                past=self._past(before) if before else None, kept=self._kept, ahead=ahead,
            )  # fmt: skip
        self._built, self._is_older = built.past, bool(view.laid)
        # Where old addresses lead belongs to the web server, of the same state as the pages: beside them, not among them.
        write_all(site.parent / SERVER, {text.path: text.content.encode() for text in built.settings})
        return tuple(says for _, says in faults_of(built))

    def settle(self, release: Path, changed: Mapping[str, int]) -> None:
        """See `release.view.Source`."""
        if self._built is not None:
            built = self._built.exchanged(changed)
            write_whole(release / BUILT, built.packed())
            self._built = None
            if (
                not self._is_older
            ):  # what was taken down is taken from older releases too: none of them is gone on from
                self._last = _stamp(release / BUILT), built, release

    def _past(self, release: Path) -> Past:
        """What the build of a release left: as this process remembers it, when it made it."""
        from gongkai.portal.past import read_past

        made, built, _ = self._last
        if built is not None and made == _stamp(release / BUILT):
            return replace(built, site=release / SITE)
        return read_past(release / SITE, release / BUILT)

    def record(self, view: View) -> bool:
        """See `release.view.Source`."""
        gate, before = self._need_gate(), self._before
        if not view.rows:
            return True
        folder, event = self.folder, gate.state.last
        if folder is None or event is None or before is None:
            return False
        with nullcontext() if self._holding else server_lock(folder):
            return write_after(folder, event, before, event.time)

    def held(self) -> AbstractContextManager[None]:
        """See `release.view.Source`."""
        folder = self.folder
        return nullcontext() if folder is None else self._holding_of(folder)

    @contextmanager
    def _holding_of(self, folder: Path) -> Iterator[None]:
        with server_lock(folder):
            self._holding = True
            try:
                yield
            finally:
                self._holding = False

    def _need_gate(self) -> Gate:
        if self._gate is None:
            raise RuntimeError("look first")
        return self._gate


def _view(
    gate: Gate, public: Callable[[], Public], verified: Anchor, main: str, now: datetime, rows: dict[str, str], key: str,
) -> View:  # fmt: skip
    """The view of a commit of main; `public` works out what it makes public."""
    state = gate.state
    last = state.last.id if state.last else ""
    published = max(map(str, {f.changed for f in state.facts.values()} - {None}), default="")
    return View(verified, main, main, last, now, published, rows, key=key, work_out=public)


def _owner(path: str) -> str:
    return key_of(path).rpartition("/")[2]


def _without_secrets(earlier: Mapping[str, Earlier], expected: Expected) -> dict[str, Earlier]:
    """The earlier versions that hold no phrase of what was taken down elsewhere since: no takedown waits for them."""
    leaks = Leaks(expected.secret, frozenset(), expected.allowed) if earlier else None
    said = {
        ident: "\n".join((*texts_in(e.item.fields.values()), e.item.body)).encode()
        for ident, e in earlier.items()
    }
    return {i: earlier[i] for i, text in said.items() if not any(leaks.in_file(i, text) if leaks else ())}


def _stamp(file: Path) -> Stamp:
    """Which file it is, and as it was left; empty when there is none."""
    with suppress(OSError):
        return file.lstat().st_dev, *stand_of(file)
    return ()


def _checkpoint(anchor: Anchor) -> Checkpoint:
    time = anchor.effective or "-"
    return Checkpoint(anchor.genesis, anchor.ledger, anchor.events, anchor.main, anchor.tree, time)


def _anchor(found: Audit, gate: Gate) -> Anchor:
    return Anchor(
        found.genesis, found.ledger, found.events, found.main, found.tree, gate.state.policy_version
    )
