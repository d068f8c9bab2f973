"""A portal made by several processes that share nothing but a folder is, byte for byte, what one machine makes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.cli import workers
from gongkai.cli.main import cli
from gongkai.evidence.chain import Record
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import Facts, ItemFacts
from gongkai.portal import shards
from gongkai.portal.build import Built, build
from gongkai.portal.shards import MOST, press_in_shards
from gongkai.portal.sheets import Sheet
from gongkai.store import clock

from .conftest import ROOT, SAMPLE_NOW, earlier, sample_folder
from .shard_jobs import dies, dies_once
from .test_same_bytes import same

pytestmark = pytest.mark.timeout(120)
NOW = clock.parse(SAMPLE_NOW)
WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass(frozen=True)
class Committed:
    """The sample portal in a repository, with what a ledger would say of it."""

    root: Path
    facts: Facts
    record: Record

    def build(self, site: Path, executor: Executor | None = None, **more) -> Built:
        if executor is not None:
            more["way"] = partial(press_in_shards, executor)
        given = {"commit": "HEAD", "facts": self.facts, "record": self.record, **more}
        return build(self.root, site, now=NOW, **given)


def commit(root: Path) -> None:
    for words in (["add", "-A"], ["commit", "-qm", "-"]):
        subprocess.run(["git", *words], cwd=root, env={**os.environ, **WHO}, check=True)


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    root = tmp_path_factory.mktemp("shards") / "portal"
    sample_folder(root)
    subprocess.run(["git", "init", "-q", root], check=True)
    commit(root)
    times = ItemFacts(published=NOW - timedelta(days=5), changed=NOW - timedelta(days=1))
    return Committed(root, {"office-2026-00901": times}, earlier())


@pytest.fixture(scope="module")
def alone(committed, tmp_path_factory):
    return committed.build(tmp_path_factory.mktemp("alone") / "site")


@pytest.fixture(scope="module")
def two_processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def two_workers_of_dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def equal(one: Built, other: Built) -> None:
    """The same bytes, and the same words about them."""
    same(one.site, other.site)
    said = [(b.pages, b.files, b.broken, b.dead, b.requests, b.remarks, b.settings) for b in (one, other)]
    assert said[0] == said[1]


def test_processes_that_share_only_a_folder_make_the_same_portal(committed, alone, two_processes, tmp_path):
    equal(committed.build(tmp_path / "site", two_processes), alone)
    assert [p.name for p in tmp_path.iterdir()] == ["site"], "nothing is left beside it"


def test_workers_of_dask_make_the_same_portal(committed, alone, tmp_path):
    with two_workers_of_dask() as client:
        built = committed.build(tmp_path / "site", client.get_executor())
        worked = client.run(lambda: len(shards._bench))
    equal(built, alone)
    assert list(worked.values()) == [1, 1], "both workers had the portal open, and no other"


def test_a_worker_that_is_lost_costs_time_and_nothing_else(committed, alone, tmp_path, monkeypatch):
    marker = tmp_path / "died"
    monkeypatch.syspath_prepend(ROOT)
    with two_workers_of_dask() as client:
        monkeypatch.setattr(shards, "print_shard", partial(dies_once, str(marker)))
        built = committed.build(tmp_path / "site", client.get_executor())
    assert marker.exists()
    equal(built, alone)


def test_what_is_as_it_was_is_taken_over_and_only_the_rest_is_given_to_workers(
    committed, two_processes, tmp_path
):
    root = tmp_path / "portal"
    subprocess.run(["git", "clone", "-q", committed.root, root], check=True)
    changing = replace(committed, root=root)
    first = changing.build(tmp_path / "site", two_processes)
    (changed,) = root.glob("content/**/office-2026-00901.md")
    changed.write_text(changed.read_text("utf-8").replace("望潮路一号", "望潮路二号"), encoding="utf-8")
    commit(root)
    second = changing.build(tmp_path / "site", two_processes, past=first.past)
    assert first.past is not None and 0 < len(first.past.sheets) // 2 < second.reused
    equal(second, changing.build(tmp_path / "anew"))


def test_a_shard_that_cannot_be_made_is_named_and_the_old_portal_stands(committed, two_processes, tmp_path):
    before = committed.build(tmp_path / "site", two_processes)
    spoilt = committed.record.earlier["office-2026-00901"]
    record = replace(committed.record, earlier={"office-2026-00901": replace(spoilt, since=None)})
    with pytest.raises(GongkaiError) as failed:
        committed.build(tmp_path / "site", two_processes, record=record)
    assert str(failed.value).startswith("office 2026: ") and "office-2026-00901.md" in str(failed.value)
    assert before.site.is_dir() and [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_process_that_dies_names_the_shard(committed, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        monkeypatch.setattr(shards, "print_shard", dies)
        with pytest.raises(GongkaiError) as failed:
            committed.build(tmp_path / "site", pool)
    assert str(failed.value).startswith("search: ") and "BrokenProcessPool" in str(failed.value)
    assert list(tmp_path.iterdir()) == []


class Here(Executor):
    """Does each job at once, in this process, after `before` has had its way with the order."""

    def __init__(self, before=lambda order, shard: order) -> None:
        self.before = before

    def submit(self, job, order, shard):
        future = Future()
        future.set_result(job(self.before(order, shard), shard))
        return future


def test_a_worker_that_writes_into_a_folder_of_its_own_is_found_out(committed, tmp_path):
    elsewhere = tmp_path / "elsewhere"

    def moved(order, shard):
        elsewhere.mkdir(exist_ok=True)
        (elsewhere / "order").write_bytes(Path(order.site).with_name("order").read_bytes())
        return replace(order, site=str(elsewhere / "site"))

    with pytest.raises(GongkaiError, match="not in the output folder"):
        committed.build(tmp_path / "site", Here(moved))
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"engine": "another"}, "another Gongkai"),
        ({"digest": b"another"}, "another one"),
        ({"site": "/nowhere/site"}, "FileNotFoundError"),
    ],
)
def test_a_worker_refuses_an_order_that_is_not_its_own(committed, tmp_path, change, says):
    shards._bench.clear()
    with pytest.raises(GongkaiError, match=says):
        committed.build(tmp_path / "site", Here(lambda order, shard: replace(order, **change)))


def test_a_folder_that_may_change_meanwhile_is_not_shared_out(committed, tmp_path):
    with pytest.raises(GongkaiError, match="commit"):
        committed.build(tmp_path / "site", Here(), commit=None)


def test_items_are_cut_by_department_and_year_and_lists_by_their_folder():
    names = ["search/r/0", "search/t/0", "search/index.json", "content/a-b/2024/a-b-2024-00001.md", "content/a-b/2024/a-b-2024-00002.yml",
             "content/a-b/2025/a-b-2025-00001.md", "columns/notice/2.html", "columns/notice/2024/index.html",
             "archive/2024/index.html", *(f"content/c/2020/c-2020-{n:05d}.md" for n in range(MOST + 1))]  # fmt: skip
    cut = shards.shards(Sheet(name, lambda: iter(())) for name in names)
    sizes = [(s.name, len(s.sheets)) for s in cut]
    assert sizes == [("search", 3), ("a-b 2024", 2), ("a-b 2025", 1), ("columns/notice", 2),
                     ("archive/2024", 1), ("c 2020", MOST), ("c 2020", 1)]  # fmt: skip
    assert [name for s in cut for name in s.sheets] == names


def run(root: Path, *words: object):
    """`gongkai --lang en --root ROOT build …`."""
    return CliRunner().invoke(cli, ["--lang", "en", "--root", str(root), "build", *map(str, words)])


def test_the_command_builds_by_the_workers_of_a_scheduler(committed, tmp_path):
    own = ("--commit", "HEAD", "--now", SAMPLE_NOW, "--afresh")
    here = run(committed.root, *own, "--site-dir", tmp_path / "here")
    with two_workers_of_dask() as client:
        address = client.scheduler.address
        there = run(committed.root, *own, "--site-dir", tmp_path / "there", "--workers", address)
        worked = client.run(lambda: len(shards._bench))
    assert (here.exit_code, there.exit_code) == (0, 0), there.stderr
    assert here.stderr == there.stderr
    assert list(worked.values()) == [1, 1]
    same(tmp_path / "here", tmp_path / "there")


def test_a_scheduler_without_workers_or_with_workers_that_lack_gongkai_is_refused(
    committed, tmp_path, monkeypatch
):
    with two_workers_of_dask() as client:
        words = ("--commit", "HEAD", "--site-dir", tmp_path / "site", "--workers", client.scheduler.address)
        monkeypatch.setattr(workers, "PACKAGE", "a-package-that-is-not-there")
        without = run(committed.root, *words)
        client.cluster.scale(0)
        client.sync(client.cluster._correct_state)
        nobody = run(committed.root, *words)
    assert (without.exit_code, nobody.exit_code) == (3, 3)
    assert "not installed where the worker tcp://" in without.stderr
    assert "has no workers" in nobody.stderr
    assert not (tmp_path / "site").exists()


def test_without_dask_or_a_scheduler_the_command_says_what_to_do(committed, tmp_path, monkeypatch):
    words = ("--commit", "HEAD", "--site-dir", tmp_path / "site", "--workers")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(workers, "WAIT", 1)
    nobody = run(committed.root, *words, f"tcp://127.0.0.1:{port}")
    nonsense = run(committed.root, *words, "nowhere")
    monkeypatch.setitem(sys.modules, "distributed", None)
    missing = run(committed.root, *words, "tcp://127.0.0.1:1")
    assert {nobody.exit_code, nonsense.exit_code, missing.exit_code} == {3}
    assert f"no Dask scheduler answers at tcp://127.0.0.1:{port}" in nobody.stderr
    assert "requirements/workers.txt" in missing.stderr
