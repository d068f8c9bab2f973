"""Files seen by workers that are begun anew: where there is no fork, or where another thread may hold a lock."""

from __future__ import annotations

import marshal
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from gongkai.checks.looking import Batch, Seen, lost
from gongkai.checks.many import DIED, Task, Worker
from gongkai.items.packed import pack_fronts
from gongkai.model.corpus import FileEntry

AHEAD = 4
"""So many chunks for each worker are under way: what is done and not yet taken stays small."""
_OWN: list[Worker] = []


def seen_anew(
    chunks: Iterable[Sequence[FileEntry]], task: Task, count: int, meanwhile: Callable[[], None]
) -> Iterator[Batch]:
    """What came of each chunk, in order. `meanwhile` is called once, when workers have begun."""
    left, todo = deque(chunks), [meanwhile]
    under_way: deque[tuple[Sequence[FileEntry], Future[bytes]]] = deque()
    pool = _pool(task, count)
    try:
        while left or under_way:
            try:
                while left and len(under_way) < AHEAD * count:
                    under_way.append((left[0], pool.submit(_see_chunk, left[0])))
                    left.popleft()
                while todo:
                    todo.pop()()
                yield _unpacked(under_way[0][1].result())
                under_way.popleft()
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
                for chunk, _ in under_way:
                    yield from _one_by_one(chunk, task)
                under_way.clear()
                pool = _pool(task, count)
    finally:
        pool.shutdown(cancel_futures=True)


def _one_by_one(entries: Iterable[FileEntry], task: Task) -> Iterator[Batch]:
    pool = _pool(task, 1)
    for entry in entries:
        try:
            yield _unpacked(pool.submit(_see_chunk, [entry]).result())
        except BrokenProcessPool:
            pool.shutdown()
            yield Batch([lost(entry, DIED)], pack_fronts({}))
            pool = _pool(task, 1)
    pool.shutdown()


def _pool(task: Task, count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin, (task,))


def _begin(task: Task) -> None:
    _OWN[:] = [Worker(task)]


def _see_chunk(entries: Iterable[FileEntry]) -> bytes:
    batch = _OWN[0].see(entries)
    return marshal.dumps(([(seen.raw, seen.plain()) for seen in batch.seen], batch.fronts))


def _unpacked(batch: bytes) -> Batch:
    rows, fronts = marshal.loads(batch)
    return Batch([Seen.of(row, raw) for raw, row in rows], fronts)
