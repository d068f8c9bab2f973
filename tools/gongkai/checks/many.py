"""Many files read and looked at by worker processes, in order, a bounded number at a time.

A worker that dies takes nothing with it: its files are read again one by one, and the one that kills is a finding.
"""

from __future__ import annotations

import marshal
import multiprocessing
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import EXTRA_QUEUED_CALLS, BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gongkai.checks.answers import Answers
from gongkai.checks.looking import Batch, Seen, lost, see_together
from gongkai.checks.portal import Portal, frame
from gongkai.checks.watched import Watched
from gongkai.items.packed import pack_fronts
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.facts import Facts
from gongkai.model.message import msg
from gongkai.store.crew import hands
from gongkai.store.kept import Kept
from gongkai.store.tree import CommitTree, FolderTree, Tree

CHUNK = 40
"""So many files are handed to a worker at a time."""
AHEAD = 4
"""So many chunks for each worker are under way: what is done and not yet taken stays small."""
LARGE = 600
"""So many files at first, where this process does something else: workers must not wait for it after every few."""


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
    return _in_order(entries, portal, task, count, meanwhile)


def _chunks(entries: Sequence[FileEntry], size: int = CHUNK) -> Iterator[Sequence[FileEntry]]:
    return (entries[at : at + size] for at in range(0, len(entries), size))


def _larger_first(entries: Sequence[FileEntry], count: int) -> Iterator[Sequence[FileEntry]]:
    """Large chunks first, as many as workers take, and find in their queue, without this process' help."""
    size = max(CHUNK, min(LARGE, len(entries) // (4 * count)))
    large = size * (2 * count + EXTRA_QUEUED_CALLS)
    yield from _chunks(entries[:large], size)
    yield from _chunks(entries[large:])


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
    entries: Sequence[FileEntry],
    portal: Portal,
    task: Task,
    count: int,
    meanwhile: Callable[[Portal], None] | None,
) -> Iterator[Batch]:
    chunks = deque(_larger_first(entries, count) if meanwhile else _chunks(entries))
    under_way: deque[tuple[Sequence[FileEntry], Future[bytes]]] = deque()
    pool = _pool(portal, task, count)
    try:
        while chunks or under_way:
            try:
                while chunks and len(under_way) < AHEAD * count:
                    under_way.append((chunks[0], pool.submit(_see_chunk, chunks[0])))
                    chunks.popleft()
                if meanwhile:
                    todo, meanwhile = meanwhile, None
                    todo(portal)
                yield _unpacked(under_way[0][1].result())
                under_way.popleft()
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
                for chunk, _ in under_way:
                    yield from _one_by_one(chunk, portal, task)
                under_way.clear()
                pool = _pool(portal, task, count)
    finally:
        pool.shutdown(cancel_futures=True)
        _INHERITED.clear()


def _one_by_one(entries: Iterable[FileEntry], portal: Portal, task: Task) -> Iterator[Batch]:
    pool = _pool(portal, task, 1)
    for entry in entries:
        try:
            yield _unpacked(pool.submit(_see_chunk, [entry]).result())
        except BrokenProcessPool:
            pool.shutdown()
            yield Batch([lost(entry, DIED)], pack_fronts({}))
            pool = _pool(portal, task, 1)
    pool.shutdown()


def _pool(portal: Portal, task: Task, count: int) -> ProcessPoolExecutor:
    """Forked workers inherit what was read already; where there is no fork, or threads forbid it, they read it anew."""
    forked = forks()
    if forked:
        _INHERITED[:] = [portal]
    context = multiprocessing.get_context("fork" if forked else "spawn")
    return ProcessPoolExecutor(count, context, _begin, (task,))


def forks() -> bool:
    """Whether workers are forked: not everywhere, and not where another thread may hold a lock."""
    return "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1


DIED = msg("the process that read it died; send the file to whoever maintains Gongkai")
_INHERITED: list[Portal] = []
_OWN: list[Watched] = []


def _begin(task: Task) -> None:
    """Make this worker's portal: its own processes and files, for what the parent has open is the parent's."""
    tree: Tree = CommitTree(task.folder, task.commit) if task.commit else FolderTree(task.folder)
    kept = Kept(task.kept)
    known = _INHERITED[0] if _INHERITED else None
    if known is None:
        known = frame(tree, task.now)
    corpus = Corpus((), (), task.files)
    # A copy of all fields and of nothing that was computed from them.
    portal = replace(known, tree=tree, kept=kept, corpus=corpus, facts=task.facts, now=task.now)
    _OWN[:] = [Watched.of(portal, Answers(portal).answer)]


def _see_chunk(entries: Iterable[FileEntry]) -> bytes:
    """As bytes of plain data: pickling objects took a third of the parent's time."""
    batch = see_together(entries, _OWN[0])
    return marshal.dumps(([seen.plain() for seen in batch.seen], batch.fronts))


def _unpacked(batch: bytes) -> Batch:
    rows, fronts = marshal.loads(batch)
    return Batch([Seen.of(row) for row in rows], fronts)
