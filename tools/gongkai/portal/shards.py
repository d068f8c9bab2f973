"""A portal printed by jobs, which any engine with the face of `concurrent.futures` may spread over several machines.

Every machine needs the same Gongkai, and the repository and the output folder under the same paths. A job is plain data:
where the order lies (what is built, written once into the shared folder), and the names of the sheets to print. Each
process reads the portal once for all jobs of one build.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import ID_PATTERN
from gongkai.model.message import Message, msg
from gongkai.portal.making import opened
from gongkai.portal.mkdocs_build import Shell
from gongkai.portal.past import Past
from gongkai.portal.plan import Plan
from gongkai.portal.press import Printed, Printer, together
from gongkai.portal.reading import read
from gongkai.portal.sheets import Sheet, Sheets
from gongkai.store.crew import share_out
from gongkai.store.kept import engine
from gongkai.store.tree import CommitTree

MOST = 500
"""A job prints so many sheets at most: what a lost worker had done is done again."""
ORDER, STOP = "order", "stop"
"""Beside the folder that is printed into: what is built, and the sign that nothing more is to be begun."""


@dataclass(frozen=True, slots=True)
class Shard:
    """What one job prints: a name for people ("office 2024", "columns/notice", "search"), and the sheets' names."""

    name: str
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What all jobs of a build have in common: the folder to print into, the digest of the order's file, and the engine."""

    site: str
    digest: bytes
    engine: str


@dataclass(frozen=True, slots=True)
class Mishap:
    """Why a job did not print its shard; errors themselves may not survive the way between processes."""

    says: Message
    hint: Message
    code: Exit


