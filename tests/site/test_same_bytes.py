"""However a portal is built, its bytes are the same: by MkDocs itself, by one process or several, from nothing or from what was."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gongkai.checks import standing
from gongkai.evidence.chain import Record
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import ItemFacts
from gongkai.portal import data_item, linking
from gongkai.portal.build import build
from gongkai.portal.item_page import ItemPage
from gongkai.portal.mkdocs_build import Shell, reference
from gongkai.portal.past import Past, unpacked
from gongkai.portal.plan import Plan
from gongkai.store import clock, crew
from gongkai.store.kept import kept_for

from .conftest import NOW, SAMPLE_NOW, item, sample_folder, write

EXAMPLES = int(os.environ.get("GONGKAI_PROPERTY_EXAMPLES", "2"))
START = clock.parse(NOW)


def held(site: Path) -> dict[str, bytes]:
    """Every file of a built portal."""
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def folders(site: Path) -> set[str]:
    """All folders by their paths, empty ones too."""
    return {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_dir()}


def same(one: Path, other: Path) -> None:
    """Both hold the same files with the same bytes."""
    first, second = held(one), held(other)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


def by_mkdocs(root: Path, site: Path, moment: str) -> Path:
    """What `mkdocs build --strict` makes of a portal's folder."""
    plan = Plan(root, root, "", clock.parse(moment), {}, Record())
    reference(root, site, plan, strict=True)
    return site


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sample_portal_is_as_mkdocs_builds_it(tmp_path, language):
    root = tmp_path / "portal"
    sample_folder(root, language)
    built = build(root, tmp_path / "ours", now=clock.parse(SAMPLE_NOW))
    assert built.sound and built.past is not None
    same(built.site, by_mkdocs(root, tmp_path / "theirs", SAMPLE_NOW))


@pytest.mark.corpora
def test_real_documents_are_as_mkdocs_builds_them(tmp_path, corpora):
    from tests.cli.test_real_input import _import, _run

    root = tmp_path / "portal"
    assert _run("init", root).exit_code == 0
    for name in ("state-council-2019", "hebei-keji"):
        _import(root, corpora, name)
    built = build(root, tmp_path / "ours", now=START, strict=False)
    assert built.pages > 500
    same(built.site, by_mkdocs(root, tmp_path / "theirs", NOW))


