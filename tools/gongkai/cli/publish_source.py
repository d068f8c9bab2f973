"""The gate's verification and the portal's build, as the release asks for them: neither knows the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.cli.built import faults_of
from gongkai.evidence.chain import Record
from gongkai.evidence.checkpoint import Checkpoint
from gongkai.evidence.earlier import Earlier
from gongkai.evidence.ledger import LEDGER, Event
from gongkai.gate.audit import Audit
from gongkai.gate.checkpoints import checkpoints_for
from gongkai.gate.proof import public_record
from gongkai.gate.publication import rows_due
from gongkai.gate.releasing import Known, fetch_and_verify, is_server, past_of, server_lock, write_after
from gongkai.gate.repository import Gate
from gongkai.gate.verified import Keeping
from gongkai.gate.working import key_of
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import Item
from gongkai.model.message import Message, msg
from gongkai.portal import address, standing
from gongkai.portal.moments import moment_after
from gongkai.portal.past import read_past
from gongkai.release.anchor import Anchor
from gongkai.release.leaks import Leaks
from gongkai.release.place import SITE
from gongkai.release.view import Expected, Taken, View
from gongkai.store.files import write_all, write_whole
from gongkai.store.resources import locale_root

VERIFIED = "verified"
"""Beside the publisher's copy: how far it was audited."""
REHASH = timedelta(days=1)
"""So often all that was fetched into the publisher's own copy is hashed again (docs/decisions/0011)."""
SERVER = "server"
BUILT = "built.bin"
"""The folder of a release with settings for the web server, beside its public files."""
NEWEST = 20
"""So many of the newest titles the search is asked for."""
Watch = Callable[[Sequence[Event]], Iterable[Event]]


@dataclass
class ServerSource:
    """A server's repository (or a full clone of it) to publish from. `mirror` is the publisher's own copy.

    `writable` says that publications can be written into its ledger from here; else they must stand there already.
    """

    repo: str
    mirror: Path
    genesis: str = ""
    ledger: str = LEDGER
    checkpoints: Path | None = None
    watch: Watch = lambda events: events
    wall: Callable[[], datetime] | None = None
    _gate: Gate | None = field(default=None, init=False)
    _before: Event | None = field(default=None, init=False)
    _holding: bool = field(default=False, init=False)

    @property
    def folder(self) -> Path | None:
        """The server's own folder, where its ledger can be written; None when it cannot."""
        here = Path(self.repo)
        return (
            here
            if "://" not in self.repo and self.ledger == LEDGER and (self._holding or is_server(here))
            else None
        )

    def look(self, anchor: Anchor | None, now: datetime) -> View:
        """See `release.view.Source`."""
        known = Known(_checkpoint(anchor), anchor.policy) if anchor else None
        gate, found = fetch_and_verify(
            self.mirror, self.repo, known, genesis=self.genesis, ledger=self.ledger, watch=self.watch,
            keeping=Keeping(self.mirror.parent / VERIFIED, now, rehash=REHASH),
        )  # fmt: skip
        now = now.replace(microsecond=0)
        self._refuse_time(gate, now)
        self._gate, self._before = gate, gate.state.last
        verified = _anchor(found, gate)
        portal = gate.portal(gate.state.main, now)
        rows = rows_due(portal, frozenset(i.id for i in portal.corpus.items if _is_there(i, portal)), now)
        if rows:
            self._prepare(gate, rows, now)
        return _View(gate, replace(portal, facts=gate.state.facts)).of(verified, gate.state.main, rows)

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
        portal = replace(gate.portal(overlay, view.effective), facts=gate.state.facts)
        made = _View(gate, portal).of(view.anchor, commit, {})
        return replace(made, commit=overlay, laid=tuple(sorted(laid)))

    def build(self, view: View, site: Path, before: Path | None = None) -> tuple[Message, ...]:
        """See `release.view.Source`."""
        # Half a second that `releases`, `doctor` and `backup` do not need.
        from gongkai.portal.build import build as build_portal

        gate = self._need_gate()
        now = view.effective
        record = public_record(self.mirror, view.main, checkpoints_for(self.mirror, self.checkpoints, now))
        if view.laid:
            # An older text's digests would give away what a newer one no longer holds.
            proofs = {ident: proof for ident, proof in record.proofs.items() if ident not in view.laid}
            record = Record(proofs, record.checkpoints, record.ledger)
        else:
            record = replace(record, earlier=_without_secrets(record.earlier, view.expected))
        built = build_portal(
            self.mirror, site, commit=view.commit, now=now, facts=gate.state.facts, record=record,
            past=read_past(before / SITE, before / BUILT) if before else None,
        )  # fmt: skip
        if built.past is not None:
            write_whole(site.parent / BUILT, built.past.packed())
        # Where old addresses lead belongs to the web server, of the same state as the pages: beside them, not among them.
        write_all(site.parent / SERVER, {text.path: text.content.encode() for text in built.settings})
        return tuple(says for _, says in faults_of(built))

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