def shards(sheets: Iterable[Sheet]) -> list[Shard]:
    """The sheets in portions: items by department and year, lists by their folder, what all items go into by itself."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for sheet in sheets:
        groups[_group(sheet.name)].append(sheet.name)
    return [Shard(name, part) for name, names in groups.items() for part in _portions(names)]


def _group(name: str) -> str:
    match = ID_PATTERN.match(Path(name).stem) if name.startswith("content/") else None
    if match:
        return f"{match['department']} {match['year']}"
    if name.startswith(
        "search/"
    ):  # the directory asks the pieces of the index, which are at hand where they were made
        return "search"
    return "/".join(name.split("/")[:2]) if name.endswith(".html") else name


def _portions(names: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(names[at : at + MOST]) for at in range(0, len(names), MOST))


def press_in_shards(
    executor: Executor, plan: Plan, sheets: Sheets, shell: Shell, site: Path, past: Past | None
) -> Printed:
    """Print the sheets by jobs of this executor: a `Way` of `build`, once it has its executor.

    GongkaiError names the shard that could not be made and its first cause; by then no job writes any more.
    """
    tree = sheets.site.portal.tree
    if not isinstance(tree, CommitTree):
        raise GongkaiError(
            msg("several machines can build a commit, not a folder that may change meanwhile"),
            msg("name one with --commit, for example `--commit HEAD`, or use --repo"),
        )
    site.mkdir(parents=True, exist_ok=True)
    printer = Printer(sheets, shell, site, past)
    parts = shards(printer.take_over())
    order = _written(replace(plan, commit=tree.commit), site)
    with _jobs(executor, order, parts) as jobs:
        printer.frame()
        reports = [_report(job, jobs[job].name) for job in as_completed(jobs)]
    reports.append(printer.report())
    _refuse_missing(reports, site)
    return together(reports, site, past)


def _written(plan: Plan, site: Path) -> Order:
    data = pickle.dumps(plan, pickle.HIGHEST_PROTOCOL)
    site.with_name(ORDER).write_bytes(data)
    return Order(str(site), hashlib.sha256(data).digest(), engine())


Jobs = Mapping["Future[Printed | Mishap]", Shard]


@contextmanager
def _jobs(executor: Executor, order: Order, parts: Iterable[Shard]) -> Iterator[Jobs]:
    """The jobs under way; when something goes wrong here, those not begun do nothing, and the others are waited for."""
    jobs: dict[Future[Printed | Mishap], Shard] = {}
    try:
        for part in parts:
            jobs[executor.submit(print_shard, order, part)] = part
        yield jobs
    except BaseException:
        Path(order.site).with_name(STOP).touch()
        wait(jobs)
        raise


def _report(job: Future[Printed | Mishap], name: str) -> Printed:
    try:
        found = job.result()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise GongkaiError(
            msg(
                "{name}: this part of the portal could not be made: {reason}",
                name=name,
                reason=reason,
            ),
            msg("look whether all workers are alive and have enough memory, then build again"),
            Exit.BROKEN,
        ) from error
    if isinstance(found, Mishap):
        raise GongkaiError(
            msg(
                "{name}: this part of the portal could not be made: {reason}",
                name=name,
                reason=found.says,
            ),
            found.hint,
            found.code,
        )
    return found


def _refuse_missing(reports: Iterable[Printed], site: Path) -> None:
    """What a worker wrote elsewhere, or not to its end, must not be missed by the public only."""
    for report in reports:
        for path, size, _ in (row for done in report.sheets.values() for row in done.rows):
            with suppress(FileNotFoundError):
                if (site / path).lstat().st_size == size:
                    continue
            raise GongkaiError(
                msg("{path} was made by a worker, and is not in the output folder as it was made", path=path),
                _SHARED,
                Exit.BROKEN,
            )


_SHARED = msg(
    "all machines must reach the repository and the output folder under the same paths (a shared disk)"
)
_one_at_a_time = Lock()
_bench: dict[bytes, tuple[Sheets, Shell, Mapping[str, Sheet]]] = {}
"""What this process has open: the portal of the build that it works for, by the digest of its order."""


def print_shard(order: Order, shard: Shard) -> Printed | Mishap:
    """The job itself: print the shard, in whatever process this is. May be done twice: the second writes the same anew."""
    try:
        with _one_at_a_time:
            return _printed(order, shard)
    except GongkaiError as error:
        return Mishap(error.says, error.hint, error.code)
    except OSError as error:
        return Mishap(msg("{reason}", reason=f"{type(error).__name__}: {error}"), _SHARED, Exit.BROKEN)


def _printed(order: Order, shard: Shard) -> Printed:
    site = Path(order.site)
    if site.with_name(STOP).exists():
        return Printed()
    sheets, shell, by_name = _opened(order)
    printer = Printer(sheets, shell, site)
    names = [name for name in shard.sheets if name not in by_name]
    if names:
        raise GongkaiError(
            msg("{path} is not in the portal that the worker sees", path=names[0]), _SHARED, Exit.BROKEN
        )

    def make(number: int) -> None:
        printer.make(by_name[shard.sheets[number]])

    return share_out(len(shard.sheets), make, printer.report, count=1)[0]


def _opened(order: Order) -> tuple[Sheets, Shell, Mapping[str, Sheet]]:
    """The portal of this order, read once in a process; the one before is let go."""
    if order.digest not in _bench:
        _bench.clear()
        if order.engine != engine():
            raise GongkaiError(
                msg("the worker runs another Gongkai, Python or library than whoever gave the order"),
                msg("install the same on all machines, best one environment on a shared disk or one image"),
                Exit.BROKEN,
            )
        plan = _plan(order)
        sheets, shell = opened(plan, read(plan, CommitTree(plan.repo, plan.commit)))
        every = (*sheets.of_the_whole(), *sheets.of_items(), *sheets.of_lists())
        _bench[order.digest] = sheets, shell, {sheet.name: sheet for sheet in every}
    return _bench[order.digest]


def _plan(order: Order) -> Plan:
    """What is built; only the very bytes that whoever gave the order wrote are unpickled."""
    data = Path(order.site).with_name(ORDER).read_bytes()
    if hashlib.sha256(data).digest() != order.digest:
        raise GongkaiError(msg("the order in the output folder is another one"), _SHARED, Exit.BROKEN)
    plan: Plan = pickle.loads(data)
    return plan
