"""The audit: anybody with a clone judges again everything that ever reached main, and learns the first thing wrong.

It believes nothing but bytes that hash to their ids and signatures that verify: no index, no replace ref, no graft, no
commit-graph, and none of the server's answers. Findings of old content are not judged again (design §6). What this
auditor itself judged before is not judged again either (`verified`), unless something does not hold: then all is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.evidence.checkpoint import Checkpoint
from gongkai.evidence.checkpoint import fault as fault_of
from gongkai.evidence.ledger import LEDGER, MAIN, MOVES, TURNS, Event
from gongkai.evidence.state import State
from gongkai.gate.client import REMOTE, unreachable
from gongkai.gate.history import Unsound, check_main, read_ledger
from gongkai.gate.verified import Keeping, Point, bare
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Hole, Message, msg
from gongkai.store.git import Repository, is_shallow, settings_of
from gongkai.store.objects import Objects
from gongkai.store.process import run
from gongkai.store.proven import NotProven, Proven

if TYPE_CHECKING:
    from gongkai.gate.reverify import Reverifier

GENESIS = "gongkai.genesis"
SEEN = "gongkai.audited"
THEIRS = "refs/gongkai/origin-ledger"
"""Where a clone keeps the server's ledger until it is found to continue its own."""
Watch = Callable[[Sequence[Event]], Iterable[Event]]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not hold: at which event (None: no single one), which commit, in words."""

    event: int | None
    kind: str
    commit: str
    says: Message


@dataclass(frozen=True)
class Audit:
    """What an audit saw. `fault` is None when everything holds; the counts are of what was judged up to it.

    Events up to `since` were not judged this time: because it was asked so, or because the same auditor found them sound
    before (`verified`, the time of its last audit; empty otherwise). `state` is what all events add up to, `turn` the last
    event that changed what the public may see.
    """

    genesis: str
    ledger: str
    main: str
    events: int = 0
    accepted: int = 0
    published: int = 0
    vouched: int = 0
    since: int = -1
    remarks: tuple[Message, ...] = ()
    fault: Fault | None = None
    tree: str = ""
    verified: str = ""
    state: State = field(default_factory=State)
    turn: str = ""


@dataclass(frozen=True)
class _Asked:
    """What the auditor knows from elsewhere, and wants."""

    genesis: str
    since: str
    watch: Watch
    against: Sequence[Checkpoint]
    ledger: str


@dataclass
class _Run:
    """One audit under way, from the beginning or from a `point`. `settings` are git's, `own` is where its ledger stood."""

    folder: Path
    objects: Objects
    proven: Proven
    settings: Mapping[str, str]
    own: str
    tip: str
    main: str
    events: tuple[Event, ...] = ()
    since: int = -1
    remarks: list[Message] = field(default_factory=list)
    point: Point | None = None


def audit(
    folder: Path,
    *,
    genesis: str = "",
    since: str = "",
    fetch: bool = True,
    watch: Watch = lambda events: events,
    against: Sequence[Checkpoint] = (),
    ledger: str = LEDGER,
    keeping: Keeping | None = None,
    settings: Mapping[str, str] | None = None,
) -> Audit:
    """Audit the clone or server at `folder`; fetch first when it has an origin.

    `genesis` is the id known from elsewhere; without it the one remembered here counts, and a first audit remembers.
    The ledger must contain what every checkpoint in `against` saw: kept elsewhere, they find out a ledger rewritten whole.
    Events up to `since` (an event, or a commit of main) are only folded, not judged again. `ledger` is the branch of a
    ledger kept beside a forge, which is judged as such. `keeping` is where this auditor keeps how far it judged: it goes
    on from there, whatever `since` says, and a fault is told only after everything was judged. `settings` are git's in
    this repository, when somebody just read them. GongkaiError when there is nothing to audit: no repository, no ledger,
    a shallow or partial clone.
    """
    work, asked = _begin(folder, fetch, ledger, settings), _Asked(genesis, since, watch, against, ledger)
    point = keeping.point(ledger) if keeping else None
    if point is not None and keeping is not None and _saw(work, point):
        again = replace(work, point=point)
        found = _unmoved(again, asked, keeping) or _audited(again, asked, keeping)
        if found.fault is None:
            return found
    return _audited(replace(work, proven=Proven(folder), remarks=[]), asked, keeping)


def _saw(work: _Run, point: Point) -> bool:
    """Whether this very repository was audited up to the point or further: a fresh clone at its place was not."""
    number = work.settings.get(SEEN, "").partition(" ")[0]
    return number.isdigit() and int(number) >= point.last.number


