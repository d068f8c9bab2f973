"""The two real portals, imported by the maps that we ship."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import Result

from gongkai.items.read import read_corpus
from gongkai.model.item import Item
from gongkai.portal.markdown import render
from gongkai.store.tree import FolderTree

pytestmark = pytest.mark.corpora
Run = Callable[..., Result]
ODD = {0xE003: None, 0xE004: None}


class Anywhere:
    """Every link leads where it says."""

    def link(self, url: str) -> str | None:
        return url

    def image(self, url: str) -> str | None:
        return None


def rows(corpora: Path, name: str) -> list[dict[str, Any]]:
    text = (corpora / name / "items.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def bring(run: Run, corpora: Path, maps: Path, name: str, *options: str) -> dict[str, Any]:
    table = corpora / name / "items.jsonl"
    result = run("import", table, "--map", maps / f"{name}.yml", "--format", "json", *options)
    assert result.exit_code == 0, result.stderr
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def items_by_line(plan: dict[str, Any], portal: Path) -> dict[int, Item]:
    corpus = read_corpus(FolderTree(portal))
    return {entry["line"]: corpus.by_id[entry["id"]] for entry in plan["items"]}


def page(item: Item) -> BeautifulSoup:
    return BeautifulSoup(render(item.body, Anywhere()).html, "html.parser")


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_thirty_state_council_documents_become_policies_with_every_word(
    run: Run, portal: Path, corpora: Path, maps: Path, errors: Callable[..., Any]
) -> None:
    name = "state-council-2019"
    plan = bring(run, corpora, maps, name)
    assert plan["summary"]["items"] == 30
    assert errors() == []
    made = items_by_line(plan, portal)
    for line, row in enumerate(rows(corpora, name), 1):
        item, header = made[line], row["header"]
        assert item.type == "policy"
        assert item.title == row["title"]
        assert item.text("document_number") == header["number"]
        assert item.text("x_subject") == header["subject"]
        assert item.group("legacy")["index_number"] == header["index"]
        assert item.date("document_date") is not None
        assert bare(page(item).get_text()) == bare(
            BeautifulSoup(row["content_html"], "html.parser").get_text()
        )


def test_joint_issuers_and_subjects_of_the_state_council(
    run: Run, portal: Path, corpora: Path, maps: Path
) -> None:
    made = items_by_line(bring(run, corpora, maps, "state-council-2019"), portal)
    assert made[10].fields["issuers"] == ["国务院办公厅", "中央军委办公厅"]
    assert made[10].group("legacy")["first_published_on"] == "2018-12-24"
    assert made[10].id == "office-2018-00003"
    assert made[1].fields["topics"] == ["economy", "public_safety"]
    assert "topics" not in made[10].fields


def test_583_rows_of_a_province_end_as_items_or_with_a_reason(
    run: Run, portal: Path, corpora: Path, maps: Path, errors: Callable[..., Any]
) -> None:
    plan = bring(run, corpora, maps, "hebei-keji")
    assert plan["summary"]["items"] + plan["summary"]["skipped"] == 583
    assert all(skipped["reason"] for skipped in plan["skipped"])
    assert errors() == []
    assert Counter(i["type"] for i in plan["items"]) == {
        "policy": 345,
        "interpretation": 134,
        "column_document": 9,
    }
    made = items_by_line(plan, portal)
    for line, row in enumerate(rows(corpora, "hebei-keji"), 1):
        if line in made:
            _same(made[line], row)


def _same(item: Item, row: dict[str, Any]) -> None:
    """Title, date, number, address and every character of the text are those of the row."""
    assert item.title == " ".join(row["title"].replace("\u3000", " ").split())
    assert item.text("document_number") == row["doc_number"]
    assert item.group("legacy")["first_published_on"] == row["date_iso"]
    assert item.group("legacy")["url"] == row["url"]
    text = page(item)
    for heading in text.find_all("h2"):
        assert heading.get_text() == "附件"
        heading.find_next("ul").decompose()
        heading.decompose()
    assert {tag.name for tag in text.find_all(True)} <= {"p", "a"}
    if row["content"].strip():
        assert bare(text.get_text()) == bare(row["content"].translate(ODD))
    else:
        assert text.find("a")["href"] == row["url"]


def test_repeated_pages_of_a_province_keep_the_row_that_says_more(
    run: Run, portal: Path, corpora: Path, maps: Path
) -> None:
    made = items_by_line(bring(run, corpora, maps, "hebei-keji"), portal)
    source = rows(corpora, "hebei-keji")
    normative = [line for line, item in made.items() if item.fields.get("normative") is True]
    assert len(normative) == sum(row["category"] == "规范性文件汇总表" for row in source) - 1
    kept = next(item for item in made.values() if item.title == "关于印发《河北省实验室建设工作指引》的通知")
    assert len(kept.fields["aliases"]) == 2


def test_broken_addresses_of_a_province_are_repaired(
    run: Run, portal: Path, corpora: Path, maps: Path
) -> None:
    plan = bring(run, corpora, maps, "hebei-keji")
    bodies = "\n".join(item.body for item in items_by_line(plan, portal).values())
    assert re.search(r"https?://[\w.]+https?://", bodies) is None
    assert "https://www.most.gov.cn/tztg/202408/W020240812635213806845.doc" in bodies


@pytest.mark.parametrize("name", ["state-council-2019", "hebei-keji"])
def test_importing_again_changes_nothing(
    run: Run, corpora: Path, maps: Path, tree: Callable[[], dict[str, bytes]], name: str
) -> None:
    first = bring(run, corpora, maps, name)
    before = tree()
    second = bring(run, corpora, maps, name, "--update")
    assert second["summary"]["written"] == 0
    assert second["summary"]["unchanged"] == first["summary"]["items"]
    assert tree() == before