def test_one_process_makes_what_several_make(house_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_HANDS", "1")
    alone = build(house_folder, tmp_path / "alone", now=START)
    monkeypatch.setenv("GONGKAI_HANDS", "3")
    together = build(house_folder, tmp_path / "together", now=START)
    same(alone.site, together.site)
    assert (alone.pages, alone.files, alone.broken) == (together.pages, together.files, together.broken)


@pytest.fixture
def at_once(monkeypatch):
    """Workers read even few items, and MkDocs is made ready meanwhile."""
    monkeypatch.setattr(standing, "FEW", 1)
    monkeypatch.setenv("GONGKAI_HANDS", "2")


def test_mkdocs_made_ready_before_any_item_is_known_makes_the_same(
    house_folder, tmp_path, at_once, monkeypatch
):
    prepare, known = Shell._prepare, []

    def noted(self):
        known.append(len(self._plugin.site.portal.corpus.items))
        prepare(self)

    monkeypatch.setattr(Shell, "_prepare", noted)
    ahead = build(house_folder, tmp_path / "ahead", now=START)
    assert known == [0]
    same(ahead.site, by_mkdocs(house_folder, tmp_path / "theirs", NOW))


@pytest.mark.parametrize("line", ["theme: {name: lost}", "plugins: [lost]", "docs_dir: site_config/lost"])
def test_what_mkdocs_refuses_while_workers_read_is_said_in_the_same_words(
    house_folder, tmp_path, line, at_once, monkeypatch
):
    (house_folder / "mkdocs.yml").write_text(f"site_name: x\n{line}\n", encoding="utf-8")
    with pytest.raises(GongkaiError) as ahead:
        build(house_folder, tmp_path / "site", now=START)
    monkeypatch.setenv("GONGKAI_HANDS", "1")
    with pytest.raises(GongkaiError) as in_turn:
        build(house_folder, tmp_path / "site", now=START)
    assert (ahead.value.says, ahead.value.hint) == (in_turn.value.says, in_turn.value.hint)


@pytest.mark.parametrize("few", [1, 400])
def test_a_portal_with_a_template_of_its_own_is_built_by_mkdocs(house_folder, tmp_path, monkeypatch, few):
    monkeypatch.setattr(standing, "FEW", few)
    override = house_folder / "site_config" / "theme" / "partials" / "footer.html"
    override.parent.mkdir(parents=True, exist_ok=True)
    override.write_text("<footer>{{ page.file.src_uri if page else '' }}</footer>", encoding="utf-8")
    built = build(house_folder, tmp_path / "ours", now=START)
    assert built.past is None
    assert "<footer>tide/2024/00001.md</footer>" in (built.site / "tide/2024/00001.html").read_text("utf-8")


def test_a_process_that_dies_names_the_item_it_was_at(house_folder, tmp_path, monkeypatch):
    made, here = data_item.item_json, os.getpid()

    def deadly(chosen, *more):
        if chosen.id == "personnel-2025-00007" and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(chosen, *more)

    monkeypatch.setattr(data_item, "item_json", deadly)
    monkeypatch.setattr(crew, "hands", lambda: 2)
    monkeypatch.setattr("gongkai.portal.press.FEW", 0)
    # The parent is kept busy meanwhile, so that the child comes to this item.
    monkeypatch.setattr(crew._Crew, "numbers", _only_children(crew._Crew.numbers, here))
    with pytest.raises(GongkaiError) as failed:
        build(house_folder, tmp_path / "site", now=START)
    assert "personnel-2025-00007" in str(failed.value)
    assert not (tmp_path / "site").exists()


def _only_children(numbers, parent):
    return lambda self: iter(()) if os.getpid() == parent else numbers(self)


def test_what_raises_in_a_child_is_said_as_if_it_had_raised_here(house_folder, tmp_path, monkeypatch):
    def faulty(self):
        raise KeyError("lost")

    monkeypatch.setattr(ItemPage, "page", faulty)
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    with pytest.raises(GongkaiError) as failed:
        build(house_folder, tmp_path / "site", now=START)
    assert "KeyError" in str(failed.value) and ".md" in str(failed.value)


@contextmanager
def linked_ahead(wanted: bool):
    """Whether an earlier build's files are linked by a process of its own, as they are in large portals."""
    with (
        mock.patch.object(linking, "MANY", 0 if wanted else sys.maxsize),
        mock.patch.dict(os.environ, {"GONGKAI_HANDS": "2"}),
    ):
        yield


class Edited:
    """A portal that is changed step by step, built from what was and from nothing."""

    def __init__(self, folder: Path, *, stays: bool) -> None:
        self.root, self.folder, self.now = folder / "house", folder, START
        self.root.mkdir(parents=True)
        write(self.root)
        self.count = 0
        self.past: Past | None = None
        self.facts: dict[str, ItemFacts] = {}
        self.kept = kept_for(self.root) if stays else None

    def build(self) -> tuple[int, int]:
        """Both ways, compared; how many sheets were taken over, of how many."""
        built = build(
            self.root,
            self.folder / "site",
            now=self.now,
            facts=dict(self.facts),
            past=self.past,
            kept=self.kept,
        )
        anew = build(self.root, self.folder / "anew", now=self.now, facts=dict(self.facts))
        same(built.site, anew.site)
        assert folders(built.site) == folders(anew.site)
        assert (built.pages, built.files, built.broken) == (anew.pages, anew.files, anew.broken)
        assert built.past is not None
        self.past = built.past if self.kept else unpacked(built.site, built.past.packed())
        return built.reused, len(built.past.sheets)

    def items(self) -> list[Path]:
        """The items' files."""
        return sorted(p for p in (self.root / "content").rglob("*") if p.stem.count("-") == 2 and p.is_file())

    def edit(self, seed: int) -> None:
        """Other words in one item."""
        chosen = self.items()[seed % len(self.items())]
        with chosen.open("a", encoding="utf-8") as file:
            file.write("x_note: 补充\n" if chosen.suffix == ".yml" else f"\n补充第{seed}条。\n")

    def retitle(self, seed: int) -> None:
        """Another title: links, neighbours and lists show it."""
        chosen = self.items()[seed % len(self.items())]
        text = chosen.read_text("utf-8")
        chosen.write_text(text.replace("title: '", f"title: '（{seed}）"), encoding="utf-8")

    def add(self, seed: int) -> None:
        """A new item, one that another one's text already leads to if the seed says so."""
        self.count += 1
        ident = "tide-2024-09999" if seed % 3 == 0 else f"tide-2024-{5000 + self.count:05d}"
        path = self.root / "content/tide/2024" / f"{ident}.md"
        body = "见[办法](doc:tide-2024-00001)和[缺少的](doc:tide-2024-05003)。"
        path.write_text(
            item(ident, "notice", f"新的通知{seed}", "interprets: tide-2024-00001", body=body),
            encoding="utf-8",
        )

    def delete(self, seed: int) -> None:
        """An item is gone."""
        self.items()[seed % len(self.items())].unlink()

    def attach(self, seed: int) -> None:
        """An attachment has other bytes, or is gone."""
        file = self.root / "content/tide/2024/tide-2024-00001/潮汐 表.pdf"
        if seed % 4 == 0:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"%%PDF-1.4 %d\n" % seed)

    def configure(self, seed: int) -> None:
        """A department is called otherwise."""
        file = self.root / "site_config" / "departments.yml"
        text = file.read_text("utf-8")
        file.write_text(text.replace("潮汐观测科", f"潮汐观测科{seed % 7}"), encoding="utf-8")

    def wait(self, seed: int) -> None:
        """Time passes: an embargo ends, a consultation closes."""
        self.now += timedelta(seconds=1) if seed % 2 else timedelta(days=1 + seed % 30)

    def publish(self, seed: int) -> None:
        """The ledger says when an item was published, and when last with a change."""
        ident = self.items()[seed % len(self.items())].stem
        first = self.facts[ident].published if ident in self.facts else self.now
        self.facts[ident] = ItemFacts(published=first, changed=self.now if seed % 2 else first)

    def spoil(self, seed: int) -> None:
        """Somebody writes into the built portal, or takes a page away."""
        pages = sorted((self.folder / "site").rglob("*.html"))
        chosen = pages[seed % len(pages)]
        if seed % 2:
            chosen.unlink()
        else:
            chosen.write_text("somebody was here", encoding="utf-8")


