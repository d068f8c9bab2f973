"""The search in a real browser over real documents: a part of the title, the number in any brackets, words of the text."""

from __future__ import annotations

import json
import random
import re
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.items.read import read_corpus
from gongkai.portal.search_terms import numbers, pairs, spread
from gongkai.store.tree import FolderTree
from gongkai.store.web import open_server

ROOT = Path(__file__).parents[2]
BRACKETS = ("〔{}〕", "[{}]", "（{}）", "({})", "【{}】", "﹝{}﹞", " {} ")
FIRST = 10
"""So many results stand on the first page."""


def run(*args) -> None:
    done = CliRunner().invoke(cli, ["--lang", "en", *map(str, args)])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def real(tmp_path_factory, corpora):
    """The portal of both real collections, built; and its items' rows by address."""
    root = tmp_path_factory.mktemp("real") / "portal"
    run("init", root)
    for name in ("state-council-2019", "hebei-keji"):
        table = corpora / name / "items.jsonl"
        run("--root", root, "import", table, "--map", ROOT / f"docs/import/{name}.yml")
    run("--root", root, "build", "--site-dir", root.parent / "site")
    return root


@pytest.fixture(scope="module")
def found(real, browser):
    """What a visitor finds: the addresses on the first page of results."""
    server = open_server(real.parent / "site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text))
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(f"{server.address}search.html")

    def look(query: str) -> list[str]:
        page.fill("#gk-q", query)
        page.press("#gk-q", "Enter")
        page.wait_for_function("q => new URLSearchParams(location.search).get('q') === q", arg=query.strip())
        page.wait_for_selector("#gk-search:not([aria-busy])", state="attached")
        links = page.eval_on_selector_all("#gk-search .gk-entry__title", "all => all.map(a => a.pathname)")
        assert not faults, faults
        return [link.lstrip("/") for link in links][:FIRST]

    yield look
    page.close()
    server.shutdown()
    server.server_close()


def titles_of(root: Path) -> dict[str, str]:
    """Every item's title by its address."""
    return {i.address: i.title for i in read_corpus(FolderTree(root)).items}


def documents(root: Path) -> list[dict[str, str]]:
    """Fifty documents: all of the State Council's, and others drawn by lot."""
    rows = [
        {"address": i.address, "title": i.title, "number": i.text("document_number"), "body": i.body}
        for i in read_corpus(FolderTree(root)).items
    ]
    council = [r for r in rows if r["number"].startswith("国")][:30]
    others = [r for r in rows if r not in council and len(r["title"]) >= 8]
    return council + random.Random(7).sample(others, 50 - len(council))


def middle(title: str) -> str:
    """Four neighbouring characters from the middle of a title, letters and digits only."""
    runs = [run for run in re.findall(r"[^\W_]+", title) if len(run) >= 4]
    run = max(runs, key=len)
    at = (len(run) - 4) // 2
    return run[at : at + 4]


def phrase(body: str) -> str:
    """Some ten characters that stand together in the text."""
    plain = re.sub(r"\]\([^)]*\)|[*_`~<>|#]", "", body)
    runs = [run for run in re.findall(r"[\u4e00-\u9fff]{8,}", plain) if len(run) <= 40]
    return runs[len(runs) // 2][:10] if runs else ""


def spellings(number: str) -> list[str]:
    """A document number as people type it."""
    match = re.fullmatch(r"(.+?)〔(\d{4})〕(\d+)号", number)
    if match is None:
        return [number] if number else []
    prefix, year, serial = match.groups()
    styles = [f"{prefix}{style.format(year)}{serial}号" for style in BRACKETS]
    return [*styles, f"{prefix}〔{year}〕{serial}", f"{prefix[-1]}〔{year}〕{serial}号", f"{year} {serial}号"]


@pytest.mark.corpora
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_fifty_real_documents_are_found_by_title_number_and_text(real, found):
    rows, titles = documents(real), titles_of(real)
    asked, missed = Counter(), []
    for row in rows:
        queries = [
            ("title", middle(row["title"])),
            ("whole title", row["title"]),
            ("text", phrase(row["body"])),
        ]
        queries += [("number", q) for q in spellings(row["number"])]
        for kind, query in queries:
            if query:
                asked[kind] += 1
                shown = found(query)
                # Where more titles hold the words than a page has lines, it shows others of them.
                if row["address"] not in shown and not all(query in titles[a] for a in shown):
                    missed.append((kind, query, row["title"]))
    table = {kind: f"{count - sum(m[0] == kind for m in missed)}/{count}" for kind, count in asked.items()}
    sys.stdout.write(f"\n{json.dumps(table, ensure_ascii=False)}\n" + "".join(f"{m}\n" for m in missed))
    assert asked["number"] >= 200 and asked["title"] == 50
    assert missed == []


@pytest.mark.corpora
@pytest.mark.browser
def test_the_first_search_downloads_little(real, browser):
    server = open_server(real.parent / "site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda r: sizes.__setitem__(r.url, len(r.body())) if "/search/" in r.url else None)
    page.goto(f"{server.address}search.html?q=科技计划")
    page.wait_for_selector("#gk-search .gk-entry")
    page.wait_for_selector("#gk-search:not([aria-busy])", state="attached")
    page.close()
    server.shutdown()
    server.server_close()
    assert 0 < sum(sizes.values()) < 300_000, sizes


def test_the_script_makes_the_terms_that_the_index_has(browser, house):
    """The pairs, the numbers' terms and the files they stand in: Python's beside the browser's."""
    script = (ROOT / "tools/gongkai/portal/templates/assets/gongkai/search.js").read_text(encoding="utf-8")
    inner = script.split('"use strict";')[1].split("const root")[0]
    terms = script[script.index("  const normal") : script.index("  /* ---- files")]
    hashing = script[script.index("  const encoder") : script.index("  const reader")]
    page = browser.new_page()
    texts = [
        "国办发〔2023〕45号",
        "ＡＢＣ　１２３ 全角",
        "一",
        "云潮发〔2026〕3号 通知",
        "𠮷野家 abc-def_ghi",
        "Ⅻ章 ①",
        "a中b",
    ]
    for text in texts:
        made = page.evaluate(f"(text) => {{ {inner} {terms} return pairs(text); }}", text)
        assert set(made) == pairs([text]), text
        for term in made:
            place = page.evaluate(f"(term) => {{ {hashing} return spread(term); }}", term)
            assert place == spread(term), term
    for number in ("国办发〔2023〕45号", "云潮发[2026]03号", "12YD0000TIDE00000X/2026-00012"):
        asked = page.evaluate(f"(text) => {{ {terms} return wanted(text); }}", number)
        assert {*asked["exact"], *asked["numbers"]} & set(numbers([number])), (number, asked)
    page.close()


def test_withdrawn_items_are_marked_and_filters_narrow(house, browser, tmp_path):
    from gongkai.portal.build import build
    from gongkai.store import clock

    built = build(house.root, tmp_path / "site", now=clock.parse("2026-03-02T09:00:00+08:00"))
    server = open_server(built.site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.goto(f"{server.address}search.html?q=夜航班次")
    page.wait_for_selector("#gk-search .gk-entry")
    assert page.text_content("#gk-search .gk-tag") == "已撤下"
    before = int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0])
    page.goto(f"{server.address}search.html")
    page.wait_for_selector("#gk-search:not([aria-busy]):not([data-gk-waits])", state="attached")
    everything = int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0])
    page.select_option("select[name=department]", "ferry")
    page.wait_for_selector("#gk-search:not([aria-busy])", state="attached")
    ferry = int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0])
    assert 0 < before < everything and 0 < ferry < everything
    assert "department=ferry" in page.url
    page.go_back()
    page.wait_for_function(f"document.querySelector('[data-gk=status]').textContent.includes('{everything}')")
    page.close()
    server.shutdown()
    server.server_close()


def test_what_a_search_for_nothing_shows_stands_in_the_page_already(house, browser):
    """Painted from the HTML, word for word what the script puts there; for another search it is not seen."""
    server = open_server(house.built.site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = []
    for scripts in (False, True):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{server.address}search.html")
        if scripts:
            page.wait_for_selector("#gk-search:not([aria-busy]):not([data-gk-waits])", state="attached")
        entries = page.locator("#gk-search .gk-entry")
        told.append(["".join(words.split()) for words in entries.all_text_contents()])
        context.close()
    assert told[0] == told[1] and len(told[0]) == 10
    page = browser.new_page()
    page.route("**/search/index.json", lambda route: route.abort())
    page.goto(f"{server.address}search.html?q=夜航班次", wait_until="commit")
    page.wait_for_selector("#gk-search:not([data-gk-waits])", state="attached")
    assert page.locator("#gk-search .gk-entry").count() == 0, (
        "not the newest items, as if they had been found"
    )
    page.close()
    server.shutdown()
    server.server_close()