def _unmoved(work: _Run, asked: _Asked, keeping: Keeping) -> Audit | None:
    """What the last audit found, when nothing came since and nothing is to be hashed again; None when there is more to do."""
    point = work.point
    if point is None or point.last.id != work.tip or work.own != work.tip or keeping.is_due(point):
        return None
    work.events, work.since = point.events, point.last.number
    try:
        _check_pins(work, asked.genesis)
        _check_kept(work, asked.against)
        check_main(work.proven, work.main, _mains(work.events))
    except Unsound:
        return None
    remarks = (*_duties(point.state), *point.memory["remarks"])
    return _found(work, point.state, int(point.memory["vouched"]), remarks)


def _audited(work: _Run, asked: _Asked, keeping: Keeping | None) -> Audit:
    # Half of what an audit loads is for judging events: not needed where none came.
    from gongkai.gate.forge_audit import ForgeReverifier
    from gongkai.gate.reverify import Reverifier

    judge = Reverifier(work.proven) if asked.ledger == LEDGER else ForgeReverifier(work.proven)
    fault = None
    try:
        _judge(work, judge, asked, keeping)
    except Unsound as unsound:
        fault = Fault(unsound.event, unsound.kind, unsound.commit, unsound.says)
    if fault is None:
        work.remarks.extend(_duties(judge.state))
        _remember(work)
        if keeping is not None:
            _keep(work, judge, keeping, asked.ledger)
    return _found(work, judge.state, judge.vouched, (*work.remarks, *judge.remarks), fault)


def _found(
    work: _Run, state: State, vouched: int, remarks: tuple[Message, ...], fault: Fault | None = None
) -> Audit:
    kinds = [e.kind for e in work.events]
    return Audit(
        work.events[0].id if work.events else "", work.tip, work.main, len(work.events), kinds.count("accepted"),
        kinds.count("published"), vouched, work.since, remarks, fault, state.main_tree,
        work.point.moment.isoformat() if work.point else "", state,
        next((event.id for event in reversed(work.events) if event.kind in TURNS), ""),
    )  # fmt: skip


def _begin(folder: Path, fetch: bool, ledger: str, known: Mapping[str, str] | None) -> _Run:
    settings = known if known is not None else settings_of(folder) if folder.is_dir() else {}
    _refuse_partial(folder, settings)
    remote = bool(settings.get(f"remote.{REMOTE}.url"))
    objects = Objects(Repository(folder))
    if remote and fetch:
        _fetch(folder, ledger)
    branch = f"refs/remotes/{REMOTE}/main" if remote else MAIN
    refs = objects.at_refs(ledger, LEDGER, branch, *([THEIRS] if remote else []))
    tip = refs.get(THEIRS) or refs.get(ledger, "")
    if not tip:
        raise GongkaiError(
            msg("{folder} has no ledger", folder=str(folder)),
            msg(
                "name a server's repository or a clone of one with --repo; the audit fetches the ledger itself"
            ),
        )
    return _Run(folder, objects, Proven(folder), settings, refs.get(LEDGER, ""), tip, refs.get(branch, ""))


def _fetch(folder: Path, ledger: str) -> None:
    """The server's branches and ledger; a default clone leaves the ledger out. The clone's own ledger stays as it is."""
    refs = ["+refs/heads/*:refs/remotes/origin/*", f"+{ledger}:{THEIRS}"]
    done = run(["git", "fetch", "--quiet", "--prune", "--no-tags", REMOTE, *refs], cwd=folder, timeout=600)
    if done.code:
        raise unreachable(done.err.decode("utf-8", "replace").strip())


def _refuse_partial(folder: Path, settings: Mapping[str, str]) -> None:
    """A shallow or partial clone lacks what must be judged, and lies about ancestry."""
    shallow = is_shallow(folder)
    if shallow is None:
        raise GongkaiError(
            msg("{folder} is not a git repository", folder=str(folder)),
            msg("name a server's repository or a clone of one with --repo"),
        )
    if shallow or settings.get("extensions.partialclone") or settings.get(f"remote.{REMOTE}.promisor"):
        raise GongkaiError(
            msg("{folder} is a shallow or partial clone, and cannot be audited", folder=str(folder)),
            msg("make a full one with `git clone`, or complete this one with `git fetch --unshallow`"),
        )


def _judge(work: _Run, judge: Reverifier, asked: _Asked, keeping: Keeping | None) -> None:
    point = work.point
    work.events = read_ledger(work.proven, work.tip, point.events if point else ())
    _check_pins(work, asked.genesis)
    _check_kept(work, asked.against)
    if point is not None and keeping is not None:
        _go_on(work, judge, point, rehash=keeping.is_due(point))
    else:
        work.since = _number(work, asked.since) if asked.since else -1
    for event in asked.watch(work.events[len(point.events) if point else 0 :]):
        judge.take(event, deep=event.number > work.since)
    check_main(work.proven, work.main, _mains(work.events))
    try:
        work.proven.prove_tree(judge.state.main_tree, point.state.main_tree if point else "")
    except NotProven as error:
        raise Unsound(error.says, commit=work.main) from error