STEPS = st.tuples(
    st.sampled_from(
        ["edit", "edit", "retitle", "add", "delete", "attach", "configure", "wait", "publish", "spoil"]
    ),
    st.integers(0, 10_000),
)
ALL = [
    ("wait", 1),
    ("wait", 1),
    ("add", 0),
    ("retitle", 3),
    ("wait", 1),
    ("attach", 4),
    ("spoil", 2),
    ("delete", 1),
    ("publish", 2),
    ("attach", 5),
    ("publish", 3),
    ("spoil", 3),
    ("configure", 1),
    ("wait", 60),
]


@settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@example(ALL, True, False)
@example(ALL, False, False)
@example(ALL, True, True)
@given(st.lists(STEPS, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_any_edits_built_upon_each_other_give_what_one_build_gives(steps, ahead, stays):
    """By builds that know nothing of each other, and by a process that stays."""
    with tempfile.TemporaryDirectory() as folder, linked_ahead(ahead):
        portal = Edited(Path(folder), stays=stays)
        portal.build()
        for name, seed in steps:
            getattr(portal, name)(seed)
            portal.build()
        reused, sheets = portal.build()
        assert sheets == reused, "nothing changed, so nothing is made"


def test_when_the_process_that_links_is_killed_everything_is_made(house_folder, tmp_path, monkeypatch):
    first = build(house_folder, tmp_path / "site", now=START)
    (house_folder / "content/personnel/2025/personnel-2025-00020.md").unlink()
    monkeypatch.setattr(linking, "_linked", lambda past, into: os.kill(os.getpid(), signal.SIGKILL))
    with linked_ahead(True):
        second = build(house_folder, tmp_path / "site", now=START, past=first.past)
    monkeypatch.undo()
    same(second.site, build(house_folder, tmp_path / "anew", now=START).site)


def test_a_change_makes_anew_only_what_shows_it(house_folder, tmp_path):
    first = build(house_folder, tmp_path / "site", now=START)
    file = house_folder / "content/personnel/2025/personnel-2025-00020.md"
    file.write_text(file.read_text("utf-8").replace("正文", "另一段正文"), encoding="utf-8")
    assert first.past is not None
    second = build(house_folder, tmp_path / "site", now=START, past=first.past)
    assert second.past is not None
    made = {n for n, done in second.past.sheets.items() if done != first.past.sheets.get(n)}
    of_items = {name for name in made if name.startswith("content/")}
    assert f"content/personnel/2025/{file.name}" in of_items and len(of_items) == 3, (
        "the item and its two neighbours"
    )


@pytest.mark.parametrize("spoilt", [b"", b"gongkai built 1\n", b"gongkai built 1\n" + b"\0" * 200])
def test_a_record_that_cannot_be_read_is_no_record(tmp_path, spoilt):
    assert unpacked(tmp_path, spoilt) == Past(tmp_path)


def test_a_record_with_one_wrong_byte_is_no_record(house_folder, tmp_path):
    built = build(house_folder, tmp_path / "site", now=START)
    assert built.past is not None
    record = bytearray(built.past.packed())
    assert unpacked(built.site, bytes(record)).sheets == built.past.sheets
    record[len(record) // 2] ^= 1
    assert unpacked(built.site, bytes(record)) == Past(built.site)