@dataclass(frozen=True)
class _View:
    """What the release must know of a portal: told by the portal's own rules."""

    gate: Gate
    portal: Portal

    def of(self, anchor: Anchor, main: str, rows: dict[str, str]) -> View:
        """The view."""
        state, portal = self.gate.state, self.portal
        last = state.last.id if state.last else ""
        published = max((str(f.changed) for f in state.facts.values() if f.changed), default="")
        return View(
            anchor, main, main, last, portal.now, published, rows, self._taken(), (), self._expected(),
            lambda after: moment_after(portal, after),
        )  # fmt: skip

    def _taken(self) -> Taken:
        marks = ((item, _mark(item, self.portal)) for item in self.portal.corpus.by_id.values())
        return {item.id: (mark, item.address) for item, mark in marks if mark}

    def _expected(self) -> Expected:
        portal = self.portal
        items = portal.corpus.by_id.values()
        shown = [i for i in items if standing.is_shown(i, portal)]
        notices = [i for i in items if standing.is_notice(i)]
        newest = sorted(shown, key=lambda i: standing.sort_key(i, portal), reverse=True)[:NEWEST]
        departments = {*portal.settings.departments, *(i.id.rsplit("-", 2)[0] for i in items)}
        return Expected(
            departments=frozenset(departments),
            pages={**{i.address: i.title for i in shown}, **{i.address: "" for i in notices}},
            files=dict(self._files(i for i in shown if not standing.has_ended(i, portal))),
            titles=tuple((i.title, i.address) for i in newest),
            searchable=frozenset(i.address for i in shown),
            secret=tuple(self._secret()),
            secret_files=frozenset(self._secret_files()),
            allowed=self._allowed,
        )

    def _files(self, shown: Iterable[Item]) -> Iterator[tuple[str, str]]:
        folders = {item.folder: item for item in shown}
        for path, entry in self.portal.corpus.files.items():
            item = folders.get(key_of(path))
            if item is not None:
                yield address.attachment(item, path.removeprefix(f"{item.folder}/")), entry.blob

    def _hidden(self) -> list[Item]:
        portal = self.portal
        return [i for i in portal.corpus.items if not standing.is_shown(i, portal) and not i.removed]

    @cached_property
    def _past(self) -> tuple[tuple[Item | None, str], ...]:
        """What removed items were before they were removed."""
        gone = {item.folder for item in self.portal.corpus.items if item.removed}
        return tuple(past_of(self.gate, lambda path: key_of(path) in gone)) if gone else ()

    def _secret(self) -> Iterator[str]:
        """The texts that nobody may see now: not yet, not any more, or never; and the names of notices that ended."""
        portal = self.portal
        for item in (*self._hidden(), *(i for i, _ in self._past if i is not None and not i.removed)):
            yield from (*_texts(item.fields), item.body)
        yield from (i.body for i in portal.corpus.items if standing.has_ended(i, portal))

    def _secret_files(self) -> Iterator[str]:
        portal = self.portal
        ended = (i for i in portal.corpus.items if standing.has_ended(i, portal))
        hidden = {item.folder for item in (*self._hidden(), *ended)}
        files = portal.corpus.files
        secret = {e.blob for path, e in files.items() if key_of(path) in hidden}
        secret |= {blob for item, blob in self._past if item is None}
        shown = {e.blob for path, e in files.items() if key_of(path) not in hidden}
        yield from secret - shown

    def _allowed(self) -> str:
        """All the text that may be seen: of shown items, of settings and fixed pages, and the portal's own words."""
        portal, tree = self.portal, self.portal.tree
        parts: list[str] = []
        for item in portal.corpus.items:
            if item.removed or standing.is_shown(item, portal):
                parts.extend(_texts(item.fields))
                parts.append("" if standing.has_ended(item, portal) else item.body)
        for part in ("site_config", "schemas"):
            parts.extend(
                tree.read(e.path).decode("utf-8", "replace") for e in tree.entries(part) if e.kind == "file"
            )
        parts.extend(p.read_bytes().decode("utf-8", "replace") for p in sorted(locale_root().rglob("*.mo")))
        return "\n".join(parts)


def _mark(item: Item, portal: Portal) -> str:
    """How an item was taken from the public, and its file's id: it changes with either. Empty when it was not."""
    if item.removed:
        return f"removed {item.blob}"
    if not standing.is_shown(item, portal):
        return f"hidden {item.blob}"
    if item.group("withdrawal"):
        return f"withdrawn {item.blob}"
    return f"ended {item.blob}" if standing.has_ended(item, portal) else ""


def _is_there(item: Item, portal: Portal) -> bool:
    return standing.is_shown(item, portal) or standing.is_notice(item)


def _owner(path: str) -> str:
    return key_of(path).rpartition("/")[2]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _without_secrets(earlier: Mapping[str, Earlier], expected: Expected) -> dict[str, Earlier]:
    """The earlier versions that hold no phrase of what was taken down elsewhere since: no takedown waits for them."""
    leaks = Leaks(expected.secret, frozenset(), expected.allowed) if earlier else None
    texts = {ident: "\n".join((*_texts(e.item.fields), e.item.body)).encode() for ident, e in earlier.items()}
    return {i: earlier[i] for i, text in texts.items() if not any(leaks.in_file(i, text) if leaks else ())}


def _checkpoint(anchor: Anchor) -> Checkpoint:
    time = anchor.effective or "-"
    return Checkpoint(anchor.genesis, anchor.ledger, anchor.events, anchor.main, anchor.tree, time)


def _anchor(found: Audit, gate: Gate) -> Anchor:
    return Anchor(
        found.genesis, found.ledger, found.events, found.main, found.tree, gate.state.policy_version
    )