def _go_on(work: _Run, judge: Reverifier, point: Point, *, rehash: bool) -> None:
    """Take up where the point stands. All that was hashed for it is hashed again: it may have been exchanged since."""
    work.since = point.last.number
    try:
        (work.proven.prove_many if rehash else work.proven.believe)(point.objects)
        judge.go_on(point.state, point.memory)
    except NotProven as error:
        raise Unsound(error.says) from error
    except (KeyError, TypeError, ValueError) as error:
        raise Unsound(msg("what was kept of an earlier audit cannot be read")) from error


def _keep(work: _Run, judge: Reverifier, keeping: Keeping, ledger: str) -> None:
    """Keep how far everything was found sound."""
    zone = judge.moments.portal(judge.state.main_tree, keeping.now).settings.timezone
    point, now = work.point, keeping.now.astimezone(zone)
    old = point.events if point is not None else ()
    hashed = now if point is None or keeping.is_due(point) else point.hashed
    keeping.keep(
        ledger,
        Point(
            (*old, *map(bare, work.events[len(old) :])),
            judge.state,
            judge.memory,
            work.proven.seen,
            now,
            hashed,
        ),
    )


def _mains(events: Iterable[Event]) -> list[tuple[int, str]]:
    return [(e.number, str(e.data["main"])) for e in events if e.kind in MOVES]


def _duties(state: State) -> Iterable[Message]:
    """Second reviews that are still owed: not unsound, but everybody may know of them."""
    for owed in state.duties():
        holes: dict[str, Hole] = {
            "number": owed.submission, "items": ", ".join(owed.items), "due": owed.due,
        }  # fmt: skip
        if owed.objection is not None:
            yield msg("{number}: the second review was refused; {items} must be withdrawn or mended", **holes)
        elif owed.lapsed is not None:
            yield msg("{number} owes a second review of {items}; it was due {due} and is overdue", **holes)
        else:
            yield msg("{number} owes a second review of {items}, due {due}", **holes)


def _check_pins(work: _Run, genesis: str) -> None:
    """The genesis that is known from elsewhere, and the last event seen here: a rewritten ledger has neither."""
    there = work.events[0].id
    pinned = genesis or work.settings.get(GENESIS, "")
    if pinned and (len(pinned) < 12 or not there.startswith(pinned.lower())):
        raise Unsound(
            msg("the ledger begins with {there}, not with the genesis {pinned} known here", there=there, pinned=pinned),
            0, there, "genesis",
        )  # fmt: skip
    number, _, seen = work.settings.get(SEEN, "").partition(" ")
    known = [(int(number), seen)] if seen and number.isdigit() else []
    own = work.own
    if own and own not in {event.id for event in work.events}:
        known.extend((event.number, event.id) for event in read_ledger(work.proven, own))
    for at, event_id in known:
        found = work.events[at] if at < len(work.events) else None
        if found is None or found.id != event_id:
            raise Unsound(
                msg("the ledger was rewritten: event {number} was {seen} when it was last seen here",
                    number=at, seen=event_id),
                at, found.id if found else work.tip, found.kind if found else "",
            )  # fmt: skip


def _check_kept(work: _Run, against: Sequence[Checkpoint]) -> None:
    """Checkpoints that were kept elsewhere: the ledger must hold what they saw."""
    for checkpoint in against:
        says = fault_of(checkpoint, work.events)
        if says is not None:
            at = min(checkpoint.events, len(work.events)) - 1
            raise Unsound(says, at, work.events[at].id, work.events[at].kind)


def _number(work: _Run, revision: str) -> int:
    """The event that a revision means: itself an event, or a commit of main that an event names."""
    found = next((event.number for event in reversed(work.events) if event.id == revision), None)
    if found is not None:
        return found
    commit = work.objects.repository.resolve(revision)
    for event in work.events:
        if commit in (event.id, event.data.get("main")):
            return event.number
    raise GongkaiError(
        msg("{revision} is neither an event of the ledger nor a commit that it accepted", revision=revision),
        msg("give an event's id (`git log refs/gongkai/ledger`) or a commit of main"),
    )


def _remember(work: _Run) -> None:
    """Keep the genesis and the last event seen; what cannot be kept (a read-only repository) is remarked."""
    last = work.events[-1]
    if work.own != work.tip:
        work.objects.move(LEDGER, work.tip, work.own)
    for name, value in ((GENESIS, work.events[0].id), (SEEN, f"{last.number} {last.id}")):
        if work.settings.get(name) == value:
            continue
        done = run(["git", "config", "--local", name, value], cwd=work.folder)
        if done.code:
            work.remarks.append(msg("this audit could not be remembered here: the repository is read-only"))
            return
