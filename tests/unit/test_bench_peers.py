"""The bench's own tools: the same items for every peer, memory of a whole tree of processes, the report."""

from __future__ import annotations

import importlib
import resource
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import yaml

BENCH = Path(__file__).parents[1] / "bench"
NAMES = (
    "make_portal",
    "peer_corpora",
    "peer_base",
    "peer_measure",
    "peer_rounds",
    "peer_report",
    "peer_growth",
)


@pytest.fixture
def bench(monkeypatch):
    """The bench's modules, which are scripts beside each other and no package."""
    monkeypatch.syspath_prepend(str(BENCH))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in NAMES})
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def portal(bench, corpora, tmp_path):
    bench.make_portal.make(5, tmp_path / "portal")
    return tmp_path / "portal"


def items(folder: Path) -> dict[str, tuple[dict, str]]:
    """Fields and text of the items below a folder, by department/year/serial."""
    found = {}
    for path in folder.rglob("*.md"):
        place = path.relative_to(folder).with_suffix("").as_posix()
        if path.name not in ("_index.md", "index.md"):
            _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
            found[place] = yaml.safe_load(front), body
    return found


def runs(bench, *seconds: float):
    series = bench.peer_rounds.Series("hugo", "Hugo", "cold")
    series.runs = [bench.peer_measure.Run(value, value, 1_000_000, 0, "") for value in seconds]
    return series


@pytest.mark.corpora
def test_every_peer_gets_the_same_five_items(bench, portal, tmp_path):
    makers = bench.peer_corpora
    ours = {document.place: document for document in makers.documents(portal)}
    makers.hugo(portal, tmp_path / "hugo")
    makers.mkdocs(portal, tmp_path / "mkdocs")
    files = makers.front_matters(portal, tmp_path / "yaml")
    assert len(ours) == 5
    for folder in (tmp_path / "hugo/content", tmp_path / "mkdocs/docs"):
        theirs = items(folder)
        assert {place: body for place, (_, body) in theirs.items()} == {p: d.body for p, d in ours.items()}
        assert all(fields["title"] == ours[place].fields["title"] for place, (fields, _) in theirs.items())
    assert {name for names in files.values() for name in names} == {
        f"{place.replace('/', '-')}.yml" for place in ours
    }
    assert files.keys() == {document.fields["type"] for document in ours.values()}


@pytest.mark.corpora
def test_hugo_knows_the_department_and_the_column_of_each_item_by_name(bench, portal, tmp_path):
    bench.peer_corpora.hugo(portal, tmp_path / "hugo")
    for fields, _ in items(tmp_path / "hugo/content").values():
        for what in ("departments", "columns"):
            term = tmp_path / "hugo/content" / what / fields[what][0] / "_index.md"
            assert yaml.safe_load(term.read_text(encoding="utf-8").split("---\n")[1])["title"]
        assert {"index_number", "document_number", "id", "openness"} <= fields["params"].keys()


@pytest.mark.corpora
def test_a_second_change_of_an_item_takes_the_place_of_the_first(bench, portal):
    file = next(portal.glob("content/*/*/*.md"))
    before = file.read_text(encoding="utf-8")
    first, second = bench.peer_corpora.change(file, 1), bench.peer_corpora.change(file, 2)
    after = file.read_text(encoding="utf-8")
    assert after == f"{before.rstrip()}\n\n{second}\n"
    assert first != second


def test_the_memory_of_two_children_is_counted_with_the_parents(bench, tmp_path):
    child = (
        "import time; held = bytearray(60_000_000); held[::4096] = b'1' * len(held[::4096]); time.sleep(1)"
    )
    parent = (
        "import subprocess, sys;"
        f"two = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in range(2)];"
        "[one.wait() for one in two]; print('end', file=sys.stderr); sys.exit(4)"
    )
    env = bench.peer_measure.environment(tmp_path / "home")
    own = 2048 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for shared in (False, True):
        run = bench.peer_measure.measure(
            [[sys.executable, "-c", parent]], cwd=tmp_path, env=env, shared=shared
        )
        # Until a child runs its own program it looks as large as this test's process.
        assert 120_000_000 < run.memory < 240_000_000 + own
        assert (run.code, run.said) == (4, "end\n")


def test_the_exponent_of_linear_growth_is_one_and_of_quadratic_growth_two(bench):
    for power in (1, 2):
        points = [
            bench.peer_growth.Point("hugo", "Hugo", n, runs(bench, (n / 1000) ** power))
            for n in (1000, 3000, 9000)
        ]
        assert bench.peer_growth.exponent(points) == pytest.approx(power)
        assert bench.peer_growth.exponent(points, 9000) is None
        assert f"{power:.3f} over all sizes" in bench.peer_growth.growth_table(points)


def test_the_plot_is_well_formed_and_more_items_and_seconds_stand_further_out(bench):
    points = [bench.peer_growth.Point("hugo", "Hugo", n, runs(bench, n / 100)) for n in (1000, 100_000)]
    root = ElementTree.fromstring(bench.peer_growth.plot(points))
    (few, many) = [
        (float(c.get("cx")), float(c.get("cy"))) for c in root.iter("{http://www.w3.org/2000/svg}circle")
    ]
    assert few[0] < many[0]
    assert few[1] > many[1]


def test_a_section_is_added_at_the_end_and_then_replaced_where_it_stands(bench, tmp_path):
    document = tmp_path / "performance.md"
    document.write_text("# Measured\n\nFirst.\n", encoding="utf-8")
    bench.peer_report.put(document, "growth", "old")
    document.write_text(document.read_text(encoding="utf-8") + "\nLast.\n", encoding="utf-8")
    bench.peer_report.put(document, "growth", "new")
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Measured\n\nFirst.\n")
    assert text.endswith("\nLast.\n")
    assert text.count("growth: begin") == 1
    assert "old" not in text
    assert "\nnew\n" in text


def test_a_target_is_met_only_by_the_sum_of_what_it_asks_and_never_without_its_peer(bench):
    def series(key, state, seconds):
        found = runs(bench, seconds)
        found.key, found.state = key, state
        return found

    ours = [series("gongkai-check", "changed", 0.4), series("gongkai-publish", "changed", 0.7)]
    assert bench.peer_report.targets(ours) == ""
    rows = bench.peer_report.targets([*ours, series("hugo", "changed", 20.0)]).splitlines()
    switched, both = [row for row in rows if "switched" in row]
    assert switched.endswith("| met |")
    assert both.endswith("| **not met** |")  # 1.1 s: a twentieth of the peer's, but more than one second
