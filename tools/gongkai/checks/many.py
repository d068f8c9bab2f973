"""Many files read and looked at by worker processes, in order.

A worker that dies takes nothing with it: its files are read again one by one, and the one that kills is a finding.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

from gongkai.checks.answers import Answers
from gongkai.checks.looking import Batch, Seen, lost, see_together
from gongkai.checks.portal import Portal, frame
from gongkai.checks.watched import Watched
from gongkai.items.packed import pack_fronts
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.facts import Facts
from gongkai.model.message import msg
from gongkai.store import relay
from gongkai.store.apart import Apart, forks
from gongkai.store.crew import hands
from gongkai.store.kept import Kept
from gongkai.store.relay import Relay, Spool, Stretch
from gongkai.store.tree import CommitTree, FolderTree, Tree

CHUNK = 40
"""So many files are seen by a worker at a time, or more where there are very many."""


@dataclass(frozen=True)
class Task:
    """What a worker needs to know: plain data, so that it can be handed to a process that was begun anew."""

    folder: Path
    commit: str
    kept: Path | None
    now: datetime
    facts: Facts
    files: dict[str, FileEntry]


def see_all(
    entries: Sequence[FileEntry],
    portal: Portal,
    *,
    judge: bool = True,
    meanwhile: Callable[[Portal], None] | None = None,
) -> Iterator[Batch]:
    """See every file, in the order of `entries`; `judge`: with what the rules find. The portal's corpus has no items yet.

    `meanwhile` is called with it once, when workers have begun; where there are none, not at all.
    """
    count = hands()
    task = _task(portal) if count > 1 else None
    if task is None:
        watched = Watched.of(portal, Answers(portal).answer)
        return (see_together(chunk, watched, judge=judge) for chunk in _chunks(entries))
    if forks():
        return _in_order(_chunks(entries), portal, task, count, meanwhile)
    from gongkai.checks.anew import seen_anew  # what begins processes anew takes long to import

    return seen_anew(_chunks(entries), task, count, partial(meanwhile or (lambda _: None), portal))


def _chunks(entries: Sequence[FileEntry]) -> list[Sequence[FileEntry]]:
    size = max(CHUNK, -(-len(entries) // relay.MOST))
    return [entries[at : at + size] for at in range(0, len(entries), size)]


def _task(portal: Portal) -> Task | None:
    tree = portal.tree
    kept = portal.kept.folder if portal.kept is not None else None
    files = dict(portal.corpus.files)
    if isinstance(tree, FolderTree):
        return Task(tree.root, "", kept, portal.now, portal.facts, files)
    if isinstance(tree, CommitTree):
        return Task(tree.repository.folder, tree.commit, kept, portal.now, portal.facts, files)
    return None


def _in_order(
    chunks: Sequence[Sequence[FileEntry]],
    portal: Portal,
    task: Task,
    count: int,
    meanwhile: Callable[[Portal], None] | None,
) -> Iterator[Batch]:
    """Forked workers inherit the files' names and what was read already."""
    worker = Worker(task, portal)
    arrived: dict[int, tuple[Spool, bytes | None]] = {}
    due = 0
    with Relay(len(chunks), partial(_done, worker, chunks), min(count, len(chunks)), task.kept) as workers:
        if meanwhile:
            meanwhile(portal)
        for number, spool, answer in workers.answers():
            arrived[number] = spool, answer
            while due in arrived:
                yield _taken(worker, chunks[due], *arrived.pop(due))
                due += 1
    for number in range(due, len(chunks)):
        if number in arrived:
            yield _taken(worker, chunks[number], *arrived.pop(number))
        else:  # its worker died
            yield from _one_by_one(worker, chunks[number])


class Worker:
    """What sees files in a process of its own."""

    def __init__(self, task: Task, known: Portal | None = None) -> None:
        self._task, self._known = task, known

    @cached_property
    def _watched(self) -> Watched:
        """This process' portal, with its own processes and files, for what the parent has open is the parent's."""
        task = self._task
        tree: Tree = CommitTree(task.folder, task.commit) if task.commit else FolderTree(task.folder)
        # A copy of all fields and of nothing that was computed from them.
        portal = replace(
            self._known or frame(tree, task.now), tree=tree, kept=Kept(task.kept),
            corpus=Corpus((), (), task.files), facts=task.facts, now=task.now,
        )  # fmt: skip
        return Watched.of(portal, Answers(portal).answer)

    def see(self, entries: Iterable[FileEntry]) -> Batch:
        """See some files."""
        return see_together(entries, self._watched)


def _done(worker: Worker, chunks: Sequence[Sequence[FileEntry]], number: int, spool: Spool) -> bytes:
    """One chunk seen by a worker, as plain data: pickling objects took a third of the parent's time. Items go into the spool."""
    batch = worker.see(chunks[number])
    at = spool.add(b"".join([one.raw for one in batch.seen if isinstance(one.raw, bytes)])).at
    return marshal.dumps(([one.plain() for one in batch.seen], batch.fronts, at))


def _taken(worker: Worker, chunk: Sequence[FileEntry], spool: Spool, answer: bytes | None) -> Batch:
    """What a worker saw. What it could not see is seen here, where whatever it raised is raised again."""
    if answer is None:
        return worker.see(chunk)
    rows, fronts, at = marshal.loads(answer)
    seen = []
    for row in rows:
        length = row[2]
        seen.append(Seen.of(row, None if length is None else Stretch(spool, at, length)))
        at += length or 0
    return Batch(seen, fronts)


def _one_by_one(worker: Worker, chunk: Iterable[FileEntry]) -> Iterator[Batch]:
    for entry in chunk:
        with Apart(partial(_alone, worker, entry)) as child:
            found = child.answer()
        if found is None:
            yield Batch([lost(entry, DIED)], pack_fronts({}))
        else:
            yield from found or [worker.see([entry])]


def _alone(worker: Worker, entry: FileEntry) -> list[Batch]:
    try:
        return [worker.see([entry])]
    except Exception:  # the parent does it again, and sees why
        return []


DIED = msg("the process that read it died; send the file to whoever maintains Gongkai")
